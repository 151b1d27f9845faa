"""When the next picture of a source without a clock of its own is due: at a rate, or on a software trigger."""

from __future__ import annotations

import threading
from collections.abc import Callable

from inspector_app.domain.ports import TriggerMode


class Pacer:
    """Waits until the next picture is due. `fire` and `stop` may come from other threads.

    Parameters
    ----------
    rate_hz : float or None
        Pictures per second in free run; ``None`` as fast as they are asked for.
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(self, rate_hz: float | None, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._rate_hz = rate_hz
        self._mode = TriggerMode.FREE_RUN
        self._due_at = monotonic()
        self._fired = 0
        self._running = False

    @property
    def mode(self) -> TriggerMode:
        """Free run or software trigger."""
        return self._mode

    @property
    def rate_hz(self) -> float | None:
        """Pictures per second in free run."""
        return self._rate_hz

    def start(self) -> None:
        """Begin; the first picture is due at once, triggers from before are forgotten."""
        with self._changed:
            self._running, self._fired, self._due_at = True, 0, self._monotonic()

    def stop(self) -> None:
        """End and wake who waits."""
        with self._changed:
            self._running = False
            self._changed.notify_all()

    def change(self, mode: TriggerMode, rate_hz: float | None) -> None:
        """Change mode and rate; triggers from before are forgotten."""
        with self._changed:
            self._mode, self._rate_hz, self._fired, self._due_at = mode, rate_hz, 0, self._monotonic()
            self._changed.notify_all()

    def fire(self) -> None:
        """Make one picture due."""
        with self._changed:
            self._fired += 1
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as a picture is due, False when the time is up or `stop` was called."""
        deadline = self._monotonic() + max(timeout_s, 0.0)
        with self._changed:
            while self._running:
                remaining = self._until_due()
                if remaining is not None and remaining <= 0:
                    return True
                left = deadline - self._monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left if remaining is None else min(left, remaining))
            return False

    def taken(self) -> None:
        """Count the due picture as delivered.

        A reader that is late is not hurried afterwards: what it missed is not made up for.
        """
        with self._changed:
            self._fired = max(self._fired - 1, 0)
            if self._rate_hz:
                self._due_at = max(self._due_at + 1 / self._rate_hz, self._monotonic())

    def _until_due(self) -> float | None:
        """Return the seconds until the next picture is due, ``None`` if nobody knows."""
        if self._mode is TriggerMode.SOFTWARE:
            return 0.0 if self._fired else None
        return self._due_at - self._monotonic() if self._rate_hz else 0.0
