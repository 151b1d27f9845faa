"""The sheet that a part is painted on: a window into a larger frame, picture and labels together."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.fields import FloatImage, Window
from model.synthesis.part import Label

Points: TypeAlias = NDArray[np.float32]
"""(N, 2) x, y in px of the whole frame."""

SUBPIXEL_BITS = 4
LABEL_FROM = 0.3
"""Coverage from which a painted pixel carries its label."""


class Canvas:
    """Paints things given in frame coordinates into a window of that frame.

    Everything is drawn without caring whether the window shows it: what lies outside costs next to
    nothing. So a training crop costs what its own area costs, with the geometry of the whole part.

    Parameters
    ----------
    window : (x, y, width, height)
        Where the window lies in the frame, px.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.pixels: FloatImage = np.zeros((window[3], window[2], 3), np.float32)
        self.labels: NDArray[np.uint8] = np.zeros((window[3], window[2]), np.uint8)
        self.glass: NDArray[np.uint8] | None = None
        """0..255 where the window shows glass, (H, W); None: all of it is."""

    def clip(self, points: Points, margin_px: float) -> Window | None:
        """Return the window-relative box around `points` that lies inside the window, or None."""
        x, y, width, height = self.window
        low = np.floor(points.min(axis=0) - margin_px).astype(int) - (x, y)
        high = np.ceil(points.max(axis=0) + margin_px).astype(int) - (x, y) + 1
        left, top = max(0, int(low[0])), max(0, int(low[1]))
        right, bottom = min(width, int(high[0])), min(height, int(high[1]))
        if right <= left or bottom <= top:
            return None
        return (left, top, right - left, bottom - top)

    def shows(self, places: NDArray[np.float64], margin_px: float) -> NDArray[np.bool_]:
        """Return which of the places (N, 2; frame px) lie in the window or within a margin of it."""
        x, y, width, height = self.window
        seen = places - (x, y)
        return np.asarray(((seen > -margin_px) & (seen < np.add((width, height), margin_px))).all(axis=1))

    def fixed_point(self, points: Points, box: Window) -> NDArray[np.int32]:
        """`points` relative to a window-relative box, in OpenCV's fixed-point coordinates."""
        origin = np.array([self.window[0] + box[0], self.window[1] + box[1]], np.float32)
        return np.asarray(np.rint((points - origin) * (1 << SUBPIXEL_BITS)), np.int32)

    def area_mask(self, outline: Points, margin_px: float = 2.0) -> tuple[Window, NDArray[np.uint8]] | None:
        """Anti-aliased filled outline: its box and a mask 0..255 of that box, or None if not in the window."""
        box = self.clip(outline, margin_px)
        if box is None:
            return None
        mask = np.zeros((box[3], box[2]), np.uint8)
        cv2.fillPoly(mask, [self.fixed_point(outline, box)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        return box, mask

    def on_glass(self, box: Window, amount: FloatImage) -> FloatImage:
        """Return `amount` of a box where there is glass, 0 beside it."""
        if self.glass is None:
            return amount
        part = self.glass[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
        return np.asarray(amount * (part.astype(np.float32) / np.float32(255.0)), np.float32)

    def view(self, box: Window) -> FloatImage:
        """Return the pixels of a window-relative box, writable."""
        return self.pixels[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]

    def add(self, box: Window, amount: FloatImage, colour: tuple[float, float, float]) -> None:
        """Add `amount` (h, w) times `colour` (BGR) to the pixels of a box."""
        target = self.view(box)
        for channel in range(3):
            if colour[channel]:
                target[..., channel] += amount * np.float32(colour[channel])

    def mark(self, box: Window, coverage: FloatImage, label: Label) -> None:
        """Give `label` to the pixels of a box whose coverage (0..1) reaches `LABEL_FROM`."""
        target = self.labels[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
        target[coverage >= LABEL_FROM] = int(label)

    def brightness_at(self, points: Points) -> float:
        """Mean grey level under those points that the window shows (0 if it shows none)."""
        x, y, width, height = self.window
        columns = np.rint(points[:, 0]).astype(int) - x
        rows = np.rint(points[:, 1]).astype(int) - y
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        if not inside.any():
            return 0.0
        return float(self.pixels[rows[inside], columns[inside]].mean())
