"""A camera whose pictures are in memory already, so that only the station is measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from inspector_app.domain.errors import EndOfPictures
from inspector_app.domain.frame import Capture, Frame, Pixels
from inspector_app.domain.ports import CameraControls, CameraCounts


class ReadyCamera:
    """Delivers prepared pictures in turn, at a fixed rate or as fast as they are taken."""

    def __init__(self, pictures: Sequence[Pixels], parts: int, rate_hz: float | None = None) -> None:
        self.name = "prepared pictures"
        self.uri = "synthetic:prepared"
        self.counts = CameraCounts()
        self._pictures = pictures
        self._parts = parts
        self._pause_s = 0.0 if rate_hz is None else 1.0 / rate_hz
        self._next_at = 0.0
        self._sequence = 0

    def open(self) -> None:
        """Begin the clock."""
        self._next_at = time.monotonic()

    def configure(self, controls: CameraControls) -> CameraControls:
        """Change nothing."""
        return controls

    def trigger(self) -> None:
        """Do nothing: the camera runs freely."""

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next prepared picture when it is due."""
        if self._sequence >= self._parts:
            raise EndOfPictures("All prepared pictures are delivered.")
        wait_s = self._next_at - time.monotonic()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        if wait_s > 0:
            time.sleep(wait_s)
        self._next_at = max(self._next_at + self._pause_s, time.monotonic() - 1.0)
        pixels = self._pictures[self._sequence % len(self._pictures)]
        self._sequence += 1
        return Frame(pixels, datetime.now(UTC), self.uri, self._sequence)

    def close(self) -> None:
        """Do nothing."""
