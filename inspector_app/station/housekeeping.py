"""What goes on beside the parts: verdicts reach the line, notes reach the log, line and disk are looked after."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.ports import Clock, InspectionLog
from inspector_app.station.log_keeper import IncidentBook, LogKeeper, ToldLedger
from inspector_app.station.options import StationOptions
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.releases import Releases
from inspector_app.station.review import ReviewDesk
from inspector_app.station.telling import LineTeller
from inspector_app.station.waiting import WaitingParts

_log = logging.getLogger(__name__)


class Housekeeping:
    """Body of the ``releases`` thread.

    Parameters
    ----------
    review, waiting, releases : ReviewDesk, WaitingParts, Releases
        Parts that are to appear, verdicts that are due.
    teller, pictures : LineTeller, PictureWriter
        Line and disk, looked at now and then.
    log, keeper, ledger, incidents : InspectionLog, LogKeeper, ToldLedger, IncidentBook
        What is to be committed when no part comes that takes it along.
    clock : Clock
        UTC now.
    tick : callable
        Lets the guards know that time has passed.
    options : StationOptions
        How often.
    """

    def __init__(
        self,
        *,
        review: ReviewDesk,
        waiting: WaitingParts,
        releases: Releases,
        teller: LineTeller,
        pictures: PictureWriter,
        log: InspectionLog,
        keeper: LogKeeper,
        ledger: ToldLedger,
        incidents: IncidentBook,
        clock: Clock,
        tick: Callable[[], None],
        options: StationOptions,
    ) -> None:
        self._review = review
        self._waiting = waiting
        self._releases = releases
        self._teller = teller
        self._pictures = pictures
        self._log = log
        self._keeper = keeper
        self._ledger = ledger
        self._incidents = incidents
        self._clock = clock
        self._tick = tick
        self._options = options
        self._next_look = 0.0

    def work(self, stop: threading.Event) -> None:
        """Keep house until ``stop`` is set; then tell the line of every verdict that still waits."""
        while not stop.is_set():
            self._review.show_due()
            self._releases.release_due(time.monotonic())
            self._teller.connect()
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
        try:
            self._tick()
        except LogUnavailable as fault:
            _log.warning("guards cannot read the log: %s", fault)

    def _look_at_disk(self) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._options.housekeeping_s
            self._pictures.look_at_disk()
