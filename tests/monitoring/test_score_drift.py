"""Score drift: p-values are exactly uniform when nothing has changed, bets on them are fair, drift raises them."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from inspector_app.monitoring.score_drift import (
    BETS,
    ScoreReference,
    conformal_p,
    drift_e_values,
    smoothing_draw,
)


@pytest.mark.parametrize("scores", [[0.1, 0.2, 0.3, 0.4], [0.1, 0.1, 0.3, 0.3], [0.5, 0.5, 0.5]])
def test_among_exchangeable_scores_the_p_value_is_exactly_uniform(scores):
    """Over every order of the scores and a fine grid of u, each tenth of p-values is met equally often."""
    grid = [(i + 0.5) / 60 for i in range(60)]
    found = [
        conformal_p(ScoreReference(tuple(sorted(order[1:]))), order[0], u)
        for order in itertools.permutations(scores)
        for u in grid
    ]
    n = len(scores)
    for edge in range(1, n + 1):
        assert sum(p <= edge / n for p in found) / len(found) == pytest.approx(edge / n)


def test_p_values_of_new_parts_follow_the_uniform_law():
    chance = random.Random(3)
    found = []
    for _ in range(2000):
        reference = ScoreReference(tuple(sorted(chance.betavariate(1, 9) for _ in range(20))))
        found.append(conformal_p(reference, chance.betavariate(1, 9), chance.random()))
    assert kstest(found, "uniform").pvalue > 1e-4


def test_a_higher_score_has_a_smaller_p_value():
    reference = ScoreReference((0.1, 0.2, 0.2, 0.9))
    found = [conformal_p(reference, score, 0.5) for score in (0.0, 0.1, 0.15, 0.2, 0.5, 0.95)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(4.5 / 5)
    assert found[-1] == pytest.approx(0.5 / 5)


@pytest.mark.parametrize("tolerance", [0.0, 0.03, 0.1])
def test_bets_on_uniform_p_values_are_fair_or_worse(tolerance):
    grid = [(i + 0.5) / 1000 for i in range(1000)]
    totals = [
        math.fsum(column) / len(grid) for column in zip(*(drift_e_values(p, tolerance) for p in grid), strict=True)
    ]
    assert len(totals) == BETS
    assert all(mean <= 1.0 + 1e-9 for mean in totals)
    assert min(totals) >= 1.0 - 1.6 * tolerance - 1e-9


@given(st.floats(0.0, 1.0), st.floats(0.0, 0.1))
def test_no_bet_loses_more_than_its_stake(p, tolerance):
    assert min(drift_e_values(p, tolerance)) >= 0.0


def test_each_direction_of_drift_has_a_bet_that_gains():
    for p_values in ([0.05], [0.95], [0.01, 0.99], [0.49, 0.51]):
        gains = [math.prod(column) for column in zip(*(drift_e_values(p, 0.03) for p in p_values), strict=True)]
        assert max(gains) > 1.2


def test_the_draw_of_a_part_is_its_own_and_replays():
    assert smoothing_draw("PART-1") == smoothing_draw("PART-1")
    assert smoothing_draw("PART-1") != smoothing_draw("PART-2")


@pytest.mark.parametrize(("scores", "tolerance"), [((), 0.03), ((0.2, 0.1), 0.03), ((0.1,), 0.2), ((0.1,), -0.1)])
def test_a_reference_that_is_none_is_refused(scores, tolerance):
    with pytest.raises(ValueError, match="reference"):
        ScoreReference(scores, tolerance)
