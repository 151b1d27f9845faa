"""Telling the line, and getting it back when it is lost."""

from __future__ import annotations

import threading
import time
from enum import StrEnum

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError
from inspector_app.domain.ports import Clock, LineMessage, LineOutput, LineTold
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.log_keeper import ToldLedger
from inspector_app.station.options import Backoff


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

    A message that the line did not take leaves the part on hold there: silence means hold.
    """

    def __init__(
        self, line: LineOutput, ledger: ToldLedger, board: StateBoard, tally: Tally, clock: Clock, backoff: Backoff
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._board = board
        self._tally = tally
        self._clock = clock
        self._backoff = backoff
        self._lock = threading.Lock()
        self._up = False
        self._attempt = 0
        self._next_try = 0.0

    @property
    def name(self) -> str:
        """Display name of the line output."""
        return self._line.name

    def connect(self) -> bool:
        """Open the line if it is not open and an attempt is due; True if it is open."""
        with self._lock:
            return self._connect()

    def tell(self, inspection_id: str, part_id: str, disposition: Disposition, *, first: bool = True) -> Telling:
        """Send one message; ``first`` is False when it is sent again because it was certainly not sent before."""
        with self._lock:
            if not self._connect():
                self._tally.add(line_failures=first)
                return Telling.NOT_SENT
            now = self._clock()
            try:
                self._line.tell(LineMessage(inspection_id, part_id, disposition, now))
            except LineError as fault:
                self._lose(fault)
                self._tally.add(line_failures=first)
                return Telling.UNCERTAIN
            self._ledger.add(LineTold(inspection_id, disposition, now))
            self._attempt = 0
            return Telling.TAKEN

    def close(self) -> None:
        """Release the line; idempotent."""
        with self._lock:
            self._line.close()
            self._up = False
            self._attempt = 0
            self._next_try = 0.0

    def _connect(self) -> bool:
        if self._up:
            return True
        if time.monotonic() < self._next_try:
            return False
        try:
            self._line.open()
        except LineError as fault:
            self._lose(fault)
            return False
        # The pauses go on growing until a message gets through, for a line that opens but takes none.
        self._up = True
        self._board.clear_fault(FaultKind.LINE_LOST)
        return True

    def _lose(self, fault: LineError) -> None:
        self._line.close()
        self._up = False
        self._next_try = time.monotonic() + self._backoff.delay_s(self._attempt)
        self._attempt += 1
        self._board.raise_fault(FaultKind.LINE_LOST, str(fault))
