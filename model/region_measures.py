"""What is measured of a region, in numbers that a judge can weigh: shape, tone, edges, and the maps under it.

Tone is the grey level against its blurred surroundings, in quarters of a percent of them, so that lamps behind the
glass and the exposure matter little. Coherence is the length of the mean squared gradient over the mean of its squared
length (Bigün and Granlund, "Optimal orientation detection of linear symmetry", 1987): 1 for a straight line, 0 for a
blob.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Region
from model.patches import region_patch
from model.preprocessing import Maps
from model.specs import measure_names

AROUND_PX = 12
"""The surface around a region is looked at this far."""
_RING_PX = 15
_BLUR_PX = 12.0
_SOFT_GREY = 20.0
"""Added to the surroundings, so that noise on black does not count as contrast."""
_TONE = 400.0
_UNREST = 12.0
_NEAR_BLOCKS = 4

Measures = NDArray[np.float64]
"""``(regions, measures)``, see `model.specs.measure_names`."""


def measured(grey: NDArray[np.uint8], maps: Maps, stride: int, regions: Sequence[Region]) -> Measures:
    """Return what is measured of each region.

    Parameters
    ----------
    grey : (H, W) uint8
    maps : (classes, h, w) float32
        Probabilities.
    stride : int
        Px of the picture per px of the maps.
    regions : sequence of Region
        Found in these maps.
    """
    found = [[*_shape(region), *_tones(grey, region), *_on_maps(maps, stride, region)] for region in regions]
    return np.array(found, np.float64).reshape(len(regions), len(measure_names(len(maps))))


def _shape(region: Region) -> tuple[float, ...]:
    _, sides, _ = cv2.minAreaRect(np.array(region.polygon, np.float32))
    long, short = max(sides) + 1.0, min(sides) + 1.0
    area = float(np.count_nonzero(region_patch(region).mask))
    return (
        region.score,
        np.log1p(region.length_px),
        np.log1p(region.width_px),
        np.log(long),
        np.log(short),
        region.length_px / long,
        np.log1p(area),
        area / (long * short),
    )


def _tones(grey: NDArray[np.uint8], region: Region) -> tuple[float, ...]:
    box, reach = region.box, AROUND_PX + round(3 * _BLUR_PX)
    top, left = max(box.y - reach, 0), max(box.x - reach, 0)
    seen = grey[top : box.y + box.h + reach, left : box.x + box.w + reach]
    surface = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), _BLUR_PX)
    tone = (seen - surface) / (surface + _SOFT_GREY) * _TONE
    inside = np.zeros(seen.shape, np.uint8)
    patch = region_patch(region)
    inside[box.y - top : box.y - top + box.h, box.x - left : box.x - left + box.w] = patch.mask
    inside = np.asarray(cv2.dilate(inside, np.ones((3, 3), np.uint8)), np.uint8)
    around = np.asarray(cv2.dilate(inside, np.ones((_RING_PX, _RING_PX), np.uint8)), np.uint8) - inside
    marked = tone[inside > 0]
    # a region that fills its picture has nothing around it
    beside = tone[around > 0] if around.any() else np.zeros(1, np.float32)
    across, down = (cv2.Sobel(tone, cv2.CV_32F, *axes)[inside > 0] for axes in ((1, 0), (0, 1)))
    squared = across * across + down * down
    turning = np.hypot((across * across - down * down).sum(), 2.0 * (across * down).sum())
    near = seen[
        max(box.y - AROUND_PX, 0) - top : box.y + box.h + AROUND_PX - top,
        max(box.x - AROUND_PX, 0) - left : box.x + box.w + AROUND_PX - left,
    ]
    return (
        float(marked.mean()),
        float(marked.std()),
        float(marked.min()),
        float(marked.max()),
        *(float(value) for value in np.quantile(marked, (0.1, 0.9))),
        float(beside.mean()),
        float(beside.std()),
        float(np.abs(beside).max()),
        float((np.abs(beside) > _UNREST).mean()),
        float(turning / (squared.sum() + 1e-6)),
        float(np.log1p(np.sqrt(squared).mean())),
        float(np.log1p(np.sqrt(squared.max()))),
        float(near.min()),
        float(near.mean()),
    )


def _on_maps(maps: Maps, stride: int, region: Region) -> tuple[float, ...]:
    box = region.box
    top, left = box.y // stride, box.x // stride
    bottom, right = (box.y + box.h) // stride + 1, (box.x + box.w) // stride + 1
    near = maps[
        :, max(top - _NEAR_BLOCKS, 0) : bottom + _NEAR_BLOCKS, max(left - _NEAR_BLOCKS, 0) : right + _NEAR_BLOCKS
    ]
    within = maps[:, top:bottom, left:right]
    return (
        *(float(value) for value in near.max(axis=(1, 2))),
        *(float(value) for value in within.mean(axis=(1, 2))),
        *(float(value) for value in within.max(axis=(1, 2))),
    )
