"""Kappa and AC1 against published values and against statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from inspector_app.agreement.coefficients import cohen_kappa, gwet_ac1, max_kappa
from inspector_app.agreement.values import Coefficient, Interval, IntervalMethod, NotMeasurable

IRRCAC = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]

cell = st.integers(0, 2000)
squares = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(cell, min_size=size, max_size=size), min_size=size, max_size=size)
)


def informative(table) -> bool:
    """Return True if both raters used at least two categories."""
    counts = np.array(table)
    return bool(((counts.sum(0) > 0).sum() > 1) and ((counts.sum(1) > 0).sum() > 1))


def test_irrcac_contingency_example():
    # README of the R package irrCAC (K. Gwet), contingency table of two raters.
    kappa, ac1 = cohen_kappa(IRRCAC, 0.95), gwet_ac1(IRRCAC, 0.95)
    assert kappa.estimate == pytest.approx(0.7964094, abs=5e-8)
    assert kappa.standard_error == pytest.approx(0.05891072, abs=5e-9)
    assert ac1.estimate == pytest.approx(0.8493305, abs=1e-7)
    assert ac1.standard_error == pytest.approx(0.04321747, abs=5e-9)


def test_sas_skin_condition_example():
    # SAS/STAT, PROC FREQ, "Agreement study": simple kappa.
    assert cohen_kappa(SKIN, 0.95).estimate == pytest.approx(0.3449, abs=5e-5)


# Two raters of 100 subjects; Feinstein and Cicchetti, J. Clin. Epidemiol. 43 (1990) 543: the two paradoxes. The
# others are low defect rates, computed once.
@pytest.mark.parametrize(
    ("table", "kappa", "ac1"),
    [
        ([[40, 9], [6, 45]], 0.70, 0.70),
        ([[80, 10], [5, 5]], 0.32, 0.81),
        ([[5, 5], [5, 985]], 0.495, 0.990),
        ([[1, 4], [4, 991]], 0.196, 0.992),
        ([[8, 1], [1, 990]], 0.888, 0.998),
    ],
)
def test_kappa_at_low_defect_rates(table, kappa, ac1):
    digits = 2 if table[1][1] < 100 else 3
    assert round(cohen_kappa(table, 0.95).estimate, digits) == kappa
    assert round(gwet_ac1(table, 0.95).estimate, digits) == ac1


# AIAG MSA 4th edition, attribute study of 50 parts: cross tables of the appraisers, kappa as printed there.
@pytest.mark.parametrize(
    ("table", "kappa"), [([[44, 6], [3, 97]], 0.86), ([[43, 7], [8, 92]], 0.78), ([[42, 5], [9, 94]], 0.79)]
)
def test_aiag_cross_tables(table, kappa):
    assert round(cohen_kappa(table, 0.95).estimate, 2) == kappa


@given(squares)
def test_kappa_and_its_error_are_statsmodels(table):
    assume(informative(table))
    ours, theirs = cohen_kappa(table, 0.95), cohens_kappa(np.array(table))
    assert ours.estimate == pytest.approx(theirs.kappa, abs=1e-9)
    # Theirs may take the root of a rounded zero; compare variances.
    assert ours.standard_error**2 == pytest.approx(theirs.var_kappa, abs=1e-9)
    assert max_kappa(table) == pytest.approx(theirs.kappa_max, abs=1e-9)
    if isinstance(ours.interval, Interval):
        assert ours.interval.low == pytest.approx(max(theirs.kappa_low, -1.0), abs=1e-9)
        assert ours.interval.high == pytest.approx(min(theirs.kappa_upp, 1.0), abs=1e-9)


@given(squares)
def test_kappa_is_scikit_learns(table):
    assume(informative(table))
    pairs = [(i, j, n) for i, row in enumerate(table) for j, n in enumerate(row)]
    first, second, weights = zip(*pairs, strict=True)
    theirs = cohen_kappa_score(first, second, sample_weight=weights)
    assert cohen_kappa(table, 0.95).estimate == pytest.approx(theirs, abs=1e-9)


@given(squares)
def test_coefficients_are_symmetric_in_the_raters_and_the_categories(table):
    assume(informative(table))
    swapped = [list(row) for row in zip(*table, strict=True)]
    turned = [row[::-1] for row in table[::-1]]
    for make in (cohen_kappa, gwet_ac1):
        assert make(table, 0.95) == make(swapped, 0.95) == make(turned, 0.95)


@given(squares)
def test_bounds(table):
    assume(informative(table))
    kappa, ac1, most = cohen_kappa(table, 0.95), gwet_ac1(table, 0.95), max_kappa(table)
    assert -1.0 <= kappa.estimate <= most <= 1.0
    assert -1.0 <= ac1.estimate <= 1.0


def test_perfect_agreement_has_no_interval():
    for figure in (cohen_kappa([[7, 0], [0, 93]], 0.95), gwet_ac1([[7, 0], [0, 93]], 0.95)):
        assert figure.estimate == 1.0
        assert figure.standard_error == 0.0
        assert isinstance(figure.interval, NotMeasurable)


@pytest.mark.parametrize("table", [[[0, 0], [3, 97]], [[0, 3], [0, 97]], [[0, 0], [0, 100]], [[100, 0], [0, 0]]])
def test_kappa_of_a_rater_with_one_answer_is_not_measurable(table):
    why = NotMeasurable("one of the two gave the same answer to every part")
    assert cohen_kappa(table, 0.95) == why
    assert max_kappa(table) == why
    assert isinstance(gwet_ac1(table, 0.95), Coefficient)


def test_nothing_of_an_empty_table_is_measurable():
    why = NotMeasurable("no part was judged by both")
    for make in (lambda t: cohen_kappa(t, 0.95), lambda t: gwet_ac1(t, 0.95), max_kappa):
        assert make([[0, 0], [0, 0]]) == why


def test_one_disagreement_in_a_hundred_million_keeps_its_digits():
    table = [[1, 1], [0, 100_000_000]]
    figure = cohen_kappa(table, 0.95)
    assert figure.estimate == pytest.approx(2 / 3, abs=1e-8)
    # To first order in the rate of rejects, kappa is p_pos = 2a/(2a+b+c), whose variance is 4a(b+c)(a+b+c)/(2a+b+c)^4.
    assert figure.standard_error == pytest.approx(math.sqrt(8 / 81), rel=1e-6)


def test_the_intervals_name_their_method_and_level():
    kappa, ac1 = cohen_kappa(IRRCAC, 0.9).interval, gwet_ac1(IRRCAC, 0.9).interval
    assert (kappa.method, kappa.level) == (IntervalMethod.FLEISS_COHEN_EVERITT, 0.9)
    assert (ac1.method, ac1.level) == (IntervalMethod.GWET, 0.9)
