"""Which model is in charge of a part: sticky, nested, replayable, and never two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.assignment import Assignment, assignment, compared, expected_model
from inspector_app.automation.policy import decide
from inspector_app.automation.replay import replay_differences
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition, Reason, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import Inspection, PictureFacts
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots

OLD = ModelIdentity("old", "1", "a" * 64, "b" * 64)
NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)
NOW = datetime(2026, 5, 4, tzinfo=UTC)
CANARY = RolloutPhase.CANARY


def control(slots=Slots(Slot.BLUE, OLD, NEW), rollout=None, level=Level.FULL, **more):  # noqa: B008  a value
    state = ControlState(
        version=3,
        level=level,
        style=AssistStyle.HIGHLIGHT,
        accept_below=0.2,
        cut=0.5,
        reject_above=0.8,
        canary_share=1.0,
        audit_share=0.01,
        unaided_share=0.1,
        hold_audits=True,
        salts=Salts("canary", "audit", "first"),
        slots=slots,
        rollout=rollout,
    )
    return replace(state, **more)


def answer(probability, model=OLD):
    return Prediction(PredictionStatus.OK, probability, (), model, 1.0)


def inspected(state, part_id, prediction):
    return Inspection(
        "i", part_id, NOW, "folder:", 1, 0, None, PictureFacts("e" * 64, 4, 4, 1), prediction, state,
        decide(state, part_id, True, prediction), None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("slots", "phase", "expected"),
    [
        (None, None, Assignment(Slot.BLUE)),
        (Slots(Slot.BLUE, OLD), None, Assignment(Slot.BLUE)),
        (Slots(Slot.GREEN, OLD, NEW), None, Assignment(Slot.GREEN)),
        (Slots(Slot.GREEN, OLD), None, Assignment(None)),
        (Slots(Slot.BLUE, OLD, NEW), RolloutPhase.SHADOW, Assignment(Slot.BLUE, Slot.GREEN)),
        (Slots(Slot.BLUE, OLD, NEW), RolloutPhase.ROLLED_BACK, Assignment(Slot.BLUE, Slot.GREEN)),
        (Slots(Slot.GREEN, OLD, NEW), RolloutPhase.WATCH, Assignment(Slot.GREEN, Slot.BLUE)),
        (Slots(Slot.BLUE, None, NEW), RolloutPhase.SHADOW, Assignment(None, Slot.GREEN)),
        (Slots(Slot.GREEN, None, NEW), RolloutPhase.WATCH, Assignment(Slot.GREEN, None)),
    ],
)
def test_who_is_in_charge_outside_the_canary_phase(slots, phase, expected):
    state = control(slots, None if phase is None else Rollout("exp", phase))
    assert assignment(state, "P-1") == expected


@given(st.text(min_size=1, max_size=12), st.floats(0.001, 1.0), st.floats(0.001, 1.0))
def test_the_challengers_parts_nest_along_the_ramp_and_the_two_change_places(part_id, one, two):
    small, large = sorted((one, two))
    states = [control(rollout=Rollout("exp", CANARY, share)) for share in (small, large)]
    few, many = (assignment(state, part_id) for state in states)
    for each in (few, many):
        assert {each.in_charge, each.beside} == set(Slot)
        assert each.challenger.drawn is (each.in_charge is Slot.GREEN)
    assert not few.challenger.drawn or many.challenger.drawn
    assert expected_model(states[0], part_id) == (NEW if few.challenger.drawn else OLD)


def test_the_draw_is_independent_of_the_other_draws():
    state = control(rollout=Rollout("exp", CANARY, 0.5), canary_share=0.5)
    drawn = [(assignment(state, f"P-{n}").challenger.drawn, decide(state, f"P-{n}", True, answer(0.1)).canary.drawn)
             for n in range(4000)]  # fmt: skip
    both = sum(a and b for a, b in drawn) / 4000
    assert abs(both - 0.25) < 0.03


def test_a_new_product_leaves_parts_outside_the_share_to_inspectors():
    state = control(Slots(Slot.BLUE, None, NEW), Rollout("exp", CANARY, 0.5), Level.PARTIAL)
    outside = next(p for p in map(str, range(50)) if not assignment(state, p).challenger.drawn)
    inside = next(p for p in map(str, range(50)) if assignment(state, p).challenger.drawn)
    decision = decide(state, outside, True, None)
    assert (decision.route, decision.disposition) == (Route.HUMAN, Disposition.HOLD)
    assert decision.reasons == (Reason.NO_MODEL_IN_CHARGE,)
    assert decide(state, inside, True, answer(0.05, NEW)).route is Route.MODEL_ACCEPT
    assert expected_model(state, outside) is None


def test_the_challengers_parts_are_audited_at_least_as_its_rollout_asks():
    state = control(rollout=Rollout("exp", CANARY, 0.5, audit_share=1.0))
    for part_id in map(str, range(60)):
        decision = decide(state, part_id, True, answer(0.05))
        assert decision.audit.probability == (1.0 if decision.challenger.drawn else 0.01)


def test_another_model_than_the_one_in_charge_does_not_replay():
    state = control(rollout=Rollout("exp", RolloutPhase.SHADOW))
    assert replay_differences(inspected(state, "P-1", answer(0.1, OLD))) == ()
    (difference,) = replay_differences(inspected(state, "P-1", answer(0.1, NEW)))
    assert (difference.field, difference.recorded, difference.replayed) == ("model", NEW, OLD)
    absent = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "no")
    assert replay_differences(inspected(state, "P-1", absent)) == ()


@pytest.mark.parametrize(
    ("in_charge", "beside", "differs"), [(0.1, 0.9, True), (0.9, 0.5, False), (0.1, 0.49, False), (None, 0.9, False)]
)
def test_a_comparison_says_whether_the_judgements_at_the_cut_contradict(in_charge, beside, differs):
    state = control(rollout=Rollout("exp", RolloutPhase.SHADOW))
    prediction = answer(in_charge) if in_charge is not None else None
    found = compared(inspected(state, "P-1", prediction), Slot.GREEN, answer(beside, NEW), NOW)
    assert found.differs is differs
    assert found.judgement is (Judgement.REJECT if beside >= 0.5 else Judgement.ACCEPT)


def test_a_failed_answer_differs_from_nothing():
    state = control(rollout=Rollout("exp", RolloutPhase.SHADOW))
    failed = unusable_prediction(PredictionStatus.FAILED, NEW, 1.0, "no")
    found = compared(inspected(state, "P-1", answer(0.9)), Slot.GREEN, failed, NOW)
    assert (found.judgement, found.differs) == (None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"slots": None, "rollout": Rollout("exp", RolloutPhase.SHADOW)},
        {"slots": Slots(Slot.BLUE, OLD), "rollout": Rollout("exp", RolloutPhase.SHADOW)},
        {"slots": Slots(Slot.GREEN, OLD), "rollout": Rollout("exp", RolloutPhase.WATCH)},
    ],
)
def test_a_rollout_without_its_model_is_no_state(changes):
    with pytest.raises(ValueError, match="rollout"):
        control(**changes)


@pytest.mark.parametrize(
    ("experiment", "phase", "share", "audits"),
    [("", CANARY, 0.5, 0.0), ("e", CANARY, 0.0, 0.0), ("e", RolloutPhase.SHADOW, 0.1, 0.0), ("e", CANARY, 1.1, 0.0),
     ("e", CANARY, 0.5, -0.1)],
)  # fmt: skip
def test_a_rollout_out_of_range_is_refused(experiment, phase, share, audits):
    with pytest.raises(ValueError, match=r"rollout|share"):
        Rollout(experiment, phase, share, audits)
