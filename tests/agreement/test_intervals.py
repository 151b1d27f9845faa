"""Intervals against published values, against scipy and statsmodels, and by exact enumeration."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, multinomial
from statsmodels.stats.proportion import proportion_confint

from inspector_app.agreement.intervals import (
    clopper_pearson,
    count,
    normal_quantile,
    proportion,
    specific_agreement,
    wilson,
)
from inspector_app.agreement.values import Count, IntervalMethod, NotMeasurable, Proportion


@st.composite
def k_of_n(draw):
    n = draw(st.integers(1, 5000))
    return draw(st.integers(0, n)), n


levels = st.floats(0.5, 0.999)


# Newcombe, Statistics in Medicine 17 (1998) 857, table I: exact (Clopper-Pearson) and score (Wilson) limits.
@pytest.mark.parametrize(
    ("k", "n", "exact", "score"),
    [
        (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
        (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1684), (0.0, 0.1611)),
        (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
    ],
)
def test_newcombe(k, n, exact, score):
    for interval, published in ((clopper_pearson(k, n, 0.95), exact), (wilson(k, n, 0.95), score)):
        assert (round(interval.low, 4), round(interval.high, 4)) == published


# Minitab's help, attribute agreement analysis: percentages of matched parts with 95 % limits.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(8, 15, 26.59, 78.73), (13, 15, 59.54, 98.34), (14, 15, 68.05, 99.83), (48, 50, 86.29, 99.51)],
)
def test_minitab(k, n, low, high):
    interval = clopper_pearson(k, n, 0.95)
    assert (round(100 * interval.low, 2), round(100 * interval.high, 2)) == (low, high)


def test_minitab_is_one_sided_where_every_part_matches():
    # Its 15 of 15: 81.90 ... 100, which is the lower limit of a two-sided 90 % interval.
    assert round(100 * clopper_pearson(15, 15, 0.90).low, 2) == 81.90


# The classical attribute sampling sizes: failures seen, largest rate, smallest n that shows it with 95 %.
@pytest.mark.parametrize(
    ("k", "rate", "n"),
    [(0, 0.05, 59), (1, 0.05, 93), (2, 0.05, 124), (3, 0.05, 153), (0, 0.01, 299), (3, 0.01, 773), (0, 0.001, 2995)],
)
def test_sizes_of_attribute_tests(k, rate, n):
    assert clopper_pearson(k, n, 0.90).high <= rate < clopper_pearson(k, n - 1, 0.90).high


def test_zero_failures_have_a_closed_form():
    assert clopper_pearson(0, 300, 0.90).high == pytest.approx(1 - 0.05 ** (1 / 300), abs=1e-12)


@given(k_of_n(), levels)
def test_clopper_pearson_is_scipys(counts, level):
    k, n = counts
    expected = binomtest(k, n).proportion_ci(level, method="exact")
    assert clopper_pearson(k, n, level).low == pytest.approx(expected.low, abs=1e-9)
    assert clopper_pearson(k, n, level).high == pytest.approx(expected.high, abs=1e-9)


@given(k_of_n(), levels)
def test_wilson_is_scipys(counts, level):
    k, n = counts
    expected = binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level).low == pytest.approx(expected.low, abs=1e-9)
    assert wilson(k, n, level).high == pytest.approx(expected.high, abs=1e-9)


@given(k_of_n())
def test_both_are_statsmodels(counts):
    k, n = counts
    for interval, method in ((wilson(k, n, 0.95), "wilson"), (clopper_pearson(k, n, 0.95), "beta")):
        low, high = proportion_confint(k, n, alpha=0.05, method=method)
        assert interval.low == pytest.approx(low, abs=1e-9)
        assert interval.high == pytest.approx(high, abs=1e-9)


@given(k_of_n(), levels)
def test_intervals_hold_their_estimate_and_stay_inside_0_to_1(counts, level):
    k, n = counts
    for interval in (wilson(k, n, level), clopper_pearson(k, n, level)):
        assert 0.0 <= interval.low <= k / n <= interval.high <= 1.0
        assert interval.level == level


@given(k_of_n(), levels)
def test_counting_the_others_mirrors_the_interval(counts, level):
    k, n = counts
    for make in (wilson, clopper_pearson):
        assert make(k, n, level).low == pytest.approx(1.0 - make(n - k, n, level).high, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 10, 25, 60])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_clopper_pearson_covers_at_least_its_level(n, level):
    intervals = [clopper_pearson(k, n, level) for k in range(n + 1)]
    for step in range(1, 200):
        rate = step / 200
        inside = [k for k, i in enumerate(intervals) if i.low <= rate <= i.high]
        assert binom.pmf(inside, n, rate).sum() >= level - 1e-12


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    for make in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="0 ≤ k ≤ n and n > 0"):
            make(k, n, 0.95)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_impossible_levels_are_refused(level):
    for make in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="above 0 and below 1"):
            make(1, 5, level)


def test_the_normal_quantile():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)


def test_a_proportion_of_nothing_is_not_measurable():
    assert proportion(0, 0, 0.95, "there were none") == NotMeasurable("there were none")
    assert count(0, 0, "there were none") == NotMeasurable("there were none")


def test_a_proportion_carries_both_intervals_by_name():
    figure = proportion(3, 12, 0.95, "")
    assert isinstance(figure, Proportion)
    assert figure.estimate == 0.25
    assert figure.display.method is IntervalMethod.WILSON
    assert figure.contract.method is IntervalMethod.CLOPPER_PEARSON


def test_a_count_has_a_share_and_no_interval():
    figure = count(3, 12, "")
    assert figure == Count(3, 12)
    assert figure.share == 0.25


@given(st.integers(0, 3000), st.integers(0, 3000), levels)
def test_specific_agreement_holds_its_estimate(both, one_only, level):
    assume(both + one_only)
    figure = specific_agreement(both, one_only, level, "")
    assert (figure.k, figure.n) == (2 * both, 2 * both + one_only)
    for interval in (figure.display, figure.contract):
        assert 0.0 <= interval.low <= figure.estimate + 1e-12
        assert figure.estimate - 1e-12 <= interval.high <= 1.0


def test_specific_agreement_in_large_samples_is_the_delta_method():
    # Graham and Bull (1998): var = 4 a (b+c) (a+b+c) / (2a+b+c)^4.
    a, bc = 60_000, 40_000
    figure = specific_agreement(a, bc, 0.95, "")
    half = normal_quantile(0.95) * math.sqrt(4 * a * bc * (a + bc)) / (2 * a + bc) ** 2
    for interval in (figure.display, figure.contract):
        assert interval.low == pytest.approx(figure.estimate - half, abs=2e-5)
        assert interval.high == pytest.approx(figure.estimate + half, abs=2e-5)


@pytest.mark.parametrize("cells", [(0.05, 0.05, 0.9), (0.3, 0.2, 0.5), (0.02, 0.18, 0.8), (0.6, 0.1, 0.3)])
def test_specific_agreement_covers_at_least_its_level(cells):
    # Every table (a, b + c, d) of 20 parts by its probability; those without the category say nothing.
    n, level = 20, 0.9
    truth = 2 * cells[0] / (2 * cells[0] + cells[1])
    law = multinomial(n, cells)
    covered = possible = 0.0
    for a in range(n + 1):
        for bc in range(n + 1 - a):
            if a + bc:
                chance = law.pmf([a, bc, n - a - bc])
                interval = specific_agreement(a, bc, level, "").contract
                possible += chance
                covered += chance * (interval.low <= truth <= interval.high)
    assert covered >= level * possible


def test_specific_agreement_without_the_category_is_not_measurable():
    assert specific_agreement(0, 0, 0.95, "nobody rejected") == NotMeasurable("nobody rejected")
    figure = specific_agreement(0, 3, 0.95, "")
    assert figure.display.method is IntervalMethod.WILSON_CONDITIONAL
    assert figure.contract.method is IntervalMethod.CLOPPER_PEARSON_CONDITIONAL


def test_every_method_is_described():
    assert all(method.description.endswith(".") for method in IntervalMethod)
