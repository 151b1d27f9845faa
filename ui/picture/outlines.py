"""Outlines around regions: beside the mark, never on it, so that a thin scratch stays in view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Region

_MASK_SIDE_PX = 512


@dataclass(frozen=True, slots=True)
class RegionMark:
    """A region as it is drawn.

    Attributes
    ----------
    number : int
        1, 2, 3 … as in the list beside the picture.
    region : Region
        What the model said.
    outlines : tuple of polygons
        (x, y) px of the picture, at a distance around the region.
    """

    number: int
    region: Region
    outlines: tuple[tuple[tuple[int, int], ...], ...]


def marks_of(regions: tuple[Region, ...], width: int, height: int) -> tuple[RegionMark, ...]:
    """Return the marks of a picture's regions; call off the GUI thread.

    Parameters
    ----------
    regions : tuple of Region
        In the order of their numbers.
    width, height : int
        Of the picture, px.
    """
    margin = max(4, round(max(width, height) / 160))
    return tuple(RegionMark(n, region, _outlines(region, margin)) for n, region in enumerate(regions, start=1))


def _outlines(region: Region, margin: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the outer contours of the region grown by a margin in px, drawn in a small mask of its own."""
    points = np.array(region.polygon, dtype=np.float64)
    origin = points.min(axis=0) - margin
    extent = points.max(axis=0) + margin - origin
    shrink = min(1.0, _MASK_SIDE_PX / float(extent.max()))
    border = 3
    mask = np.zeros((int(extent[1] * shrink) + 2 * border, int(extent[0] * shrink) + 2 * border), dtype=np.uint8)
    drawn = np.rint((points - origin) * shrink).astype(np.int32) + border
    cv2.fillPoly(mask, [drawn], 255)
    cv2.polylines(mask, [drawn], isClosed=True, color=255, thickness=1)
    reach = max(1, round(margin * shrink))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    contours, _ = cv2.findContours(cv2.dilate(mask, kernel), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    return tuple(_on_picture(contour.reshape(-1, 2), border, shrink, origin) for contour in contours)


def _on_picture(
    contour: NDArray[np.number[Any]], border: int, shrink: float, origin: NDArray[np.float64]
) -> tuple[tuple[int, int], ...]:
    points = np.rint((contour - border) / shrink + origin)
    return tuple((int(x), int(y)) for x, y in points)
