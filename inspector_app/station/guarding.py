"""Guards on duty: they are fed with every part and verdict, and what they say is done between two parts.

A trip is a recorded step left, latched until a supervisor re-arms it. What guards remember is a function of the log
since the last such signature, so a restart forgets nothing. A step that the log refuses is kept until it takes it;
parts are held meanwhile anyway.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from inspector_app.automation.csp import AuditSchedule, schedule_after, scheduled_share
from inspector_app.automation.guard_events import (
    AuditConfirmed,
    ClockTicked,
    GuardEvent,
    GuardKind,
    GuardTrip,
    Identity,
    ModelRefused,
    PartScored,
    SeedJudged,
    SignedAgain,
)
from inspector_app.automation.guards import GuardState, observe
from inspector_app.automation.ramp import rolls_back
from inspector_app.automation.ramp_tally import experiment_tally
from inspector_app.automation.rollout import Changes, rolled_back
from inspector_app.automation.stepping import step_for, vouches
from inspector_app.domain.control import ControlChange, ControlState, Level
from inspector_app.domain.errors import ControlRefused, LogUnavailable
from inspector_app.domain.events import (
    ControlChanged,
    GuardTripped,
    InspectionRecorded,
    ModelNotAsNamed,
    StationEvent,
    VerdictRecorded,
    VerdictRetracted,
)
from inspector_app.domain.ports import ControlLog
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind
from inspector_app.domain.watched import WatchedPart
from inspector_app.monitoring.score_drift import smoothing_draw
from inspector_app.station.desk import ControlDesk
from inspector_app.station.guard_orders import GuardHistory, GuardOrders, watched

_AUTOMATIC = frozenset({Level.PARTIAL, Level.FULL})
_TRIES = 3
_RAMP_REST = 20.0
"""A look at a rollout's counts is followed by a rest of so many times its length."""


class GuardKeeper:
    """Feeds the guards and carries out their steps. Safe to use from several threads.

    Parameters
    ----------
    desk : ControlDesk
        Where steps are recorded.
    control_log, history : ControlLog, GuardHistory
        What they are made of again at a start.
    orders : GuardOrders or None
        ``None``: no guards are on duty.
    clock : callable
        UTC now.
    undo_window_s : float
        A verdict counts when it can no longer be undone.
    tell : callable
        Told of trips once they are in the log.
    """

    def __init__(
        self,
        desk: ControlDesk,
        control_log: ControlLog,
        history: GuardHistory | None,
        orders: GuardOrders | None,
        clock: Callable[[], datetime],
        undo_window_s: float,
        tell: Callable[[StationEvent], None],
    ) -> None:
        self._desk = desk
        self._control_log = control_log
        self._history = history
        self._orders = orders if history is not None else None
        self._clock = clock
        self._undo_window_s = undo_window_s
        self._tell = tell
        self._lock = threading.RLock()
        self._state = GuardState()
        self._schedule = AuditSchedule()
        self._since = 1
        self._camera: str | None = None
        self._vouched_camera: str | None = None
        self._not_seen: frozenset[tuple[str, str]] = frozenset()
        self._changed: queue.SimpleQueue[ControlChange] = queue.SimpleQueue()
        self._audits: dict[str, WatchedPart] = {}
        self._suspected: dict[str, WatchedPart] = {}
        self._settling: dict[str, tuple[float, Verdict]] = {}
        self._to_do: list[GuardTrip] = []
        self._next_ramp_look = 0.0

    @property
    def state(self) -> GuardState:
        """What the guards remember."""
        return self._state

    def rebuild(self) -> None:
        """Make what the guards remember from the log; `LogUnavailable` if it cannot be read."""
        orders, history = self._orders, self._history
        if orders is None or history is None:
            return
        with self._lock:
            vouched = [change for change in self._control_log.changes() if vouches(change)][-1:]
            since = self._since = vouched[0].after.version if vouched else 1
            self._audits.clear()
            self._suspected.clear()
            self._settling.clear()
            self._to_do.clear()
            at = vouched[0].at if vouched else self._clock()
            # The camera in use when the supervisor vouched for it; failing that, the first one after.
            noted = sorted(history.cameras(), key=lambda each: (each[0] > at, abs(each[0] - at)))
            self._vouched_camera = noted[0][1] if noted else None
            while not self._changed.empty():
                self._changed.get()
            self._state, _ = observe(orders.settings, GuardState(), self._signed_again(since))
            self._schedule = AuditSchedule()
            judged: list[WatchedPart] = []
            for part in history.watched_parts(since):
                self._feed(self._of_part(part), live=False)
                if part.verdict is not None:
                    judged.append(part)
                    self._suspect(part)
                elif _is_audit(part):
                    self._audits[part.inspection_id] = part
            for part in sorted(judged, key=lambda each: (each.verdict_at or at, each.inspection_id)):
                self._feed(self._of_verdict(part), live=False)
            # What had fired and was not carried out any more before the program ended is carried out now.
            self._to_do = [trip for trip in self._state.latched if trip.kind.value not in self._desk.state.latched]
            self._latch(self._desk.state.latched)
        self.carry_out()

    def set_camera(self, sha256: str | None) -> None:
        """Take note of the camera's configuration now in force, as a digest; ``None``: it is not compared."""
        with self._lock:
            self._camera = sha256
            if self._vouched_camera is None:
                self._vouched_camera = sha256

    def see(self, event: StationEvent) -> None:
        """Take note of what is in the log, before anybody else hears of it."""
        if self._orders is None:
            return
        if isinstance(event, ControlChanged):
            # Without the lock: who changes the state holds the desk's, and steps take the two the other way round.
            self._changed.put(event.change)
            return
        with self._lock:
            self._take_over()
            if isinstance(event, InspectionRecorded):
                if event.inspection.control.version < self._since:
                    return  # it was in hand when a supervisor vouched for another model
                part = watched(event.inspection)
                if _is_audit(part):
                    self._audits[part.inspection_id] = part
                self._feed(self._of_part(part))
            elif isinstance(event, ModelNotAsNamed):
                self._feed((ModelRefused(event.sentence),))
            elif isinstance(event, VerdictRecorded):
                self._await(event.verdict)
            elif isinstance(event, VerdictRetracted):
                self._settling.pop(event.verdict.verdict_id, None)

    def observe(self, event: GuardEvent) -> None:
        """Feed an event from elsewhere: a seeded part, the clock."""
        with self._lock:
            self._take_over()
            self._feed((event,))

    def settle(self, now: float | None = None) -> None:
        """Count the verdicts that can no longer be undone (``None``: all), at ``time.monotonic()``."""
        with self._lock:
            self._take_over()
            due = [key for key, (at, _) in self._settling.items() if now is None or at <= now]
            for key in due:
                _, verdict = self._settling.pop(key)
                if verdict.answer is not Answer.UNSURE:
                    self._count(verdict)

    def _count(self, verdict: Verdict) -> None:
        """Feed what an audit, or the third look that settles it, has found."""
        of = verdict.inspection_id
        part = self._suspected.pop(of, None) or self._audits.pop(of, None)
        if part is None:
            return
        if verdict.kind is VerdictKind.ADJUDICATION:
            part = replace(part, settled=verdict.answer, classes=verdict.classes or part.classes)
        else:
            part = replace(part, verdict=verdict.answer, classes=verdict.classes, verdict_at=verdict.at)
        self._suspect(part)
        self._feed(self._of_verdict(part))

    def _suspect(self, part: WatchedPart) -> None:
        """Keep an accepted part that an audit has rejected until a third look settles it, where the orders say so."""
        confirms = self._orders is not None and self._orders.confirm_escapes
        if confirms and _is_audit(part) and part.verdict is Answer.REJECT and part.settled is None:
            self._suspected[part.inspection_id] = part

    def tick(self, oldest_audit_s: float, silence_s: float) -> None:
        """Let time pass: audits that wait, a model that is silent, a rollout that runs into a guardrail."""
        if self._orders is None:
            return
        self.settle(time.monotonic())
        self.observe(ClockTicked(max(oldest_audit_s, self._oldest_suspected_s()), silence_s))
        self.carry_out()
        began = time.monotonic()
        if began >= self._next_ramp_look:
            self._look_at_rollout()
            self._next_ramp_look = time.monotonic() + _RAMP_REST * (time.monotonic() - began)

    def _oldest_suspected_s(self) -> float:
        with self._lock:
            since = [part.verdict_at for part in self._suspected.values() if part.verdict_at is not None]
        return (self._clock() - min(since)).total_seconds() if since else 0.0

    def carry_out(self) -> None:
        """Record the steps of guards that have fired; one that the log refuses stays to be done."""
        with self._lock:
            while self._to_do:
                trip = self._to_do[0]
                if not self._step(f"guard:{trip.kind}", trip.sentence, partial(step_for, trip=trip)):
                    return
                self._to_do.pop(0)
            self._keep_schedule()

    def _keep_schedule(self) -> None:
        """Put the schedule's audit share in force; where the log refuses it is tried again later."""
        control, plan = self._desk.state, None if self._orders is None else self._orders.audits
        if plan is None or control.level not in _AUTOMATIC or control.latched:
            return  # what a guard has set stays until a supervisor signs
        share = scheduled_share(plan, self._schedule)
        if share != control.audit_share:
            because = f"Audit schedule: {self._schedule.phase.value} phase."
            with suppress(LogUnavailable, ControlRefused):
                self._desk.schedule_audits(because, share)

    def _take_over(self) -> None:
        """Begin anew where a supervisor has vouched for what is in charge; latches that were left stay."""
        while self._orders is not None and not self._changed.empty():
            change = self._changed.get()
            if not vouches(change):
                continue
            try:
                again = self._signed_again(change.after.version)
            except LogUnavailable:
                again = SignedAgain(None)  # drift is then not watched before the next start or signature
            self._since = change.after.version
            self._vouched_camera = self._camera
            self._state, _ = observe(self._orders.settings, self._state, again)
            self._schedule = AuditSchedule()
            self._latch(change.after.latched)
            self._to_do.clear()

    def _latch(self, kinds: Iterable[str]) -> None:
        """Keep in mind the guards that are latched in the control state."""
        known = [GuardKind(kind) for kind in kinds if kind in set(GuardKind)]
        trips = tuple(_latched(kind) for kind in known if not self._state.has_fired(kind))
        self._state = replace(self._state, latched=(*self._state.latched, *trips))

    def _feed(self, events: Iterable[GuardEvent], *, live: bool = True) -> None:
        orders = self._orders
        if orders is None:
            return
        for event in events:
            self._state, trips = observe(orders.settings, self._state, event)
            self._to_do += trips if live else ()
            if isinstance(event, AuditConfirmed) and event.uniform and orders.audits is not None:
                self._schedule = schedule_after(orders.audits, self._schedule, event.escape)
        if live:
            self.carry_out()

    def _of_part(self, part: WatchedPart) -> tuple[GuardEvent, ...]:
        if part.seed is not None:
            return self._of_seed(part)
        if part.probability is None or part.model is None or part.challenger:
            return ()
        identity = Identity(part.model.sha256, part.model.preprocessing_sha256, self._camera or self._vouched_camera)
        if self._state.identity is not None:
            vouched = self._vouched_camera
            self._state = replace(self._state, identity=replace(self._state.identity, camera_sha256=vouched))
        return (PartScored(part.probability, smoothing_draw(part.part_id), identity),)

    def _of_seed(self, part: WatchedPart) -> tuple[GuardEvent, ...]:
        """Return what the model decided of a known defect, unless it was vouched for although it accepts this one."""
        if part.model is None or (part.model.sha256, part.seed) in self._not_seen:
            return ()
        return (SeedJudged(part.accepted),)

    def _of_verdict(self, part: WatchedPart) -> tuple[GuardEvent, ...]:
        if self._orders is None or not _is_audit(part):
            return ()
        critical = bool(self._orders.critical_classes & set(part.classes))
        if part.inspection_id in self._suspected:
            return (AuditConfirmed(escape=True, critical=True, uniform=False),) if critical else ()
        answer = part.settled if self._orders.confirm_escapes and part.settled is not None else part.verdict
        if answer is None or answer is Answer.UNSURE:
            return ()
        escape = answer is Answer.REJECT
        return (AuditConfirmed(escape, escape and critical, part.uniform),)

    def _await(self, verdict: Verdict) -> None:
        if verdict.kind is VerdictKind.AUDIT or self._settles(verdict):
            self._settling[verdict.verdict_id] = (time.monotonic() + self._undo_window_s, verdict)
            if not self._undo_window_s:
                self.settle(time.monotonic())

    def _settles(self, verdict: Verdict) -> bool:
        confirms = self._orders is not None and self._orders.confirm_escapes
        known = verdict.inspection_id in self._suspected or verdict.inspection_id in self._audits
        return confirms and verdict.kind is VerdictKind.ADJUDICATION and known

    def _signed_again(self, version: int) -> SignedAgain:
        orders, history = self._orders, self._history
        if orders is None or history is None:
            return SignedAgain(None)
        scores = history.reference_scores(version, orders.most_scores)
        self._not_seen = history.accepted_seeds(version)
        return SignedAgain(None, scores if len(scores) >= orders.least_scores else ())

    def _look_at_rollout(self) -> None:
        control, orders, history = self._desk.state, self._orders, self._history
        if control.rollout is None or orders is None or history is None:
            return
        counted = experiment_tally(
            control, self._control_log.changes(), lambda since: history.rollout_counts(since, orders.ramp.slow_ms)
        )
        rail = rolls_back(control, counted, orders.ramp)
        if rail is not None:
            self._step(f"guard:rollout {rail.name}", rail.sentence, rolled_back)

    def _step(self, by: str, because: str, changes: Callable[[ControlState], Changes]) -> bool:
        """Record a step; False if the log is away, or others keep changing the state: it is tried again later."""
        for _ in range(_TRIES):
            try:
                change = self._desk.step_left(by, because, changes(self._desk.refresh()))
            except LogUnavailable:
                return False
            except ControlRefused:
                continue  # somebody else was quicker: look again
            if change is not None:
                self._tell(GuardTripped(by.removeprefix("guard:"), change))
            return True
        return False


def _is_audit(part: WatchedPart) -> bool:
    return part.accepted and part.audited and part.seed is None


def _latched(kind: GuardKind) -> GuardTrip:
    return GuardTrip(kind, (), kind.step_to, "It fired earlier.")
