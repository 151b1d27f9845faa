"""What holds of the policy for every control state, part and prediction."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inspector_app.automation.draws import draw
from inspector_app.automation.policy import decide
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
SALTS = Salts("canary-1", "audit-1", "first-look-1")
AUTOMATIC = (Level.PARTIAL, Level.FULL)

# Surrogates too: a file name of stray bytes becomes a part's name.
parts = st.text(st.characters(), min_size=1, max_size=12)
shares = st.floats(0.0, 1.0)
shares_above_0 = st.floats(0.0, 1.0, exclude_min=True)
probabilities = st.floats(0.0, 1.0)


@st.composite
def controls(draw_value, levels=tuple(Level)):
    low, cut, high = sorted(draw_value(st.tuples(probabilities, probabilities, probabilities)))
    return ControlState(
        version=draw_value(st.integers(1, 9)),
        level=draw_value(st.sampled_from(levels)),
        style=draw_value(st.sampled_from(AssistStyle)),
        accept_below=low,
        cut=cut,
        reject_above=high,
        canary_share=draw_value(shares),
        audit_share=draw_value(shares_above_0),
        unaided_share=draw_value(shares_above_0),
        hold_audits=draw_value(st.booleans()),
        salts=SALTS,
        targeted_share=draw_value(st.sampled_from([0.0, 0.0, 0.3, 1.0])),
        targeted_above=draw_value(probabilities),
        reject_audit_share=draw_value(st.sampled_from([0.0, 0.0, 0.3, 1.0])),
    )


def ok(probability: float) -> Prediction:
    return Prediction(PredictionStatus.OK, probability, (), MODEL, 1.0)


usable_predictions = probabilities.map(ok)
faulty_predictions = st.one_of(
    st.none(),
    st.sampled_from([s for s in PredictionStatus if s is not PredictionStatus.OK]).map(
        lambda status: Prediction(status, None, (), MODEL, 1.0, "It failed.")
    ),
)
any_predictions = st.one_of(usable_predictions, faulty_predictions)


@given(controls(), parts, any_predictions)
def test_an_unusable_picture_never_accepts(control, part, prediction):
    decision = decide(control, part, False, prediction)
    assert decision.route is Route.HUMAN
    assert decision.disposition is Disposition.HOLD
    assert decision.presentation is Presentation.BLIND


@given(controls(), parts, st.booleans(), faulty_predictions)
def test_a_faulty_prediction_never_accepts(control, part, picture_usable, prediction):
    decision = decide(control, part, picture_usable, prediction)
    assert decision.route is Route.HUMAN
    assert decision.disposition is Disposition.HOLD
    assert decision.presentation is Presentation.BLIND
    assert decision.model_judgement is None


@given(controls(levels=(Level.HUMAN_ONLY,)), parts, st.booleans(), any_predictions, any_predictions)
def test_human_only_does_not_depend_on_the_model_at_all(control, part, picture_usable, one, other):
    assert decide(control, part, picture_usable, one) == decide(control, part, picture_usable, other)


@given(controls(levels=(Level.SHADOW,)), parts, st.booleans(), any_predictions, any_predictions)
def test_shadow_never_leaks_or_acts(control, part, picture_usable, one, other):
    first, second = (decide(control, part, picture_usable, p) for p in (one, other))
    for field in ("route", "canary", "audit", "first_look", "presentation", "disposition"):
        assert getattr(first, field) == getattr(second, field)
    assert first.route is Route.HUMAN
    assert first.presentation is Presentation.BLIND
    assert first.disposition is Disposition.HOLD


@given(controls(levels=(Level.SHADOW,)), parts, st.booleans(), any_predictions)
def test_shadow_acts_as_human_only_does(control, part, picture_usable, prediction):
    shadow = decide(control, part, picture_usable, prediction)
    human = decide(dataclasses.replace(control, level=Level.HUMAN_ONLY), part, picture_usable, prediction)
    for field in ("route", "canary", "audit", "first_look", "presentation", "disposition"):
        assert getattr(shadow, field) == getattr(human, field)


@given(controls(), parts, st.booleans(), any_predictions)
def test_every_decision_is_whole(control, part, picture_usable, prediction):
    decision = decide(control, part, picture_usable, prediction)
    by_model = decision.route is not Route.HUMAN
    assert decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)
    assert (decision.audit is not None) == by_model
    assert (decision.canary is not None) == (control.level in AUTOMATIC)
    if by_model:
        assert control.level in AUTOMATIC
        assert decision.canary.drawn
        assert decision.first_look is None
        assert (decision.presentation is Presentation.BLIND) == decision.audited == decision.asks_human
        assert (Reason.AUDIT_DRAWN in decision.reasons) == decision.audited
    else:
        assert decision.asks_human
        assert decision.disposition is Disposition.HOLD


@given(controls(), parts, st.booleans(), any_predictions)
def test_the_line_hears_accept_only_for_a_sure_model_inside_the_canary(control, part, picture_usable, prediction):
    decision = decide(control, part, picture_usable, prediction)
    if decision.disposition is Disposition.ACCEPT:
        assert decision.route is Route.MODEL_ACCEPT
        assert decision.canary.drawn
        assert picture_usable
        assert prediction.status is PredictionStatus.OK
        assert prediction.probability < control.accept_below
        assert not (decision.audited and control.hold_audits)


@given(controls(levels=AUTOMATIC), parts, probabilities)
def test_held_audits_are_held_and_others_go_as_the_model_says(control, part, probability):
    decision = decide(control, part, True, ok(probability))
    if decision.route is Route.HUMAN:
        return  # most of them, too many to be assumed away
    says = Disposition.ACCEPT if decision.route is Route.MODEL_ACCEPT else Disposition.REJECT
    held = decision.audited and control.hold_audits
    assert decision.disposition is (Disposition.HOLD if held else says)


@given(controls(levels=AUTOMATIC), parts, probabilities, probabilities)
def test_a_more_suspicious_part_is_never_treated_as_a_better_one(control, part, one, other):
    low, high = sorted((one, other))
    order = [Route.MODEL_ACCEPT, Route.HUMAN, Route.MODEL_REJECT]
    routes = [order.index(decide(control, part, True, ok(p)).route) for p in (low, high)]
    assert routes == sorted(routes)


@given(controls(levels=tuple(level for level in Level if level is not Level.HUMAN_ONLY)), parts, probabilities)
def test_the_judgement_is_the_cut(control, part, probability):
    judged = decide(control, part, True, ok(probability)).model_judgement
    assert judged is (Judgement.REJECT if probability >= control.cut else Judgement.ACCEPT)


@given(controls(), parts, usable_predictions, usable_predictions)
def test_draws_do_not_depend_on_what_the_model_says(control, part, one, other):
    first, second = (decide(control, part, True, p) for p in (one, other))
    assert first.canary == second.canary
    for name in ("audit", "first_look"):
        a, b = getattr(first, name), getattr(second, name)
        assert a is None or b is None or a.u == b.u
        # Only the share of audits may be another for rejects than for accepts.
        assert a is None or b is None or first.route is not second.route or a == b


@given(controls(levels=AUTOMATIC), parts, usable_predictions, any_predictions, st.booleans())
def test_the_canary_cohort_does_not_depend_on_faults(control, part, one, other, picture_usable):
    assert decide(control, part, True, one).canary == decide(control, part, picture_usable, other).canary


@given(controls(), parts, any_predictions, st.booleans(), shares)
def test_a_wider_canary_takes_nothing_from_the_model(control, part, prediction, picture_usable, share):
    narrow, wide = sorted((control.canary_share, share))
    before = decide(dataclasses.replace(control, canary_share=narrow), part, picture_usable, prediction)
    after = decide(dataclasses.replace(control, canary_share=wide), part, picture_usable, prediction)
    if before.route is not Route.HUMAN:
        assert after.route is before.route
        assert after.audit == before.audit
        assert after.targeted == before.targeted


@given(controls(levels=AUTOMATIC), parts, probabilities)
def test_only_accepts_close_to_the_threshold_have_a_targeted_draw_and_it_changes_no_other(control, part, probability):
    decision = decide(control, part, True, ok(probability))
    close = control.targeted_share > 0.0 and probability >= control.targeted_above
    assert (decision.targeted is not None) == (decision.route is Route.MODEL_ACCEPT and close)
    without = decide(dataclasses.replace(control, targeted_share=0.0), part, True, ok(probability))
    assert (without.route, without.audit, without.canary) == (decision.route, decision.audit, decision.canary)
    assert without.targeted is None


@given(controls(levels=AUTOMATIC), parts, probabilities)
def test_an_audit_of_either_stream_looks_and_is_held_alike(control, part, probability):
    one = decide(dataclasses.replace(control, audit_share=1.0, targeted_share=0.0), part, True, ok(probability))
    other = decide(dataclasses.replace(control, audit_share=1e-15, targeted_share=1.0), part, True, ok(probability))
    if other.targeted is not None:
        for field in ("route", "reasons", "presentation", "disposition"):
            assert getattr(one, field) == getattr(other, field)


@given(controls(), parts, any_predictions, st.booleans())
def test_the_same_part_is_decided_alike(control, part, prediction, picture_usable):
    assert decide(control, part, picture_usable, prediction) == decide(control, part, picture_usable, prediction)


@given(controls(), parts, st.integers(10, 99), any_predictions)
def test_the_version_of_the_state_changes_nothing(control, part, version, prediction):
    renumbered = dataclasses.replace(control, version=version)
    assert decide(control, part, True, prediction) == decide(renumbered, part, True, prediction)


@given(parts, shares, shares)
def test_shares_nest(part, one, other):
    narrow, wide = sorted((one, other))
    assert not draw("salt", part, narrow).drawn or draw("salt", part, wide).drawn


@given(parts)
def test_share_0_takes_no_part_and_share_1_every_part(part):
    assert not draw("salt", part, 0.0).drawn
    assert draw("salt", part, 1.0).drawn


@given(st.tuples(probabilities, probabilities, probabilities))
def test_thresholds_out_of_order_are_no_control_state(thresholds):
    assume(list(thresholds) != sorted(thresholds))
    low, cut, high = thresholds
    with pytest.raises(ValueError, match="accept_below ≤ cut ≤ reject_above"):
        ControlState(1, Level.FULL, AssistStyle.HIGHLIGHT, low, cut, high, 0.1, 0.1, 0.1, True, SALTS)
