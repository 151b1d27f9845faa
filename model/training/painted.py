"""Scratches painted on real surfaces: what a plant can teach from before it has seen its first defect."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.canvas import Canvas
from model.synthesis.part import Label
from model.synthesis.scratches import paint_scratch, plan_scratches

VISIBLE_FROM_NOISE = 2.0
"""A scratch counts where it stands out by this many times the surface's own unrest."""
LEAST_VISIBLE = 3.0


def with_scratches(rng: np.random.Generator, grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Paint one to six scratches on a picture.

    The scratch is seen through the lens that took the picture: it is painted apart, blurred and added.

    Parameters
    ----------
    grey : (H, W) uint8

    Returns
    -------
    (H, W) uint8 and (H, W) bool
        The picture and where scratches are visible in it, perhaps nowhere.
    """
    height, width = grey.shape
    window = (0, 0, width, height)
    canvas = Canvas(window)
    surface = np.repeat(grey.astype(np.float32)[..., None], 3, axis=2)
    canvas.pixels[...] = surface
    visible = max(LEAST_VISIBLE, VISIBLE_FROM_NOISE * unrest(grey))
    for plan in plan_scratches(rng, window):
        paint_scratch(canvas, plan, rng, visible)
    painted = np.asarray((canvas.pixels - surface)[..., 1], np.float32)
    painted = np.asarray(cv2.GaussianBlur(painted, (0, 0), float(rng.uniform(0.4, 1.2))), np.float32)
    seen = np.clip(np.rint(grey.astype(np.float32) + painted), 0.0, 255.0).astype(np.uint8)
    return seen, canvas.labels == int(Label.SCRATCH)


def unrest(grey: NDArray[np.uint8]) -> float:
    """Return the standard deviation of a picture's noise in grey levels, from the median of its second differences.

    Immerkær, "Fast Noise Variance Estimation", 1996, with a median for the mean: edges do not count.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    differences = np.abs(cv2.filter2D(grey.astype(np.float32), -1, kernel))
    return float(np.median(differences)) / (0.6745 * 6.0)
