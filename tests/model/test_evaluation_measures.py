"""Ranking measures, curves and intervals against other implementations, published values and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from model.evaluation.measures import (
    Weights,
    auroc,
    average_precision,
    estimate,
    froc_cutoffs,
    group_weights,
    mean_of,
    recall_above,
    wilson,
)

pictures = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


@given(pictures)
def test_auroc_and_average_precision_are_those_of_scikit_learn(rows: list[tuple[int, bool, int]]) -> None:
    """Once as they are, once with pictures repeated as a resample repeats them."""
    scores = np.array([score / 8 for score, _, _ in rows])
    positive = np.array([flag for _, flag, _ in rows])
    weights = np.array([[1] * len(rows), [times for _, _, times in rows]])
    ours = (auroc(scores, positive, weights), average_precision(scores, positive, weights))
    for row, times in enumerate(weights):
        repeated, truth = np.repeat(scores, times), np.repeat(positive, times)
        if truth.all() or not truth.any():
            assert np.isnan([figure[row] for figure in ours]).all()
            continue
        assert ours[0][row] == pytest.approx(roc_auc_score(truth, repeated), abs=1e-12)
        assert ours[1][row] == pytest.approx(average_precision_score(truth, repeated), abs=1e-12)


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


marks = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4)), max_size=20)


@given(
    hits=marks,
    false=marks,
    missed=st.integers(0, 3),
    times=st.lists(st.integers(0, 3), min_size=5, max_size=5),
    allowed=st.floats(0, 3),
)
def test_froc_recall_is_the_best_that_any_threshold_gives(
    hits: list[tuple[int, int]], false: list[tuple[int, int]], missed: int, times: list[int], allowed: float
) -> None:
    """Brute force over five pictures, as they are and resampled; each mark is (score, picture)."""
    places = [(float(score), owner) for score, owner in hits] + [(-np.inf, 0)] * missed
    hit_scores, hit_owners = np.array([s for s, _ in places]), np.array([o for _, o in places], np.intp)
    false_scores, false_owners = np.array([float(s) for s, _ in false]), np.array([o for _, o in false], np.intp)
    weights = np.array([[1] * 5, times])
    cutoffs = froc_cutoffs(false_scores, false_owners, weights, (allowed,))
    found = recall_above(hit_scores, hit_owners, weights, cutoffs[:, 0])
    for row, sample in enumerate(weights):
        total = sum(sample[owner] for _, owner in places)
        if not total:
            assert np.isnan(found[row])
            continue
        best = 0.0
        for threshold in [value / 2 for value in range(-1, 23)]:
            if sum(sample[o] for s, o in false if s >= threshold) <= allowed * sample.sum() + 1e-9:
                best = max(best, sum(sample[o] for s, o in places if s >= threshold) / total)
        assert found[row] == pytest.approx(best)


def mean_interval(groups: list[str], values: np.ndarray, seed: int) -> tuple[float | None, float | None, float | None]:
    found = estimate(mean_of(values, np.arange(values.size), group_weights(groups, seed)))
    return found.value, found.low, found.high


def test_groups_are_resampled_whole() -> None:
    """Ten pictures of one part are one observation: the interval is that of two groups, not of twenty pictures."""
    values = np.array([0.0] * 10 + [1.0] * 10)
    assert mean_interval(["a"] * 10 + ["b"] * 10, values, 1) == (0.5, 0.0, 1.0)
    each = [str(i) for i in range(20)]
    _, low, high = mean_interval(each, values, 1)
    assert low is not None
    assert high is not None
    assert 0.2 < low < high < 0.8
    assert mean_interval(each, values, 1) == mean_interval(each, values, 1)
    assert (group_weights(each, 1) != group_weights(each, 2)).any()


@given(groups=st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_a_resample_draws_as_many_groups_as_there_are_and_all_pictures_of_each(groups: list[str], seed: int) -> None:
    weights = group_weights(groups, seed, resamples=20)
    assert (weights[0] == 1).all()
    assert len(weights) == (1 if len(set(groups)) < 2 else 21)
    for row in weights:
        times = {group: {int(row[i]) for i, name in enumerate(groups) if name == group} for group in groups}
        assert all(len(seen) == 1 for seen in times.values())
        assert sum(seen.pop() for seen in times.values()) == len(set(groups))


def test_an_interval_is_not_invented() -> None:
    assert mean_interval(["a"] * 5, np.ones(5), 0) == (1.0, None, None)
    positive = np.array([True] + [False] * 9)
    score = np.linspace(1, 0, 10)
    weights: Weights = group_weights([str(i) for i in range(10)], 0)
    lonely = estimate(auroc(score, positive, weights))
    assert lonely.value == 1.0
    assert lonely.low is None, "a third of the resamples hold no positive"
    assert lonely.degenerate == int((weights[1:, 0] == 0).sum())
    empty = np.zeros(0)
    assert estimate(auroc(empty, empty.astype(bool), group_weights([], 0))).value is None
