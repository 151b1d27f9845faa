"""The supervisor's work on thresholds: certify, preview, put in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inspector_app.automation.calibration import calibration
from inspector_app.automation.certificate import (
    Binding,
    Origin,
    camera_configuration_sha256,
    certificate_record,
    scores_sha256,
)
from inspector_app.automation.counting import Scores
from inspector_app.automation.preview import Preview, Rate, preview
from inspector_app.automation.scores_file import read_scores
from inspector_app.automation.thresholds import certify
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.errors import ScoresRefused
from inspector_app.domain.logquery import LogFilter

_LOG_TRUTH = "unaided first looks, blind audits and adjudications in the log, drawn evenly over all scores"


@dataclass(frozen=True, slots=True)
class Calibrating:
    """Parts with known truth, and where they come from."""

    parts: tuple[ScoredPart, ...]
    origin: Origin


def from_log(folder: DataFolder, which: LogFilter) -> Calibrating:
    """Return the log's parts that may certify thresholds."""
    found = calibration(folder.log.reader.judged_parts(which))
    binding = None
    if found.model is not None and found.source is not None:
        binding = Binding(found.model, found.source, _camera_sha256(folder, found.source))
    left_out = {why.value: n for why, n in found.left_out.items()}
    origin = Origin(_LOG_TRUTH, scores_sha256(found.parts), binding, found.first, found.last, left_out)
    return Calibrating(found.parts, origin)


def from_file(path: Path, station: SettledFolder | None) -> Calibrating:
    """Return the parts of a CSV file of scores.

    Parameters
    ----------
    path : Path
        ``part,score,truth``.
    station : SettledFolder or None
        Whose model gave the scores and whose camera took the pictures; ``None``: nobody says.

    Raises
    ------
    ScoresRefused, ModelError
        With one sentence.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            parts = read_scores(lines, str(path))
    except OSError as error:
        raise ScoresRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ScoresRefused(f"{path} is no text in UTF-8.") from error
    binding = None if station is None else station_binding(station, station.settings.camera.source)
    origin = Origin(f"the file {path.name}", scores_sha256(parts), binding, None, None, {})
    return Calibrating(parts, origin)


def station_binding(folder: SettledFolder, source: str) -> Binding:
    """Return the model and the camera that a data folder's settings put to work; `ModelError` without a model."""
    return Binding(folder.classifier().model, source, _camera_sha256(folder, source))


def certificate(found: Calibrating, contract: Contract) -> dict[str, Any]:
    """Return the certificate of these parts, also where nothing could be certified."""
    return certificate_record(certify(found.parts, contract), found.origin, utc_now(), version("inspection-station"))


def previewed(parts: Iterable[ScoredPart], accept_below: float, reject_above: float, **shares: float) -> Preview:
    """Return what thresholds would do to parts like these; `ScoresRefused` if they are out of order."""
    try:
        return preview(Scores.of(parts), accept_below, reject_above, **shares)
    except ValueError as error:
        raise ScoresRefused(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def preview_record(shown: Preview) -> dict[str, Any]:
    """Return a preview as plain JSON values."""
    record: dict[str, Any] = {"accept_below": shown.accept_below, "reject_above": shown.reject_above}
    for name in ("accepted", "rejected", "to_human", "escapes", "missed", "false_rejects"):
        rate: Rate = getattr(shown, name)
        record[name] = {**asdict(rate), "estimate": rate.estimate}
    return {**record, "per_hour": asdict(shown.workload)}


def _camera_sha256(folder: SettledFolder, source: str) -> str:
    return camera_configuration_sha256(source, folder.settings.camera.controls())
