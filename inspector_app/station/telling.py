"""Telling the line, and getting it back when it is lost."""

from __future__ import annotations

import threading
import time
from enum import StrEnum
from typing import Final

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError
from inspector_app.domain.ports import Clock, LineMessage, LineOutput, LineTold
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.log_keeper import ToldLedger
from inspector_app.station.options import Backoff
from inspector_app.station.threads import ReportBug, Worker

_LOOK_S: Final = 1.0
_WAKE_S: Final = 0.1


class Telling(StrEnum):
    """What became of a message.

    ``TAKEN``: the line has it. ``NOT_SENT``: it certainly has not, so the message may be tried again. ``UNCERTAIN``:
    it failed on the way; repeating it could act on the wrong part, so it never is.
    """

    TAKEN = "taken"
    NOT_SENT = "not_sent"
    UNCERTAIN = "uncertain"


class LineTeller:
    """The line's only user; messages go out one after the other. Safe to use from several threads.

    A message that the line did not take leaves the part on hold there: silence means hold. A line that is lost is
    closed and opened on the thread ``line``, for some take long (an OPC UA server up to a minute): parts and verdicts
    wait for that no longer than ``patience_s`` in all, and go on without the line.

    Parameters
    ----------
    line : LineOutput
        Opened and closed on the thread ``line``.
    ledger : ToldLedger
        Gets what the line has taken.
    board, tally : StateBoard, Tally
        Faults and counts.
    clock : Clock
        UTC now.
    backoff : Backoff
        Pauses between attempts to open the line.
    patience_s : float
        How long one attempt to open it may hold up messages.
    on_bug : ReportBug
        Told of what nobody expected on the thread.
    """

    def __init__(
        self,
        line: LineOutput,
        ledger: ToldLedger,
        board: StateBoard,
        tally: Tally,
        clock: Clock,
        backoff: Backoff,
        patience_s: float,
        on_bug: ReportBug,
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._board = board
        self._tally = tally
        self._clock = clock
        self._backoff = backoff
        self._patience_s = patience_s
        self._on_bug = on_bug
        self._changed = threading.Condition()
        self._worker: Worker | None = None
        self._up = self._broken = False
        self._began: float | None = None
        self._attempts = 0
        self._failed = 0
        self._next_try = 0.0

    @property
    def name(self) -> str:
        """Display name of the line output."""
        return self._line.name

    def start(self, stop: threading.Event) -> None:
        """Start the thread that opens the line, and wait for its first attempt, or for ``stop``."""
        self._attempts = 0
        self._worker = Worker("line", self._keep_open, self._on_bug, self._wake)
        self._worker.start()
        with self._changed:
            while not (self._attempts or stop.is_set()):
                self._changed.wait(_LOOK_S)

    def tell(self, inspection_id: str, part_id: str, disposition: Disposition, *, first: bool = True) -> Telling:
        """Send one message about a part.

        ``first`` is False when it is sent again because it was certainly not sent before.
        """
        return self._send(inspection_id, part_id, disposition, first=first, was_held=False)

    def release(self, inspection_id: str, part_id: str, disposition: Disposition, *, first: bool = True) -> Telling:
        """Send what became of a part that was on hold, as `tell` does."""
        return self._send(inspection_id, part_id, disposition, first=first, was_held=True)

    def stop(self, deadline_s: float) -> bool:
        """Close the line and end the thread; False if opening or closing has not ended within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def _send(
        self, inspection_id: str, part_id: str, disposition: Disposition, *, first: bool, was_held: bool
    ) -> Telling:
        with self._changed:
            if not self._reachable():
                self._tally.add(line_failures=first)
                return Telling.NOT_SENT
            now = self._clock()
            try:
                self._line.tell(LineMessage(inspection_id, part_id, disposition, now, was_held))
            except LineError as fault:
                self._up, self._broken = False, True
                self._lose(fault)
                self._tally.add(line_failures=first)
                self._reachable()  # the thread closes the line now, which switches outputs off where there are any
                return Telling.UNCERTAIN
            self._ledger.add(LineTold(inspection_id, disposition, now))
            self._failed = 0
            return Telling.TAKEN

    def _reachable(self) -> bool:
        """Return True if the line is open; a turn of the thread that is due or under way is waited for a little."""
        if self._up:
            return True
        now = time.monotonic()
        if self._began is None and not self._broken and now < self._next_try:
            return False
        self._changed.notify_all()
        turn = self._attempts
        until = (now if self._began is None else self._began) + self._patience_s
        self._changed.wait_for(lambda: self._up or self._attempts != turn, max(0.0, until - now))
        return self._up

    def _wake(self) -> None:
        # A message that hangs in the line has the lock; the thread then looks by itself.
        if self._changed.acquire(timeout=_WAKE_S):
            self._changed.notify_all()
            self._changed.release()

    def _keep_open(self, stop: threading.Event) -> None:
        """Body of the thread: close a line that failed, open one that is closed when its pause is over."""
        try:
            while self._wait_for_work(stop):
                try:
                    self._take_turn()
                finally:
                    with self._changed:
                        self._began = None
                        self._attempts += 1
                        self._changed.notify_all()
        finally:
            with self._changed:
                self._up = self._broken = False
                self._failed, self._next_try = 0, 0.0
            self._line.close()

    def _take_turn(self) -> None:
        """Close or open the line; nobody else uses it meanwhile, for it is not up."""
        if self._broken:
            self._line.close()
            self._broken = False
            return
        fault = self._open()
        with self._changed:
            if fault is not None:
                self._lose(fault)
                return
            # The pauses go on growing until a message gets through, for a line that opens but takes none.
            self._up = True
            self._board.clear_fault(FaultKind.LINE_LOST)

    def _wait_for_work(self, stop: threading.Event) -> bool:
        """Wait until the line is to be closed or opened; False when the thread is to end."""
        with self._changed:
            while not stop.is_set():
                now = time.monotonic()
                if self._broken or (not self._up and now >= self._next_try):
                    self._began = now
                    return True
                self._changed.wait(_LOOK_S if self._up else min(_LOOK_S, self._next_try - now))
            return False

    def _open(self) -> LineError | None:
        try:
            self._line.open()
        except LineError as fault:
            self._line.close()
            return fault
        return None

    def _lose(self, fault: LineError) -> None:
        self._next_try = time.monotonic() + self._backoff.delay_s(self._failed)
        self._failed += 1
        self._board.raise_fault(FaultKind.LINE_LOST, str(fault))
