"""Outlines around regions: beside the mark, never on it, so that a thin scratch stays in view."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inspector_app.domain.prediction import Region


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
    """Return the outer contours of the region grown by a margin in px, drawn in a mask of the region's size."""
    points = np.array(region.polygon, dtype=np.int32)
    border = margin + 2
    origin = points.min(axis=0) - border
    size = points.max(axis=0) - origin + border + 1
    mask = np.zeros((int(size[1]), int(size[0])), dtype=np.uint8)
    shifted = points - origin
    cv2.fillPoly(mask, [shifted], 255)
    cv2.polylines(mask, [shifted], isClosed=True, color=255, thickness=1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    contours, _ = cv2.findContours(cv2.dilate(mask, kernel), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    return tuple(tuple((int(x), int(y)) for x, y in contour.reshape(-1, 2) + origin) for contour in contours)
