"""Time per picture through OpenVINO, both sides in one process, in turn.

Each is timed from a decoded picture to its answer, with the same number of threads: ours to probability and regions;
anomalib's to scores and map, that is resizing, scaling and the exported network, as its `OpenVINOInferencer` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from benchmarks.figures import in_turn
from inspector_app.domain.frame import Pixels
from model.classifier import OpenVinoClassifier
from model.openvino_runtime import openvino_runtime
from model.precision import Precision

OURS = "ours"


def exported(network: Path, height: int, width: int, precision: Precision, threads: int) -> Callable[[Pixels], object]:
    """Return anomalib's export as a function of a picture, ``(H, W)`` or ``(H, W, 3)`` BGR uint8."""
    settings = {
        "INFERENCE_PRECISION_HINT": precision.value,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": "1",
    }
    request = openvino_runtime().Core().compile_model(network, "CPU", settings).create_infer_request()

    def judge(pixels: Pixels) -> object:
        colour = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels
        small = cv2.resize(colour, (width, height), interpolation=cv2.INTER_AREA)
        tensor = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0
        return request.infer({0: np.ascontiguousarray(tensor.transpose(2, 0, 1))[None]})

    return judge


def timed(
    ours: OpenVinoClassifier, theirs: Mapping[str, Callable[[Pixels], object]], pictures: list[Pixels], rounds: int
) -> dict[str, list[float]]:
    """Return ms of each side, `OURS` among them; every round takes the next picture, the same for all.

    Each judges every picture once before, so that no network is made ready while it is timed.
    """
    for pixels in pictures:
        ours.predict(pixels)
        for judge in theirs.values():
            judge(pixels)
    sources = {name: cycle(pictures) for name in (OURS, *theirs)}
    jobs: dict[str, Callable[[], object]] = {OURS: lambda: ours.predict(next(sources[OURS]))}
    for name, judge in theirs.items():
        jobs[name] = lambda name=name, judge=judge: judge(next(sources[name]))
    return in_turn(jobs, rounds)
