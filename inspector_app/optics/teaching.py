"""What can be taught about a camera, what is asked for it, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.ports import CameraControls, CameraRanges
from inspector_app.optics.scale import ScaleTarget
from inspector_app.optics.setup import CameraChange, CameraSetup


class Teaching(StrEnum):
    """What is taught from frames."""

    DARK = "dark"
    FLAT = "flat"
    WHITE = "white"
    QUALITY = "quality"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be taught.

    Attributes
    ----------
    what : Teaching
        Which.
    frames : int
        How many frames are taken for it.
    target : ScaleTarget or None
        For the scale.
    despite : bool
        A flat field is taken although it is uneven: the ground is even, and the light is not.
    """

    what: Teaching
    frames: int
    target: ScaleTarget | None = None
    despite: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was taught, not yet in force.

    Attributes
    ----------
    changes : mapping of str to object
        Fields of `CameraSetup` and their new values.
    sentence : str
        What was found, in figures.
    """

    changes: Mapping[str, object]
    sentence: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Who changes a configuration, and why; ``pin`` where signatures are required."""

    by: str
    because: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class CameraView:
    """How a camera stands.

    Attributes
    ----------
    name : str
        Display name.
    live : bool
        True for a camera; False for files and generated parts, which come as they are.
    running : bool
        True while it delivers.
    setup : CameraSetup
        The configuration in force.
    reported : CameraControls
        What the camera says of itself.
    ranges : CameraRanges
        What it can be asked for.
    trouble : str or None
        One sentence: drift, or a file of the configuration that is gone.
    changes : tuple of CameraChange
        The newest recorded changes, newest first.
    mm_per_px : float or None
        Scale in use, measured or from the settings.
    """

    name: str
    live: bool
    running: bool
    setup: CameraSetup
    reported: CameraControls
    ranges: CameraRanges
    trouble: str | None
    changes: tuple[CameraChange, ...]
    mm_per_px: float | None
