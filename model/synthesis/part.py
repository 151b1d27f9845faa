"""What the generator makes: one glass part, its picture and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Label(IntEnum):
    """Meaning of a value in a part's label map; also the class order of the bundled network."""

    BACKGROUND = 0
    SCRATCH = 1
    DUST = 2
    STAIN = 3
    OIL = 4


class Look(IntEnum):
    """What kind of glass, light and mounting a part shows."""

    PHONE = 0
    """A phone front on a mat: dark or printed glass, edges with glints, holes, display."""
    CLEAR = 1
    """Bright or transparent glass that fills the frame."""
    BACKLIGHT = 2
    """Transparent glass before a patterned light (rows of lamps out of focus)."""
    BRUSHED = 3
    """A surface with directional texture."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Truth of one scratch.

    Attributes
    ----------
    polygon : tuple of (x, y)
        Outline in picture px; may reach outside the picture where the scratch does.
    box : (x, y, w, h)
        Bounding box in px of what lies inside the picture.
    length_px : float
        Length of the centre line inside the picture.
    width_px : float
        Mean width.
    contrast : float
        Peak difference from the surface in grey levels (0..255); negative for a dark scratch.
    """

    polygon: tuple[tuple[float, float], ...]
    box: tuple[int, int, int, int]
    length_px: float
    width_px: float
    contrast: float


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticPart:
    """One generated part.

    Attributes
    ----------
    pixels : (H, W, 3) uint8, BGR, read-only
    labels : (H, W) uint8, values of `Label`, read-only
    scratches : tuple of Scratch
        Only those that touch the picture.
    seed : int
        `render_part(seed, ...)` with the same arguments gives the same bytes.
    look : Look
    good : bool
        True where no scratch was made.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    scratches: tuple[Scratch, ...]
    seed: int
    look: Look
    good: bool
