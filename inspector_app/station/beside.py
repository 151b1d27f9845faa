"""The model that is not in charge of a part answers afterwards, on a thread of its own.

The part is decided, in the log and told to the line before this model is asked, so it can neither influence nor delay
it. Where there is no time to ask, the record says so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.automation.assignment import compared
from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.events import ComparisonRecorded, StationEvent
from inspector_app.domain.frame import Pixels
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.ports import Clock, InspectionLog
from inspector_app.domain.prediction import Prediction, PredictionStatus, unusable_prediction
from inspector_app.domain.rollout import Slot
from inspector_app.station.inline import InlineInspectors
from inspector_app.station.log_keeper import LogKeeper
from inspector_app.station.review import ReviewDesk
from inspector_app.station.slots import ModelSlots
from inspector_app.station.threads import ReportBug, Worker

THREAD = "beside"
"""Name of the thread."""

_NO_TIME = "There was no time to ask this model about the part."


@dataclass(frozen=True, slots=True)
class _Job:
    inspection: Inspection
    slot: Slot
    pixels: Pixels | None


class BesideModel:
    """Asks the other model about decided parts, records what it says, and has differences adjudicated.

    Parameters
    ----------
    models : ModelSlots
        Where the model is.
    log, keeper : InspectionLog, LogKeeper
        Where the answer is committed.
    review, inline : ReviewDesk, InlineInspectors or None
        Who says which of two models is right, where no inspector was asked about the part: blind, and without any
        consequence for the part.
    clock, tell
        UTC now; told what is in the log.
    room : int
        Pictures that may wait; without room the model is not asked.
    on_bug : ReportBug
        The thread's top boundary.
    """

    def __init__(
        self,
        models: ModelSlots,
        log: InspectionLog,
        keeper: LogKeeper,
        review: ReviewDesk,
        inline: InlineInspectors | None,
        clock: Clock,
        tell: Callable[[StationEvent], None],
        room: int,
        on_bug: ReportBug,
    ) -> None:
        self._models = models
        self._log = log
        self._keeper = keeper
        self._review = review
        self._inline = inline
        self._clock = clock
        self._tell = tell
        self._room = room
        self._on_bug = on_bug
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._worker: Worker | None = None

    def start(self) -> None:
        """Start the thread."""
        self._worker = Worker(THREAD, self._work, self._on_bug, self._wake)
        self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """End the thread once all that waits is answered; False if it has not ended in time."""
        return self._worker is None or self._worker.stop(deadline_s)

    def put(self, inspection: Inspection, slot: Slot, pixels: Pixels, wait_s: float) -> None:
        """Have a decided part looked at; waits at most ``wait_s`` for room, and goes on without the answer then."""
        with self._changed:
            room = self._changed.wait_for(lambda: len(self._jobs) < self._room, wait_s)
            self._jobs.append(_Job(inspection, slot, pixels if room else None))
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stop: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs) or stop.is_set())
                if not self._jobs:
                    return
                job = self._jobs[0]
            try:
                self._answer(job, stop)
            except LogUnavailable:
                return  # the log is away and the station stops: the part stays without a comparison
            finally:
                with self._changed:
                    self._jobs.popleft()
                    self._changed.notify_all()

    def _answer(self, job: _Job, stop: threading.Event) -> None:
        comparison = compared(job.inspection, job.slot, self._prediction(job), self._clock())
        self._keeper.insist(lambda: self._log.record_comparison(comparison), stop)
        self._tell(ComparisonRecorded(comparison))
        if not comparison.differs or job.inspection.decision.asks_human:
            return
        if self._inline is None:
            self._review.adjudicate(job.inspection)
            return
        for event in self._inline.judge(job.inspection, stop)[1]:
            self._tell(event)

    def _prediction(self, job: _Job) -> Prediction:
        if job.pixels is None:
            return unusable_prediction(PredictionStatus.ABSENT, self._models.model(job.slot), 0.0, _NO_TIME)
        return self._models.ask(job.slot, job.pixels, job.inspection.part_id).answer()
