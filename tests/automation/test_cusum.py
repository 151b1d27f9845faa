"""Bernoulli CUSUM: run lengths against an independent chain, against simulation, and against a float statistic."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import diags_array, eye_array
from scipy.sparse.linalg import spsolve

from inspector_app.automation.cusum import CusumPlan, cusum_after

PLANS = st.sampled_from([CusumPlan(0.005, 0.015, 3), CusumPlan(0.02, 0.05, 4), CusumPlan(0.1, 0.3, 2)])


def observations_to_alarm(plan: CusumPlan, share: float) -> float:
    """Return the mean number of observations from 0 to the alarm (ANOS) when bad ones come with this share.

    Exact: the statistic is a Markov chain on 0 … h m - 1, and the means solve ``a(s) = 1 + (1-p) a(max(0, s-1)) + p
    a(s+m-1)`` with a = 0 from h m on.
    """
    size, up = plan.alarm_at, plan.steps - 1
    stay = [1.0 - share] + [0.0] * (size - 1)
    down, rise = [1.0 - share] * (size - 1), [share] * (size - up)
    moves = diags_array([stay, down, rise], offsets=[0, -1, up], shape=(size, size))
    means = spsolve((eye_array(size) - moves).tocsc(), [1.0] * size)
    return float(means[0])


@pytest.mark.parametrize(
    ("good", "bad", "limit", "steps", "means"),
    [
        (0.005, 0.015, 3, 110, (7810, 422, 149)),
        (0.005, 0.015, 4, 110, (25153, 587, 195)),
        (0.01, 0.03, 3, 55, (3986, 211, 75)),
        (0.01, 0.03, 4, 55, (12949, 294, 98)),
        (0.02, 0.05, 4, 30, (4826, 196, 61)),
        (0.05, 0.10, 4, 14, (1196, 108, 31)),
    ],
)
def test_steps_and_exact_run_lengths(good, bad, limit, steps, means):
    plan = CusumPlan(good, bad, limit)
    assert plan.steps == steps
    assert plan.alarm_at == limit * steps
    assert [round(observations_to_alarm(plan, share)) for share in (good, bad, 2 * bad)] == list(means)


def run_length(plan: CusumPlan, share: float, seed: int) -> int:
    chance, statistic = random.Random(seed), 0
    for n in itertools.count(1):
        statistic = cusum_after(plan, statistic, chance.random() < share)
        if statistic >= plan.alarm_at:
            return n
    raise AssertionError


def test_simulated_run_lengths_have_the_exact_mean():
    plan = CusumPlan(0.05, 0.10, 4)
    lengths = [run_length(plan, 0.10, seed) for seed in range(2000)]
    mean = sum(lengths) / len(lengths)
    error = math.sqrt(sum((n - mean) ** 2 for n in lengths)) / len(lengths)
    assert abs(mean - observations_to_alarm(plan, 0.10)) < 4 * error


@given(PLANS, st.lists(st.booleans(), max_size=300))
def test_the_whole_number_is_the_published_statistic(plan, observations):
    statistic, published = 0, 0.0
    for bad in observations:
        statistic = cusum_after(plan, statistic, bad)
        published = max(0.0, published + bad - 1.0 / plan.steps)
        assert statistic / plan.steps == pytest.approx(published, abs=1e-9)


@given(PLANS, st.integers(0, 500), st.booleans())
def test_bad_raises_and_good_lowers(plan, statistic, bad):
    after = cusum_after(plan, statistic, bad)
    assert after > statistic if bad else after <= statistic
    assert after >= 0


def test_always_bad_alarms_as_soon_as_the_limit_can_be_reached():
    plan = CusumPlan(0.01, 0.03, 3)
    assert observations_to_alarm(plan, 1.0) == pytest.approx(math.ceil(plan.alarm_at / (plan.steps - 1)))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((0.02, 0.01, 3), "good share < bad share"),
        ((0.0, 0.01, 3), "good share < bad share"),
        ((0.5, 1.0, 3), "good share < bad share"),
        ((0.01, 0.03, 0), "at least 1"),
        ((0.8, 0.9, 3), "no whole step"),
    ],
)
def test_a_chart_out_of_range_is_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        CusumPlan(*values)
