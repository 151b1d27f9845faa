"""What a guard's trip changes, and which commands let guards begin anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inspector_app.automation.guard_events import GuardKind, GuardTrip
from inspector_app.automation.stepping import step_for, vouches
from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots

OLD = ModelIdentity("old", "1", "a" * 64, "b" * 64)
NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)
BOTH = Slots(Slot.BLUE, OLD, NEW)
AT = datetime(2026, 5, 1, tzinfo=UTC)


def trip(kind):
    return GuardTrip(kind, (), kind.step_to, "It fired.")


@pytest.mark.parametrize("kind", list(GuardKind))
@pytest.mark.parametrize("level", list(Level))
def test_a_trip_never_steps_right_and_always_latches(control, kind, level):
    state = control(level, latched=("earlier",))
    after = replace(state, **step_for(state, trip(kind)))
    assert after.level.rank == min(level.rank, kind.step_to.rank)
    assert after.latched == ("earlier", kind.value)
    assert after.audit_share == (1.0 if kind is GuardKind.SCORE_DRIFT else state.audit_share)


@pytest.mark.parametrize(
    ("phase", "kind", "back"),
    [
        (RolloutPhase.CANARY, GuardKind.HARM, True),
        (RolloutPhase.CANARY, GuardKind.SEED_MISSED, True),
        (RolloutPhase.CANARY, GuardKind.AUDIT_BACKLOG, False),
        (RolloutPhase.SHADOW, GuardKind.HARM, False),
        (RolloutPhase.WATCH, GuardKind.CRITICAL_ESCAPE, True),
    ],
)
def test_a_new_model_that_decides_is_rolled_back_by_guards_that_speak_against_the_model(control, phase, kind, back):
    share = 0.25 if phase is RolloutPhase.CANARY else 0.0
    slots = replace(BOTH, in_charge=Slot.GREEN) if phase is RolloutPhase.WATCH else BOTH
    state = control(Level.PARTIAL, slots=slots, rollout=Rollout("exp", phase, share))
    after = replace(state, **step_for(state, trip(kind)))
    assert (after.rollout.phase is RolloutPhase.ROLLED_BACK) is back
    if back:
        assert after.slots.in_charge is Slot.BLUE


def test_commands_that_vouch_for_what_is_in_charge(control):
    first = control(Level.ASSIST)
    right, left = replace(first, level=Level.PARTIAL), replace(first, level=Level.SHADOW)
    rollout = Rollout("exp", RolloutPhase.WATCH)
    here, there = (replace(first, slots=replace(BOTH, in_charge=slot), rollout=rollout) for slot in Slot)
    latched = replace(first, latched=("harm",))
    cases = [
        (None, first, True),
        (first, right, True),
        (first, left, False),
        (here, there, True),
        (here, here, False),
        (latched, first, True),
        (first, replace(first, audit_share=0.5), False),
    ]
    for before, after, expected in cases:
        assert vouches(ControlChange("boss", "because", AT, before, after)) is expected
