"""The inspection thread: takes each part from the frame queue to the line, and seeded parts among them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.events import FrameArrived, StationEvent
from inspector_app.domain.frame import Capture
from inspector_app.domain.ports import Clock
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import Life, StateBoard
from inspector_app.station.buffers import FrameQueue, LatestSlot, QueueMark
from inspector_app.station.opening import Opening
from inspector_app.station.options import StationOptions
from inspector_app.station.pipeline import Pipeline
from inspector_app.station.seeding import Planted, Seeder
from inspector_app.station.telling import LineTeller
from inspector_app.station.threads import ReportBug, Worker

_log = logging.getLogger(__name__)

THREAD = "inspection"
"""Name of the thread."""


class InspectionLoop:
    """Inspects the parts that the camera has queued, on a thread of its own, until the queue is closed and empty.

    Parameters
    ----------
    opening : Opening
        What comes before the first part.
    frames, latest : FrameQueue, LatestSlot
        Where parts come from, and where a seeded one is shown like any other.
    pipeline, seeder : Pipeline, Seeder
        The way of a part; which known defects come in between.
    teller : LineTeller
        The line, connected before the first part.
    board : StateBoard
        State and faults.
    exhausted : callable
        True while no more pictures will come.
    tell : callable
        Told that a picture is in the slot.
    clock : Clock
        UTC now.
    options : StationOptions
        Waits.
    on_bug : ReportBug
        The thread's top boundary.
    """

    def __init__(
        self,
        *,
        opening: Opening,
        frames: FrameQueue,
        latest: LatestSlot,
        pipeline: Pipeline,
        seeder: Seeder,
        teller: LineTeller,
        board: StateBoard,
        exhausted: Callable[[], bool],
        tell: Callable[[StationEvent], None],
        clock: Clock,
        options: StationOptions,
        on_bug: ReportBug,
    ) -> None:
        self._opening = opening
        self._frames = frames
        self._latest = latest
        self._pipeline = pipeline
        self._seeder = seeder
        self._teller = teller
        self._board = board
        self._exhausted = exhausted
        self._tell = tell
        self._clock = clock
        self._options = options
        self._on_bug = on_bug
        self._worker: Worker | None = None
        self._in_hand: Capture | None = None

    def start(self) -> None:
        """Start the thread."""
        self._worker = Worker(THREAD, self._work, self._on_bug)
        self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """End the thread once the queue is closed and empty; False if it has not within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def take_in_hand(self) -> Capture | None:
        """Return, once, the part that the log did not take before the stop; only after the thread has ended."""
        capture, self._in_hand = self._in_hand, None
        return capture

    def _work(self, stop: threading.Event) -> None:
        if not self._opening.open(stop):
            return
        self._teller.start(stop)
        self._board.set_life(Life.UP)
        while not self._board.lasts(FaultKind.BUG):
            item = self._frames.take(self._seeder.wait_s(self._options.grab_timeout_s))
            if isinstance(item, QueueMark):
                self._board.clear_fault(FaultKind.QUEUE_OVERFLOW)
                if self._frames.drained:
                    return
                self._inspect_seed(self._seeder.due(None if item is QueueMark.END else self._clock()), stop)
                if item is QueueMark.END:
                    self._board.set_finished(self._exhausted)
                continue
            self._in_hand = item
            named = self._pipeline.identified(item)
            self._inspect_seed(self._seeder.due(item.captured_at), stop)
            if not self._inspect(named, stop):
                return

    def _inspect(self, capture: Capture, stop: threading.Event) -> bool:
        """Take one part all the way; False if the log was away until the stop, so that it stays in hand."""
        began = time.monotonic()
        try:
            inspection = self._pipeline.commit(capture, stop)
        except LogUnavailable:
            return False
        # From here on it is in the log; before, it stays in hand for the record of what the stop left over.
        self._in_hand = None
        try:
            self._pipeline.act(inspection, capture, began, stop)
        except LogUnavailable as fault:
            _log.warning("part %s is left to the next start: %s", inspection.part_id, fault)
        self._seeder.follow(inspection, capture)
        return True

    def _inspect_seed(self, planted: Planted | None, stop: threading.Event) -> None:
        """Take a seeded part the way of all parts; one that the log does not take before the stop never was."""
        if planted is None:
            return
        began, capture = time.monotonic(), planted.frame
        self._latest.publish(capture)
        self._tell(FrameArrived())
        try:
            inspection = self._pipeline.commit(capture, stop, planted.seed)
            self._seeder.recorded(planted.seed)
            self._pipeline.act(inspection, capture, began, stop)
        except LogUnavailable as fault:
            _log.warning("a part is left to the next start: %s", fault)
