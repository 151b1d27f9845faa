"""The betting confidence sequence: values computed once, coverage, and its mirror image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.betting import betting_sequence


@pytest.mark.parametrize(("n", "high"), [(300, 0.024), (1000, 0.007)])
def test_all_zero(n, high):
    low, found = betting_sequence([0.0] * n, 0.05)
    assert low == 0.0
    assert found == pytest.approx(high, abs=5e-4)


def test_it_holds_the_mean_at_all_times_together():
    # Areas with mean 0.2, checked after every 20th part of 400: at most 5 % of the runs may ever leave it out.
    generator = np.random.default_rng(3)
    missed = 0
    for _ in range(60):
        values = generator.beta(1.0, 4.0, 400)
        bounds = [betting_sequence(values[:n], 0.05) for n in range(20, 401, 20)]
        missed += not all(low <= 0.2 <= high for low, high in bounds)
    assert missed <= 6


@given(st.lists(st.floats(0.0, 1.0), max_size=60), st.floats(0.01, 0.5))
def test_bounds_are_mirrored_and_only_narrow(values, delta):
    low, high = betting_sequence(values, delta)
    assert 0.0 <= low <= high <= 1.0
    mirrored = betting_sequence([1.0 - value for value in values], delta)
    assert mirrored == pytest.approx((1.0 - high, 1.0 - low), abs=1e-6)
    shorter = betting_sequence(values[: len(values) // 2], delta)
    assert low >= shorter[0] - 1e-6
    assert high <= shorter[1] + 1e-6


def test_nothing_seen():
    assert betting_sequence([], 0.05) == pytest.approx((0.0, 1.0), abs=1e-8)


@pytest.mark.parametrize(("values", "delta"), [([1.5], 0.05), ([float("nan")], 0.05), ([0.5], 0.0)])
def test_out_of_range_is_refused(values, delta):
    with pytest.raises(ValueError, match=r"values in 0|above 0"):
        betting_sequence(values, delta)
