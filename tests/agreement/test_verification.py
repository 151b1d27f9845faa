"""Begg and Greenes' correction: published examples, many bins, and what cannot be measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.agreement.values import IntervalMethod, NotMeasurable
from inspector_app.agreement.verification import VerifiedBin, corrected_rates

# Drum and Christacopoulos 1972, Cecil et al. 1996, Marshall et al. 1984, as in the R package PVBcorrect.
PUBLISHED = {
    "hepatic": ((231, 32, 166, 27, 54, 140), (0.83647, 0.02450), (0.73840, 0.03886)),
    "spect": ((195, 232, 996, 5, 39, 1221), (0.81886, 0.06320), (0.59188, 0.01929)),
    "diaphanography": ((26, 11, 30, 7, 44, 782), (0.29168, 0.08023), (0.97303, 0.00757)),
}


def two_bins(positive_bad, positive_good, positive_unseen, negative_bad, negative_good, negative_unseen):
    return [
        VerifiedBin(True, positive_bad + positive_good + positive_unseen, positive_bad, positive_good),
        VerifiedBin(False, negative_bad + negative_good + negative_unseen, negative_bad, negative_good),
    ]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_examples(name):
    counts, sensitivity, specificity = PUBLISHED[name]
    found = corrected_rates(two_bins(*counts), 0.95)
    for figure, (estimate, error) in ((found.sensitivity, sensitivity), (found.specificity, specificity)):
        assert figure.estimate == pytest.approx(estimate, abs=5e-6)
        assert figure.standard_error == pytest.approx(error, abs=5e-6)
        assert 0.0 < figure.interval.low < figure.estimate < figure.interval.high < 1.0
        assert figure.interval.method is IntervalMethod.BEGG_GREENES


counts = st.integers(1, 500)


@given(counts, counts, counts, counts, counts, counts)
def test_with_two_bins_the_variance_is_the_published_one(s1, r1, u1, s0, r0, u0):
    figure = corrected_rates(two_bins(s1, r1, u1, s0, r0, u0), 0.95).sensitivity
    n1, n0, v1, v0 = s1 + r1 + u1, s0 + r0 + u0, s1 + r1, s0 + r0
    ppv, fo = s1 / v1, s0 / v0
    logit = (n1 + n0) / (n1 * n0) + (1 - ppv) / (ppv * v1) + (1 - fo) / (fo * v0)
    assert figure.standard_error == pytest.approx(figure.estimate * (1 - figure.estimate) * math.sqrt(logit))


@given(st.lists(st.tuples(st.booleans(), counts, counts), min_size=2, max_size=5))
def test_where_every_part_was_looked_at_the_plain_rates_come_out(rows):
    found = corrected_rates([VerifiedBin(rejects, bad + good, bad, good) for rejects, bad, good in rows], 0.95)
    bad_rejected = sum(bad for rejects, bad, _ in rows if rejects)
    assert found.sensitivity.estimate == pytest.approx(bad_rejected / sum(bad for _, bad, _ in rows))


def test_swapping_the_signs_swaps_the_two_rates():
    bins = two_bins(*PUBLISHED["hepatic"][0])
    swapped = [VerifiedBin(not b.rejects, b.parts, b.good, b.bad) for b in bins]
    one, other = corrected_rates(bins, 0.95), corrected_rates(swapped, 0.95)
    assert (one.sensitivity, one.specificity) == (other.specificity, other.sensitivity)


def test_simulated_audits_by_score_are_corrected_and_covered():
    chance, truth, inside = np.random.default_rng(11), 0.6, 0
    edges, bad_share, looked_at = (4000, 800, 200), (0.01, 0.05, 0.3), (0.05, 0.2, 0.9)
    bad_parts = sum(n * p for n, p in zip(edges, bad_share, strict=True))
    truth = edges[2] * bad_share[2] / bad_parts
    for _ in range(300):
        parts = chance.multinomial(5000, np.array(edges) / 5000)
        bins = []
        for i, n in enumerate(parts):
            seen = chance.binomial(n, looked_at[i])
            bad = chance.binomial(seen, bad_share[i])
            bins.append(VerifiedBin(i == 2, int(n), int(bad), int(seen - bad)))
        figure = corrected_rates(bins, 0.95).sensitivity
        inside += (
            figure.interval.low < truth < figure.interval.high
            if not isinstance(figure.interval, NotMeasurable)
            else truth < 1.0
        )
    assert inside / 300 > 0.91


def test_accepts_that_are_never_audited_leave_the_sensitivity_unmeasured():
    found = corrected_rates(two_bins(20, 5, 0, 0, 0, 900), 0.95)
    assert found.sensitivity == found.specificity == NotMeasurable("some of the model's answers were never looked at")
    assert corrected_rates([], 0.95).sensitivity == NotMeasurable("there are no parts")


def test_rates_of_0_and_1_have_no_standard_error():
    found = corrected_rates(two_bins(20, 0, 5, 0, 30, 900), 0.95)
    assert (found.sensitivity.estimate, found.specificity.estimate) == (1.0, 1.0)
    assert isinstance(found.sensitivity.standard_error, NotMeasurable)
    assert isinstance(found.specificity.interval, NotMeasurable)
    no_bad = corrected_rates(two_bins(0, 5, 0, 0, 30, 900), 0.95)
    assert no_bad.sensitivity == NotMeasurable("no part that was looked at is bad")


@pytest.mark.parametrize("counts", [(5, 4, 2), (5, -1, 2), (5, 2, -1)])
def test_a_bin_with_more_looked_at_than_parts_is_refused(counts):
    with pytest.raises(ValueError, match="looked at"):
        VerifiedBin(True, *counts)
