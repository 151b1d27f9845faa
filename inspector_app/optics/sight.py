"""What is to be seen of one live picture while a camera is being set up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels, Unfit
from inspector_app.optics.measures import PictureMeasures, grey_of, histogram, measure


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One picture as it would be judged, with its measures.

    Attributes
    ----------
    pixels : Pixels
        The corrected picture.
    histogram : ndarray of float64, shape (256,)
        Px of each grey level.
    measures : PictureMeasures
        Sharpness and exposure.
    unfit : Unfit or None
        Why a model must not judge it.
    least_sharpness : float or None
        The taught limit.
    """

    pixels: Pixels
    histogram: NDArray[np.float64]
    measures: PictureMeasures
    unfit: Unfit | None
    least_sharpness: float | None


def sight_of(pixels: Pixels, unfit: Unfit | None, least_sharpness: float | None) -> Sight:
    """Return a corrected picture with its measures."""
    grey = grey_of(pixels)
    return Sight(pixels, histogram(grey), measure(grey), unfit, least_sharpness)
