"""What a guard's trip changes, and with which command guards begin anew: pure, for station and simulation alike."""

from __future__ import annotations

from inspector_app.automation.guard_events import GuardKind, GuardTrip
from inspector_app.automation.rollout import Changes, rolled_back
from inspector_app.automation.signing import moves_right
from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.rollout import RolloutPhase

_OF_THE_MODEL = frozenset({GuardKind.HARM, GuardKind.ESCAPES_RISING, GuardKind.CRITICAL_ESCAPE, GuardKind.SEED_MISSED})
"""Guards that speak against the model in charge: a new one is rolled back."""

_VOUCHING = frozenset({"level", "latched", "model"})
_DECIDES = frozenset({RolloutPhase.CANARY, RolloutPhase.WATCH})


def vouches(change: ControlChange) -> bool:
    """Return True if with this command a supervisor has vouched for what is in charge: guards begin anew."""
    if change.before is None:
        return True
    before, after = change.before, change.after
    if before.slots is not None and after.slots is not None and before.slots.in_charge != after.slots.in_charge:
        return True  # a switch, or the way back to the model that was vouched for before
    return bool(_VOUCHING & set(moves_right(before, after)))


def step_for(control: ControlState, trip: GuardTrip) -> Changes:
    """Return what a trip changes: level, audits, latch, and the new model of a rollout where it is the cause."""
    changes: Changes = {"latched": (*control.latched, trip.kind.value)}
    if trip.step_to.rank < control.level.rank:
        changes["level"] = trip.step_to
    if trip.kind.audits_all:
        changes["audit_share"] = 1.0
    rollout = control.rollout
    if trip.kind in _OF_THE_MODEL and rollout is not None and rollout.phase in _DECIDES:
        changes |= rolled_back(control)
    return changes
