"""The vision engineer's work: how good a model is on a data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.models import open_model
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import DataSetError, KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.shares import percent
from model.dataset.loading import load_dataset
from model.evaluation.html import html_report
from model.evaluation.record import evaluation_record
from model.evaluation.result import EvaluationResult
from model.evaluation.runner import evaluate
from model.evaluation.sheet import sheet, worst_tiles
from model.evaluation.slices import By

FIGURES_NAME = "evaluation.json"
REPORT_NAME = "report.html"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's figures on a data set, and the files of its error analysis."""

    result: EvaluationResult
    files: tuple[Path, ...] = ()

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
            f"picture AUROC {shown_estimate(picture['auroc'])}",
            f"picture average precision {shown_estimate(picture['average_precision'])}",
            *(_froc_line(point) for point in regions["froc"]),
            *_lies_on_lines(record["slices"]["false_regions"]),
            f"recall {shown_estimate(regions['recall'])} at the model's own threshold",
            f"false regions per picture {shown_estimate(regions['false_per_picture'])} at the model's own threshold",
            *_pixel_lines(record["pixels"]),
            *_reliability_lines(record["reliability"]),
            f"main region marked on {_counted(regions['main_hit'])}",
            *(f"class {each['class']}: marked {_counted(each['marked'])}" for each in record["classes"]),
            "nothing was judged" if median_ms is None else f"{median_ms:.0f} ms a picture (median)",
            *(f"left out: {problem['detail']}" for problem in record["problems"]),
            *(str(path) for path in self.files),
        )


def _froc_line(point: dict[str, Any]) -> str:
    line = f"region recall {shown_estimate(point['recall'])} at {point['false_per_picture']:g} false per picture"
    return line if point["reached"] else line + " (there are no more false regions)"


def _lies_on_lines(slices: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return what the false regions lie on, most first: on nothing annotated may well be marks left unannotated."""
    found = sorted((each for each in slices if each["by"] == By.LIES_ON), key=lambda each: -each["count"])
    if not found:
        return ()
    named = ", ".join(f"{each['name']} {each['count']}" for each in found)
    return (f"the false ones at 1 per picture lie on: {named}",)


def _pixel_lines(pixels: dict[str, Any] | None) -> tuple[str, ...]:
    if pixels is None:
        return ()
    truth = f"{pixels['regions']} regions on {pixels['pictures']} pictures"
    return (f"AUPRO {shown_estimate(pixels['aupro'])} up to {percent(pixels['limit'])} of the sound pixels; {truth}",)


def _reliability_lines(found: dict[str, Any]) -> tuple[str, ...]:
    if found["ece"] is None:
        return ()
    return (
        f"log loss {shown_estimate(found['log_loss'])}; the share of rejects alone gives {found['base_log_loss']:.3f}",
        f"Brier score {shown_estimate(found['brier'])}",
        f"calibration error {found['ece']:.3f}; true probabilities would show {found['ece_if_calibrated']:.3f}",
    )


def _counted(share: dict[str, Any]) -> str:
    """Return a share as counts for people."""
    return f"{share['k']} of {share['n']}"


def shown_estimate(estimate: dict[str, float | None]) -> str:
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
    cut: float = 0.5,
    out: Path | None = None,
) -> Evaluation:
    """Judge a data set with a model, and write the error analysis into a folder if one is named.

    Raises
    ------
    DataSetError, ModelError
        With one sentence.
    KnownFault
        If the folder holds an analysis already or cannot be written.
    """
    if out is not None and (out / FIGURES_NAME).exists():
        raise KnownFault(f"{out} already holds {FIGURES_NAME}; choose another folder.")
    chosen = load_dataset(dataset, reject_classes)
    if split is not None:
        chosen = chosen.part(split)
    classifier = open_model(folder, model)
    read = picture_reader(folder)
    try:
        result = evaluate(classifier, chosen, read, on_progress, cancelled, cut)
    finally:
        classifier.close()
    # a stopped evaluation is still worth its sheet: it covers what was judged
    return Evaluation(result, () if out is None else _write_analysis(result, read, out))


def picture_reader(folder: SettledFolder) -> Callable[[Path], Pixels]:
    """Return what reads a picture file within the station's limits, `DataSetError` if it cannot be used."""
    limits = picture_limits(folder.settings.camera)

    def read(path: Path) -> Pixels:
        picture = read_picture(path, limits)
        if isinstance(picture, PictureRefused):
            raise DataSetError(picture.sentence)
        return picture.pixels

    return read


def _write_analysis(result: EvaluationResult, read: Callable[[Path], Pixels], out: Path) -> tuple[Path, ...]:
    worst = worst_tiles(result, read, lambda: False)
    text = json.dumps(evaluation_record(result), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    _, picture = cv2.imencode(".png", sheet(worst))
    contents = {
        FIGURES_NAME: text.encode(),
        REPORT_NAME: html_report(result, worst, utc_now()).encode(),
        "sheet.png": picture.tobytes(),
    }
    return write_files(out, contents)


def write_files(out: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write the files of an analysis into a folder, made if absent, and return their paths.

    Raises
    ------
    KnownFault
        If the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise KnownFault(f"The error analysis cannot be written to {out}: {error.strerror}.") from error
    return tuple(out / name for name in contents)
