"""Previews against counting by hand, and the monotone ways in which thresholds can only matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.counting import Scores
from inspector_app.automation.preview import preview, score_histogram
from inspector_app.domain.contract import ScoredPart

PARTS = [
    ScoredPart("a", 0.1, False),
    ScoredPart("b", 0.1, True),
    ScoredPart("c", 0.2, None),
    ScoredPart("d", 0.5, False),
    ScoredPart("e", 0.9, True),
    ScoredPart("f", 0.9, False),
    ScoredPart("g", 1.0, None),
    ScoredPart("h", 0.0, False),
]


def test_counts_by_hand():
    shown = preview(Scores.of(PARTS), 0.5, 0.8, takt_s=6.0, canary_share=0.5, audit_share=0.2)
    assert [(rate.k, rate.n) for rate in (shown.accepted, shown.rejected, shown.to_human)] == [(4, 8), (3, 8), (1, 8)]
    assert (shown.escapes.k, shown.escapes.n) == (2, 4)
    assert (shown.missed.k, shown.missed.n) == (2, 3)
    assert (shown.false_rejects.k, shown.false_rejects.n) == (2, 3)
    assert shown.escapes.low < shown.escapes.estimate == 0.5 < shown.escapes.high
    # 600 parts an hour; 7 in 8 are decided, half of them within the canary share, one in five of those audited.
    assert shown.workload.parts == pytest.approx(600.0)
    assert shown.workload.for_people == pytest.approx(600.0 * (1 - 0.5 * 0.8 * 7 / 8))
    assert shown.workload.escapes == pytest.approx(600.0 * 0.5 * 0.8 * 2 / 8)
    assert shown.workload.escapes_high > shown.workload.escapes


def test_thresholds_are_strict():
    shown = preview(Scores.of(PARTS), 0.1, 0.9, takt_s=1.0)
    assert (shown.accepted.k, shown.rejected.k) == (1, 1)


def test_nothing_seen_is_not_nothing_wrong():
    shown = preview(Scores.of([]), 0.1, 0.9, takt_s=1.0)
    assert shown.escapes.estimate is None
    assert (shown.escapes.low, shown.escapes.high) == (0.0, 1.0)
    assert shown.workload.for_people == 3600.0
    assert shown.workload.escapes == 0.0
    assert shown.workload.escapes_high == 3600.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_wider_thresholds_leave_less_to_people(a, b, c):
    low, middle, high = sorted((a, b, c))
    scores = Scores.of(PARTS)
    narrow, wide = preview(scores, low, high, takt_s=1.0), preview(scores, middle, high, takt_s=1.0)
    assert wide.to_human.k <= narrow.to_human.k
    assert wide.workload.escapes >= narrow.workload.escapes
    assert wide.accepted.k + wide.rejected.k + wide.to_human.k == len(PARTS)


def test_histogram_holds_every_part_once():
    edges = tuple(tenth / 10 for tenth in range(11))
    histogram = score_histogram(Scores.of(PARTS), edges)
    assert (sum(histogram.good), sum(histogram.bad), sum(histogram.unresolved)) == (4, 2, 2)
    assert histogram.edges == edges
    assert len(histogram.edges) == len(histogram.good) + 1 == 11
    assert histogram.unresolved[-1] == 1


@pytest.mark.parametrize(
    ("thresholds", "shares"),
    [((0.9, 0.1), {"takt_s": 1.0}), ((0.1, 0.9), {"takt_s": 0.0}), ((0.1, 0.9), {"takt_s": 1.0, "audit_share": 1.5})],
)
def test_out_of_range_is_refused(thresholds, shares):
    with pytest.raises(ValueError, match=r"thresholds are|takt is"):
        preview(Scores.of(PARTS), *thresholds, **shares)
