"""The two channels that leave the camera thread: one loses nothing, one keeps only the newest."""

from __future__ import annotations

import threading
from collections import deque
from enum import Enum
from typing import Literal

from inspector_app.domain.frame import Capture, Frame, PictureProblem, UnusableFrame


class QueueMark(Enum):
    """What a frame queue may return in place of a capture."""

    EMPTY = "empty"
    END = "end"


class FrameQueue:
    """Bounded first-in first-out queue of captures between camera and inspection; it drops nothing.

    Only pictures take room; unusable frames hold no pixels and have their own, larger bound.

    Parameters
    ----------
    room : int
        Pictures that may wait.
    marker_room : int
        Captures without a picture that may wait besides.
    """

    def __init__(self, room: int, marker_room: int) -> None:
        self._room = room
        self._marker_room = marker_room
        self._changed = threading.Condition()
        self._items: deque[Capture | Literal[QueueMark.END]] = deque()
        self._pictures = 0
        self._closed = False

    def __len__(self) -> int:
        """Return the number of captures that wait."""
        with self._changed:
            return sum(item is not QueueMark.END for item in self._items)

    def put(self, capture: Capture, wait_s: float) -> bool:
        """Append a capture, waiting at most ``wait_s`` for room; False if there was none."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._fits(capture), wait_s):
                return False
            self._append(capture)
            return True

    def force(self, capture: Capture) -> None:
        """Append a capture beyond the bound: the one that is in hand when the camera stops."""
        with self._changed:
            self._append(capture)

    def put_end(self) -> None:
        """Mark that no capture follows for now."""
        with self._changed:
            self._items.append(QueueMark.END)
            self._changed.notify_all()

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until another picture would fit; False if it does not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pictures < self._room, timeout_s)

    def take(self, timeout_s: float) -> Capture | QueueMark:
        """Return the oldest capture, ``END`` at an end mark or when closed and drained, ``EMPTY`` if none came."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if not self._items:
                return QueueMark.END if self._closed else QueueMark.EMPTY
            item = self._items.popleft()
            if isinstance(item, Frame):
                self._pictures -= 1
            self._changed.notify_all()
            return item

    @property
    def drained(self) -> bool:
        """True when it is closed and nothing waits any more."""
        with self._changed:
            return self._closed and not self._items

    def close(self) -> None:
        """Say that nothing will be put any more; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def reopen(self) -> None:
        """Make it usable again after `close`."""
        with self._changed:
            self._closed = False

    def remove_all(self) -> tuple[Capture, ...]:
        """Take everything out at once."""
        with self._changed:
            left = tuple(item for item in self._items if not isinstance(item, QueueMark))
            self._items.clear()
            self._pictures = 0
            self._changed.notify_all()
            return left

    def _fits(self, capture: Capture) -> bool:
        if isinstance(capture, Frame):
            return self._pictures < self._room
        return len(self._items) - self._pictures < self._marker_room

    def _append(self, capture: Capture) -> None:
        self._items.append(capture)
        self._pictures += isinstance(capture, Frame)
        self._changed.notify_all()


def overflow_of(capture: Capture) -> UnusableFrame:
    """Return the part of a capture whose picture found no room; an unusable capture keeps its own problem."""
    if isinstance(capture, UnusableFrame):
        return capture
    return UnusableFrame(
        problem=PictureProblem.OVERFLOW,
        sentence="The inspection could not keep up with the camera, so this picture was dropped.",
        captured_at=capture.captured_at,
        source=capture.source,
        sequence=capture.sequence,
        skipped=capture.skipped,
        name=capture.name,
        path=capture.path,
        reference=capture.reference,
    )


class LatestSlot:
    """One place for the newest picture; each new one replaces the last. Safe from any thread."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def publish(self, frame: Frame) -> None:
        """Put the newest picture in."""
        self._frame = frame

    def latest(self) -> Frame | None:
        """Return the newest picture, ``None`` before the first."""
        return self._frame
