"""Names for parts, inspections and verdicts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from inspector_app.domain.ids import uuid7
from inspector_app.domain.ports import Clock

RandomBits = Callable[[int], int]
"""Returns an integer of that many random bits, for example `secrets.randbits`."""

_RANDOM_BITS = 74


class TimeOrderedIds:
    """UUIDv7 identities that strictly increase within a process, even in one millisecond or when the clock steps back.

    Safe to call from several threads.
    """

    def __init__(self, clock: Clock, random_bits: RandomBits) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self) -> str:
        """Return the next identity."""
        unix_ms = int(self._clock().timestamp() * 1000)
        with self._lock:
            last_ms, last_bits = self._last
            if unix_ms > last_ms:
                # The top bit stays free so that counting up within a millisecond cannot run over.
                self._last = (unix_ms, self._random_bits(_RANDOM_BITS - 1))
            else:
                self._last = (last_ms, last_bits + 1)
            return uuid7(*self._last)


class PartNumbers:
    """Part ids for sources that do not name their parts; used by one thread.

    The capture time is part of the id, so that numbers do not return after a restart.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._count = 0

    def part_id(self, name: str | None, captured_at: datetime) -> str:
        """Return the source's own name of the part, or else ``PREFIX20260131-235959-00001``."""
        if name:
            return name
        self._count += 1
        return f"{self._prefix}{captured_at:%Y%m%d-%H%M%S}-{self._count:05d}"
