"""Sticky draws: published oracle, shares, independence."""

from __future__ import annotations

from collections import Counter

import pytest
from scipy.stats import binomtest, chi2_contingency

from inspector_app.automation.draws import (
    audit_draw,
    audit_probability,
    canary_draw,
    draw,
    first_look_draw,
    targeted_draw,
)
from inspector_app.automation.policy import decide
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route

PARTS = [f"PART-{i:06d}" for i in range(1, 20_001)]


def test_a_known_draw():
    assert draw("exp-1", "PART-000001", 0.5).u == 0.13678503164201017
    assert draw("exp-1", "PART-000001", 0.13678503164201017).drawn is False
    assert draw("exp-1", "PART-000001", 0.1368).drawn is True


def test_a_draw_records_its_probability():
    assert draw("exp-1", "PART-000001", 0.25).probability == 0.25


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="a share is in 0 … 1"):
        draw("salt", "P", share)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_drawn_share_is_the_asked_share(share):
    drawn = sum(draw("exp-1", part, share).drawn for part in PARTS)
    assert binomtest(drawn, len(PARTS), share).pvalue > 1e-4


def test_each_purpose_has_its_own_salt_share_and_independent_draw(control):
    state = control(Level.PARTIAL, canary_share=0.3, audit_share=0.4, unaided_share=0.5)
    draws = [(canary_draw(state, p), audit_draw(state, p), first_look_draw(state, p)) for p in PARTS]
    assert [d.probability for d in draws[0]] == [0.3, 0.4, 0.5]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        seen = Counter((d[one].drawn, d[other].drawn) for d in draws)
        table = [[seen[i, j] for j in (True, False)] for i in (True, False)]
        assert chi2_contingency(table).pvalue > 1e-4


def test_the_two_streams_of_audits_are_independent_and_their_probability_is_that_of_either(control, predicted):
    state = control(Level.PARTIAL, audit_share=0.1, targeted_share=0.4, targeted_above=0.15)
    draws = [(audit_draw(state, p), targeted_draw(state, p, 0.16)) for p in PARTS]
    seen = Counter((a.drawn, b.drawn) for a, b in draws)
    assert chi2_contingency([[seen[i, j] for j in (True, False)] for i in (True, False)]).pvalue > 1e-4
    decisions = [decide(state, p, True, predicted(0.16)) for p in PARTS]
    assert audit_probability(decisions[0]) == pytest.approx(1 - 0.9 * 0.6)
    assert binomtest(sum(d.audited for d in decisions), len(PARTS), 1 - 0.9 * 0.6).pvalue > 1e-4


def test_far_from_the_threshold_the_uniform_stream_is_alone(control, predicted):
    state = control(Level.PARTIAL, audit_share=0.1, targeted_share=0.4, targeted_above=0.15)
    assert targeted_draw(state, "P", 0.14) is None
    assert audit_probability(decide(state, "P", True, predicted(0.1))) == pytest.approx(0.1)
    assert audit_probability(decide(state, "P", True, predicted(0.5))) == 0.0


def test_rejects_may_be_audited_more_often_and_hold_the_smaller_sample(control):
    state = control(Level.PARTIAL, audit_share=0.1, reject_audit_share=0.5)
    accepts = {part for part in PARTS if audit_draw(state, part).drawn}
    rejects = {part for part in PARTS if audit_draw(state, part, route=Route.MODEL_REJECT).drawn}
    assert audit_draw(state, "P", route=Route.MODEL_REJECT).probability == 0.5
    assert accepts < rejects
    assert binomtest(len(rejects), len(PARTS), 0.5).pvalue > 1e-4
    less = control(Level.PARTIAL, audit_share=0.1, reject_audit_share=0.05)
    assert audit_draw(less, "P", route=Route.MODEL_REJECT).probability == 0.1
