"""Stripes over what is clipped or black, so that exposure is set by eye."""

from __future__ import annotations

import cv2
import numpy as np

from inspector_app.domain.frame import Pixels
from inspector_app.optics.measures import BLACK, WHITE, grey_of

_STRIPE_PX = 8
_CLIPPED = (60, 60, 255)
_BLACK = (255, 160, 0)


def with_zebra(pixels: Pixels) -> Pixels:
    """Return the picture in colour with stripes: red where it is clipped, blue where it is black.

    Stripes leave half of the px as they are, so that what lies under them is still seen.
    """
    grey = grey_of(pixels)
    shown = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels.copy()
    height, width = grey.shape
    striped = ((np.arange(height)[:, None] + np.arange(width)[None, :]) // _STRIPE_PX) % 2 == 0
    shown[(grey >= WHITE) & striped] = _CLIPPED
    shown[(grey <= BLACK) & striped] = _BLACK
    return np.asarray(shown, np.uint8)
