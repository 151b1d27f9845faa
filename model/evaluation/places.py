"""How long, wide and visible an annotated place is: what its misses are sliced by."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Box
from model.dataset import Annotation
from model.lines import line_length

Mask = NDArray[np.uint8]

SURROUNDINGS_PX = 31
"""Side of the square whose median grey is the surface around a pixel."""


def length_and_width(annotation: Annotation, truth: Mask | None) -> tuple[float, float | None]:
    """Return length and mean width of a place in px.

    From its pixel truth (``truth``: ``(H, W)``, 0 or 1) where its box holds some; else the sides of the tightest
    rectangle around its outline; else the diagonal of its box, which tells no width.
    """
    box = annotation.box
    inside = None if truth is None else np.ascontiguousarray(_cut(truth, box))
    if inside is not None and inside.any():
        length = line_length(inside)
        return length, float(np.count_nonzero(inside)) / length
    if annotation.polygon is not None:
        (_, _), sides, _ = cv2.minAreaRect(np.array(annotation.polygon, np.float32))
        return float(max(sides)), float(min(sides))
    return math.hypot(box.w, box.h), None


def contrast(pixels: Pixels, box: Box, length_px: float) -> float:
    """Return by how many grey levels a place stands out, 0 … 255.

    A box holds far more surface than scratch, so the mean would say nothing. This is the mean of the greatest
    differences from the surface around (a running median over `SURROUNDINGS_PX`), as many as the place is long: what
    a line of one pixel's width would take. On a rough surface the roughness counts too.
    """
    reach = SURROUNDINGS_PX // 2
    grown = Box(max(box.x - reach, 0), max(box.y - reach, 0), box.w + 2 * reach, box.h + 2 * reach)
    piece = _cut(pixels, grown)
    grey = piece if piece.ndim == 2 else np.asarray(cv2.cvtColor(piece, cv2.COLOR_BGR2GRAY), np.uint8)
    surface = cv2.medianBlur(np.ascontiguousarray(grey), SURROUNDINGS_PX)
    difference = cv2.absdiff(np.ascontiguousarray(grey), surface)
    own = difference[box.y - grown.y :, box.x - grown.x :][: box.h, : box.w].ravel()
    count = min(max(round(length_px), 1), own.size)
    return float(np.partition(own, own.size - count)[own.size - count :].mean())


def _cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return picture[box.y : box.y + box.h, box.x : box.x + box.w]
