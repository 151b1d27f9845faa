"""The line says that a part is in front of the camera, and where part ids come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class IdSource(StrEnum):
    """Where part ids come from: the source's own names or numbers, the line's triggers, or a code in the picture."""

    CAMERA = "camera"
    LINE = "line"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class PartTrigger:
    """One trigger of the line.

    Attributes
    ----------
    part_id : str or None
        The line's own number of the part, ``None`` if it gives none.
    at_s : float
        When it came, on the clock of `time.monotonic`.
    """

    part_id: str | None
    at_s: float


HearTrigger = Callable[[PartTrigger], None]
"""Takes a trigger; called on the thread that heard it, and returns at once."""


@runtime_checkable
class TriggerSource(Protocol):
    """A line that tells when a part is there; a line output may be one too."""

    def hear_triggers(self, hear: HearTrigger) -> None:
        """Tell triggers to this one from now on; before, they are not taken from the line."""
        ...
