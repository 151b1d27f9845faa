"""The vision engineer's work: how good a model is on a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.models import open_model
from inspector_app.bootstrap.settled import SettledFolder
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Pixels
from model.dataset.loading import load_dataset
from model.evaluation.record import evaluation_record
from model.evaluation.runner import evaluate
from model.evaluation.values import EvaluationResult


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's figures on a data set."""

    result: EvaluationResult

    def record(self) -> dict[str, Any]:
        """Return every figure as plain JSON values."""
        return evaluation_record(self.result)

    def lines(self) -> tuple[str, ...]:
        """Return the main figures as lines for people."""
        record = self.record()
        picture, regions, counts = record["picture"], record["regions"], record["counts"]
        median_ms = record["elapsed_ms"]["median"]
        return (
            f"{record['dataset']}: {counts['pictures']} pictures, {counts['rejects']} of them rejects",
            *(() if record["complete"] else (f"stopped: only {counts['pictures']} of {record['asked']} were judged",)),
            f"picture AUROC {_shown(picture['auroc'])}, average precision {_shown(picture['average_precision'])}",
            *(_froc_line(point) for point in regions["froc"]),
            f"recall {_shown(regions['recall'])} at the model's own threshold",
            f"false regions per picture {_shown(regions['false_per_picture'])} at the model's own threshold",
            f"main region marked on {_counted(regions['main_hit'])}",
            *(f"class {each['class']}: marked {_counted(each['marked'])}" for each in record["classes"]),
            "nothing was judged" if median_ms is None else f"{median_ms:.0f} ms a picture (median)",
            *(f"left out: {problem['detail']}" for problem in record["problems"]),
        )


def _froc_line(point: dict[str, Any]) -> str:
    line = f"region recall {_shown(point['recall'])} at {point['false_per_picture']:g} false per picture"
    return line if point["reached"] else line + " (there are no more false regions)"


def _counted(share: dict[str, Any]) -> str:
    """Return a share as counts for people."""
    return f"{share['k']} of {share['n']}"


def _shown(estimate: dict[str, float | None]) -> str:
    """Return an estimate with its interval for people."""
    if estimate["estimate"] is None:
        return "not measurable"
    low, high = estimate["low"], estimate["high"]
    return f"{estimate['estimate']:.3f}" + ("" if low is None or high is None else f" ({low:.3f} to {high:.3f})")


def evaluate_model(
    folder: SettledFolder,
    model: Path | None,
    dataset: Path,
    split: str | None,
    reject_classes: Sequence[str] | None,
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Evaluation:
    """Judge a data set with a model.

    Raises
    ------
    DataSetError, ModelError
        With one sentence.
    """
    chosen = load_dataset(dataset, reject_classes)
    if split is not None:
        chosen = chosen.part(split)
    classifier = open_model(folder, model)
    limits = picture_limits(folder.settings.camera)

    def read(path: Path) -> Pixels:
        picture = read_picture(path, limits)
        if isinstance(picture, PictureRefused):
            raise DataSetError(picture.sentence)
        return picture.pixels

    try:
        return Evaluation(evaluate(classifier, chosen, read, on_progress, cancelled))
    finally:
        classifier.close()
