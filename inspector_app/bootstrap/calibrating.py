"""The vision engineer's work: a model's probability fitted to labelled pictures, as a new version of the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from inspector_app.bootstrap.evaluating import evaluate_model, shown_estimate, write_files
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.domain.errors import KnownFault, ModelError
from inspector_app.domain.frame import Judgement
from model.evaluation.calibrating import Calibration, Method, calibrate
from model.evaluation.calibration_report import calibration_html, calibration_record
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ModelManifest, write_manifest
from model.model_files import IR_NAME, IR_WEIGHTS_NAME, ModelFiles, read_model_files

METHODS = tuple(method.value for method in Method)


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """What to fit on and how.

    Attributes
    ----------
    dataset : Path
        Labelled pictures that the model was not trained on.
    split : str or None
        Only this one.
    reject_classes : sequence of str or None
        See `model.dataset.loading.load_dataset`.
    method : str
        One of `METHODS`.
    defect_rate : float or None
        Share of rejects on the line.
    version : str or None
        Of the new model; ``None``: the old one with ``+calibrated``.
    """

    dataset: Path
    split: str | None
    reject_classes: Sequence[str] | None
    method: str
    defect_rate: float | None
    version: str | None


@dataclass(frozen=True, slots=True)
class CalibratedModel:
    """A new model folder and what its calibration is worth."""

    calibration: Calibration
    old: ModelManifest
    new: ModelManifest
    folder: Path

    def record(self) -> dict[str, Any]:
        """Return every figure as plain JSON values."""
        return calibration_record(self.calibration, self.old, self.new) | {"folder": str(self.folder)}

    def lines(self) -> tuple[str, ...]:
        """Return the main figures as lines for people."""
        found, record = self.calibration, self.record()
        before, after = record["before"], record["after"]
        chance = f"{after['ece_if_calibrated']:.3f}"
        return (
            f"{found.pictures} pictures of {found.groups} groups, {found.rejects} rejects",
            f"log loss before {shown_estimate(before['log_loss'])}",
            f"log loss after, on held-out groups ({found.folds} folds) {shown_estimate(after['log_loss'])}",
            f"difference {shown_estimate(record['log_loss_difference'])}; below 0 is better",
            f"calibration error {before['ece']:.3f} before, {after['ece']:.3f} after; of true probabilities {chance}",
            f"{self.new.name} {self.new.version} is in {self.folder}",
            f"certificates and thresholds of {self.old.version} do not hold for it",
        )


def calibrate_model(
    folder: SettledFolder,
    model: Path | None,
    request: CalibrationRequest,
    out: Path,
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> CalibratedModel:
    """Fit a model's probability and write the model with it as a new version into a folder.

    Raises
    ------
    DataSetError, ModelError, CalibrationRefused
        With one sentence.
    KnownFault
        If the folder holds a model or cannot be written, or the work was stopped.
    """
    if (out / MANIFEST_NAME).exists():
        raise KnownFault(f"{out} already holds a model; choose another folder.")
    files = folder.model_files() if model is None else read_model_files(model)
    version = request.version or f"{files.manifest.version}+calibrated"
    if version == files.manifest.version:
        raise ModelError(f"the new model needs a version of its own, not {version} again.")
    result = evaluate_model(
        folder, model, request.dataset, request.split, request.reject_classes, on_progress, cancelled
    ).result
    if not result.complete:
        raise KnownFault("The calibration was stopped; no model was written.")
    usable = [picture for picture in result.usable if picture.feature is not None]
    found = calibrate(
        np.array([picture.feature for picture in usable], np.float64),
        np.array([picture.truth is Judgement.REJECT for picture in usable], np.bool_),
        [picture.group for picture in usable],
        files.manifest.probability.platt,
        Method(request.method),
        request.defect_rate,
    )
    new = replace(
        files.manifest,
        version=version,
        created_utc=utc_now().replace(microsecond=0),
        probability=replace(files.manifest.probability, platt=found.platt),
    )
    record = calibration_record(found, files.manifest, new)
    new = replace(new, metrics=new.metrics | {"calibration": record | {"dataset": request.dataset.name}})
    _write_model(files, new, out)
    html = calibration_html(found, files.manifest, new, utc_now())
    write_files(out, {"calibration.html": html.encode(), "calibration.json": json.dumps(record, indent=2).encode()})
    return CalibratedModel(found, files.manifest, new, out)


def _write_model(files: ModelFiles, manifest: ModelManifest, out: Path) -> None:
    network = (
        {IR_NAME: files.network, IR_WEIGHTS_NAME: files.weights} if files.weights else {NETWORK_NAME: files.network}
    )
    write_files(out, network)
    try:
        write_manifest(manifest, out / MANIFEST_NAME)
    except OSError as error:
        raise KnownFault(f"The model cannot be written to {out}: {error.strerror}.") from error
