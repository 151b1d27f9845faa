"""From a camera's pixels to what Qt paints, off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from inspector_app.domain.frame import Pixels

_SMALLEST_SIDE_PX = 256


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture ready to be painted, in full size and halved again and again.

    Painting from the next larger level keeps a one-pixel scratch visible when the picture is shown small; plain
    bilinear scaling would skip it.

    Attributes
    ----------
    width, height : int
        Of the full picture, px.
    levels : tuple of QImage
        ``Format_RGB32``; level k is 2**k times smaller.
    buffers : tuple of ndarray
        The bytes that the images show; Qt does not keep them alive.
    """

    width: int
    height: int
    levels: tuple[QImage, ...]
    buffers: tuple[NDArray[np.uint8], ...]

    def level_for(self, scale: float) -> QImage:
        """Return the smallest level that is not smaller than the picture on screen.

        Parameters
        ----------
        scale : float
            Screen px per picture px, > 0.
        """
        best = 0
        while best + 1 < len(self.levels) and scale <= 2.0 ** -(best + 1):
            best += 1
        return self.levels[best]


def picture_of(pixels: Pixels) -> Picture:
    """Convert a picture; call off the GUI thread (OpenCV releases the interpreter lock meanwhile).

    Parameters
    ----------
    pixels : Pixels
        ``(H, W)`` grey or ``(H, W, 3)`` BGR, uint8.
    """
    code = cv2.COLOR_GRAY2BGRA if pixels.ndim == 2 else cv2.COLOR_BGR2BGRA
    buffers = [_bytes(cv2.cvtColor(pixels, code))]
    while min(buffers[-1].shape[:2]) >= 2 * _SMALLEST_SIDE_PX:
        height, width = buffers[-1].shape[:2]
        half = cv2.resize(buffers[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        buffers.append(_bytes(half))
    height, width = pixels.shape[:2]
    return Picture(width, height, tuple(_image(buffer) for buffer in buffers), tuple(buffers))


def _bytes(array: object) -> NDArray[np.uint8]:
    return np.ascontiguousarray(array, dtype=np.uint8)


def _image(buffer: NDArray[np.uint8]) -> QImage:
    height, width = buffer.shape[:2]
    return QImage(buffer.data, width, height, buffer.strides[0], QImage.Format.Format_RGB32)
