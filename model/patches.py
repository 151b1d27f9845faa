"""Regions as pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Region

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A shape as pixels: ``mask`` (0 or 1) cut out at (x, y)."""

    x: int
    y: int
    mask: Mask


def region_patch(region: Region) -> Patch:
    """Return a predicted region's outline, filled."""
    box = region.box
    mask = np.zeros((box.h, box.w), np.uint8)
    outline = np.array(region.polygon, np.int32) - (box.x, box.y)
    cv2.fillPoly(mask, [outline.astype(np.int32)], 1)
    return Patch(box.x, box.y, mask)


def window(picture: Mask, patch: Patch) -> Mask:
    """Return the part of a picture-sized mask that a patch covers, as a view."""
    height, width = patch.mask.shape
    return picture[patch.y : patch.y + height, patch.x : patch.x + width]
