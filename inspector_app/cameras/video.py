"""A video file as a camera: each frame is one part."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.capture import VideoSource, open_file
from inspector_app.cameras.listing import round_name
from inspector_app.cameras.paced import PacedCamera
from inspector_app.domain.errors import CameraLost, EndOfPictures
from inspector_app.domain.frame import Capture
from inspector_app.domain.ports import Clock


class VideoCamera(PacedCamera):
    """Delivers the frames of a video file, named ``<stem>-<number>`` from 1, ``…~2`` in the second round of a loop.

    Parameters
    ----------
    path : Path
        The file.
    uri : str
        The URI it was made from.
    clock : Clock
        UTC.
    loop : bool
        True: start again after the last frame.
    rate_hz : float or None
        Pictures per second, ``None`` as fast as they are asked for (the file's own rate does not count).
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(
        self,
        path: Path,
        *,
        uri: str,
        clock: Clock,
        loop: bool = False,
        rate_hz: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"Video {path}", uri, clock, rate_hz, monotonic)
        self._path = path
        self._loop = loop
        self._source: VideoSource | None = None
        self._ahead: NDArray[np.uint8] | None = None
        self._round = 1
        self._delivered = 0

    def _connect(self) -> None:
        """Open the file and step over what was delivered; frame by frame, as seeking is not exact in all codecs."""
        self._source = open_file(self._path)
        for _ in range(self._delivered):
            if not self._source.grab():
                return

    def _prepare(self) -> None:
        if self._ahead is None:
            self._ahead = self._read()
        if self._ahead is None and self._loop and self._delivered:
            self._disconnect()
            self._round, self._delivered = self._round + 1, 0
            self._connect()
            self._ahead = self._read()
        if self._ahead is None:
            raise EndOfPictures(f"{self._name} has no more pictures.")

    def _read(self) -> NDArray[np.uint8] | None:
        if self._source is None:
            raise CameraLost(f"{self._name} is not open.")
        there, frame = self._source.read()
        if there:
            return np.asarray(frame, np.uint8)
        if not self._path.is_file():
            raise CameraLost(f"{self._name} has vanished.")
        return None

    def _take(self) -> Capture:
        pixels, self._ahead = self._ahead, None
        if pixels is None:
            raise CameraLost(f"{self._name} is not open.")
        self._delivered += 1
        name = round_name(f"{self._path.stem}-{self._delivered:06d}", self._round)
        return self._delivery.frame(pixels, name=name, path=str(self._path))

    def _disconnect(self) -> None:
        source, self._source, self._ahead = self._source, None, None
        if source is not None:
            source.release()
