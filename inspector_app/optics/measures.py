"""What can be measured of one picture without knowing what is on it: sharpness and exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels

Grey = NDArray[np.uint8]
"""``(H, W)`` uint8."""

BLACK: Final = 2
"""Grey levels up to this count as black: nothing can be seen there."""
WHITE: Final = 253
"""Grey levels from this on count as clipped."""
_FLAT: Final = 1.0
"""Standard deviation in grey levels below which a picture shows nothing."""
_LEAST: Final = 1e-3
_STRIP_PX: Final = 64
_REACH_PX: Final = 3
"""Rows that the blur and the Laplacian look beyond their own."""


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """Measures of one picture.

    Attributes
    ----------
    sharpness : float
        Natural logarithm of how much of the fine detail a slight blur would take away; 0 and below: there is none
        left to take. It hardly depends on what is on the picture or on how bright it is. See `sharpness`.
    mean, spread : float
        Mean and standard deviation, grey levels 0 … 255.
    black, clipped : float
        Share of px that are black, and that are clipped, 0 … 1.
    """

    sharpness: float
    mean: float
    spread: float
    black: float
    clipped: float

    @property
    def blank(self) -> bool:
        """True if nothing at all can be seen: all of one grey, all black or all clipped."""
        return self.spread < _FLAT or self.black >= 1.0 - _LEAST or self.clipped >= 1.0 - _LEAST


def grey_of(pixels: Pixels) -> Grey:
    """Return a picture as grey, ``(H, W)`` uint8; BGR by the weights of ITU-R BT.601."""
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def measure(grey: Grey) -> PictureMeasures:
    """Return the measures of a grey picture."""
    counts = histogram(grey)
    shares = counts / max(float(counts.sum()), 1.0)
    levels = np.arange(256)
    mean = float(shares @ levels)
    return PictureMeasures(
        sharpness=sharpness(grey),
        mean=mean,
        spread=math.sqrt(max(float(shares @ (levels - mean) ** 2), 0.0)),
        black=float(shares[: BLACK + 1].sum()),
        clipped=float(shares[WHITE:].sum()),
    )


def histogram(grey: Grey) -> NDArray[np.float64]:
    """Return how many px have each of the 256 grey levels, ``(256,)``."""
    return np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256]), np.float64).ravel()


def sharpness(grey: Grey) -> float:
    """Return ln(variance of the Laplacian / variance of the Laplacian after a slight blur).

    The variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000) grows
    with contrast and texture, so that it compares pictures of one scene only. What a second blur takes away from it
    (Crete et al., "The blur effect", 2007) does not: a picture that is blurred already has nothing left to lose.
    """
    now = after = _LEAST * grey.size
    height = grey.shape[0]
    # In strips that stay in the processor's cache; each reads a few rows beyond its own, so that the sums are those of
    # the whole picture.
    for top in range(0, height, _STRIP_PX):
        first, last = max(0, top - _REACH_PX), min(height, top + _STRIP_PX + _REACH_PX)
        own = slice(top - first, min(height, top + _STRIP_PX) - first)
        strip = grey[first:last]
        now += _detail(strip, own)
        after += _detail(np.asarray(cv2.GaussianBlur(strip, (5, 5), 1.2), np.uint8), own)
    return math.log(now / after)


def fine_detail(sharpness: float) -> float:
    """Return sharpness as people are told it: the share of the fine detail, 0 … 1, that a slight blur takes away."""
    return max(0.0, -math.expm1(-sharpness))


def _detail(strip: Grey, own: slice) -> float:
    """Return the sum of squares of the Laplacian on a strip's own rows; its mean is 0 but for the picture's edge."""
    return float(cv2.norm(cv2.Laplacian(strip, cv2.CV_16S, ksize=1)[own], cv2.NORM_L2SQR))
