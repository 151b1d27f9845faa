"""The parts that wait for an inspector, in the order in which they are to be looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.errors import VerdictRefused
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """One part that waits.

    Attributes
    ----------
    inspection : Inspection
        As committed.
    item : ReviewItem
        What the inspector is shown next.
    appears_at : float
        ``time.monotonic()`` from which on it is shown.
    unsure : Verdict or None
        The last verdict on it if that was unsure; it then waits aside for somebody else.
    """

    inspection: Inspection
    item: ReviewItem
    appears_at: float = 0.0
    unsure: Verdict | None = None


class WaitingParts:
    """First-in first-out queue with a place in front for parts that come back, and a place aside for unsure ones.

    Safe to use from several threads; nothing in it waits for log or line.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: OrderedDict[str, WaitingPart] = OrderedDict()
        self._aside: dict[str, WaitingPart] = {}
        self._hidden: list[str] = []
        self._claimed: set[str] = set()

    def __len__(self) -> int:
        """Return the number of parts that are shown: a count that ran ahead would tell when the model was done."""
        with self._lock:
            return len(self._queue) - len(self._hidden)

    def items(self) -> tuple[ReviewItem, ...]:
        """Return what is to be looked at, first one first."""
        with self._lock:
            hidden = set(self._hidden)
            return tuple(part.item for key, part in self._queue.items() if key not in hidden)

    def oldest_audit(self) -> datetime | None:
        """Return when the oldest audit without an answer was captured (UTC), ``None`` if none waits."""
        with self._lock:
            parts = [part.inspection for part in (*self._queue.values(), *self._aside.values())]
            audits = [part for part in parts if part.seed is None and part.decision.audit is not None]
            drawn = (
                part.captured_at for part in audits if part.decision.audit is not None and part.decision.audit.drawn
            )
            return min(drawn, default=None)

    def find(self, inspection_id: str) -> WaitingPart | None:
        """Return a part that waits, in the queue or aside."""
        with self._lock:
            return self._queue.get(inspection_id) or self._aside.get(inspection_id)

    def add(self, part: WaitingPart, *, hidden: bool) -> None:
        """Append a part; a hidden one is shown by `show_due`."""
        key = part.inspection.inspection_id
        with self._lock:
            self._queue[key] = part
            if hidden:
                self._hidden.append(key)

    def show_due(self, now: float) -> tuple[str, ...]:
        """Show the hidden parts whose time has come and return their inspection ids in order."""
        with self._lock:
            due = tuple(key for key in self._hidden if self._queue[key].appears_at <= now)
            self._hidden = [key for key in self._hidden if self._queue[key].appears_at > now]
            return due

    def next_due(self) -> float | None:
        """Return the ``time.monotonic()`` at which the next hidden part is to be shown, ``None`` if none is hidden."""
        with self._lock:
            return min((self._queue[key].appears_at for key in self._hidden), default=None)

    def claim(self, inspection_id: str) -> WaitingPart:
        """Take a part in hand, so that nobody else gives a verdict on it meanwhile; it keeps its place.

        Raises
        ------
        VerdictRefused
            If it does not wait, or somebody else has it in hand.
        """
        with self._lock:
            part = self._queue.get(inspection_id) or self._aside.get(inspection_id)
            if part is None:
                raise VerdictRefused("This part does not wait for a verdict.")
            if inspection_id in self._claimed:
                raise VerdictRefused("Somebody else is giving a verdict on this part.")
            self._claimed.add(inspection_id)
            return part

    def unclaim(self, inspection_id: str) -> None:
        """Let go of a part in hand; it waits as before."""
        with self._lock:
            self._claimed.discard(inspection_id)

    def put_first(self, part: WaitingPart) -> None:
        """Let a part wait in front of all others, or aside if somebody was unsure about it."""
        key = part.inspection.inspection_id
        with self._lock:
            self._forget(key)
            if part.unsure is not None:
                self._aside[key] = part
                return
            self._queue[key] = part
            self._queue.move_to_end(key, last=False)

    def put_aside(self, part: WaitingPart) -> None:
        """Let a part wait aside for somebody other than who was unsure."""
        key = part.inspection.inspection_id
        with self._lock:
            self._forget(key)
            self._aside[key] = part

    def remove(self, inspection_id: str) -> None:
        """Take a part out: it is done."""
        with self._lock:
            self._forget(inspection_id)

    def clear(self) -> None:
        """Take all parts out (they are in the log)."""
        with self._lock:
            self._queue.clear()
            self._aside.clear()
            self._hidden.clear()
            self._claimed.clear()

    def _forget(self, key: str) -> None:
        self._queue.pop(key, None)
        self._aside.pop(key, None)
        self._claimed.discard(key)
        if key in self._hidden:
            self._hidden.remove(key)
