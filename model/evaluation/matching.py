"""Which predicted regions lie on which annotated places.

A reject region is true if at least a quarter of its pixels lie on annotated reasons to reject, grown by a few px: one
region over half the picture is false, however much it touches. A true region hits every place that shares at least a
tenth of the smaller one's pixels with it. A place is its pixel truth; where there is none the outline (an oriented box,
say); else its box. A region on a harmless class, dust say, is false like any other; one that lies to a quarter on
ignore zones and is not true is not counted at all. Thin and broken marks make the usual overlap (IoU) meaningless: two
lines side by side, 3 px wide and 2 px apart, share nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inspector_app.domain.prediction import Region
from model.dataset import Annotation
from model.evaluation.values import FalseRegion
from model.patches import Mask, Patch, region_patch, window

TRUE_SHARE = 0.25
HIT_SHARE = 0.10
TOLERANCE_PX = 4


@dataclass(frozen=True, slots=True)
class Matched:
    """One picture's regions against its annotations.

    Attributes
    ----------
    hit_scores : tuple of float or None
        Of each place that rejects, in the order of the annotations: the highest score that hits it.
    false_regions : tuple of FalseRegion
        Reject regions that are not true, ignored ones left out.
    harmless : tuple of (str, bool)
        Class of each other place but ignore zones, and whether a false region hits it.
    """

    hit_scores: tuple[float | None, ...]
    false_regions: tuple[FalseRegion, ...]
    harmless: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TruthPatches:
    """One picture's annotations as pixels, made once for all matching."""

    wanted: tuple[Patch, ...]
    harmless: tuple[tuple[str, Patch], ...]
    reject_union: Mask
    ignore_union: Mask

    @classmethod
    def of(cls, annotations: Sequence[Annotation], truth: Mask | None, size: tuple[int, int]) -> TruthPatches:
        """Draw the annotations of one picture.

        Parameters
        ----------
        annotations : sequence of Annotation
            All annotated places.
        truth : ndarray of uint8, shape (H, W), or None
            Pixel truth, 0 or 1; narrows the boxes of the places that reject.
        size : (int, int)
            Height and width of the picture.
        """
        wanted = tuple(annotation_patch(each, truth, size) for each in annotations if each.rejects)
        ignored = tuple(annotation_patch(each, None, size) for each in annotations if each.ignored)
        others = [each for each in annotations if not each.rejects and not each.ignored]
        harmless = tuple((each.class_name, annotation_patch(each, None, size)) for each in others)
        return cls(wanted, harmless, _union(wanted, size), _union(ignored, size))


def match_regions(regions: Sequence[Region], truth: TruthPatches) -> Matched:
    """Match one picture; regions that do not reject are left aside."""
    marks = [(region, region_patch(region)) for region in regions if region.rejects]
    true = [(region, patch) for region, patch in marks if share_inside(patch, truth.reject_union) >= TRUE_SHARE]
    trusted = {id(region) for region, _ in true}
    false = [
        (region, patch)
        for region, patch in marks
        if id(region) not in trusted and share_inside(patch, truth.ignore_union) < TRUE_SHARE
    ]
    return Matched(
        tuple(_best_score(place, true) for place in truth.wanted),
        tuple(_false_region(region, patch, truth) for region, patch in false),
        tuple((name, _best_score(place, false) is not None) for name, place in truth.harmless),
    )


def _false_region(region: Region, patch: Patch, truth: TruthPatches) -> FalseRegion:
    under = next((name for name, place in truth.harmless if _hits(patch, place)), None)
    return FalseRegion(region.score, region.box, region.length_px, region.width_px, under)


def _union(patches: Sequence[Patch], size: tuple[int, int]) -> Mask:
    union = np.zeros(size, np.uint8)
    for patch in patches:
        window(union, patch)[...] |= patch.mask
    return union


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


def share_inside(patch: Patch, union: Mask) -> float:
    """Return the share of a patch that lies on a picture-sized mask."""
    return np.count_nonzero(patch.mask & window(union, patch)) / np.count_nonzero(patch.mask)
