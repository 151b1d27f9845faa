"""The only place where the station's threads and the window meet.

The station calls `EventBridge.on_event` on its own threads. What happened is folded into one small `News` value and
handed to the window at most thirty times a second: a burst of events costs the window one call, and a stalled window
costs the station nothing and no memory.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from inspector_app.domain.control import ControlChange
from inspector_app.domain.events import (
    ControlChanged,
    FaultCleared,
    FaultRaised,
    FrameArrived,
    GuardTripped,
    InspectionRecorded,
    ModelNotAsNamed,
    ModelReady,
    PartDisposed,
    PictureLost,
    ReviewRequested,
    ServerChanged,
    StateChanged,
    StationEvent,
    VerdictRecorded,
    VerdictRetracted,
)


@dataclass(frozen=True, slots=True)
class News:
    """What has happened since the window was last told; holds no picture and nothing of a model.

    Attributes
    ----------
    recorded : int
        Parts recorded.
    log_changed : bool
        Something in the log is new (part, verdict, disposition).
    queue_changed : bool
        The parts that wait for a verdict may have changed.
    status_changed : bool
        State or faults of the station have changed.
    frame_arrived : bool
        A new picture is in the latest-picture slot.
    control : ControlChange or None
        The newest supervisor command, if any.
    lost : str or None
        Sentence about the newest picture that could not be kept, if any.
    """

    recorded: int = 0
    log_changed: bool = False
    queue_changed: bool = False
    status_changed: bool = False
    frame_arrived: bool = False
    control: ControlChange | None = None
    lost: str | None = None


def folded(news: News, event: StationEvent) -> News:  # noqa: PLR0911 - one case an event
    """Return the news with one more event in it."""
    match event:
        case InspectionRecorded():
            return replace(news, recorded=news.recorded + 1, log_changed=True)
        case ReviewRequested():
            return replace(news, queue_changed=True)
        case VerdictRecorded() | VerdictRetracted() | PartDisposed():
            return replace(news, queue_changed=True, log_changed=True)
        case ControlChanged(change):
            return replace(news, control=change, status_changed=True)
        case (
            FaultRaised()
            | FaultCleared()
            | StateChanged()
            | ModelReady()
            | ModelNotAsNamed()
            | ServerChanged()
            | GuardTripped()
        ):
            return replace(news, status_changed=True)
        case FrameArrived():
            return replace(news, frame_arrived=True)
        case PictureLost(_, sentence):
            return replace(news, lost=sentence, log_changed=True)
        case _:
            return replace(news, log_changed=True)


class EventBridge(QObject):
    """Carries the station's events to the GUI thread.

    Parameters
    ----------
    interval_ms : int
        Least time between two deliveries.

    Signals
    -------
    news(News)
        On the GUI thread.
    """

    news = Signal(object)
    _woken = Signal()

    def __init__(self, interval_ms: int = 33) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._pending = News()
        self._wake_sent = False
        self._open = True
        self._interval_ms = interval_ms
        self._delivered_at = float("-inf")
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    def on_event(self, event: StationEvent) -> None:
        """Take an event (`OnEvent`); returns at once, from any thread, and never blocks on the window."""
        with self._lock:
            if not self._open:
                return
            self._pending = folded(self._pending, event)
            wake, self._wake_sent = not self._wake_sent, True
        if wake:
            self._woken.emit()

    def close(self) -> None:
        """Take no more events; idempotent. Call on the GUI thread."""
        with self._lock:
            self._open = False
        self._timer.stop()

    @Slot()
    def _on_woken(self) -> None:
        rest_ms = self._interval_ms - (monotonic() - self._delivered_at) * 1000.0
        if rest_ms <= 0:
            self._deliver()
        else:
            self._timer.start(int(rest_ms) + 1)

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            news, self._pending, self._wake_sent = self._pending, News(), False
            is_open = self._open
        self._delivered_at = monotonic()
        if is_open:
            self.news.emit(news)


class Wake(QObject):
    """Carries "look again" from any thread to the GUI thread, at most thirty times a second; the last one always comes.

    Parameters
    ----------
    interval_ms : int
        Time from a call to its delivery; calls in between are one.

    Signals
    -------
    woken()
        On the GUI thread.
    """

    woken = Signal()
    _called = Signal()

    def __init__(self, interval_ms: int = 33) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._pending = False
        self._timer = QTimer(self, singleShot=True, interval=interval_ms)
        self._timer.timeout.connect(self._deliver)
        self._called.connect(self._on_called, Qt.ConnectionType.QueuedConnection)

    def call(self) -> None:
        """Wake the window; returns at once, from any thread."""
        with self._lock:
            wake, self._pending = not self._pending, True
        if wake:
            self._called.emit()

    @Slot()
    def _on_called(self) -> None:
        self._timer.start()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            self._pending = False
        self.woken.emit()
