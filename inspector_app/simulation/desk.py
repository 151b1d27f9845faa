"""The simulated control desk: what is in force, the real guards and the real schedule of audits, every step noted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from inspector_app.automation.csp import AuditSchedule, schedule_after, scheduled_share
from inspector_app.automation.guard_events import GuardEvent, GuardTrip, Identity, SignedAgain
from inspector_app.automation.guards import GuardState, observe
from inspector_app.automation.stepping import step_for
from inspector_app.domain.control import ControlChange, ControlState, Level, Salts
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Slot, Slots
from inspector_app.simulation.results import LevelStep
from inspector_app.simulation.scenario import Scenario
from inspector_app.simulation.watching import ContractWatch

AUTOMATIC = frozenset({Level.PARTIAL, Level.FULL})
FIRST_MODEL = "model"
"""Name of the model that the plant is made with."""

_SALT = "simulation"
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, as a stand-in for that of a file."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=100)
def identity_of(name: str) -> ModelIdentity:
    """Return the identity of a simulated model."""
    return ModelIdentity(name, "1", digest(name), digest("preprocessing"))


class SimulatedDesk:
    """Holds what is in force; guards step left here, the supervisor steps right.

    Parameters
    ----------
    scenario : Scenario
        How the plant is run.
    watch : ContractWatch
        Told when a guard has stepped left.
    on_trip : callable
        Told of each trip after its step.
    """

    def __init__(self, scenario: Scenario, watch: ContractWatch, on_trip: Callable[[GuardTrip], None]) -> None:
        self._scenario, self._watch, self._on_trip = scenario, watch, on_trip
        self._settings = scenario.guards.settings(scenario.contract.escape)
        self._plan, self._schedule = scenario.automation.audit_plan(), AuditSchedule()
        self.guards = GuardState()
        self.shift = self.part = 0
        self.camera, self.swapped = digest("camera"), ""
        self.control = _first_control(scenario)
        self.changes: list[ControlChange] = [ControlChange("plant", "first", _AT, None, self.control)]
        self.steps: list[LevelStep] = []

    @property
    def silence_s(self) -> float:
        """How long a model may be silent."""
        return self._settings.silence_s

    def model(self) -> ModelIdentity | None:
        """Return the model in charge."""
        slots = self.control.slots
        return identity_of(FIRST_MODEL) if slots is None else slots.model(slots.in_charge)

    def identity(self) -> Identity:
        """Return what the answers of the model in charge depend on; a swapped model bears the same name."""
        model = self.model()
        sha256 = "" if model is None else model.sha256
        return Identity(digest(sha256 + self.swapped) if self.swapped else sha256, digest("preprocessing"), self.camera)

    def change(self, **changes: object) -> None:
        """Put a change in force."""
        before = self.control
        self.control = replace(before, version=before.version + 1, **changes)  # type: ignore[arg-type]
        self.changes.append(ControlChange("plant", "step", _AT, before, self.control))

    def note(self, before: Level, why: str, sentence: str) -> None:
        """Note a step for the history."""
        step = LevelStep(self.shift, self.part, before, self.control.level, why, sentence, self._watch.broken)
        self.steps.append(step)

    def observe(self, event: GuardEvent) -> None:
        """Tell the guards, and do what they say."""
        if not self._scenario.guards.on:
            return
        self.guards, trips = observe(self._settings, self.guards, event)
        for trip in trips:
            before = self.control.level
            self.change(**step_for(self.control, trip))
            self.note(before, trip.kind.value, trip.sentence)
            if self.control.level is not before:
                self._watch.end(self.part, trip.kind.value)
            self._on_trip(trip)

    def audited(self, escape: bool) -> None:
        """Tell the schedule of an audit of the uniform stream, and put its share in force."""
        self._schedule = schedule_after(self._plan, self._schedule, escape)
        self.keep_schedule()

    def keep_schedule(self) -> None:
        """Put the schedule's share in force where the model decides; what a guard has set stays until it is signed."""
        share = scheduled_share(self._plan, self._schedule)
        if self.control.level in AUTOMATIC and not self.control.latched and share != self.control.audit_share:
            self.change(audit_share=share)

    def vouch(self, reference: tuple[float, ...]) -> None:
        """Sign for what is there now: guards begin anew, audits with the 100 % phase."""
        if not reference and self.guards.reference is not None:
            reference = self.guards.reference.scores
        self.guards, _ = observe(self._settings, self.guards, SignedAgain(self.identity(), reference))
        self._schedule = AuditSchedule()
        self.keep_schedule()


def _first_control(scenario: Scenario) -> ControlState:
    a = scenario.automation
    nothing = bool(scenario.rollout) and scenario.rollout[0].from_nothing
    slots = Slots(Slot.BLUE, None if nothing else identity_of(FIRST_MODEL)) if scenario.rollout else None
    return ControlState(
        version=1,
        level=Level.SHADOW,
        style=a.style,
        accept_below=0.0,
        cut=a.cut,
        reject_above=1.0,
        canary_share=a.canary_share,
        audit_share=1.0,
        unaided_share=a.unaided_share,
        hold_audits=a.hold_audits,
        salts=Salts(f"{_SALT}:canary", f"{_SALT}:audit", f"{_SALT}:first-look"),
        slots=slots,
        targeted_share=a.targeted_share,
    )
