"""What a station reads of its log, and puts right there, before it takes parts."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from inspector_app.automation.rollout import first_version
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.ports import Clock
from inspector_app.station.board import NoteIncident
from inspector_app.station.desk import ControlDesk
from inspector_app.station.equipment import Equipment
from inspector_app.station.guarding import GuardKeeper
from inspector_app.station.log_keeper import LogKeeper
from inspector_app.station.recovery import RecoveryReport, recover
from inspector_app.station.review import ReviewDesk
from inspector_app.station.seeding import Seeder
from inspector_app.station.slots import ModelSlots


@dataclass(slots=True)
class Opening:
    """Makes a station ready for parts, on the inspection thread.

    Parameters
    ----------
    equipment : Equipment
        Its log and pictures.
    keeper : LogKeeper
        Waits for a log that is away.
    desk, guards, seeder, review, models : ControlDesk, GuardKeeper, Seeder, ReviewDesk, ModelSlots
        Who is told what stands in the log.
    note : NoteIncident
        Keeps incidents for the log.
    clock : Clock
        UTC now.
    report : RecoveryReport or None
        What the last opening found; ``None`` before the first, and while the log is away.
    at : datetime or None
        When that was.
    """

    equipment: Equipment
    keeper: LogKeeper
    desk: ControlDesk
    guards: GuardKeeper
    seeder: Seeder
    review: ReviewDesk
    models: ModelSlots
    note: NoteIncident
    clock: Clock
    report: RecoveryReport | None = None
    at: datetime | None = None

    def open(self, stop: threading.Event) -> bool:
        """Recover from the last run, waiting for the log if need be; False if it is away until the stop."""
        equipment = self.equipment
        try:
            control = self.keeper.insist(self.desk.refresh, stop)
            report, waiting = self.keeper.insist(lambda: recover(equipment.log, equipment.pictures), stop)
            self.keeper.insist(self.guards.rebuild, stop)
            self.keeper.insist(self.seeder.open, stop)
            unsettled = self.keeper.insist(lambda: self._to_adjudicate(control), stop)
        except LogUnavailable:
            return False
        for entry in waiting:
            self.review.readmit(entry)
        for entry in unsettled:
            self.review.adjudicate(entry.inspection)
        self.models.start(self.desk.state)
        self.at = self.clock()
        self.report = report
        self.note("started", report.sentence)
        return True

    def _to_adjudicate(self, control: ControlState) -> tuple[LogEntry, ...]:
        """Return the parts of the rollout that goes on about which nobody has said which model is right."""
        if control.rollout is None:
            return ()
        first = first_version(self.equipment.control_log.changes(), control.rollout.experiment)
        return self.equipment.log.to_adjudicate(first)
