"""Ranking measures, curves and intervals against other implementations, published values and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from model.evaluation.measures import auroc, average_precision, froc_recall, group_bootstrap, wilson

pictures = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=40)


@given(pictures)
def test_auroc_and_average_precision_are_those_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 8 for score, _ in rows])
    positive = np.array([flag for _, flag in rows])
    if positive.all() or not positive.any():
        assert auroc(scores, positive) is None
        assert average_precision(scores, positive) is None
        return
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)
    assert average_precision(scores, positive) == pytest.approx(average_precision_score(positive, scores), abs=1e-12)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
)
def test_wilson_gives_the_intervals_of_newcombe_1998(k: int, n: int, low: float, high: float) -> None:
    share = wilson(k, n)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)
    assert share.value == k / n


def test_a_share_of_nothing_is_not_measurable() -> None:
    assert wilson(0, 0).value is None
    assert wilson(0, 0).low is None


scores = st.lists(st.integers(0, 10), max_size=20)


@given(hits=scores, false=scores, missed=st.integers(0, 3), count=st.integers(1, 9), allowed=st.floats(0, 3))
def test_froc_recall_is_the_best_that_any_threshold_gives(
    hits: list[int], false: list[int], missed: int, count: int, allowed: float
) -> None:
    hit_scores = np.array([*hits, *[-np.inf] * missed], np.float64)
    found = froc_recall(hit_scores, np.array(false, np.float64), count, allowed)
    if not hit_scores.size:
        assert found is None
        return
    best = 0.0
    for threshold in [value / 2 for value in range(-1, 23)]:
        if sum(score >= threshold for score in false) <= allowed * count + 1e-9:
            best = max(best, sum(score >= threshold for score in hits) / hit_scores.size)
    assert found == pytest.approx(best)


def test_groups_are_resampled_whole() -> None:
    """Ten pictures of one part are one observation: the interval is that of two groups, not of twenty pictures."""
    values = np.array([0.0] * 10 + [1.0] * 10)
    by_group = group_bootstrap(["a"] * 10 + ["b"] * 10, lambda rows: float(values[rows].mean()), seed=1)
    by_picture = group_bootstrap([str(i) for i in range(20)], lambda rows: float(values[rows].mean()), seed=1)
    assert (by_group.value, by_group.low, by_group.high) == (0.5, 0.0, 1.0)
    assert by_picture.low is not None
    assert by_picture.high is not None
    assert 0.2 < by_picture.low < by_picture.high < 0.8
    assert group_bootstrap([str(i) for i in range(20)], lambda rows: float(values[rows].mean()), seed=1) == by_picture


def test_an_interval_is_not_invented() -> None:
    assert group_bootstrap(["a"] * 5, lambda rows: float(rows.size), seed=0).low is None
    positive = np.array([True] + [False] * 9)
    score = np.linspace(1, 0, 10)
    lonely = group_bootstrap([str(i) for i in range(10)], lambda rows: auroc(score[rows], positive[rows]), seed=0)
    assert lonely.value == 1.0
    assert lonely.low is None, "a third of the resamples hold no positive"
    assert group_bootstrap([], lambda rows: None, seed=0).value is None
