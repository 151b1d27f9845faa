"""The supervisor's work on thresholds: certify, preview, put in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inspector_app.automation.calibration import Calibration
from inspector_app.automation.certificate import (
    Binding,
    Origin,
    Standing,
    camera_configuration_sha256,
    certificate_record,
    certificate_standing,
    certified_changes,
    checked_certificate,
    scores_sha256,
)
from inspector_app.automation.counting import Scores
from inspector_app.automation.guard_events import GuardKind, latched_at
from inspector_app.automation.preview import Preview, Rate, preview
from inspector_app.automation.scores_file import read_scores
from inspector_app.automation.thresholds import certify
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.control import Command, ControlState
from inspector_app.domain.errors import CertificateRefused, ModelError, ScoresRefused
from inspector_app.domain.logquery import LogFilter
from inspector_app.settings import AutomationSection

_LOG_TRUTH = "unaided first looks, blind audits and adjudications in the log, drawn evenly over all scores"


@dataclass(frozen=True, slots=True)
class Calibrating:
    """Parts with known truth, and where they come from."""

    parts: tuple[ScoredPart, ...]
    origin: Origin


def calibrated(folder: DataFolder, which: LogFilter) -> Calibration:
    """Return the log's parts of this station that may certify thresholds, and why others may not."""
    return folder.log.reader.calibration(folder.of_station(which))


def from_log(folder: DataFolder, which: LogFilter) -> Calibrating:
    """Return the log's parts of this station that may certify thresholds."""
    found = calibrated(folder, which)
    binding = None
    if found.model is not None and found.source is not None:
        binding = Binding(found.model, found.source, _camera_sha256(folder, found.source))
    left_out = {why.value: n for why, n in found.left_out.items()}
    origin = Origin(_LOG_TRUTH, scores_sha256(found.parts), binding, found.first, found.last, left_out)
    return Calibrating(found.parts, origin)


def parts_of_log(folder: DataFolder, which: LogFilter) -> tuple[ScoredPart, ...]:
    """Return the same parts for a preview, which needs nothing of where they come from."""
    return calibrated(folder, which).parts


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
    return Binding(folder.model_identity(), source, _camera_sha256(folder, source))


def certificate(found: Calibrating, contract: Contract) -> dict[str, Any]:
    """Return the certificate of these parts, also where nothing could be certified."""
    return certificate_record(certify(found.parts, contract), found.origin, utc_now(), version("inspection-station"))


def keep(folder: DataFolder, record: dict[str, Any]) -> None:
    """Commit a certificate that certifies something; nothing happens to any other."""
    if record["certified"]:
        folder.log.certificates.add(record, utc_now())


def in_force(folder: DataFolder) -> Binding | None:
    """Return the model in charge and the camera of this station's newest part; ``None`` without a model.

    Of a product that has none in charge yet it is the model that is being brought in.
    """
    newest = folder.log.reader.search(folder.of_station(), 1)
    source = newest[0].inspection.source if newest else folder.settings.camera.source
    slots = folder.control_in_force().slots
    try:
        model = folder.model_identity() if slots is None else slots.model(slots.in_charge)
        if model is None and slots is not None:
            model = slots.model(slots.in_charge.other)
    except ModelError:
        return None
    return None if model is None else Binding(model, source, _camera_sha256(folder, source))


class ThresholdSource(StrEnum):
    """Where thresholds come from."""

    DEFAULTS = "defaults"
    SETTINGS = "settings"
    HAND = "hand"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class ThresholdsInForce:
    """The thresholds in force and the certificate they come from, if they come from one."""

    control: ControlState
    certificate: dict[str, Any] | None
    standing: Standing | None
    source: ThresholdSource

    def record(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "accept_below": self.control.accept_below,
            "cut": self.control.cut,
            "reject_above": self.control.reject_above,
            "control_version": self.control.version,
            "source": self.source.value,
            "certificate_id": None if self.certificate is None else self.certificate["certificate_id"],
            "stands": None if self.standing is None else self.standing.valid,
            "void_because": [] if self.standing is None else list(self.standing.reasons),
        }


def thresholds_in_force(folder: DataFolder) -> ThresholdsInForce:
    """Return what is in force; thresholds that were changed by hand since come from no certificate."""
    state = folder.control_in_force()
    usual = _thresholds(AutomationSection().first_state())
    found, source = None, ThresholdSource.DEFAULTS if _thresholds(state) == usual else ThresholdSource.SETTINGS
    for change in folder.log.control.changes():
        moved = change.before is not None and _thresholds(change.before) != _thresholds(change.after)
        if moved or change.certificate is not None:
            found = change.certificate
            source = ThresholdSource.HAND if found is None else ThresholdSource.CERTIFICATE
    record = None if found is None else folder.log.certificates.get(found)
    standing = None if record is None else standing_now(folder, record)
    return ThresholdsInForce(state, record, standing, source)


def standing_now(folder: DataFolder, record: dict[str, Any]) -> Standing:
    """Return whether a certificate holds for what is in force, and for the scores as they come."""
    drifted_at = latched_at(folder.log.control.changes(), GuardKind.SCORE_DRIFT)
    return certificate_standing(record, in_force(folder), drifted_at)


def certificate_named(folder: DataFolder, name: str) -> dict[str, Any]:
    """Return a certificate by its id in the log or from its JSON file.

    Raises
    ------
    CertificateRefused
        If there is none, or it was altered.
    """
    stored = folder.log.certificates.get(name)
    if stored is not None:
        return stored
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CertificateRefused(f"{name} is neither a certificate in the log nor a file that can be read.") from error
    return checked_certificate(text, name)


def apply_command(folder: DataFolder, record: dict[str, Any], by: str, because: str) -> Command:
    """Return the command that puts a certificate's thresholds in force.

    Raises
    ------
    CertificateRefused
        If it does not stand for the model and the camera in force.
    """
    standing = standing_now(folder, record)
    if not standing.valid:
        raise CertificateRefused(f"Certificate {record['certificate_id']} is void. {' '.join(standing.reasons)}")
    keep(folder, record)
    changes = certified_changes(record, folder.control_in_force().cut)
    return Command(by, because, changes, certificate=record["certificate_id"])


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


def _thresholds(state: ControlState) -> tuple[float, float]:
    return state.accept_below, state.reject_above


def _camera_sha256(folder: SettledFolder, source: str) -> str:
    setup = folder.camera_setup(source)
    sha256 = None if setup is None or setup.plain else setup.sha256
    return camera_configuration_sha256(source, folder.settings.camera.controls(), sha256)
