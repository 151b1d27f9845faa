"""The inspector's desk: verdicts are logged first, can be undone for a while, and then reach the line."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import VerdictRefused
from inspector_app.domain.events import ReviewRequested, StationEvent, VerdictRecorded, VerdictRetracted
from inspector_app.domain.inspection import Inspection, LogEntry
from inspector_app.domain.ports import Clock, InspectionLog, LogReader
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind
from inspector_app.station.identities import TimeOrderedIds
from inspector_app.station.looks import (
    disposition_after,
    first_item,
    has_second_look,
    revealed_item,
    standing,
    verdict_kind,
)
from inspector_app.station.releases import Release, Releases
from inspector_app.station.waiting import WaitingPart, WaitingParts

_VERDICTS_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class _Given:
    """A verdict that its inspector may want to undo."""

    verdict: Verdict
    part_id: str
    revealed_model: bool
    left: LogEntry | None = None
    """The part as the third look found it, if it had left: nothing follows for it, and nothing waits to be told."""


class ReviewDesk:
    """Takes verdicts and undoes them. Safe to use from several threads; verdicts are taken one after the other.

    Parameters
    ----------
    log, reader : InspectionLog, LogReader
        Where verdicts are committed before anything else happens, and parts are looked up that do not wait.
    waiting : WaitingParts
        The queue.
    releases : Releases
        Takes final verdicts to the line.
    ids : TimeOrderedIds
        Names verdicts.
    clock : Clock
        UTC now.
    tell : callable
        Told what is in the log.
    undo_window_s : float
        How long a verdict may be undone.
    """

    def __init__(
        self,
        log: InspectionLog,
        reader: LogReader,
        waiting: WaitingParts,
        releases: Releases,
        ids: TimeOrderedIds,
        clock: Clock,
        tell: Callable[[StationEvent], None],
        undo_window_s: float,
    ) -> None:
        self._log = log
        self._reader = reader
        self._waiting = waiting
        self._releases = releases
        self._ids = ids
        self._clock = clock
        self._tell = tell
        self._undo_window_s = undo_window_s
        # Re-entrant, so that a listener to a verdict may give the next one.
        self._serial = threading.RLock()
        self._open = False
        self._given: defaultdict[str, deque[_Given]] = defaultdict(lambda: deque(maxlen=_VERDICTS_REMEMBERED))

    def open(self) -> None:
        """Begin to take verdicts."""
        with self._serial:
            self._open = True

    def close(self) -> None:
        """Take no more verdicts and undo none; returns when the one that is being recorded is done."""
        with self._serial:
            self._open = False
            self._given.clear()

    def request(self, inspection: Inspection, appears_at: float) -> None:
        """Let a committed part wait for an inspector, shown at ``appears_at`` (``time.monotonic()``)."""
        hidden = appears_at > time.monotonic()
        self._waiting.add(WaitingPart(inspection, first_item(inspection), appears_at), hidden=hidden)
        if hidden:
            self._releases.wake()
        else:
            self._tell(ReviewRequested(inspection.inspection_id))

    def adjudicate(self, inspection: Inspection) -> None:
        """Let a decided part on which two models differ be looked at, blind; nothing follows for the part."""
        self._waiting.add(WaitingPart(inspection, first_item(inspection)), hidden=False)
        self._tell(ReviewRequested(inspection.inspection_id))

    def show_due(self) -> None:
        """Show the parts whose time to appear has come."""
        for inspection_id in self._waiting.show_due(time.monotonic()):
            self._tell(ReviewRequested(inspection_id))

    def readmit(self, entry: LogEntry) -> None:
        """Let a part of an earlier run wait again, at the stage that its standing verdicts have reached."""
        inspection = entry.inspection
        given = standing(entry.verdicts)
        part = WaitingPart(inspection, first_item(inspection))
        if given and has_second_look(inspection):
            part = replace(part, item=revealed_item(inspection))
            given = given[1:]
        if given and given[-1].answer is Answer.UNSURE:
            self._waiting.put_aside(replace(part, unsure=given[-1]))
        else:
            self._waiting.add(part, hidden=False)

    def submit(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record a verdict and say what it led to; see `StationPort.submit`."""
        by = _checked(by, answer, classes, seconds)
        with self._serial:
            self._check_open()
            if self._waiting.find(inspection_id) is None:
                self._bring_back_unsure(inspection_id)
            part = self._waiting.claim(inspection_id)
            try:
                verdict = self._verdict(part, by, answer, classes, seconds)
                return self._record(part, verdict)
            finally:
                self._waiting.unclaim(inspection_id)

    def third_look(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record what somebody else says of a part; nothing follows for one that has left, see `StationPort`."""
        entry = self._reader.entry(inspection_id)
        if entry is not None and entry.disposition is Disposition.HOLD:
            return self.submit(inspection_id, by, answer, classes, seconds)
        by = _checked(by, answer, classes, seconds)
        with self._serial:
            self._check_open()
            given = () if entry is None else standing(entry.verdicts)
            if entry is None or not given or self._waiting.find(inspection_id) is not None:
                raise VerdictRefused("This part does not wait for a third look.")
            if by in {verdict.by for verdict in given}:
                raise VerdictRefused(f"{by} has judged this part already; somebody else takes the third look.")
            if self._releases.can_be_undone(inspection_id):
                raise VerdictRefused("This part was judged a moment ago and may still come back; look at it later.")
            verdict = Verdict(
                self._ids.new(), inspection_id, by, answer, VerdictKind.ADJUDICATION, classes, self._clock(), seconds
            )
            self._log.record_verdict(verdict, entry.disposition)
            self._given[by].append(_Given(verdict, entry.inspection.part_id, revealed_model=False, left=entry))
            self._tell(VerdictRecorded(verdict, entry.disposition))
            return VerdictOutcome(entry.disposition, None, self._undo_until(verdict))

    def undo(self, by: str, inspection_id: str | None = None) -> ReviewItem:
        """Retract this person's last verdict and return the part that waits again; see `StationPort.undo`."""
        by = by.strip()
        with self._serial:
            last = self._last_given(by, inspection_id)
            if last is None:
                raise VerdictRefused(f"There is no verdict of {by or 'nobody'} to undo.")
            if last.left is not None:
                self._retract_third_look(last, last.left)
                self._given[by].remove(last)
                return replace(first_item(last.left.inspection), model_view=None)
            if last.revealed_model:
                raise VerdictRefused(
                    f"The model was shown on part {last.part_id} after this verdict; give the second one instead."
                )
            release = self._releases.claim(last.verdict.verdict_id)
            if release is None:
                raise VerdictRefused(f"It is too late to undo the verdict on part {last.part_id}.")
            self._retract(release, by)
            self._given[by].remove(last)
            return release.part.item

    def _bring_back_unsure(self, inspection_id: str) -> None:
        """Let a part wait again about which somebody was unsure in an earlier run."""
        entry = self._reader.entry(inspection_id)
        given = () if entry is None else standing(entry.verdicts)
        if entry is not None and given and given[-1].answer is Answer.UNSURE and entry.disposition is Disposition.HOLD:
            self.readmit(entry)

    def _last_given(self, by: str, inspection_id: str | None) -> _Given | None:
        """Return a person's newest verdict on a part; on any: the newest that decided a part."""
        for given in reversed(self._given[by]):
            meant = given.left is None if inspection_id is None else given.verdict.inspection_id == inspection_id
            if meant:
                return given
        return None

    def _undo_until(self, verdict: Verdict) -> datetime | None:
        return verdict.at + timedelta(seconds=self._undo_window_s) if self._undo_window_s else None

    def _retract_third_look(self, last: _Given, entry: LogEntry) -> None:
        """Commit the retraction of a third look; the part, which has left, stays what it was."""
        until, now = self._undo_until(last.verdict), self._clock()
        if until is None or now > until:
            raise VerdictRefused(f"It is too late to undo the verdict on part {last.part_id}.")
        self._log.record_retraction(last.verdict.verdict_id, last.verdict.by, now, entry.disposition)
        self._tell(VerdictRetracted(replace(last.verdict, retracted=True)))

    def _check_open(self) -> None:
        if not self._open:
            raise VerdictRefused("The station is stopped; start it to give verdicts.")

    def _verdict(self, part: WaitingPart, by: str, answer: Answer, classes: tuple[str, ...], seconds: float) -> Verdict:
        kind = verdict_kind(part.inspection, part.item)
        if part.unsure is not None:
            if part.unsure.by == by:
                raise VerdictRefused(f"{by} was unsure about this part; somebody else decides it.")
            kind = VerdictKind.ADJUDICATION
        inspection_id = part.inspection.inspection_id
        return Verdict(self._ids.new(), inspection_id, by, answer, kind, classes, self._clock(), seconds)

    def _record(self, part: WaitingPart, verdict: Verdict) -> VerdictOutcome:
        """Commit, then let the part go on: to its second look, aside, or on its way to the line."""
        inspection = part.inspection
        reveals = part.unsure is None and not part.item.revealed and has_second_look(inspection)
        disposition = disposition_after(inspection, part.item, verdict.answer)
        self._log.record_verdict(verdict, disposition)
        if part.unsure is not None:
            self._releases.claim(part.unsure.verdict_id)  # it has been answered, so it can no longer be undone
        self._given[verdict.by].append(_Given(verdict, inspection.part_id, reveals))
        if reveals:
            second = replace(part, item=revealed_item(inspection))
            self._waiting.put_first(second)
            self._tell(VerdictRecorded(verdict, disposition))
            return VerdictOutcome(disposition, second.item, None)
        self._settle(part, verdict)
        self._releases.schedule(Release(verdict, part, disposition, time.monotonic() + self._undo_window_s))
        self._tell(VerdictRecorded(verdict, disposition))
        return VerdictOutcome(disposition, None, self._undo_until(verdict))

    def _settle(self, part: WaitingPart, verdict: Verdict) -> None:
        if verdict.answer is Answer.UNSURE and part.inspection.decision.disposition is Disposition.HOLD:
            self._waiting.put_aside(replace(part, unsure=verdict))
        else:
            self._waiting.remove(part.inspection.inspection_id)

    def _retract(self, release: Release, by: str) -> None:
        """Commit the retraction and let the part wait in front; if the log refuses, the release goes its way."""
        before = release.part.inspection.decision.disposition
        recorded = False
        try:
            self._log.record_retraction(release.verdict.verdict_id, by, self._clock(), before)
            recorded = True
        finally:
            if not recorded:
                self._releases.schedule(release)
        self._waiting.put_first(release.part)
        self._tell(VerdictRetracted(replace(release.verdict, retracted=True)))


def _checked(by: str, answer: Answer, classes: tuple[str, ...], seconds: float) -> str:
    """Return the name of who gives a verdict; `VerdictRefused` if there is none, or something does not fit."""
    by = by.strip()
    if not by:
        raise VerdictRefused("A verdict needs the name of who gives it.")
    if classes and answer is not Answer.REJECT:
        raise VerdictRefused("Defect classes go with a reject only.")
    if not seconds >= 0.0:
        raise VerdictRefused("The time taken for a verdict cannot be negative.")
    return by
