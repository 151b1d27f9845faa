"""What is done to a picture before anybody sees it: region of interest, dark frame, flat field, white balance.

With raw picture R, dark frame D, flat field F (an even, bright ground) and channel gains w, all in grey levels:
``corrected = (R - D) · mean(F - D) / (F - D) · w``, the usual two-point correction. What is logged, shown and judged is
the corrected picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.prediction import Box
from inspector_app.domain.shares import percent
from inspector_app.optics.evenness import lit_share, uneven_share, unlike_share

Master = NDArray[np.uint16]
"""The mean of many frames in 1/256 grey level, ``(H, W)`` or ``(H, W, 3)`` BGR, uint16."""

White = tuple[float, float, float]
"""Gains of blue, green and red; green 1."""

Value = TypeVar("Value", np.uint8, np.uint16)

STEPS: Final = 256
"""Steps of a master for one grey level."""
FEWEST_FRAMES: Final = 4
_DARKEST_FLAT: Final = 30.0
_BRIGHTEST_FLAT: Final = 250.0
_BRIGHTEST_DARK: Final = 25.0
_LARGEST_GAIN: Final = 4.0
_SMALLEST_GAIN: Final = 0.25
_HANDFUL: Final = 0.001
_UNEVEN: Final = 0.01
"""Share of a picture that dust may take up; the faintest part that was tried takes 1.1 %."""


def mean_frame(frames: Sequence[Pixels]) -> Master:
    """Return the mean of raw frames of one size; `OpticsRefused` if they are fewer than 4 or differ in size."""
    if len(frames) < FEWEST_FRAMES:
        raise OpticsRefused(
            f"At least {FEWEST_FRAMES} frames are needed, so that noise averages out; got {len(frames)}."
        )
    if len({frame.shape for frame in frames}) > 1:
        raise OpticsRefused("The frames differ in size.")
    total = np.zeros(frames[0].shape, np.float32)
    for frame in frames:
        cv2.accumulate(frame, total)
    return np.asarray(np.rint(total * (STEPS / len(frames))), np.uint16)


def check_dark(dark: Master) -> None:
    """Refuse a dark frame that saw light; `OpticsRefused`."""
    mean = float(dark.mean()) / STEPS
    if mean > _BRIGHTEST_DARK:
        raise OpticsRefused(f"This is no dark frame: its mean grey is {mean:.0f}. Cover the lens and teach it again.")
    lit = lit_share(dark / STEPS)
    if lit > _UNEVEN:
        raise OpticsRefused(
            f"This is no dark frame: {percent(lit)} of the picture is brighter than the rest. Cover the lens and teach "
            "it again."
        )


def check_flat(flat: Master, dark: Master | None) -> None:
    """Refuse a flat field that is too dark, clipped, or of another size than the dark frame; `OpticsRefused`."""
    if dark is not None and dark.shape != flat.shape:
        raise OpticsRefused("Flat field and dark frame differ in size; teach both with the same camera settings.")
    mean = float(flat.mean()) / STEPS
    if mean < _DARKEST_FLAT:
        raise OpticsRefused(
            f"The flat field is too dark: mean grey {mean:.0f}, at least {_DARKEST_FLAT:.0f}. Expose more."
        )
    clipped = float((flat >= _BRIGHTEST_FLAT * STEPS).mean())
    if clipped > _HANDFUL:
        raise OpticsRefused(
            f"{percent(clipped)} of the flat field is clipped; expose less, so that no px is above 250."
        )


def check_even(flat: Master, dark: Master | None, frames: Sequence[Pixels]) -> None:
    """Refuse a flat field, or frames of one, that show more than light and lens; `OpticsRefused`."""
    unlike = unlike_share(frames)
    if unlike > _UNEVEN:
        raise OpticsRefused(
            f"This is no flat field: the frames differ in {percent(unlike)} of the picture, as those of parts do. "
            "Lay an even ground under the camera that nothing moves on."
        )
    light = flat.astype(np.float32) - (0.0 if dark is None else dark.astype(np.float32))
    uneven = uneven_share(light / STEPS)
    if uneven > _UNEVEN:
        raise OpticsRefused(
            f"This is no flat field: {percent(uneven)} of the picture shows more than light and lens, such as a part "
            "or an edge. Lay an even ground under the camera."
        )


def taught_white(frames: Sequence[Pixels]) -> White:
    """Return the channel gains that make a grey card grey, from the middle half of colour frames; `OpticsRefused`."""
    mean = mean_frame(frames)
    if mean.ndim != 3:
        raise OpticsRefused("White balance is for colour pictures; this camera sends grey ones.")
    height, width = mean.shape[:2]
    middle = mean[height // 4 : height - height // 4, width // 4 : width - width // 4].reshape(-1, 3) / STEPS
    blue, green, red = (float(value) for value in middle.mean(axis=0))
    if min(blue, green, red) < _DARKEST_FLAT or float((middle >= _BRIGHTEST_FLAT).mean()) > _HANDFUL:
        raise OpticsRefused("The grey card is too dark or clipped; every channel must lie between 30 and 250.")
    gains = green / blue, 1.0, green / red
    if not all(_SMALLEST_GAIN <= gain <= _LARGEST_GAIN for gain in gains):
        raise OpticsRefused("The light is too coloured to be balanced: a channel would be changed more than fourfold.")
    return gains


class Corrector:
    """Applies one set of corrections; safe to use from several threads.

    Parameters
    ----------
    roi : Box or None
        Part of the picture that is kept.
    dark, flat : Master or None
        Taught at the full size of the raw picture.
    white : White or None
        Gains; colour pictures only.
    """

    def __init__(self, roi: Box | None, dark: Master | None, flat: Master | None, white: White | None) -> None:
        self._roi = roi
        self._white = None if white is None else np.asarray(white, np.float32)
        self._raw_shape = next((master.shape for master in (dark, flat) if master is not None), None)
        self._dark = None if dark is None else _rounded(_cut(dark, roi))
        self._gain = None if flat is None else self._gains(_cut(flat, roi), None if dark is None else _cut(dark, roi))
        self._tables = None if self._white is None or self._gain is not None else _tables(self._white)

    def apply(self, raw: Pixels) -> Pixels:
        """Return the corrected picture, read-only.

        Raises
        ------
        OpticsRefused
            If the picture does not fit: another size or number of channels than taught, or smaller than the region.
        """
        if self._raw_shape is not None and raw.shape != self._raw_shape:
            raise OpticsRefused(
                f"The picture is {_size(raw.shape)}; the corrections were taught with {_size(self._raw_shape)}."
            )
        if self._roi is not None and (
            self._roi.x + self._roi.w > raw.shape[1] or self._roi.y + self._roi.h > raw.shape[0]
        ):
            raise OpticsRefused(f"The picture is {_size(raw.shape)}, smaller than the region of interest.")
        pixels: NDArray[Any] = _cut(raw, self._roi)
        if self._dark is not None:
            pixels = cv2.subtract(pixels, self._dark)
        if self._gain is not None:
            pixels = cv2.multiply(pixels, self._gain, dtype=cv2.CV_8U)
        elif self._tables is not None and pixels.ndim == 3:
            pixels = cv2.LUT(pixels, self._tables)
        return frozen_pixels(np.asarray(pixels, np.uint8))

    def _gains(self, flat: Master, dark: Master | None) -> NDArray[np.float32]:
        """Return the gain of each px, 1 on average; px that hardly saw light are left at the largest gain."""
        light = flat.astype(np.float32) - (0.0 if dark is None else dark.astype(np.float32))
        even = light.reshape(-1, *light.shape[2:]).mean(axis=0)
        gains = np.clip(even / np.maximum(light, 1.0), _SMALLEST_GAIN, _LARGEST_GAIN)
        if self._white is not None and gains.ndim == 3:
            gains = gains * self._white
        return np.ascontiguousarray(gains, np.float32)


def _tables(white: NDArray[np.float32]) -> NDArray[np.uint8]:
    levels = np.arange(256, dtype=np.float32)[:, None] * white[None, :]
    return np.ascontiguousarray(np.clip(np.rint(levels), 0, 255), np.uint8)[None]


def _rounded(master: Master) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rint(master / STEPS), np.uint8)


def _cut(pixels: NDArray[Value], roi: Box | None) -> NDArray[Value]:
    if roi is None:
        return pixels
    return np.ascontiguousarray(pixels[roi.y : roi.y + roi.h, roi.x : roi.x + roi.w])


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]} px, {'grey' if len(shape) == 2 else 'colour'}"
