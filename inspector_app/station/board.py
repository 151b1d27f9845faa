"""The station's state, faults and counts: one place, one lock, derived and never contradictory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum

from inspector_app.domain.errors import LogProblem
from inspector_app.domain.events import FaultCleared, FaultRaised, StateChanged, StationEvent
from inspector_app.domain.ports import Clock
from inspector_app.domain.status import Fault, FaultKind, StationCounts, StationState

LOG_FAULTS = frozenset({FaultKind.DISK_FULL, FaultKind.LOG_READ_ONLY, FaultKind.LOG_UNAVAILABLE})
"""The faults that end with the next successful write to the log."""

_LOG_FAULT = {LogProblem.DISK_FULL: FaultKind.DISK_FULL, LogProblem.READ_ONLY: FaultKind.LOG_READ_ONLY}

NoteIncident = Callable[[str, str], None]
"""Keeps an incident (kind, sentence) for the log; returns at once."""


def log_fault(problem: LogProblem) -> FaultKind:
    """Return the station's fault for a problem of the log."""
    return _LOG_FAULT.get(problem, FaultKind.LOG_UNAVAILABLE)


class Life(StrEnum):
    """What `start` and `stop` have brought about."""

    STOPPED = "stopped"
    STARTING = "starting"
    UP = "up"
    STOPPING = "stopping"


def derive_state(life: Life, *, paused: bool, finished: bool, faults: Iterable[FaultKind]) -> StationState:
    """Return the state that these facts amount to.

    A fault that stops parts outranks pause and finish: as soon as it is cleared the station is again what it was.
    """
    if life is Life.STOPPED:
        return StationState.STOPPED
    if life is Life.STOPPING:
        return StationState.STOPPING
    if any(kind.stops_parts for kind in faults):
        return StationState.FAULTED
    if life is Life.STARTING:
        return StationState.STARTING
    if finished:
        return StationState.FINISHED
    return StationState.PAUSED if paused else StationState.RUNNING


class StateBoard:
    """Facts about the station, and the state derived from them.

    Changes are announced in the order in which they happened; reading never waits for a listener.
    Safe to use from several threads.
    """

    def __init__(self, clock: Clock, tell: Callable[[StationEvent], None], note: NoteIncident) -> None:
        self._clock = clock
        self._tell = tell
        self._note = note
        self._order = threading.RLock()
        self._changed = threading.Condition()
        self._life = Life.STOPPED
        self._paused = False
        self._finished = False
        self._faults: dict[FaultKind, Fault] = {}
        self._state = StationState.STOPPED

    @property
    def state(self) -> StationState:
        """The state now."""
        return self._state

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Lasting faults, oldest first."""
        with self._changed:
            return tuple(self._faults.values())

    @property
    def holds_parts(self) -> bool:
        """True while a fault lasts that stops parts."""
        with self._changed:
            return any(kind.stops_parts for kind in self._faults)

    @property
    def paused(self) -> bool:
        """True between `pause` and `resume`."""
        return self._paused

    @property
    def finished(self) -> bool:
        """True when no more pictures will come."""
        return self._finished

    def lasts(self, kind: FaultKind) -> bool:
        """Return True while a fault of this kind lasts."""
        return kind in self._faults

    def set_life(self, life: Life) -> None:
        """Set what start and stop have brought about."""
        with self._order:
            self._life = life
            self._derive()

    def set_paused(self, paused: bool) -> None:
        """Set or end the pause."""
        with self._order:
            self._paused = paused
            self._derive()

    def set_finished(self, finished: Callable[[], bool]) -> None:
        """Say whether more pictures will come; asked under the lock, so that the last word is the newest."""
        with self._order:
            self._finished = finished()
            self._derive()

    def raise_fault(self, kind: FaultKind, sentence: str) -> None:
        """Begin a fault; nothing happens if one of this kind lasts already."""
        with self._order:
            if kind in self._faults:
                return
            fault = Fault(kind, sentence, self._clock())
            with self._changed:
                self._faults[kind] = fault
            self._note("fault_raised", f"{kind}: {sentence}")
            self._tell(FaultRaised(fault))
            self._derive()

    def clear_fault(self, *kinds: FaultKind) -> None:
        """End the faults of these kinds that last."""
        if not any(kind in self._faults for kind in kinds):
            return
        with self._order:
            for kind in kinds:
                with self._changed:
                    fault = self._faults.pop(kind, None)
                if fault is not None:
                    self._note("fault_cleared", f"{kind}: {fault.sentence}")
                    self._tell(FaultCleared(fault))
            self._derive()

    def wait_until(self, reached: Callable[[StationState], bool], timeout_s: float | None = None) -> bool:
        """Wait until the state fulfils a condition; False if it did not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: reached(self._state), timeout_s)

    def _derive(self) -> None:
        after = derive_state(self._life, paused=self._paused, finished=self._finished, faults=self._faults)
        before = self._state
        if after is before:
            return
        with self._changed:
            self._state = after
            self._changed.notify_all()
        self._tell(StateChanged(before, after))


class Tally:
    """`StationCounts` that several threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = StationCounts()

    @property
    def counts(self) -> StationCounts:
        """The counts now."""
        return self._counts

    def add(self, **increments: int) -> None:
        """Add to the named counts."""
        with self._lock:
            now = self._counts
            self._counts = replace(now, **{name: getattr(now, name) + by for name, by in increments.items()})
