"""Intervals that hold while they are watched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.agreement.intervals import watched_agreement, watched_proportion, wilson
from inspector_app.agreement.values import IntervalMethod, NotMeasurable
from inspector_app.agreement.watched import watched_figures


def test_the_bounds_are_those_of_the_uniform_mixture():
    at = watched_proportion(3, 1000, 0.95)
    assert (at.low, at.high) == pytest.approx((0.000069, 0.016418), abs=1e-6)
    assert watched_proportion(0, 300, 0.95).high == pytest.approx(0.02859, abs=1e-5)
    assert at.method.any_time
    assert not wilson(3, 1000, 0.95).method.any_time


@given(st.integers(0, 200), st.integers(0, 200))
def test_watching_costs_width_and_keeps_the_estimate_inside(k, rest):
    at = watched_proportion(k, k + rest, 0.95)
    assert 0.0 <= at.low <= at.high <= 1.0
    if k + rest:
        fixed = wilson(k, k + rest, 0.95)
        assert at.low <= k / (k + rest) <= at.high
        assert at.low <= fixed.low + 1e-12
        assert at.high >= fixed.high - 1e-12


def test_specific_agreement_is_carried_over():
    share, at = watched_proportion(17, 23, 0.95), watched_agreement(17, 6, 0.95)
    assert at.low == 2 * share.low / (1 + share.low)
    assert at.method is IntervalMethod.CONFIDENCE_SEQUENCE_CONDITIONAL


def test_figures_keep_their_names_and_reasons(report, empty_report):
    figures = watched_figures(report.headline, 0.95)
    assert list(figures) == [
        "on_rejects",
        "on_accepts",
        "human.miss",
        "human.false_alarm",
        "model.miss",
        "model.false_alarm",
    ]
    assert figures["on_rejects"].figure == report.headline.agreement.on_rejects
    assert figures["on_rejects"].interval.low < report.headline.agreement.on_rejects.display.low
    assert all(isinstance(f, NotMeasurable) for f in watched_figures(empty_report.headline, 0.95).values())
