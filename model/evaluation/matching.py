"""Which predicted regions lie on which annotated places.

A reject region is true if at least a quarter of its pixels lie on annotated reasons to reject, grown by a few px: one
region over half the picture is false, however much it touches. A true region hits every place that shares at least a
tenth of the smaller one's pixels with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Box, Region
from model.dataset import Annotation
from model.evaluation.values import PlaceResult

TRUE_SHARE = 0.25
HIT_SHARE = 0.10
TOLERANCE_PX = 4

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A shape as pixels: ``mask`` (0 or 1) cut out at (x, y)."""

    x: int
    y: int
    mask: Mask


@dataclass(frozen=True, slots=True)
class Matched:
    """One picture's regions against its annotations; fields as in `PictureResult`."""

    places: tuple[PlaceResult, ...]
    false_scores: tuple[float, ...]
    harmless: tuple[tuple[str, bool], ...]


def match_regions(
    regions: Sequence[Region], annotations: Sequence[Annotation], truth: Mask | None, size: tuple[int, int]
) -> Matched:
    """Match one picture.

    Parameters
    ----------
    regions : sequence of Region
        All predicted; those that do not reject are left aside.
    annotations : sequence of Annotation
        All annotated places.
    truth : ndarray of uint8, shape (H, W), or None
        Pixel truth, 0 or 1; narrows the boxes of the places that reject.
    size : (int, int)
        Height and width of the picture.
    """
    marks = [(region, region_patch(region)) for region in regions if region.rejects]
    wanted = [annotation for annotation in annotations if annotation.rejects]
    patches = [annotation_patch(annotation, truth, size) for annotation in wanted]
    union = np.zeros(size, np.uint8)
    for patch in patches:
        _window(union, patch)[...] |= patch.mask
    true = [(region, patch) for region, patch in marks if _share_inside(patch, union) >= TRUE_SHARE]
    rest = {id(region) for region, _ in true}
    places = tuple(
        PlaceResult(annotation.class_name, _diagonal(annotation.box), _best_score(patch, true))
        for annotation, patch in zip(wanted, patches, strict=True)
    )
    false_scores = tuple(region.score for region, _ in marks if id(region) not in rest)
    harmless = tuple(
        (annotation.class_name, _best_score(annotation_patch(annotation, None, size), marks) is not None)
        for annotation in annotations
        if not annotation.rejects
    )
    return Matched(places, false_scores, harmless)


def region_patch(region: Region) -> Patch:
    """Return a predicted region's outline, filled."""
    box = region.box
    mask = np.zeros((box.h, box.w), np.uint8)
    outline = np.array(region.polygon, np.int32) - (box.x, box.y)
    cv2.fillPoly(mask, [outline.astype(np.int32)], 1)
    return Patch(box.x, box.y, mask)


def annotation_patch(annotation: Annotation, truth: Mask | None, size: tuple[int, int]) -> Patch:
    """Return an annotated place as pixels, grown by the tolerance: its pixel truth, else its outline, else its box."""
    height, width = size
    left, top = max(annotation.box.x - TOLERANCE_PX, 0), max(annotation.box.y - TOLERANCE_PX, 0)
    right = min(annotation.box.x + annotation.box.w + TOLERANCE_PX, width)
    bottom = min(annotation.box.y + annotation.box.h + TOLERANCE_PX, height)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    if truth is not None and truth[top:bottom, left:right].any():
        mask |= truth[top:bottom, left:right]
    elif annotation.polygon is not None:
        outline = np.round(np.array(annotation.polygon) - (left, top)).astype(np.int32)
        cv2.fillPoly(mask, [outline], 1)
    else:
        mask[...] = 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE_PX + 1,) * 2)
    return Patch(left, top, np.asarray(cv2.dilate(mask, kernel), np.uint8))


def _best_score(patch: Patch, marks: Sequence[tuple[Region, Patch]]) -> float | None:
    scores = [region.score for region, mark in marks if _hits(mark, patch)]
    return max(scores, default=None)


def _hits(mark: Patch, place: Patch) -> bool:
    left, top = max(mark.x, place.x), max(mark.y, place.y)
    right = min(mark.x + mark.mask.shape[1], place.x + place.mask.shape[1])
    bottom = min(mark.y + mark.mask.shape[0], place.y + place.mask.shape[0])
    if right <= left or bottom <= top:
        return False
    one = mark.mask[top - mark.y : bottom - mark.y, left - mark.x : right - mark.x]
    other = place.mask[top - place.y : bottom - place.y, left - place.x : right - place.x]
    smaller = min(np.count_nonzero(mark.mask), np.count_nonzero(place.mask))
    return bool(np.count_nonzero(one & other) >= HIT_SHARE * smaller)


def _share_inside(patch: Patch, union: Mask) -> float:
    return np.count_nonzero(patch.mask & _window(union, patch)) / np.count_nonzero(patch.mask)


def _window(picture: Mask, patch: Patch) -> Mask:
    height, width = patch.mask.shape
    return picture[patch.y : patch.y + height, patch.x : patch.x + width]


def _diagonal(box: Box) -> float:
    return math.hypot(box.w, box.h)
