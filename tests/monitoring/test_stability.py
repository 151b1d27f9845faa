"""PSI: its law when nothing has changed, its formula, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector_app.monitoring.stability import stability


def simulated(n: int, m: int, bins: int, runs: int) -> list[float]:
    chance = np.random.default_rng(5)
    equal = np.full(bins, 1 / bins)
    rows = zip(chance.multinomial(n, equal, runs), chance.multinomial(m, equal, runs), strict=True)
    return [stability(a.tolist(), b.tolist()).psi for a, b in rows]


@pytest.mark.parametrize(("n", "m", "mean"), [(5000, 200, 0.0468), (5000, 1000, 0.0108)])
def test_without_drift_the_index_follows_its_law(n, m, mean):
    found = simulated(n, m, 10, 4000)
    law = stability([n // 10] * 10, [m // 10] * 10, 0.95)
    assert law.expected == pytest.approx(mean, rel=0.01)
    assert np.mean(found) == pytest.approx(law.expected, rel=0.06)
    assert np.mean(np.array(found) > law.limit) == pytest.approx(0.05, abs=0.015)


def test_a_known_limit():
    assert stability([500] * 10, [20] * 10, 0.95).limit == pytest.approx(0.088, abs=0.0005)
    assert stability([500] * 10, [20] * 10, 0.999).limit == pytest.approx(0.145, abs=0.0005)


def test_the_formula_by_hand():
    found = stability([50, 50], [80, 20])
    assert found.psi == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))
    assert found.drifted


def test_a_shift_that_is_sure_but_small_is_no_drift():
    found = stability([500_000, 500_000], [510_000, 490_000])
    assert found.limit < found.psi < 0.1
    assert not found.drifted


def test_a_bin_empty_on_one_side_only_is_drift_and_one_empty_on_both_is_nothing():
    assert stability([50, 50, 0], [100, 0, 0]).psi == math.inf
    assert stability([50, 50, 0], [50, 50, 0]).psi == 0.0


@pytest.mark.parametrize(
    ("reference", "present", "level"),
    [
        ([1, 2], [1, 2, 3], 0.95),
        ([5], [5], 0.95),
        ([0, 0], [1, 2], 0.95),
        ([1, 2], [0, 0], 0.95),
        ([1, -1], [1, 2], 0.95),
    ],
)
def test_rows_that_are_no_counts_are_refused(reference, present, level):
    with pytest.raises(ValueError, match="counts"):
        stability(reference, present, level)


def test_a_level_out_of_range_is_refused():
    with pytest.raises(ValueError, match="confidence level"):
        stability([1, 2], [1, 2], 1.0)
