"""Thresholds with a contract: the guarantee by simulation and enumeration, the walk's rules, sizes, permutations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binom, binomtest, norm

from inspector_app.automation.fixed_sequence import binomial_tail, exact_interval, smallest_sample, walk
from inspector_app.automation.thresholds import GRID, certify
from inspector_app.domain.contract import Bound, Contract, ScoredPart

CONTRACT = Contract(escape=0.02, missed=0.2, false_reject=0.2, confidence=0.9)


def parts_of(*groups):
    """Make parts from (count, score, bad)."""
    return [
        ScoredPart(f"part-{number}-{index}", score, bad)
        for number, (count, score, bad) in enumerate(groups)
        for index in range(count)
    ]


scored = st.lists(
    st.tuples(
        st.integers(1, 120),
        st.sampled_from([0.0, 0.001, 0.2, 0.5, 0.8, 0.999, 1.0]),
        st.sampled_from([True, False, None]),
    ),
    max_size=8,
).map(lambda groups: parts_of(*groups))


# Classical attribute sampling sizes: one look, 95 %.
@pytest.mark.parametrize(
    ("limit", "sizes"),
    [
        (0.10, (29, 46, 61, 76)),
        (0.05, (59, 93, 124, 153)),
        (0.02, (149, 236, 313, 386)),
        (0.01, (299, 473, 628, 773)),
        (0.005, (598, 947, 1258, 1549)),
        (0.001, (2995, 4742, 6294, 7752)),
    ],
)
def test_sizes_of_attribute_tests(limit, sizes):
    assert tuple(smallest_sample(limit, 0.05, k) for k in range(4)) == sizes


@given(st.integers(0, 400), st.integers(1, 400), st.floats(0.001, 0.9))
def test_the_tail_is_scipys(k, n, rate):
    k = min(k, n)
    assert binomial_tail(k, n, rate) == pytest.approx(binom.cdf(k, n, rate), abs=1e-12)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0.5, 0.99))
def test_the_interval_is_scipys(k, n, level):
    k = min(k, n)
    expected = binomtest(k, n).proportion_ci(level, "exact")
    assert exact_interval(k, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 5, 12])
@pytest.mark.parametrize("rate", [0.02, 0.3, 0.5])
def test_the_interval_covers_by_enumeration(n, rate):
    bounds = [exact_interval(k, n, 0.9) for k in range(n + 1)]
    covered = sum(binom.pmf(k, n, rate) for k, (low, high) in enumerate(bounds) if low <= rate <= high)
    assert covered >= 0.9


def test_counts_are_whole_numbers():
    # 49 × (1/49) is a hair under 1 and 25 × (7/25) a hair over 7: whoever multiplies rates back miscounts.
    contract = Contract(escape=0.3, missed=0.9, false_reject=0.9, confidence=0.9)
    found = certify(parts_of((48, 0.1, False), (1, 0.1, True), (100, 0.99, True)), contract)
    assert found.accepted == 49
    assert (found.result(Bound.ESCAPE).k, found.result(Bound.ESCAPE).n) == (1, 49)


def test_grid_is_ascending_and_can_be_set_as_printed():
    assert list(GRID) == sorted(set(GRID))
    assert all(0.0 < t < 1.0 and float(str(t)) == t and len(str(t)) <= 12 for t in GRID)


def test_walk_never_goes_beyond_the_first_failure():
    n = np.array([10, 400, 800, 1200])
    assert walk(np.array([0, 0, 9, 0]), n, 0.01, 0.05, 299) == walk(np.array([9, 0, 9, 0]), n, 0.01, 0.05, 299)
    walked = walk(np.array([0, 0, 9, 0]), n, 0.01, 0.05, 299)
    assert (walked.certified, walked.failed) == ((1,), 2)
    assert walk(np.array([0, 0, 0, 0]), n, 0.01, 0.05, 299).failed is None
    assert walk(np.array([0, 0, 0, 0]), n, 0.01, 0.05, 0).failed == 0
    assert walk(np.array([0]), np.array([10]), 0.01, 0.05, 299).certified == ()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 500)), max_size=12),
    st.floats(0.01, 0.3),
    st.floats(0.01, 0.3),
)
def test_walk_is_the_rule_written_out(steps, limit, delta):
    k = np.array([min(a, b) for a, b in steps], np.int64)
    n = np.array([b for _, b in steps], np.int64)
    smallest = smallest_sample(limit, delta)
    expected, failed = [], None
    for step in range(len(steps)):
        if n[step] < smallest:
            continue
        if binom.cdf(k[step], n[step], limit) > delta:
            failed = step
            break
        expected.append(step)
    walked = walk(k, n, limit, delta, smallest)
    assert (walked.certified, walked.failed) == (tuple(expected), failed)


def _simulated(generator, n=3000, rate=0.05, distance=3.0):
    bad = generator.random(n) < rate
    x = generator.normal(size=n) + distance * bad
    return expit(distance * x - distance**2 / 2 + logit(rate)), bad


def _escape(threshold, rate=0.05, distance=3.0):
    """True share of defective parts below a threshold."""
    x = (logit(threshold) + distance**2 / 2 - logit(rate)) / distance
    below_bad, below_good = rate * norm.cdf(x - distance), (1 - rate) * norm.cdf(x)
    return below_bad / (below_bad + below_good)


def _naive(scores, bad, limit):
    """Take the largest threshold with an observed rate within the limit."""
    order = np.argsort(scores)
    rates = np.cumsum(bad[order]) / np.arange(1, scores.size + 1)
    within = np.flatnonzero(rates <= limit)
    return scores[order][within[-1]] if within.size else 0.0


@pytest.mark.slow
def test_violations_keep_to_delta_where_the_naive_threshold_breaks_every_other_time():
    # 3000 parts, 5 % defective, d' = 3, limit 0.5 %, δ = 5 % for the escape bound. Computed once with 1000 runs:
    # 4.2 % violations and a median of 86 % accepted, against 48.5 % violations of the naive threshold; with 3000 runs
    # of this code 4.0 %, 86 % and 51 %.
    generator = np.random.default_rng(1)
    contract = Contract(escape=0.005, missed=0.9, false_reject=0.02, confidence=0.85)
    assert contract.delta_each == pytest.approx(0.05)
    violations = naive = 0
    accepted = []
    runs = 150
    for _ in range(runs):
        scores, bad = _simulated(generator)
        parts = [ScoredPart(str(i), float(s), bool(b)) for i, (s, b) in enumerate(zip(scores, bad, strict=True))]
        found = certify(parts, contract)
        violations += found.accept_below is not None and _escape(found.accept_below) > 0.005
        accepted.append(found.accepted / 3000)
        naive += _escape(_naive(scores, bad, 0.005)) > 0.005
    assert binomtest(violations, runs, 0.05, "greater").pvalue > 0.01, violations
    assert 0.4 < naive / runs < 0.6
    assert 0.82 < np.median(accepted) < 0.89


def test_the_guarantee_by_enumeration():
    # Parts at two scores, all label patterns: the chance to certify a threshold beyond the limit is at most δ.
    contract = Contract(escape=0.3, missed=0.99, false_reject=0.99, confidence=0.4)
    low_n, high_n, low_rate, high_rate = 6, 6, 0.1, 0.75
    chance = 0.0
    for low in range(low_n + 1):
        for high in range(high_n + 1):
            found = certify(
                parts_of(
                    (low, 0.1, True),
                    (low_n - low, 0.1, False),
                    (high, 0.7, True),
                    (high_n - high, 0.7, False),
                    (9, 0.9999999, True),
                ),
                contract,
            )
            if found.accept_below is not None and found.accept_below > 0.7:
                chance += binom.pmf(low, low_n, low_rate) * binom.pmf(high, high_n, high_rate)
    assert 0.0 < chance <= contract.delta_each


@settings(max_examples=25, deadline=None)
@given(scored, st.randoms(use_true_random=False))
def test_order_of_parts_does_not_matter(parts, random):
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert certify(shuffled, CONTRACT) == certify(parts, CONTRACT)


@settings(max_examples=25, deadline=None)
@given(scored)
def test_what_is_certified_keeps_the_contract_on_its_own_counts(parts):
    found = certify(parts, CONTRACT)
    below = [part for part in parts if found.accept_below is not None and part.score < found.accept_below]
    above = [part for part in parts if found.reject_above is not None and part.score > found.reject_above]
    assert (found.accepted, found.rejected) == (len(below), len(above))
    assert not {part.part for part in below} & {part.part for part in above}
    assert found.to_human == len(parts) - len(below) - len(above)
    if found.accept_below is not None:
        bad = sum(part.bad is not False for part in below)
        all_bad = sum(part.bad is True for part in parts) + sum(part.bad is None for part in below)
        assert binom.cdf(bad, len(below), CONTRACT.escape) <= CONTRACT.delta_each + 1e-12
        assert binom.cdf(bad, all_bad, CONTRACT.missed) <= CONTRACT.delta_each + 1e-12
        assert found.needed_accept is None
        assert (found.result(Bound.ESCAPE).k, found.result(Bound.ESCAPE).n) == (bad, len(below))
        assert (found.result(Bound.MISSED).k, found.result(Bound.MISSED).n) == (bad, all_bad)
    if found.reject_above is not None:
        good = sum(part.bad is not True for part in above)
        assert binom.cdf(good, len(above), CONTRACT.false_reject) <= CONTRACT.delta_each + 1e-12
        assert found.needed_reject is None


@settings(max_examples=25, deadline=None)
@given(scored)
def test_an_unresolved_part_never_helps(parts):
    found = certify(parts, CONTRACT)
    for truth in (True, False):
        settled = certify([replace(part, bad=truth) if part.bad is None else part for part in parts], CONTRACT)
        assert found.accepted <= settled.accepted or settled.reject_above is not None
        if settled.accept_below is None and not settled.certified:
            assert found.accept_below is None


@settings(max_examples=25, deadline=None)
@given(scored)
def test_flipping_labels_and_scores_swaps_the_sides(parts):
    # The escape bound of the one is the false-reject bound of the other; the missed bound is made to hold anyway.
    contract = Contract(escape=0.05, missed=0.999999, false_reject=0.05, confidence=0.9)
    resolved = [replace(part, bad=True) if part.bad is None else part for part in parts]
    resolved += parts_of((2000, 0.9999999, True))
    flipped = [ScoredPart(part.part, 1.0 - part.score, not part.bad) for part in resolved]
    mine, mirrored = certify(resolved, contract), certify(flipped, contract)
    reached = mine.result(Bound.ESCAPE).reached
    other = mirrored.result(Bound.FALSE_REJECT).reached
    assert (reached is None) == (other is None)
    if reached is not None:
        assert other == pytest.approx(1.0 - reached, abs=1e-9)


def test_a_score_on_the_threshold_goes_to_a_human():
    t = GRID[600]
    found = certify(parts_of((400, t, False), (400, 1.0, True)), CONTRACT)
    assert found.accept_below is not None
    assert found.accept_below > t
    assert certify(parts_of((400, GRID[-1], False), (400, 1.0, True)), CONTRACT).accept_below is None


def test_ties_count_whole():
    # 300 good and 10 defective parts at one score: either all are accepted or none.
    found = certify(parts_of((300, 0.3, False), (10, 0.3, True), (200, 0.9, True)), CONTRACT)
    assert found.accept_below is None or found.accept_below <= 0.3
    assert found.accepted == 0


def test_sides_that_overlap_meet_in_the_middle():
    found = certify(parts_of((2000, 0.2, False), (2000, 0.8, True)), CONTRACT)
    assert found.accept_below == found.reject_above
    assert 0.4 < found.accept_below < 0.6
    assert found.limited_by is Bound.ESCAPE
    assert found.to_human == 0


def test_sides_that_cannot_be_parted_leave_the_rejects_to_a_human():
    # A crowd at one score, half good and half defective, under limits that both sides keep only with the crowd.
    contract = Contract(escape=0.8, missed=0.9999, false_reject=0.8, confidence=0.5)
    found = certify(parts_of((1, 0.1, False), (10, 0.5, False), (10, 0.5, True), (1, 0.9, True)), contract)
    assert found.result(Bound.FALSE_REJECT).reached is not None
    assert found.accept_below is not None
    assert found.reject_above is None


def test_the_missed_bound_can_be_the_tighter_one():
    # At 1 % defects, accepting everything keeps an escape share of 2 %; the missed bound forbids it.
    parts = parts_of((5000, 0.1, False), (4900, 0.2, False), (100, 0.2, True))
    found = certify(parts, CONTRACT)
    assert found.result(Bound.ESCAPE).reached == GRID[-1]
    assert found.accept_below == max(t for t in GRID if t <= 0.2)
    assert found.accepted == 5000
    assert found.limited_by is Bound.MISSED


def test_too_few_parts_are_told_how_many_more():
    found = certify(parts_of((40, 0.01, False), (4, 0.99, True)), CONTRACT)
    assert not found.certified
    assert found.limited_by is Bound.ESCAPE or found.limited_by is Bound.MISSED
    needed = found.needed_accept
    assert needed is not None
    # Every part of the kind so far, as many as it says: enough, and a tenth fewer is not.
    times = (needed.parts + 44) / 44
    enough = certify(parts_of((round(40 * times) + 1, 0.01, False), (round(4 * times) + 1, 0.99, True)), CONTRACT)
    few = certify(parts_of((int(36 * times), 0.01, False), (int(3.6 * times), 0.99, True)), CONTRACT)
    assert enough.accept_below is not None
    assert few.accept_below is None
    assert found.needed_reject is not None


def test_a_model_that_does_not_separate_is_told_that_more_parts_do_not_help():
    found = certify(parts_of(*((50, score, bad) for score in (0.1, 0.5, 0.9) for bad in (True, False))), CONTRACT)
    assert not found.certified
    assert found.needed_accept is None
    assert found.needed_reject is None


def test_one_class_only():
    good = certify(parts_of((500, 0.1, False)), CONTRACT)
    assert not good.certified
    assert good.needed_accept is not None
    assert good.needed_accept.bad == good.needed_accept.parts == smallest_sample(0.2, CONTRACT.delta_each)
    bad = certify(parts_of((500, 0.9, True)), CONTRACT)
    assert bad.accept_below is None
    assert bad.reject_above is not None
    assert bad.needed_accept is None


def test_no_parts():
    found = certify([], CONTRACT)
    assert not found.certified
    assert found.needed_accept is not None
    assert found.needed_reject is not None
    assert found.needed_accept.parts == smallest_sample(0.02, CONTRACT.delta_each) + smallest_sample(
        0.2, CONTRACT.delta_each
    )


def test_delta_is_what_was_asked():
    assert Contract(0.005, 0.05, 0.05, 0.95).delta == 0.05


@pytest.mark.parametrize(
    "wrong", [{"escape": 0.0}, {"missed": 1.0}, {"false_reject": float("nan")}, {"confidence": 1.0}]
)
def test_a_contract_needs_shares(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(CONTRACT, **wrong)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_is_a_share(score):
    with pytest.raises(ValueError, match="score of part p"):
        ScoredPart("p", score, True)
