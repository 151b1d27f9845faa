"""What the camera page asks for; every call may block and is made off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from inspector_app.optics.setup import CameraChange
from inspector_app.optics.sight import Sight
from inspector_app.optics.teaching import CameraView, Lesson, Proposal, Signer


class CameraRoom(Protocol):
    """A camera that is looked through, taught and set."""

    def view(self) -> CameraView:
        """Return how it stands."""
        ...

    def sight(self) -> Sight | None:
        """Return the newest picture with its measures, ``None`` while there is none."""
        ...

    def teach(self, lesson: Lesson, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Proposal:
        """Take frames and return what they teach; `KnownFault` if nothing."""
        ...

    def change(self, signer: Signer, **changes: object) -> CameraChange:
        """Sign, put in force and record; `KnownFault`."""
        ...
