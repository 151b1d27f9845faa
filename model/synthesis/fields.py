"""Smooth random fields, made small and enlarged: cheap at camera resolution."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage: TypeAlias = NDArray[np.float32]
Window: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height in px of the whole frame."""

FIELD_STEP_PX = 16
"""One sample of a frame-wide field stands for this many px."""


def field_shape(frame: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of a frame-wide field for a frame of `(height, width)` px."""
    return (frame[0] // FIELD_STEP_PX + 2, frame[1] // FIELD_STEP_PX + 2)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> FloatImage:
    """Return cubic-enlarged normal noise: `(H, W)` float32, about zero mean and unit deviation at the nodes.

    Parameters
    ----------
    rng : Generator
    shape : (H, W)
        Size of the result.
    cells : (rows, columns)
        Number of independent nodes down and across, at least 2 each.
    """
    nodes = rng.standard_normal((max(2, cells[0]), max(2, cells[1])), dtype=np.float32)
    return np.asarray(cv2.resize(nodes, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def wobble(rng: np.random.Generator, count: int, nodes: int) -> FloatImage:
    """Smooth noise along a line: `(count,)` float32."""
    return np.asarray(smooth_noise(rng, (2, count), (2, max(2, nodes)))[0], np.float32)


def gradient(rng: np.random.Generator, shape: tuple[int, int]) -> FloatImage:
    """Return a plane of random direction, `(H, W)` float32 in about -1..1."""
    angle = rng.uniform(0.0, 2.0 * np.pi)
    rows = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None, :]
    plane = rows * np.float32(np.sin(angle)) + columns * np.float32(np.cos(angle))
    return np.asarray(plane, np.float32)


def add_grey(picture: FloatImage, amount: FloatImage) -> FloatImage:
    """Add `amount` (H, W) to each channel of `picture` (H, W, 3) in place, and return it.

    Fresh pages for a result of its own would cost more than the sum.
    """
    return np.asarray(cv2.add(picture, cv2.merge([amount, amount, amount]), picture), np.float32)


def enlarge(field: FloatImage, window: Window) -> FloatImage:
    """Return the part of a frame-wide field that lies under `window`, at one sample per px.

    Parameters
    ----------
    field : (h, w) or (h, w, C) float32
        Sampled every `FIELD_STEP_PX` px of the frame.
    window : (x, y, width, height)

    Returns
    -------
    (height, width) or (height, width, C) float32
    """
    x, y, width, height = window
    step = 1.0 / FIELD_STEP_PX
    matrix = np.array([[step, 0.0, x * step], [0.0, step, y * step]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    grown = cv2.warpAffine(field, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(grown, np.float32)
