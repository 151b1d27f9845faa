"""What goes on beside the parts: verdicts reach the line, notes reach the log, the disk is looked after."""

from __future__ import annotations

import logging
import threading
import time

from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.ports import Clock, InspectionLog
from inspector_app.station.desk import ControlDesk
from inspector_app.station.guarding import GuardKeeper
from inspector_app.station.log_keeper import IncidentBook, LogKeeper, ToldLedger
from inspector_app.station.opening import Opening
from inspector_app.station.options import StationOptions
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.releases import Releases
from inspector_app.station.review import ReviewDesk
from inspector_app.station.slots import ModelSlots
from inspector_app.station.threads import ReportBug, Worker
from inspector_app.station.waiting import WaitingParts

_log = logging.getLogger(__name__)


class Housekeeping:
    """What the ``releases`` thread does.

    Parameters
    ----------
    review, waiting, releases : ReviewDesk, WaitingParts, Releases
        Parts that are to appear, verdicts that are due.
    pictures : PictureWriter
        The disk, looked at now and then.
    log, keeper, ledger, incidents : InspectionLog, LogKeeper, ToldLedger, IncidentBook
        What is to be committed when no part comes that takes it along.
    clock : Clock
        UTC now.
    desk, guards, models, opening : ControlDesk, GuardKeeper, ModelSlots, Opening
        Guards are told now and then how long audits and the model in charge have kept silent since the opening.
    options : StationOptions
        How often.
    on_bug : ReportBug
        The thread's top boundary.
    """

    def __init__(
        self,
        *,
        review: ReviewDesk,
        waiting: WaitingParts,
        releases: Releases,
        pictures: PictureWriter,
        log: InspectionLog,
        keeper: LogKeeper,
        ledger: ToldLedger,
        incidents: IncidentBook,
        clock: Clock,
        desk: ControlDesk,
        guards: GuardKeeper,
        models: ModelSlots,
        opening: Opening,
        options: StationOptions,
        on_bug: ReportBug,
    ) -> None:
        self._review = review
        self._waiting = waiting
        self._releases = releases
        self._pictures = pictures
        self._log = log
        self._keeper = keeper
        self._ledger = ledger
        self._incidents = incidents
        self._clock = clock
        self._desk = desk
        self._guards = guards
        self._models = models
        self._opening = opening
        self._options = options
        self._on_bug = on_bug
        self._next_look = 0.0
        self._worker: Worker | None = None

    def start(self) -> None:
        """Start the thread."""
        self._worker = Worker("releases", self._work, self._on_bug, self._releases.wake)
        self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """End the thread once the line knows every verdict; False if it has not ended within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def _work(self, stop: threading.Event) -> None:
        """Keep house until ``stop`` is set; then tell the line of every verdict that still waits."""
        while not stop.is_set():
            self._review.show_due()
            self._releases.release_due(time.monotonic())
            self.write_out(self._options.told_flush_s)
            self._look_at_disk()
            self._let_guards_look()
            self._releases.wait(self._until_next_turn_s, stop.is_set)
        self._releases.release_all()

    def write_out(self, told_older_than_s: float = 0.0) -> None:
        """Commit what the line has taken and what was noted; what the log refuses is kept for the next turn."""
        oldest = self._ledger.oldest_at()
        try:
            if oldest is not None and (self._clock() - oldest).total_seconds() >= told_older_than_s:
                self._keeper.attempt(lambda: self._ledger.commit_with(self._log.record_told))
            if self._incidents.noted:
                self._keeper.attempt(self._incidents.write_out)
        except LogUnavailable as fault:
            _log.warning("the log is away: %s", fault)

    def _until_next_turn_s(self) -> float:
        appears_at = self._waiting.next_due()
        pause_s = self._options.told_flush_s
        return pause_s if appears_at is None else min(pause_s, appears_at - time.monotonic())

    def _let_guards_look(self) -> None:
        # Not through the keeper: a tick that needs nothing from the log would clear the fault of a log that is away.
        oldest, opened = self._waiting.oldest_audit(), self._opening.at
        since = oldest if oldest is None or opened is None else max(oldest, opened)
        waited_s = 0.0 if since is None else (self._clock() - since).total_seconds()
        try:
            self._guards.tick(max(0.0, waited_s), self._models.silent_s(self._desk.state.slot_in_charge))
        except LogUnavailable as fault:
            _log.warning("guards cannot read the log: %s", fault)

    def _look_at_disk(self) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._options.housekeeping_s
            self._pictures.look_at_disk()
