"""Escapes from audits of known probability: unbiased over every possible sample, worked examples, bounds that hold."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from inspector_app.agreement.as_json import figure_record
from inspector_app.agreement.audit_sampling import (
    AuditedCell,
    Stratum,
    escape_bound,
    stratified_share,
    weighted_escapes,
)
from inspector_app.agreement.figure_rows import rows_of_figure
from inspector_app.agreement.values import IntervalMethod, NotMeasurable

WORKED = [Stratum(9000, 300, 0), Stratum(800, 200, 4), Stratum(200, 100, 20)]
parts = st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=10)


def cells(audited: list[tuple[float, bool]]) -> list[AuditedCell]:
    return [AuditedCell(probability, 1, int(bad)) for probability, bad in audited]


@given(parts)
def test_over_every_sample_of_audits_total_and_variance_are_right_on_average(accepts):
    """Every subset of parts that might have been audited, weighted by its chance."""
    mean = second = variance = 0.0
    for drawn in itertools.product([False, True], repeat=len(accepts)):
        chance = math.prod(p if d else 1 - p for (p, _), d in zip(accepts, drawn, strict=True))
        if chance == 0.0:
            continue
        audited = [part for part, d in zip(accepts, drawn, strict=True) if d]
        found = weighted_escapes(cells(audited), len(accepts), 0.95)
        total, error = found.total.estimate, found.total.standard_error
        mean += chance * total
        second += chance * total**2
        variance += chance * (0.0 if isinstance(error, NotMeasurable) else error**2)
    assert mean == pytest.approx(sum(bad for _, bad in accepts))
    assert variance == pytest.approx(second - mean**2, abs=1e-8)


def test_a_worked_example():
    weighted = weighted_escapes([AuditedCell(s.audited / s.parts, s.audited, s.escapes) for s in WORKED], 10_000, 0.95)
    assert weighted.total.estimate == pytest.approx(56.0)
    assert weighted.share.estimate == pytest.approx(0.0056)
    assert weighted.total.standard_error == pytest.approx(math.sqrt(88.0))
    assert weighted.share.interval.low == pytest.approx((56 - 1.959964 * math.sqrt(88)) / 1e4)
    assert weighted.ratio == pytest.approx(0.0056)
    stratified = stratified_share(WORKED, 0.95)
    assert stratified.estimate == pytest.approx(0.0056)
    assert stratified.standard_error == pytest.approx(0.000892, abs=5e-7)
    assert stratified.interval.method is IntervalMethod.STRATIFIED
    assert stratified.n == 600


def test_a_standard_error_of_0_is_never_given():
    none = weighted_escapes([AuditedCell(0.1, 300, 0)], 3000, 0.95)
    certain = weighted_escapes([AuditedCell(1.0, 300, 2)], 300, 0.95)
    for found in (none, certain):
        for figure in (found.total, found.share):
            assert isinstance(figure.standard_error, NotMeasurable)
            assert isinstance(figure.interval, NotMeasurable)
    assert certain.total.estimate == 2.0
    for strata in ([Stratum(100, 10, 0)], [Stratum(100, 1, 1), Stratum(10, 10, 1)], [Stratum(9, 9, 1)]):
        assert isinstance(stratified_share(strata, 0.95).standard_error, NotMeasurable)


def test_without_audits_the_share_is_not_measurable():
    assert weighted_escapes([], 100, 0.95).ratio == NotMeasurable("no accept was audited")
    assert stratified_share([], 0.95) == stratified_share([Stratum(5, 0, 0), Stratum(5, 5, 0)], 0.95)
    assert isinstance(stratified_share([Stratum(0, 0, 0)], 0.95), NotMeasurable)
    assert isinstance(escape_bound([Stratum(0, 0, 0)], 0.95), NotMeasurable)


def test_300_clean_audits_show_below_1_percent_and_not_0():
    bound = escape_bound([Stratum(100_000, 299, 0)], 0.95)
    assert bound.low == 0.0
    assert bound.high == pytest.approx(0.01, abs=5e-5)
    assert bound.method is IntervalMethod.STRATIFIED_CLOPPER_PEARSON


def test_the_bound_shares_its_error_over_the_strata():
    bound = escape_bound([Stratum(3000, 100, 1), Stratum(1000, 50, 0)], 0.95)
    each = (beta.ppf(0.975, 2, 99), 1 - 0.025 ** (1 / 50))
    assert bound.high == pytest.approx(0.75 * each[0] + 0.25 * each[1])


def test_the_bound_counts_what_was_not_audited_as_bad_and_what_was_audited_in_full_as_it_is():
    assert escape_bound([Stratum(50, 0, 0), Stratum(50, 50, 1)], 0.95).high == pytest.approx(0.5 + 0.01)
    assert escape_bound([Stratum(50, 3, 3)], 0.95).high == 1.0


@pytest.mark.parametrize("shares", [(0.0, 0.2), (0.05, 0.05), (0.3, 0.9)])
def test_the_bound_holds_with_its_confidence_over_every_outcome(shares):
    n = (12, 8)
    missed = 0.0
    truth = 0.75 * shares[0] + 0.25 * shares[1]
    for k in itertools.product(range(n[0] + 1), range(n[1] + 1)):
        strata = [Stratum(3_000_000, n[0], k[0]), Stratum(1_000_000, n[1], k[1])]
        if escape_bound(strata, 0.9).high < truth:
            missed += math.prod(binom.pmf(k, n, shares))
    assert missed <= 0.1


@pytest.mark.parametrize(
    "make",
    [
        lambda: AuditedCell(0.0, 1, 0),
        lambda: AuditedCell(1.1, 1, 0),
        lambda: AuditedCell(0.5, 1, 2),
        lambda: Stratum(1, 2, 0),
        lambda: Stratum(2, 1, 2),
        lambda: weighted_escapes([], 0, 0.95),
        lambda: escape_bound([Stratum(5, 5, 0)], 1.0),
    ],
)
def test_counts_that_cannot_be_are_refused(make):
    with pytest.raises(ValueError):
        make()


def test_an_estimate_in_a_report_says_its_error_or_why_there_is_none():
    known, unknown = stratified_share(WORKED, 0.95), stratified_share([Stratum(100, 10, 0)], 0.95)
    assert figure_record(known)["standard_error"] == known.standard_error
    assert "alike" in figure_record(unknown)["standard_error"]["not_measurable"]
    (row,) = rows_of_figure("audit", "overall=all", "escapes", known)
    assert row.interval == known.interval
    assert row.note == f"standard error {known.standard_error!r}"
    (row,) = rows_of_figure("audit", "overall=all", "escapes", unknown)
    assert row.note.startswith("standard error not measurable: the audits")
