"""Verdicts on their way to the line: each waits for its undo window, then the line is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from inspector_app.domain.decision import Disposition
from inspector_app.domain.events import PartDisposed, StationEvent
from inspector_app.domain.verdict import Verdict
from inspector_app.station.board import Tally
from inspector_app.station.options import Backoff
from inspector_app.station.telling import LineTeller, Telling
from inspector_app.station.waiting import WaitingPart


@dataclass(frozen=True, slots=True)
class Release:
    """A final verdict whose consequence the line has not heard yet.

    Attributes
    ----------
    verdict : Verdict
        As recorded.
    part : WaitingPart
        As it waited before the verdict, for an undo.
    disposition : Disposition
        What the verdict does to the part.
    due : float
        ``time.monotonic()`` at which the line is told.
    attempt : int
        Times that the line was not there when it was due.
    """

    verdict: Verdict
    part: WaitingPart
    disposition: Disposition
    due: float
    attempt: int = 0

    @property
    def changes_line(self) -> bool:
        """True if the line is to hear of it: it still holds the part, and the verdict ends that. Never of a seed."""
        held = self.part.inspection.decision.disposition is Disposition.HOLD
        return self.part.inspection.seed is None and held and self.disposition is not Disposition.HOLD


class Releases:
    """The verdicts that may still be undone, and those that the lost line has yet to hear of.

    Safe to use from several threads. A release is claimed by exactly one of an undo and the line.
    """

    def __init__(
        self, teller: LineTeller, tally: Tally, tell: Callable[[StationEvent], None], backoff: Backoff
    ) -> None:
        self._teller = teller
        self._tally = tally
        self._tell = tell
        self._backoff = backoff
        self._changed = threading.Condition()
        self._pending: dict[str, Release] = {}

    def schedule(self, release: Release) -> None:
        """Keep a release until it is due."""
        with self._changed:
            self._pending[release.verdict.verdict_id] = release
            self._changed.notify_all()

    def claim(self, verdict_id: str) -> Release | None:
        """Take a release out so that the line will not hear of it; ``None`` if it is too late."""
        with self._changed:
            release = self._pending.get(verdict_id)
            if release is None or release.attempt > 0:
                return None
            return self._pending.pop(verdict_id)

    def can_be_undone(self, inspection_id: str) -> bool:
        """Return True while a verdict on a part may still be undone."""
        with self._changed:
            return any(
                release.part.inspection.inspection_id == inspection_id and release.attempt == 0
                for release in self._pending.values()
            )

    def wait(self, timeout_s: Callable[[], float], ended: Callable[[], bool]) -> None:
        """Wait until something is scheduled, `wake` is called or the time is over.

        ``timeout_s`` is asked under the lock that `wake` takes, so that nothing is overlooked in between.
        """
        with self._changed:
            due = min((release.due for release in self._pending.values()), default=None)
            left = timeout_s() if due is None else min(timeout_s(), due - time.monotonic())
            if left > 0.0 and not ended():
                self._changed.wait(left)

    def wake(self) -> None:
        """End a `wait`."""
        with self._changed:
            self._changed.notify_all()

    def release_due(self, now: float) -> None:
        """Tell the line of every verdict that is due; one that it cannot hear now is kept for later."""
        with self._changed:
            due = [release for release in self._pending.values() if release.due <= now]
            for release in due:
                del self._pending[release.verdict.verdict_id]
        for release in due:
            if not self._release(release):
                self.schedule(
                    replace(release, due=now + self._backoff.delay_s(release.attempt), attempt=release.attempt + 1)
                )

    def release_all(self) -> None:
        """Tell the line of every verdict now; what it does not take stays known to the log as not told."""
        with self._changed:
            releases = list(self._pending.values())
            self._pending.clear()
        for release in releases:
            self._release(release)

    def _release(self, release: Release) -> bool:
        """Tell the line if it must hear of the verdict; False if it certainly has not heard."""
        if not release.changes_line:
            return True
        inspection = release.part.inspection
        first = release.attempt == 0
        telling = self._teller.release(inspection.inspection_id, inspection.part_id, release.disposition, first=first)
        if telling is Telling.NOT_SENT:
            return False
        if telling is Telling.TAKEN:
            self._tally.add(**{f"{release.disposition}ed": 1})
            self._tell(PartDisposed(inspection.inspection_id, release.disposition))
        return True
