"""Lines of varying width and strength: the brush of scratches, fibres, glints and rims."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.canvas import SUBPIXEL_BITS, Canvas, Points
from model.synthesis.fields import FloatImage, Window, wobble

POINT_STEP_PX = 4.0
# OpenCV's anti-aliased fill also draws the border, which adds about this much to the width.
FILL_GROWTH_PX = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line with a width and a strength at each of its points.

    Attributes
    ----------
    points : (N, 2) float32, frame px, N >= 2
    widths : (N,) float32, px
    strengths : (N,) float32, 0..1
    """

    points: Points
    widths: FloatImage
    strengths: FloatImage

    @property
    def length_px(self) -> float:
        """Length of the centre line."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    def sides(self) -> tuple[Points, Points]:
        """Left and right border, `(N, 2)` each."""
        return offset_line(self.points, self.widths / 2.0), offset_line(self.points, -self.widths / 2.0)

    def outline(self) -> Points:
        """Return closed border, `(2N, 2)`."""
        left, right = self.sides()
        return np.concatenate([left, right[::-1]])


def normals(points: Points) -> Points:
    """Return unit normals of a line at its points, `(N, 2)`."""
    tangent = np.gradient(points, axis=0)
    size = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-6)
    return np.stack([-tangent[:, 1] / size, tangent[:, 0] / size], axis=1).astype(np.float32)


def offset_line(points: Points, distance: FloatImage | float) -> Points:
    """Return the line moved sideways by `distance` px (per point or everywhere)."""
    shift = np.broadcast_to(np.asarray(distance, np.float32), (len(points),))
    return np.asarray(points + normals(points) * shift[:, None], np.float32)


def trace(
    rng: np.random.Generator,
    start: tuple[float, float],
    length_px: float,
    heading: float,
    bend: float,
    waviness: float = 0.0,
    kinks: int = 0,
) -> Points:
    """Return a line that starts at `start` and turns as it goes.

    Parameters
    ----------
    heading : float
        Direction at the start, rad.
    bend : float
        Total steady turn over the length, rad.
    waviness : float
        Deviation of the irregular turn, rad.
    kinks : int
        Number of sudden changes of direction.

    Returns
    -------
    (N, 2) float32, spaced about `POINT_STEP_PX`.
    """
    count = max(3, int(length_px / POINT_STEP_PX) + 1)
    turn = np.linspace(0.0, bend, count) + waviness * wobble(rng, count, max(3, count // 12))
    for _ in range(kinks):
        turn[int(rng.integers(1, count)) :] += rng.normal(0.0, 0.5)
    steps = np.stack([np.cos(heading + turn), np.sin(heading + turn)], axis=1) * (length_px / (count - 1))
    walked = np.concatenate([np.zeros((1, 2)), np.cumsum(steps[:-1], axis=0)])
    return np.asarray(walked + start, np.float32)


def taper(count: int, head: float, tail: float) -> FloatImage:
    """1 in the middle, falling to 0 over the share `head` at the start and `tail` at the end."""
    at = np.linspace(0.0, 1.0, count, dtype=np.float32)
    rise = np.clip(at / max(head, 1e-3), 0.0, 1.0)
    fall = np.clip((1.0 - at) / max(tail, 1e-3), 0.0, 1.0)
    return np.asarray(np.sqrt(rise * fall), np.float32)


def cover(canvas: Canvas, stroke: Stroke) -> tuple[Window, FloatImage] | None:
    """Coverage 0..1 of a stroke, strength included, in its window-relative box; None if not shown."""
    box = canvas.clip(stroke.points, float(stroke.widths.max()) + 2.0)
    if box is None:
        return None
    sheet = np.zeros((box[3], box[2]), np.uint8)
    drawn = np.maximum(stroke.widths - FILL_GROWTH_PX, 0.2)
    # A line thinner than a pixel covers a pixel only in part.
    levels = np.clip(stroke.strengths * np.minimum(stroke.widths, 1.0), 0.0, 1.0) * 255.0
    left = canvas.fixed_point(offset_line(stroke.points, drawn / 2.0), box)
    right = canvas.fixed_point(offset_line(stroke.points, -drawn / 2.0), box)
    _fill_segments(sheet, left, right, levels)
    return box, np.asarray(sheet, np.float32) * np.float32(1.0 / 255.0)


def _fill_segments(
    sheet: NDArray[np.uint8], left: NDArray[np.int32], right: NDArray[np.int32], levels: FloatImage
) -> None:
    limit_x, limit_y = sheet.shape[1] << SUBPIXEL_BITS, sheet.shape[0] << SUBPIXEL_BITS
    quads = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
    low, high = quads.min(axis=1), quads.max(axis=1)
    shown = (high >= -32).all(axis=1) & (low[:, 0] < limit_x + 32) & (low[:, 1] < limit_y + 32)
    for index in np.flatnonzero(shown):
        level = float(levels[index])
        if level >= 1.0:
            cv2.fillConvexPoly(sheet, quads[index], level, cv2.LINE_AA, SUBPIXEL_BITS)


def paint(
    canvas: Canvas, stroke: Stroke, colour: tuple[float, float, float], amount: FloatImage | None = None
) -> tuple[Window, FloatImage] | None:
    """Add a stroke to the picture.

    Parameters
    ----------
    colour : (b, g, r)
        Grey levels added at full coverage; negative darkens.
    amount : (h, w) float32, optional
        Own coverage for the stroke's box; the plain coverage by default.

    Returns
    -------
    Box and plain coverage, or None if the window does not show the stroke.
    """
    covered = cover(canvas, stroke)
    if covered is not None:
        canvas.add(covered[0], covered[1] if amount is None else amount, colour)
    return covered
