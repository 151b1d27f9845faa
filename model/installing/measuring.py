"""Runs a model in every precision over the same pictures, turn by turn, and lets the figures choose."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from model.classifier import OpenVinoClassifier
from model.installing.choosing import EXACTNESS, Figures, measurements, quickest
from model.installing.pictures import InstallPictures
from model.installing.progress import InstallationCancelled, Watch
from model.installing.quantising import calibration_tensors, can_quantise, quantise
from model.judging import verdict
from model.manifest import ModelManifest
from model.model_files import ModelFiles
from model.openvino_runtime import openvino_runtime
from model.precision import Precision
from model.preprocessing import Maps
from model.regions import group_map
from model.registry.entry import PrecisionMeasurement, PrecisionRecord
from model.registry.store import QUANTISED_NAME, quantised_files

ROUNDS = 9
"""Times that each precision is timed, in turn, so that what else the machine does falls on all alike."""


def measure_precisions(
    files: ModelFiles, pictures: InstallPictures, draft: Path, watch: Watch, threads: int | None, int8: bool
) -> PrecisionRecord:
    """Try every precision that this processor and the packages here allow, and choose.

    Parameters
    ----------
    files : ModelFiles
        The network as it came.
    pictures : InstallPictures
        To calibrate and to judge on.
    draft : Path
        Gets the quantised network.
    watch : Watch
        Told of progress, and asked whether to stop.
    threads : int or None
        That infer; ``None``: as a station does.
    int8 : bool
        Whether to make and try an 8-bit network.

    Raises
    ------
    InstallationCancelled
        If asked to stop.
    DataSetError
        If no picture can be read.
    """
    untried = _quantised(files, pictures, draft, watch) if int8 else _untried("not asked for")
    judges = _judges(files, threads, draft)
    try:
        figures, rejects = look_through(judges, pictures, watch)
        measured = measurements(figures, rejects if pictures.labelled else None)
        height, width = pictures.timed().shape[:2]
        return PrecisionRecord(
            chosen=quickest(measured),
            measured=measured if untried is None else (*measured, untried),
            basis=pictures.basis,
            pictures=len(rejects),
            height=height,
            width=width,
            threads=judges[Precision.F32].threads,
            processor=processor(),
        )
    finally:
        for judge in judges.values():
            judge.close()


def processor() -> str:
    """Return the name of the processor that OpenVINO computes on."""
    return str(openvino_runtime().Core().get_property("CPU", "FULL_DEVICE_NAME")).strip()


def look_through(
    judges: Mapping[Precision, OpenVinoClassifier],
    pictures: InstallPictures,
    watch: Watch,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[tuple[Figures, ...], list[bool]]:
    """Return the figures of every precision, f32 first, and which pictures are rejects.

    Parameters
    ----------
    judges : mapping of Precision to OpenVinoClassifier
        The same model; f32 among them.
    pictures : InstallPictures
        The judged ones are looked at once each, one at a time; one is timed `ROUNDS` times.
    watch : Watch
        See `measure_precisions`.
    clock : callable
        Seconds, monotonic.
    """
    order = [precision for precision in EXACTNESS if precision in judges]
    scores: dict[Precision, list[float]] = {precision: [] for precision in order}
    sides = dict.fromkeys(order, 0.0)
    rejects: list[bool] = []
    for pixels, reject in pictures.judged():
        exact: Maps | None = None
        for precision in order:
            judge = judges[precision]
            maps = judge.maps(pixels)
            exact = maps if exact is None else exact
            scores[precision].append(verdict(pixels, maps, judge.manifest).probability)
            sides[precision] = max(sides[precision], changed_sides(exact, maps, judge.manifest))
        rejects.append(reject)
        watch.step("Measuring precisions", len(rejects), pictures.count)
    times = _times(judges, order, pictures.timed(), watch, clock)
    return tuple(Figures(each, tuple(times[each]), tuple(scores[each]), sides[each]) for each in order), rejects


def changed_sides(exact: Maps, other: Maps, manifest: ModelManifest) -> float:
    """Return the share of output pixels whose reject probability lies on another side of the region threshold."""
    channels = manifest.channels(reject=True)
    low = manifest.regions.low_threshold
    return float(np.mean((group_map(exact, channels) >= low) != (group_map(other, channels) >= low)))


def _times(
    judges: Mapping[Precision, OpenVinoClassifier],
    order: list[Precision],
    timed: Pixels,
    watch: Watch,
    clock: Callable[[], float],
) -> dict[Precision, list[float]]:
    times: dict[Precision, list[float]] = {precision: [] for precision in order}
    # the first round, in which networks are compiled and caches filled, does not count
    for number in range(1 + ROUNDS):
        for precision in order:
            began = clock()
            judges[precision].predict(timed)
            if number:
                times[precision].append((clock() - began) * 1000.0)
        watch.step("Timing precisions", number + 1, 1 + ROUNDS)
    return times


def _quantised(files: ModelFiles, pictures: InstallPictures, draft: Path, watch: Watch) -> PrecisionMeasurement | None:
    """Make the 8-bit network; if there is none, return why not."""
    if not can_quantise():
        return _untried('needs more packages: pip install "inspection-station[models]"')
    watch.step("Quantising", 0, 1)
    tensors = calibration_tensors(pictures.calibration(), files.manifest.input)
    try:
        quantise(files, tensors, draft / QUANTISED_NAME, watch)
    except InstallationCancelled:
        raise
    except ModelError as fault:
        return _untried(str(fault))
    watch.step("Quantising", 1, 1)
    return None


def _untried(because: str) -> PrecisionMeasurement:
    return PrecisionMeasurement(Precision.INT8, None, None, None, None, usable=False, because=because)


def _judges(files: ModelFiles, threads: int | None, draft: Path) -> dict[Precision, OpenVinoClassifier]:
    judges = {Precision.F32: OpenVinoClassifier(files, threads, Precision.F32)}
    if "BF16" in openvino_runtime().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        judges[Precision.BF16] = OpenVinoClassifier(files, threads, Precision.BF16)
    if (draft / QUANTISED_NAME).is_file():
        judges[Precision.INT8] = OpenVinoClassifier(quantised_files(draft, files.manifest), threads, Precision.INT8)
    return judges
