"""Geometry of thin shapes: length along, the two far ends, and where they point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""``(H, W)`` uint8, 0 or 1."""

Contour = NDArray[np.int32]
"""``(n, 1, 2)`` int32, (x, y) of the outermost pixels, as OpenCV gives it."""

_STAIRCASE_PX = 1.5
"""Deviation that is taken for the pixel grid and ragged edges, not for the shape."""

_SMALLEST_HOLE_PX = 9
"""A smaller hole is a flaw of the mask; a larger one is the inside of a ring."""


@dataclass(frozen=True, slots=True)
class LineEnd:
    """A far end of a shape: its place (x, y) and the unit vector (dx, dy) that points on, out of the shape.

    (0, 0) is no direction: the shape is a dot.
    """

    x: float
    y: float
    dx: float
    dy: float

    @property
    def directed(self) -> bool:
        """True if the end points somewhere."""
        return self.dx != 0.0 or self.dy != 0.0


def line_length(mask: Mask) -> float:
    """Return the length in px along the one shape in a mask, curved, crossed or closed to a ring.

    Perimeter ``2 (L + W)`` and area ``L W`` give the length of a band however it bends; crossing bands count with
    all their arms. A shape too thick for that (a blob) is as long as the longer side of its tightest rectangle. On
    drawn lines and arcs 1 to 5 px wide the error is below 3 %, on ragged ones below 6 %.
    """
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return 0.0
    perimeter, chord = 0.0, 0.0
    for contour, (_, _, _, parent) in zip(contours, hierarchy[0], strict=True):
        if parent < 0:
            (_, _), sides, _ = cv2.minAreaRect(contour)
            chord = max(chord, *sides)
        elif len(contour) < _SMALLEST_HOLE_PX or cv2.contourArea(contour) < _SMALLEST_HOLE_PX:
            continue
        perimeter += cv2.arcLength(cv2.approxPolyDP(contour, _STAIRCASE_PX, closed=True), closed=True)
    # contours run through the middles of the outermost pixels: half a pixel is missing on each side
    half = perimeter / 2.0 + 2.0
    beyond_square = half * half - 4.0 * cv2.countNonZero(mask)
    band = (half + math.sqrt(beyond_square)) / 2.0 if beyond_square > 0.0 else 0.0
    return max(band, chord + 1.0)


def line_ends(contour: Contour, reach: float) -> tuple[LineEnd, LineEnd]:
    """Return the two points of a shape that are farthest apart, with the directions of the last ``reach`` px.

    Right for lines that bend by less than half a turn.
    """
    points = contour.reshape(-1, 2).astype(np.float64)
    start = _farthest(points, points.mean(axis=0))
    return _line_end(points, start, reach), _line_end(points, _farthest(points, start), reach)


def continues(one: LineEnd, other: LineEnd, gap: float, angle_deg: float) -> bool:
    """Return True if two ends face each other over at most ``gap`` px, each pointing across within the angle.

    A dot continues what points at it; two dots do not continue each other.
    """
    across_x, across_y = other.x - one.x, other.y - one.y
    distance = math.hypot(across_x, across_y)
    if distance > gap or not (one.directed or other.directed):
        return False
    least = math.cos(math.radians(angle_deg)) * distance
    forward = one.dx * across_x + one.dy * across_y >= least or not one.directed
    backward = -(other.dx * across_x + other.dy * across_y) >= least or not other.directed
    return forward and backward


def _line_end(points: NDArray[np.float64], end: NDArray[np.float64], reach: float) -> LineEnd:
    near = points[np.hypot(*(points - end).T) <= reach]
    direction = end - near.mean(axis=0)
    norm = float(np.hypot(*direction))
    if norm < 0.5:
        return LineEnd(float(end[0]), float(end[1]), 0.0, 0.0)
    return LineEnd(float(end[0]), float(end[1]), float(direction[0]) / norm, float(direction[1]) / norm)


def _farthest(points: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points[int(np.argmax(((points - origin) ** 2).sum(axis=1)))], np.float64)
