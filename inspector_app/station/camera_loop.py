"""The camera's thread: grabs, keeps order, gets a lost camera back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from inspector_app.domain.errors import CameraError, EndOfPictures
from inspector_app.domain.events import FrameArrived, StationEvent
from inspector_app.domain.frame import Capture, Frame
from inspector_app.domain.ports import Camera, CameraControls, MissesParts
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.buffers import FrameQueue, LatestSlot, overflow_of
from inspector_app.station.options import StationOptions
from inspector_app.station.threads import ReportBug, Worker

THREAD = "camera"
"""Name of the thread."""


class CameraLoop:
    """Takes pictures from a camera into the frame queue and the latest slot, on a thread of its own.

    A lost camera is closed and opened again with growing pauses; the station goes on meanwhile. A live camera is
    closed during a pause, so that no stale picture is taken for a part after it; a source that delivers at our pace
    stays open and simply waits.

    Parameters
    ----------
    camera : Camera
        Used by this thread only.
    queue, slot : FrameQueue, LatestSlot
        Where pictures go.
    board, tally : StateBoard, Tally
        Faults and counts.
    tell : callable
        Told that a picture is in the slot.
    options : StationOptions
        Waits and back-offs.
    set_up : callable
        Returns something unless pictures are taken as the camera gives them; its settings then are told as well.
    on_bug : ReportBug
        The thread's top boundary.
    on_settings : callable
        Told how a live camera is set, each time that it is opened.
    report_bug : ReportBug
        Told of a bug in the camera's adapter, from which the loop recovers as from a lost camera.
    """

    def __init__(
        self,
        camera: Camera,
        queue: FrameQueue,
        slot: LatestSlot,
        board: StateBoard,
        tally: Tally,
        tell: Callable[[StationEvent], None],
        options: StationOptions,
        on_settings: Callable[[CameraControls], None],
        set_up: Callable[[], str | None],
        on_bug: ReportBug,
        report_bug: ReportBug,
    ) -> None:
        self._camera = camera
        self._queue = queue
        self._slot = slot
        self._board = board
        self._tally = tally
        self._tell = tell
        self._options = options
        self._on_settings = on_settings
        self._set_up = set_up
        self._on_bug = on_bug
        self._report_bug = report_bug
        self._patient = options.waits_for_us(camera.uri)
        self._gate = threading.Condition()
        self._limit: int | None = None
        self._grabbed = 0
        self._at_end = False
        self._open = False
        self._was_open = False
        self._failures = 0
        self._worker: Worker | None = None

    @property
    def exhausted(self) -> bool:
        """True while no more pictures will come: the source has ended or the limit is reached."""
        with self._gate:
            return self._at_end or (self._limit is not None and self._grabbed >= self._limit)

    def start(self) -> None:
        """Start the thread."""
        self._at_end = self._was_open = False
        self._failures = 0
        self._worker = Worker(THREAD, self._work, self._on_bug, self.wake)
        self._worker.start()

    def ask_stop(self) -> None:
        """Ask the thread to end; returns at once."""
        if self._worker is not None:
            self._worker.ask_stop()

    def stop(self, deadline_s: float) -> bool:
        """End the thread; False if the camera has not come back within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def wake(self) -> None:
        """Let the thread look again whether it is paused, stopped or at its limit."""
        with self._gate:
            self._gate.notify_all()

    def take_more(self, parts: int | None) -> None:
        """Take this many parts from now on, then no more until asked again; ``None``: all that come."""
        with self._gate:
            self._limit = None if parts is None else self._grabbed + parts
            self._gate.notify_all()

    def _work(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                if self._board.paused:
                    self._rest(stop)
                elif self.exhausted:
                    self._queue.put_end()
                    self._wait(stop, lambda: not self.exhausted)
                elif self._room_first():
                    self._turn(stop)
            self._take_missed(stop)
        finally:
            self._close()
            self._queue.close()

    def _wait(self, stop: threading.Event, until: Callable[[], bool]) -> None:
        with self._gate:
            self._gate.wait_for(lambda: stop.is_set() or until())

    def _rest(self, stop: threading.Event) -> None:
        """Wait out a pause."""
        if not self._patient:
            self._close()
            self._was_open = False
            self._take_missed(stop)
        self._wait(stop, lambda: not self._board.paused)

    def _room_first(self) -> bool:
        """Return True if a picture may be grabbed now; a source at our pace and a held station wait for room."""
        if self._patient or self._board.holds_parts:
            return self._queue.wait_for_room(self._options.grab_timeout_s)
        return True

    def _turn(self, stop: threading.Event) -> None:
        """Open the camera if it is not open, and grab once."""
        try:
            if not self._open:
                self._connect()
            capture = self._camera.grab(self._options.grab_timeout_s)
        except EndOfPictures:
            with self._gate:
                self._at_end = True
            return
        except CameraError as fault:
            self._lose(FaultKind.CAMERA_LOST, str(fault), stop)
            return
        except Exception as bug:  # noqa: BLE001  an adapter's bug must not end the station; it is reported
            self._report_bug(THREAD, bug)
            self._lose(FaultKind.CAMERA_BUG, f"The camera's driver failed with {type(bug).__name__}: {bug}", stop)
            return
        self._failures = 0
        self._board.clear_fault(FaultKind.CAMERA_LOST, FaultKind.CAMERA_BUG)
        if capture is not None:
            self._accept(capture, stop)

    def _connect(self) -> None:
        self._camera.open()
        self._open = True
        if self._was_open:
            self._tally.add(reconnects=1)
        self._was_open = True
        if not self._patient or self._set_up() is not None:
            self._on_settings(self._camera.configure(CameraControls()))

    def _lose(self, kind: FaultKind, sentence: str, stop: threading.Event) -> None:
        """Close, say so, and wait before the next attempt."""
        self._close()
        self._board.raise_fault(kind, sentence)
        self._take_missed(stop)
        stop.wait(self._options.camera_backoff.delay_s(self._failures))
        self._failures += 1

    def _take_missed(self, stop: threading.Event) -> None:
        """Queue the parts that the camera knows of and will not deliver by itself now."""
        for part in self._camera.missed_parts() if isinstance(self._camera, MissesParts) else ():
            self._accept(part, stop)

    def _close(self) -> None:
        self._open = False
        self._camera.close()

    def _accept(self, capture: Capture, stop: threading.Event) -> None:
        """Count a capture and queue it; nothing that was grabbed is dropped without a record."""
        with self._gate:
            self._grabbed += 1
        self._tally.add(captured=1, skipped_by_camera=capture.skipped)
        if isinstance(capture, Frame):
            self._slot.publish(capture)
            self._tell(FrameArrived())
        while not self._queue.put(capture, self._options.overflow_wait_s):
            if stop.is_set():
                self._queue.force(capture)
                return
            if not self._board.holds_parts:
                capture = self._overflow(capture)

    def _overflow(self, capture: Capture) -> Capture:
        if isinstance(capture, Frame):
            self._tally.add(overflowed=1)
            self._board.raise_fault(
                FaultKind.QUEUE_OVERFLOW, "Parts arrive faster than they can be inspected; pictures are dropped."
            )
        return overflow_of(capture)
