"""Where the part lies, compared with a taught reference: shift, rotation, likeness."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inspector_app.optics.measures import Grey

WIDTH_PX: Final = 96
"""Width of the small pictures that are compared; their height follows the picture's shape."""
_STEPS: Final = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
_FLAT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture lies compared with the reference.

    Attributes
    ----------
    right, down : float
        Shift of its middle as share of the picture's width and height; positive: to the right, downwards.
    turned_deg : float
        Rotation in degrees, clockwise positive.
    likeness : float
        Correlation with the reference once it is moved and turned back, -1 … 1; 0 if it cannot be laid over it.
    """

    right: float
    down: float
    turned_deg: float
    likeness: float


UNLIKE: Final = Placement(0.0, 0.0, 0.0, 0.0)


def small_picture(grey: Grey) -> Grey:
    """Return the small picture that is compared, ``(h, 96)`` uint8."""
    height = max(16, round(WIDTH_PX * grey.shape[0] / grey.shape[1]))
    return np.asarray(cv2.resize(grey, (WIDTH_PX, height), interpolation=cv2.INTER_AREA), np.uint8)


def place(small: Grey, reference: Grey) -> Placement:
    """Return where a picture lies; both small pictures have the same shape.

    The shift is first guessed by phase correlation (Kuglin and Hines, 1975); from there the enhanced correlation
    coefficient is climbed over shift and rotation (Evangelidis and Psarakis, 2008), which does not mind other
    brightness or contrast.
    """
    if small.std() < _FLAT or reference.std() < _FLAT:
        return UNLIKE
    now, then = small.astype(np.float32), reference.astype(np.float32)
    height, width = then.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(then - then.mean(), now - now.mean(), window)
    if abs(right) > width / 2 or abs(down) > height / 2:
        right = down = 0.0
    guess = np.array([[1.0, 0.0, right], [0.0, 1.0, down]], np.float32)
    try:
        likeness, found = cv2.findTransformECC(then, now, guess, cv2.MOTION_EUCLIDEAN, _STEPS)
    except cv2.error:  # the two have nothing in common that it could climb along
        return UNLIKE
    middle = np.array([(width - 1) / 2, (height - 1) / 2, 1.0])
    moved = found @ middle - middle[:2]
    turned = math.degrees(math.atan2(float(found[1, 0]), float(found[0, 0])))
    return Placement(float(moved[0]) / width, float(moved[1]) / height, turned, float(likeness))
