"""When a prediction server is asked and when it is left alone: a circuit breaker as a value.

``CLOSED`` asks the server. Too many bad answers open it: parts no longer pay for a server that does not answer. While
it is ``OPEN`` the server is tried in the background, at growing pauses; a good trial makes it ``HALF_OPEN``, enough
of them in a row close it. No part is used for a trial.

Time and randomness are arguments, so that every path can be tested and replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from inspector_app.station.options import BreakerLimits


class BreakerState(StrEnum):
    """Whether the server is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """One state of the breaker; each event returns the next one.

    Attributes
    ----------
    limits : BreakerLimits
        See there.
    state : BreakerState
        Whether the server is asked.
    recent : tuple of bool
        The last answers while closed, newest last; True: good.
    run : int
        Good answers in a row while closed, good trials in a row otherwise.
    attempt : int
        How long the next pause is, see `Backoff.delay_s`.
    probe_at : float or None
        When the next trial is due, s on the caller's monotonic clock; ``None`` while closed.
    """

    limits: BreakerLimits
    state: BreakerState
    recent: tuple[bool, ...] = ()
    run: int = 0
    attempt: int = 0
    probe_at: float | None = None

    @classmethod
    def untried(cls, limits: BreakerLimits, now: float) -> Breaker:
        """Return the breaker of a server that was never asked: open, and one good trial closes it."""
        return cls(limits, BreakerState.OPEN, run=limits.probes - 1, probe_at=now)

    @property
    def asks(self) -> bool:
        """True if parts are put to the server."""
        return self.state is BreakerState.CLOSED

    def answered(self) -> Breaker:
        """Return the state after a good answer in time."""
        if not self.asks:
            return self
        run = self.run + 1
        return replace(
            self, recent=self._with(good=True), run=run, attempt=0 if run >= self.limits.settled else self.attempt
        )

    def failed(self, now: float, u: float, *, decisive: bool) -> Breaker:
        """Return the state after a bad answer or none.

        Parameters
        ----------
        now : float
            s on the caller's monotonic clock.
        u : float
            Uniform on 0 … 1, jitters the pause.
        decisive : bool
            True: the connection is lost or another model is served, so that asking again is of no use.
        """
        if not self.asks:
            return self
        recent = self._with(good=False)
        if not decisive and recent.count(False) < self.limits.failures:
            return replace(self, recent=recent, run=0)
        return self._opened(now, u)

    def probed(self, now: float, u: float, *, good: bool) -> Breaker:
        """Return the state after a trial."""
        if self.asks:
            return self
        if not good:
            return self._opened(now, u)
        if self.run + 1 >= self.limits.probes:
            return Breaker(self.limits, BreakerState.CLOSED, attempt=self.attempt)
        probe_at = now + self._pause_s(0, u)
        return replace(self, state=BreakerState.HALF_OPEN, run=self.run + 1, probe_at=probe_at)

    def _with(self, *, good: bool) -> tuple[bool, ...]:
        return (*self.recent, good)[-self.limits.window :]

    def _opened(self, now: float, u: float) -> Breaker:
        probe_at = now + self._pause_s(self.attempt, u)
        return Breaker(self.limits, BreakerState.OPEN, attempt=self.attempt + 1, probe_at=probe_at)

    def _pause_s(self, attempt: int, u: float) -> float:
        return self.limits.backoff.delay_s(attempt) * (0.5 + u)
