"""Judge every picture of a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError, KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from model.dataset import Annotation, DataSet, DataSetImage, FileProblem
from model.dataset.masks import read_mask
from model.evaluation.candidates import examine
from model.evaluation.matching import Matched, TruthPatches, match_regions
from model.evaluation.overlap import PixelTally
from model.evaluation.places import contrast, length_and_width
from model.evaluation.result import EvaluationResult
from model.evaluation.summary import Work, summarise
from model.evaluation.values import PictureResult, PlaceResult

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
    pixels = PixelTally()
    # a set without a single mask has no pixel truth, however many of its pictures are good
    tally = pixels if any(image.mask is not None for image in dataset.images) else None
    problems = list(dataset.problems)
    stopped = False
    for number, image in enumerate(dataset.images, start=1):
        stopped = cancelled()
        if stopped:
            break
        try:
            judged.append(_judge(classifier, image, read, tally))
        except KnownFault as fault:
            problems.append(FileProblem(image.path, str(fault)))
        on_progress(number, len(dataset.images))
    work = Work(classifier.model, str(dataset.folder), len(dataset.images), not stopped, cut, seed)
    return summarise(work, judged, pixels, problems)


def _judge(
    classifier: Classifier, image: DataSetImage, read: ReadPixels, pixels_tally: PixelTally | None
) -> PictureResult:
    pixels = read(image.path)
    height, width = pixels.shape[:2]
    if image.width is not None and (image.width, image.height) != (width, height):
        said = f"{image.width}x{image.height}"
        raise DataSetError(f"{image.path}: the picture has {width}x{height} px, its data set says {said}.")
    mask: NDArray[np.uint8] | None = None if image.mask is None else read_mask(image.mask, (height, width))
    examined = examine(classifier, pixels)
    truth = TruthPatches.of(image.annotations, mask, (height, width))
    shown = match_regions(examined.prediction.regions, truth)
    below = match_regions(examined.candidates, truth)
    if pixels_tally is not None and examined.heat is not None and (mask is not None or not truth.wanted):
        marked = np.zeros((height, width), np.uint8) if mask is None else mask
        pixels_tally.add(image.group, examined.heat, examined.stride, marked, truth.ignore_union)
    return PictureResult(
        name=image.name,
        group=image.group,
        split=image.split,
        path=str(image.path),
        height=height,
        width=width,
        truth=image.judgement,
        prediction=examined.prediction,
        feature=examined.feature,
        places=_places(image.annotations, pixels, mask, shown, below),
        false_regions=shown.false_regions,
        false_candidates=below.false_regions,
        harmless=shown.harmless,
    )


def _places(
    annotations: Sequence[Annotation], pixels: Pixels, mask: NDArray[np.uint8] | None, shown: Matched, below: Matched
) -> tuple[PlaceResult, ...]:
    found = []
    wanted = [annotation for annotation in annotations if annotation.rejects]
    for annotation, hit, candidate in zip(wanted, shown.hit_scores, below.hit_scores, strict=True):
        length, width = length_and_width(annotation, mask)
        stands_out = contrast(pixels, annotation.box, length)
        found.append(PlaceResult(annotation.class_name, annotation.box, length, width, stands_out, hit, candidate))
    return tuple(found)
