"""From px to mm: the scale of a picture, measured on a checkerboard or a grid of dots of known pitch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.frame import Pixels
from inspector_app.domain.shares import percent
from inspector_app.optics.measures import grey_of

_WAVY: Final = 0.005
"""Residual, as share of the pitch, above which a flat, straight target is not what the lens shows."""
_TILTED: Final = 0.01
_REFINE: Final = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.01)


class Target(StrEnum):
    """What lies under the camera."""

    CHECKERBOARD = "checkerboard"
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class ScaleTarget:
    """A calibration target.

    Attributes
    ----------
    kind : Target
        Squares or dots.
    columns, rows : int
        Inner corners of a checkerboard, or dots of a grid, along the two sides.
    pitch_mm : float
        From corner to corner, or from dot to dot.
    """

    kind: Target
    columns: int
    rows: int
    pitch_mm: float

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 3 or max(self.columns, self.rows) > 100:
            raise OpticsRefused("A target has 3 to 100 corners or dots along each side.")
        if not (math.isfinite(self.pitch_mm) and self.pitch_mm > 0):
            raise OpticsRefused("The pitch of a target is a number of mm above 0.")


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a px is on the part, in the plane of the target.

    Attributes
    ----------
    mm_per_px : float
        Scale.
    uncertainty : float
        Expanded uncertainty (k = 2) of ``mm_per_px``, in mm/px: from the scatter of the points, and from how much the
        scale differs across the picture.
    residual_px : float
        Root mean square distance between the points found and those of an even, flat grid.
    points : int
        How many were used.
    warnings : tuple of str
        What speaks against one scale for the whole picture, a sentence each.
    """

    mm_per_px: float
    uncertainty: float
    residual_px: float
    points: int
    warnings: tuple[str, ...] = ()


def measured_scale(pixels: Pixels, target: ScaleTarget) -> Scale:
    """Return the scale that a picture of a target gives.

    A similarity (shift, rotation, one scale; least squares, Umeyama 1991) maps the target's plane to the picture; what
    it leaves over is shown. The same map with two scales and shear tells tilt, the residual of that one tells
    distortion.

    Raises
    ------
    OpticsRefused
        If the target is not found whole.
    """
    found = _points(pixels, target)
    grid = np.array([(x, y) for y in range(target.rows) for x in range(target.columns)], np.float64) * target.pitch_mm
    px_per_mm, residual = _similarity(grid, found)
    scales, bent = _affine(grid, found)
    pitch_px = px_per_mm * target.pitch_mm
    uneven = (max(scales) - min(scales)) / px_per_mm
    # Scatter of n points over the grid's extent, and the spread between the two directions as a rectangle (GUM, 4.3.7).
    extent = float(np.sqrt(((grid - grid.mean(axis=0)) ** 2).sum()))
    random = residual / extent / px_per_mm
    relative = math.hypot(random, uneven / math.sqrt(12.0))
    mm_per_px = 1.0 / px_per_mm
    return Scale(mm_per_px, 2.0 * relative * mm_per_px, residual, len(found), _warnings(uneven, bent / pitch_px))


def _warnings(uneven: float, bent: float) -> tuple[str, ...]:
    said = []
    if uneven > _TILTED:
        said.append(f"The scale differs by {percent(uneven)} between the two directions: camera or target is tilted.")
    if bent > _WAVY:
        said.append(
            f"Straight rows are bent by {percent(bent)} of the pitch: the lens distorts, or the target is not flat."
        )
    return tuple(said)


def _points(pixels: Pixels, target: ScaleTarget) -> NDArray[np.float64]:
    grey, size = grey_of(pixels), (target.columns, target.rows)
    if target.kind is Target.CHECKERBOARD:
        flags = cv2.CALIB_CB_ADAPTIVE_THRESH | cv2.CALIB_CB_NORMALIZE_IMAGE
        found, points = cv2.findChessboardCorners(grey, size, flags=flags)
        if found:
            points = cv2.cornerSubPix(grey, points, (5, 5), (-1, -1), _REFINE)
    else:
        found, points = cv2.findCirclesGrid(grey, size, flags=cv2.CALIB_CB_SYMMETRIC_GRID)
    if not found:
        what = "corners" if target.kind is Target.CHECKERBOARD else "dots"
        raise OpticsRefused(
            f"No {target.kind} of {target.columns} × {target.rows} {what} was found whole in the picture; check the "
            "counts, the light and that nothing of it is cut off."
        )
    return np.asarray(points, np.float64).reshape(-1, 2)


def _similarity(grid: NDArray[np.float64], found: NDArray[np.float64]) -> tuple[float, float]:
    """Return px per mm and the root mean square residual in px, mirror images included."""
    best = (0.0, math.inf)
    for mirrored in (grid, grid * (-1.0, 1.0)):
        one, other = mirrored - mirrored.mean(axis=0), found - found.mean(axis=0)
        rotation_a = float((one * other).sum())
        rotation_b = float((one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum())
        norm = float((one**2).sum())
        a, b = rotation_a / norm, rotation_b / norm
        mapped = np.stack([a * one[:, 0] - b * one[:, 1], b * one[:, 0] + a * one[:, 1]], axis=1)
        residual = float(np.sqrt(((mapped - other) ** 2).sum(axis=1).mean()))
        if residual < best[1]:
            best = (math.hypot(a, b), residual)
    return best


def _affine(grid: NDArray[np.float64], found: NDArray[np.float64]) -> tuple[tuple[float, float], float]:
    """Return the two scales in px per mm along the principal directions, and the root mean square residual in px."""
    one, other = grid - grid.mean(axis=0), found - found.mean(axis=0)
    matrix = np.linalg.lstsq(one, other, rcond=None)[0]
    large, small = (float(value) for value in np.linalg.svd(matrix, compute_uv=False))
    residual = float(np.sqrt(((one @ matrix - other) ** 2).sum(axis=1).mean()))
    return (large, small), residual
