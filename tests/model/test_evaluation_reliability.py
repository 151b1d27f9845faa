"""Proper scores against scikit-learn, calibration errors against hand-made pictures, slices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from model.evaluation.measures import group_weights
from model.evaluation.reliability import bins_of_equal_mass, reliability

rows = st.lists(st.tuples(st.floats(0.001, 0.999), st.booleans()), min_size=2, max_size=60)


@given(rows)
def test_log_loss_and_brier_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, rejects = np.array([score for score, _ in rows]), np.array([flag for _, flag in rows])
    found = reliability(scores, rejects, np.ones((1, len(rows)), np.int64), 0)
    assert found.log_loss.value == pytest.approx(log_loss(rejects, scores, labels=[False, True]), abs=1e-9)
    assert found.brier.value == pytest.approx(brier_score_loss(rejects, scores), abs=1e-9)


def test_a_certain_mistake_costs_much_but_not_infinitely() -> None:
    found = reliability(np.array([0.0, 1.0]), np.array([True, True]), np.ones((1, 2), np.int64), 0)
    assert found.log_loss.value == pytest.approx(-np.log(1e-15) / 2)


def test_calibration_errors_of_two_bins() -> None:
    """Sixteen pictures said 0.2, of which 8 are rejects; sixteen said 0.8, of which 12 are."""
    scores = np.repeat([0.2, 0.8], 16)
    rejects = np.array([True] * 8 + [False] * 8 + [True] * 12 + [False] * 4)
    found = reliability(scores, rejects, np.ones((1, 32), np.int64), 0)
    assert [(each.rejects.k, each.rejects.n) for each in found.bins] == [(8, 16), (12, 16)]
    assert found.ece == pytest.approx((0.3 + 0.05) / 2)
    squares = (0.3**2 - 0.25 / 15 + 0.05**2 - 0.1875 / 15) / 2
    assert found.rms_debiased == pytest.approx(np.sqrt(squares))
    # E|k - 3.2| for Bin(16, 0.2), over 16
    assert found.ece_if_calibrated == pytest.approx(0.0792, abs=0.004)
    assert found.ece_debiased == pytest.approx((found.ece or 0) - (found.ece_if_calibrated or 0))


def test_true_probabilities_have_no_debiased_error() -> None:
    rng = np.random.default_rng(5)
    scores = rng.random(4000)
    found = reliability(scores, rng.random(4000) < scores, np.ones((1, 4000), np.int64), 0)
    assert found.ece == pytest.approx(found.ece_if_calibrated, abs=0.01)
    assert (found.rms_debiased or 0) < 0.02
    inside = [each.rejects.low <= each.mean_probability <= each.rejects.high for each in found.bins]  # type: ignore[operator]
    assert sum(inside) >= 8


@given(st.lists(st.integers(0, 6), min_size=1, max_size=200))
def test_bins_are_of_equal_mass_but_for_ties(values: list[int]) -> None:
    scores = np.array(values) / 6
    owners = bins_of_equal_mass(scores)
    assert set(owners.tolist()) == set(range(owners.max() + 1))
    for value in set(values):
        assert len(set(owners[scores == value / 6].tolist())) == 1
    order = np.argsort(scores)
    assert (np.diff(owners[order]) >= 0).all()
    distinct = bins_of_equal_mass(np.linspace(0, 1, len(values)))
    counts = np.bincount(distinct)
    assert counts.max() - counts.min() <= 1
    assert len(counts) == min(max(len(values) // 8, 1), 10)


def test_nothing_is_not_measurable() -> None:
    none = np.zeros(0)
    found = reliability(none, none.astype(bool), group_weights([], 0), 0)
    assert found.log_loss.value is None
    assert found.ece is None
    assert found.bins == ()
