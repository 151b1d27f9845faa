"""The steps of a rollout as changes of the control state, and what of a command needs a signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation import rollout as steps
from inspector_app.automation.signing import FREE_TRIES, locked_until, moves_right
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots

OLD = ModelIdentity("old", "1", "a" * 64, "b" * 64)
NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)
NOW = datetime(2026, 5, 4, tzinfo=UTC)
FIRST = ControlState(
    version=1,
    level=Level.PARTIAL,
    style=AssistStyle.HIGHLIGHT,
    accept_below=0.2,
    cut=0.5,
    reject_above=0.8,
    canary_share=0.5,
    audit_share=0.1,
    unaided_share=0.1,
    hold_audits=True,
    salts=Salts("canary", "audit", "first"),
)


def after(state, changes):
    return replace(state, version=state.version + 1, **changes)


def begun(champion=OLD, **more):
    return after(FIRST, steps.started(replace(FIRST, **more), champion, NEW, "exp", ()) | more)


def ramped(stages):
    state = begun()
    for _ in range(stages):
        state = after(state, steps.advanced(state))
    return state


def test_the_whole_way_of_a_new_model():
    state = begun()
    assert (state.slots, state.rollout) == (Slots(Slot.BLUE, OLD, NEW), Rollout("exp", RolloutPhase.SHADOW))
    shares = []
    for _ in steps.RAMP:
        state = after(state, steps.advanced(state))
        shares.append((state.rollout.share, state.rollout.audit_share))
    with pytest.raises(ControlRefused, match="switch"):
        steps.advanced(state)
    assert shares == [(0.01, 1.0), (0.05, 1.0), (0.25, 0.2), (0.5, 0.1), (1.0, 0.05)]
    state = after(state, steps.switched(state))
    assert state.slots == Slots(Slot.GREEN, OLD, NEW)
    assert state.rollout == Rollout("exp", RolloutPhase.WATCH, 0.0, 0.05)
    done = after(state, steps.ended(state))
    assert (done.slots, done.rollout) == (Slots(Slot.GREEN, None, NEW), None)
    again = after(done, steps.started(done, None, OLD, "exp-2", ("exp",)))
    assert again.slots == Slots(Slot.GREEN, OLD, NEW)


@pytest.mark.parametrize("stages", [0, 1, 5])
def test_rolling_back_gives_all_parts_back_from_anywhere(stages):
    state = ramped(stages)
    back = after(state, steps.rolled_back(state))
    assert back.slots == Slots(Slot.BLUE, OLD, NEW)
    assert back.rollout.phase is RolloutPhase.ROLLED_BACK
    assert back.rollout.share == 0.0
    switched = after(state, steps.switched(state))
    assert after(switched, steps.rolled_back(switched)).slots == Slots(Slot.BLUE, OLD, NEW)
    for step in (steps.advanced, steps.switched, steps.rolled_back):
        with pytest.raises(ControlRefused):
            step(back)
    assert after(back, steps.started(back, None, NEW, "exp-2", ())).rollout.experiment == "exp-2"
    assert after(back, steps.ended(back)).slots == Slots(Slot.BLUE, OLD, None)


def test_a_new_product_has_no_champion():
    state = begun(champion=None)
    assert state.slots == Slots(Slot.BLUE, None, NEW)


@pytest.mark.parametrize(
    ("state", "challenger", "name", "words"),
    [
        (begun(), NEW, "x", "goes on"),
        (FIRST, OLD, "x", "in charge already"),
        (FIRST, NEW, " ", "name"),
        (FIRST, NEW, "canary", "not used before"),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(state, challenger, name, words):
    with pytest.raises(ControlRefused, match=words):
        steps.started(state, OLD, challenger, name, ("canary",))


def test_steps_without_a_rollout_and_an_end_while_it_decides_are_refused():
    for step in (steps.advanced, steps.switched, steps.rolled_back, steps.ended):
        with pytest.raises(ControlRefused, match="No rollout"):
            step(FIRST)
    with pytest.raises(ControlRefused, match="before the rollout is ended"):
        steps.ended(ramped(1))


def test_every_name_counts_as_used_for_ever():
    changes = [ControlChange("e", "b", NOW, None, FIRST), ControlChange("e", "b", NOW, FIRST, begun())]
    assert steps.names_used(changes) == {"canary", "audit", "first", "exp"}
    assert steps.first_version(changes, "exp") == 2


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"level": Level.FULL}, ("level",)),
        ({"level": Level.SHADOW}, ()),
        ({"accept_below": 0.3}, ("accept_below",)),
        ({"accept_below": 0.1}, ()),
        ({"reject_above": 0.7}, ("reject_above",)),
        ({"canary_share": 0.6}, ("canary_share",)),
        ({"canary_share": 0.4}, ()),
        ({"audit_share": 0.05}, ("audit_share",)),
        ({"audit_share": 0.2}, ()),
        ({"unaided_share": 0.05}, ("unaided_share",)),
        ({"hold_audits": False}, ("hold_audits",)),
        ({"salts": Salts("a", "b", "c")}, ("salts",)),
        ({"latched": ("harm",)}, ()),
        ({"cut": 0.6}, ()),
    ],
)
def test_what_moves_right(changes, right):
    assert moves_right(FIRST, after(FIRST, changes)) == right


def test_fewer_targeted_audits_move_right_and_more_do_not():
    watched = replace(FIRST, targeted_share=0.5, targeted_above=0.1)
    assert moves_right(FIRST, watched) == ()
    assert moves_right(watched, after(watched, {"targeted_share": 0.4})) == ("targeted_share",)
    assert moves_right(watched, after(watched, {"targeted_above": 0.15})) == ("targeted_above",)
    assert moves_right(FIRST, after(FIRST, {"targeted_above": 0.15})) == ()


def test_opening_a_latch_moves_right():
    latched = replace(FIRST, latched=("harm", "score_drift"))
    assert moves_right(latched, after(latched, {"latched": ("harm",)})) == ("latched",)


def test_of_a_rollout_only_what_gives_the_new_model_parts_moves_right():
    state = begun()
    assert moves_right(FIRST, state) == ()
    assert moves_right(FIRST, after(FIRST, {"slots": Slots(Slot.BLUE, NEW)})) == ("model",)
    assert moves_right(FIRST, after(FIRST, {"level": Level.ASSIST})) == ()
    stage = after(state, steps.advanced(state))
    assert moves_right(state, stage) == ("rollout",)
    switched = after(stage, steps.switched(stage))
    assert moves_right(stage, switched) == ("model",)
    back = after(switched, steps.rolled_back(switched))
    assert moves_right(switched, back) == ()
    assert moves_right(switched, after(switched, steps.ended(switched))) == ()
    assert moves_right(switched, replace(back, level=Level.FULL)) == ("level",)


def test_three_wrong_pins_are_free_and_then_the_wait_doubles_up_to_an_hour():
    waits = []
    for count in range(20):
        until = locked_until([NOW] * count)
        waits.append(None if until is None else until - NOW)
    assert waits[: FREE_TRIES + 3] == [None, None, None, *(timedelta(seconds=s) for s in (30, 60, 120))]
    assert waits[-1] == timedelta(hours=1)


@given(st.integers(0, 10_000))
def test_more_wrong_pins_never_lock_for_less(count):
    one, more = (locked_until([NOW] * n) for n in (count, count + 1))
    assert one is None or (more is not None and more >= one)
