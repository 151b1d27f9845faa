"""Writing to a log that may be away for a while."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.ports import Clock, InspectionLog, LineTold
from inspector_app.station.board import LOG_FAULTS, StateBoard, log_fault
from inspector_app.station.options import Backoff

T = TypeVar("T")

_INCIDENTS_KEPT = 1000


class LogKeeper:
    """Repeats a write until the log takes it, and keeps the station's log fault up to date.

    Safe to use from several threads; each brings its own stop event.
    """

    def __init__(self, board: StateBoard, backoff: Backoff) -> None:
        self._board = board
        self._backoff = backoff

    def insist(self, access: Callable[[], T], stop: threading.Event) -> T:
        """Return what ``access`` returns as soon as the log allows it.

        Raises
        ------
        LogUnavailable
            If the log is still away at the last attempt, once ``stop`` is set.
        """
        attempt = 0
        while True:
            try:
                return self.attempt(access)
            except LogUnavailable:
                if stop.is_set():
                    raise
                stop.wait(self._backoff.delay_s(attempt))
                attempt += 1

    def attempt(self, access: Callable[[], T]) -> T:
        """Return what ``access`` returns; a `LogUnavailable` raises the station's fault and is passed on."""
        try:
            result = access()
        except LogUnavailable as fault:
            self._board.raise_fault(log_fault(fault.problem), str(fault))
            raise
        self._board.clear_fault(*LOG_FAULTS)
        return result


class IncidentBook:
    """Incidents on their way to the log; the oldest give way if the log is away for very long.

    Noting is quick and never fails, so that any thread may note what it met.
    """

    def __init__(self, log: InspectionLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: deque[tuple[str, str, datetime]] = deque(maxlen=_INCIDENTS_KEPT)

    def note(self, kind: str, sentence: str) -> None:
        """Keep an incident for the log."""
        with self._lock:
            self._noted.append((kind, sentence, self._clock()))

    @property
    def noted(self) -> int:
        """Number of incidents that are not in the log yet."""
        return len(self._noted)

    def write_out(self) -> None:
        """Commit what was noted; `LogUnavailable` leaves the rest noted."""
        with self._lock:
            noted = list(self._noted)
        for incident in noted:
            self._log.record_incident(*incident)
            with self._lock:
                if self._noted and self._noted[0] is incident:
                    self._noted.popleft()


class ToldLedger:
    """What the line has taken and the log does not know yet. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: list[LineTold] = []

    def add(self, told: LineTold) -> None:
        """Keep one message that the line has taken."""
        with self._lock:
            self._told.append(told)

    def commit_with(self, write: Callable[[tuple[LineTold, ...]], None]) -> None:
        """Call ``write`` with all that is kept; if it raises, all of it is kept again."""
        with self._lock:
            told, self._told = tuple(self._told), []
        written = False
        try:
            write(told)
            written = True
        finally:
            if not written:
                with self._lock:
                    self._told = [*told, *self._told]

    def oldest_at(self) -> datetime | None:
        """Return when the line took the oldest message that is kept, ``None`` if none is."""
        with self._lock:
            return self._told[0].at if self._told else None
