"""Stand-ins for inspectors that give their verdicts in line, before the line is told, in headless runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from inspector_app.domain.decision import Disposition
from inspector_app.domain.events import VerdictRecorded
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.ports import Clock, Decider, InspectionLog
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.verdict import Verdict
from inspector_app.station.identities import TimeOrderedIds
from inspector_app.station.log_keeper import LogKeeper
from inspector_app.station.looks import (
    disposition_after,
    entry_so_far,
    first_item,
    has_second_look,
    revealed_item,
    verdict_kind,
)


class InlineInspectors:
    """One or more deciders; each part belongs to one of them, always the same one.

    Parameters
    ----------
    deciders : sequence of Decider
        At least one.
    log, keeper : InspectionLog, LogKeeper
        Where verdicts are committed.
    ids, clock : TimeOrderedIds, Clock
        Names and times of verdicts.
    """

    def __init__(
        self, deciders: Sequence[Decider], log: InspectionLog, keeper: LogKeeper, ids: TimeOrderedIds, clock: Clock
    ) -> None:
        self._deciders = tuple(deciders)
        self._log = log
        self._keeper = keeper
        self._ids = ids
        self._clock = clock

    def judge(self, inspection: Inspection, stop: threading.Event) -> tuple[Disposition, tuple[VerdictRecorded, ...]]:
        """Commit the verdicts on a part, both stages of a second look, and return what the line is to hear.

        Raises
        ------
        LogUnavailable
            If a verdict could not be committed before ``stop`` was set; the part then waits for an inspector.
        """
        decider = self._deciders[int(sticky_uniform("inline inspector", inspection.part_id) * len(self._deciders))]
        given = [self._verdict(inspection, first_item(inspection), decider, (), stop)]
        if has_second_look(inspection):
            first = (given[0].verdict,)
            given.append(self._verdict(inspection, revealed_item(inspection), decider, first, stop))
        return given[-1].disposition, tuple(given)

    def _verdict(
        self,
        inspection: Inspection,
        item: ReviewItem,
        decider: Decider,
        earlier: Sequence[Verdict],
        stop: threading.Event,
    ) -> VerdictRecorded:
        began = time.perf_counter()
        answer, classes = decider.decide(entry_so_far(inspection, earlier), item)
        verdict = Verdict(
            verdict_id=self._ids.new(),
            inspection_id=inspection.inspection_id,
            by=decider.name,
            answer=answer,
            kind=verdict_kind(inspection, item),
            classes=classes,
            at=self._clock(),
            seconds=time.perf_counter() - began,
        )
        disposition = disposition_after(inspection, item, answer)
        self._keeper.insist(lambda: self._log.record_verdict(verdict, disposition), stop)
        return VerdictRecorded(verdict, disposition)
