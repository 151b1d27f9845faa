"""The thread that keeps up with a live video source, so that what is delivered is fresh and what is lost is counted."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.capture import VideoSource
from inspector_app.domain.errors import CameraLost
from inspector_app.domain.ports import Clock


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A frame as it came: uint8 (H, W, 3) BGR, UTC, and how many were dropped before it."""

    pixels: NDArray[np.uint8]
    at: datetime
    skipped: int = 0


class FrameReader:
    """Reads a source without pause and keeps the newest frames; owns the source from `start` on.

    Parameters
    ----------
    source : VideoSource
        Open; released by the reader's thread at its end.
    name : str
        Display name of the camera, for sentences.
    clock : Clock
        UTC, asked when a frame arrives.
    depth : int
        Frames kept for a busy consumer; when they are full, the oldest is dropped and counted.
    on_trigger : bool
        True: keep only frames that were asked for by `fire`.
    """

    def __init__(self, source: VideoSource, name: str, clock: Clock, depth: int, on_trigger: bool) -> None:
        self._source = source
        self._name = name
        self._clock = clock
        self._depth = depth
        self._on_trigger = on_trigger
        self._wanted = 0
        self._frames: deque[Arrival] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"reader of {name}")

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, deadline_s: float) -> None:
        """End; waits for the read that is under way at most ``deadline_s``."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(deadline_s)

    def change_mode(self, on_trigger: bool) -> None:
        """Keep all frames, or only those asked for; frames and triggers from before are forgotten."""
        with self._changed:
            self._on_trigger, self._wanted = on_trigger, 0
            self._frames.clear()

    def fire(self) -> None:
        """Keep the next frame that arrives."""
        with self._changed:
            self._wanted += 1

    def next(self, timeout_s: float) -> Arrival | None:
        """Return the oldest kept frame, ``None`` if none came in time; raises what ended the reading after the last."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._failure or self._stopping, max(timeout_s, 0.0))
            if self._frames:
                return self._frames.popleft()
            if self._failure:
                raise self._failure
            return None

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._keep(self._read())
        except Exception as error:  # noqa: BLE001 - the thread's top: `next` raises it where it is handled
            with self._changed:
                self._failure = error
                self._changed.notify_all()
        finally:
            self._source.release()

    def _read(self) -> Arrival:
        try:
            there, frame = self._source.read()
        except cv2.error as error:
            raise CameraLost(f"{self._name} sends frames that cannot be read.") from error
        if not there:
            raise CameraLost(f"{self._name} sends no more frames.")
        return Arrival(np.asarray(frame, np.uint8), self._clock())

    def _keep(self, arrival: Arrival) -> None:
        with self._changed:
            if self._on_trigger and not self._wanted:
                return
            self._wanted = max(self._wanted - 1, 0)
            self._frames.append(arrival)
            if len(self._frames) > self._depth:
                dropped, follower = self._frames.popleft(), self._frames.popleft()
                self._frames.appendleft(replace(follower, skipped=dropped.skipped + 1))
            self._changed.notify_all()
