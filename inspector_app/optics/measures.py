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
    mean, spread = cv2.meanStdDev(grey)
    counts = histogram(grey)
    total = float(grey.size)
    return PictureMeasures(
        sharpness=sharpness(grey),
        mean=float(mean[0, 0]),
        spread=float(spread[0, 0]),
        black=float(counts[: BLACK + 1].sum()) / total,
        clipped=float(counts[WHITE:].sum()) / total,
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
    again = np.asarray(cv2.GaussianBlur(grey, (5, 5), 1.2), np.uint8)
    return math.log((_laplacian_variance(grey) + _LEAST) / (_laplacian_variance(again) + _LEAST))


def _laplacian_variance(grey: Grey) -> float:
    spread = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))[1]
    return float(spread[0, 0]) ** 2
