"""The five levels as a table: every level against every kind of answer, draw by draw."""

from __future__ import annotations

import itertools

import pytest

from inspector_app.automation.policy import decide, runs_model
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Decision, Disposition, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import PredictionStatus

HUMAN, ACCEPTS, REJECTS = Route.HUMAN, Route.MODEL_ACCEPT, Route.MODEL_REJECT
HOLD = Disposition.HOLD
BLIND, SHOWN = Presentation.BLIND, Presentation.HIGHLIGHT
SURE_GOOD, LEANS_GOOD, LEANS_BAD, SURE_BAD = 0.1, 0.4, 0.6, 0.9

TABLE = {
    (Level.HUMAN_ONLY, SURE_GOOD): (HUMAN, [Reason.LEVEL_HUMAN_ONLY], BLIND, HOLD, None),
    (Level.HUMAN_ONLY, LEANS_GOOD): (HUMAN, [Reason.LEVEL_HUMAN_ONLY], BLIND, HOLD, None),
    (Level.HUMAN_ONLY, LEANS_BAD): (HUMAN, [Reason.LEVEL_HUMAN_ONLY], BLIND, HOLD, None),
    (Level.HUMAN_ONLY, SURE_BAD): (HUMAN, [Reason.LEVEL_HUMAN_ONLY], BLIND, HOLD, None),
    (Level.SHADOW, SURE_GOOD): (HUMAN, [Reason.LEVEL_SHADOW], BLIND, HOLD, "accept"),
    (Level.SHADOW, LEANS_GOOD): (HUMAN, [Reason.LEVEL_SHADOW], BLIND, HOLD, "accept"),
    (Level.SHADOW, LEANS_BAD): (HUMAN, [Reason.LEVEL_SHADOW], BLIND, HOLD, "reject"),
    (Level.SHADOW, SURE_BAD): (HUMAN, [Reason.LEVEL_SHADOW], BLIND, HOLD, "reject"),
    (Level.ASSIST, SURE_GOOD): (HUMAN, [Reason.LEVEL_ASSIST], SHOWN, HOLD, "accept"),
    (Level.ASSIST, LEANS_GOOD): (HUMAN, [Reason.LEVEL_ASSIST], SHOWN, HOLD, "accept"),
    (Level.ASSIST, LEANS_BAD): (HUMAN, [Reason.LEVEL_ASSIST], SHOWN, HOLD, "reject"),
    (Level.ASSIST, SURE_BAD): (HUMAN, [Reason.LEVEL_ASSIST], SHOWN, HOLD, "reject"),
    (Level.PARTIAL, SURE_GOOD): (ACCEPTS, [Reason.MODEL_SURE_ACCEPT], None, Disposition.ACCEPT, "accept"),
    (Level.PARTIAL, LEANS_GOOD): (HUMAN, [Reason.MODEL_UNSURE], SHOWN, HOLD, "accept"),
    (Level.PARTIAL, LEANS_BAD): (HUMAN, [Reason.MODEL_UNSURE], SHOWN, HOLD, "reject"),
    (Level.PARTIAL, SURE_BAD): (REJECTS, [Reason.MODEL_SURE_REJECT], None, Disposition.REJECT, "reject"),
    (Level.FULL, SURE_GOOD): (ACCEPTS, [Reason.MODEL_SURE_ACCEPT], None, Disposition.ACCEPT, "accept"),
    (Level.FULL, LEANS_GOOD): (REJECTS, [Reason.FULL_REJECTS_UNSURE], None, Disposition.REJECT, "accept"),
    (Level.FULL, LEANS_BAD): (REJECTS, [Reason.FULL_REJECTS_UNSURE], None, Disposition.REJECT, "reject"),
    (Level.FULL, SURE_BAD): (REJECTS, [Reason.MODEL_SURE_REJECT], None, Disposition.REJECT, "reject"),
}


def seen(decision: Decision):
    judgement = None if decision.model_judgement is None else decision.model_judgement.value
    return decision.route, list(decision.reasons), decision.presentation, decision.disposition, judgement


def test_the_table_is_complete():
    assert set(TABLE) == set(itertools.product(Level, (SURE_GOOD, LEANS_GOOD, LEANS_BAD, SURE_BAD)))


@pytest.mark.parametrize(("level", "probability"), TABLE)
def test_every_level_with_every_probability(control, predicted, level, probability):
    # The model may decide every part; audits and first looks are as good as never drawn.
    decision = decide(control(level), "PART-7", True, predicted(probability))
    assert seen(decision) == TABLE[level, probability]
    assert (decision.canary is not None) == (level in {Level.PARTIAL, Level.FULL})
    assert (decision.audit is not None) == (decision.route is not HUMAN)
    shows = decision.presentation is SHOWN
    assert (decision.first_look is not None) == shows


@pytest.mark.parametrize("level", [Level.PARTIAL, Level.FULL])
@pytest.mark.parametrize("probability", [SURE_GOOD, LEANS_GOOD, LEANS_BAD, SURE_BAD])
def test_outside_the_canary_it_is_as_in_assist(control, predicted, level, probability):
    outside = decide(control(level, canary_share=0.0), "PART-7", True, predicted(probability))
    assist = decide(control(Level.ASSIST), "PART-7", True, predicted(probability))
    assert outside.canary is not None
    assert not outside.canary.drawn
    assert outside.reasons == (Reason.OUTSIDE_CANARY,)
    for field in ("route", "presentation", "disposition", "first_look", "audit", "model_judgement"):
        assert getattr(outside, field) == getattr(assist, field)


@pytest.mark.parametrize(
    ("style", "presentation"),
    [(AssistStyle.HIGHLIGHT, Presentation.HIGHLIGHT), (AssistStyle.SECOND_LOOK, Presentation.SECOND_LOOK)],
)
def test_the_style_says_when_the_model_is_shown(control, predicted, style, presentation):
    assert decide(control(Level.ASSIST, style=style), "P", True, predicted(0.9)).presentation is presentation


@pytest.mark.parametrize(
    ("level", "share", "reason"),
    [
        (Level.ASSIST, 1.0, Reason.LEVEL_ASSIST),
        (Level.PARTIAL, 1.0, Reason.MODEL_UNSURE),
        (Level.PARTIAL, 0.0, Reason.OUTSIDE_CANARY),
        (Level.FULL, 0.0, Reason.OUTSIDE_CANARY),
    ],
)
def test_an_unaided_first_look_is_blind_and_says_why(control, predicted, level, share, reason):
    state = control(level, canary_share=share, unaided_share=1.0)
    decision = decide(state, "P", True, predicted(LEANS_BAD))
    assert decision.presentation is BLIND
    assert decision.reasons == (reason, Reason.UNAIDED_FIRST_LOOK)
    assert decision.first_look is not None
    assert decision.first_look.drawn


@pytest.mark.parametrize("hold_audits", [True, False])
@pytest.mark.parametrize("level", [Level.PARTIAL, Level.FULL])
@pytest.mark.parametrize(
    ("probability", "route", "released"),
    [(SURE_GOOD, ACCEPTS, Disposition.ACCEPT), (SURE_BAD, REJECTS, Disposition.REJECT)],
)
def test_an_audited_part_is_blind_and_held_where_the_line_can(
    control, predicted, level, hold_audits, probability, route, released
):
    state = control(level, audit_share=1.0, hold_audits=hold_audits)
    decision = decide(state, "P", True, predicted(probability))
    assert decision.route is route
    assert decision.presentation is BLIND
    assert decision.asks_human
    assert decision.reasons[-1] is Reason.AUDIT_DRAWN
    assert decision.disposition is (HOLD if hold_audits else released)


FAULTS = {
    PredictionStatus.FAILED: Reason.PREDICTION_FAILED,
    PredictionStatus.LATE: Reason.PREDICTION_LATE,
    PredictionStatus.ABSENT: Reason.PREDICTION_ABSENT,
}
LEVEL_REASONS = {
    Level.SHADOW: (Reason.LEVEL_SHADOW,),
    Level.ASSIST: (Reason.LEVEL_ASSIST,),
    Level.PARTIAL: (),
    Level.FULL: (),
}


def test_every_status_but_ok_has_its_reason():
    assert set(FAULTS) == set(PredictionStatus) - {PredictionStatus.OK}


@pytest.mark.parametrize("level", LEVEL_REASONS)
@pytest.mark.parametrize("status", FAULTS)
def test_a_prediction_that_must_not_be_used_sends_the_part_to_a_human(control, unusable, level, status):
    decision = decide(control(level), "P", True, unusable(status))
    assert seen(decision) == (HUMAN, [*LEVEL_REASONS[level], FAULTS[status]], BLIND, HOLD, None)
    assert decision.first_look is None


@pytest.mark.parametrize("level", LEVEL_REASONS)
def test_no_prediction_at_all_counts_as_absent(control, level):
    decision = decide(control(level), "P", True, None)
    assert seen(decision) == (HUMAN, [*LEVEL_REASONS[level], Reason.PREDICTION_ABSENT], BLIND, HOLD, None)


@pytest.mark.parametrize("level", Level)
def test_an_unusable_picture_outweighs_any_prediction(control, predicted, level):
    decision = decide(control(level), "P", False, predicted(SURE_GOOD))
    level_reason = LEVEL_REASONS.get(level, (Reason.LEVEL_HUMAN_ONLY,))
    assert seen(decision) == (HUMAN, [*level_reason, Reason.PICTURE_UNUSABLE], BLIND, HOLD, None)


def test_a_fault_outside_the_canary_names_both(control):
    decision = decide(control(Level.FULL, canary_share=0.0), "P", True, None)
    assert decision.reasons == (Reason.OUTSIDE_CANARY, Reason.PREDICTION_ABSENT)
    assert decision.canary is not None


@pytest.mark.parametrize("level", [Level.PARTIAL, Level.FULL])
def test_a_probability_on_a_threshold_is_not_sure(control, predicted, level):
    at_accept = decide(control(level), "P", True, predicted(0.2))
    at_reject = decide(control(level), "P", True, predicted(0.8))
    assert at_accept.disposition is not Disposition.ACCEPT
    assert at_reject.reasons[0] in {Reason.MODEL_UNSURE, Reason.FULL_REJECTS_UNSURE}


def test_a_probability_on_the_cut_is_judged_reject(control, predicted):
    assert decide(control(Level.SHADOW), "P", True, predicted(0.5)).model_judgement is Judgement.REJECT


def test_the_model_runs_everywhere_but_in_human_only():
    assert [runs_model(level) for level in Level] == [False, True, True, True, True]
