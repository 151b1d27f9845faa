"""Whether frames show an even ground, as a flat field must, or a covered lens, as a dark frame must.

Light and lens shade a picture smoothly, and a smooth surface describes that. Parts, edges and objects do not follow
it, and parts that move differ from frame to frame. A flat field with a part in it would print the part's opposite on
every later picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels

Cells = NDArray[np.float64]
"""Mean grey levels of small squares of a picture, ``(rows, columns)``."""

_ACROSS: Final = 128
"""Cells along the longer side: small enough for an edge, large enough for a pixel's noise to average out."""
_CELL_PX: Final = 4
"""Least side of a cell."""
_FEWEST: Final = 8
_DEGREE: Final = 6
"""Of the surface: describes lenses that lose 60 % towards the corners, and light from one side, within 1 %."""
_UNEVEN: Final = 0.05
"""A cell is off when it lies so far, as share of what it should be, from the surface or from the mean frame."""
_LEVELS: Final = 1.0
"""… and so many grey levels, the steps and noise of dark corners."""
_GLOW: Final = 6.0
"""Grey levels above the middle one from which a cell of a covered lens saw light."""
_ROUNDS: Final = 4


def uneven_share(light: NDArray[Any]) -> float:
    """Return the share of a picture, 0 … 1, that no smooth shading explains; the worst channel's.

    Parameters
    ----------
    light : ndarray, (H, W) or (H, W, 3)
        Mean of frames in grey levels, dark frame taken off.

    Notes
    -----
    The surface is fitted to the logarithm of the cells, so that lens and light, which multiply, add. Cells far off
    it (more than three times the usual distance) are left out of the next fit, so that a part does not bend it.
    """
    return max(_off_surface(cells) for cells in _channels(light))


def unlike_share(frames: Sequence[Pixels]) -> float:
    """Return the share of a picture, 0 … 1, in which some frame differs from their mean; the worst frame's.

    A lamp that flickers changes a frame as a whole and is allowed for.
    """
    of_frames = [[np.maximum(cells, 1.0) for cells in _channels(frame)] for frame in frames]
    middle = [np.mean(same, axis=0) for same in zip(*of_frames, strict=True)]
    return max(
        _off(cells, mean * float(np.median(cells / mean)))
        for channels in of_frames
        for cells, mean in zip(channels, middle, strict=True)
    )


def lit_share(dark: NDArray[Any]) -> float:
    """Return the share of a dark frame, 0 … 1, that saw light: brighter than its middle by more than 6 grey levels.

    Single hot px average out within their cell.
    """
    return max(float((cells > np.median(cells) + _GLOW).mean()) for cells in _channels(dark))


def _channels(picture: NDArray[Any]) -> Iterator[Cells]:
    height, width = picture.shape[:2]
    scale = min(_ACROSS / max(height, width), 1.0 / _CELL_PX)
    size = max(_FEWEST, round(width * scale)), max(_FEWEST, round(height * scale))
    small = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    yield from np.moveaxis(np.asarray(small, np.float64).reshape(*small.shape[:2], -1), 2, 0)


def _off(cells: Cells, expected: Cells) -> float:
    return float((np.abs(cells - expected) > _UNEVEN * expected + _LEVELS).mean())


def _off_surface(cells: Cells) -> float:
    cells = np.maximum(cells, 1.0)
    terms, wanted = _terms(*cells.shape), np.log(cells).ravel()
    kept = np.ones(wanted.size, bool)
    fitted = wanted
    for _ in range(_ROUNDS):
        weights, *_ = np.linalg.lstsq(terms[kept], wanted[kept], rcond=None)
        fitted = terms @ weights
        apart = np.abs(wanted - fitted)
        kept = apart < max(_UNEVEN / 2, 3.0 * float(np.median(apart)))
    return _off(cells, np.exp(fitted).reshape(cells.shape))


def _terms(rows: int, columns: int) -> NDArray[np.float64]:
    """Return every product of Chebyshev polynomials in y and x up to the degree, one row a cell."""
    down = chebyshev.chebvander(np.linspace(-1.0, 1.0, rows), _DEGREE)
    across = chebyshev.chebvander(np.linspace(-1.0, 1.0, columns), _DEGREE)
    pairs = [(i, j) for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)]
    return np.stack([np.outer(down[:, i], across[:, j]).ravel() for i, j in pairs], axis=1)
