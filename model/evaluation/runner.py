"""Judge every picture of a data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError, KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from model.dataset import DataSet, DataSetImage, FileProblem
from model.dataset.masks import read_mask
from model.evaluation.matching import match_regions
from model.evaluation.summary import summarise
from model.evaluation.values import EvaluationResult, PictureResult

ReadPixels = Callable[[Path], Pixels]
"""Reads a picture file; raises a `KnownFault` whose sentence names it if it cannot be used."""


def evaluate(
    classifier: Classifier,
    dataset: DataSet,
    read: ReadPixels,
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
    cut: float = 0.5,
    seed: int = 0,
) -> EvaluationResult:
    """Judge every picture of a data set and sum up.

    Parameters
    ----------
    classifier : Classifier
        The model; it sees pixels only.
    dataset : DataSet
        The truth.
    read : ReadPixels
        Files that it refuses are listed in the result and left out.
    on_progress : callable
        Told (pictures done, all) after each.
    cancelled : callable
        Asked before each; if True the result covers what was judged so far and says so.
    cut : float
        Probability from which a picture counts as rejected by the model.
    seed : int
        Of the resampling for intervals.
    """
    judged: list[PictureResult] = []
    problems = list(dataset.problems)
    stopped = False
    for number, image in enumerate(dataset.images, start=1):
        stopped = cancelled()
        if stopped:
            break
        try:
            judged.append(_judge(classifier, image, read))
        except KnownFault as fault:
            problems.append(FileProblem(image.path, str(fault)))
        on_progress(number, len(dataset.images))
    return summarise(classifier.model, str(dataset.folder), judged, problems, not stopped, cut, seed)


def _judge(classifier: Classifier, image: DataSetImage, read: ReadPixels) -> PictureResult:
    pixels = read(image.path)
    height, width = pixels.shape[:2]
    if image.width is not None and (image.width, image.height) != (width, height):
        said = f"{image.width}x{image.height}"
        raise DataSetError(f"{image.path}: the picture has {width}x{height} px, its data set says {said}.")
    truth: NDArray[np.uint8] | None = None if image.mask is None else read_mask(image.mask, (height, width))
    prediction = classifier.predict(pixels)
    matched = match_regions(prediction.regions, image.annotations, truth, (height, width))
    return PictureResult(
        name=image.name,
        group=image.group,
        split=image.split,
        path=str(image.path),
        truth=image.judgement,
        prediction=prediction,
        places=matched.places,
        false_scores=matched.false_scores,
        harmless=matched.harmless,
    )
