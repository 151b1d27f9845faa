"""Wald's test against the NIST example, and the Shiryaev-Roberts detector against its guarantee."""

from __future__ import annotations

import numpy as np
import pytest

from inspector_app.automation.detectors import Sprt, SprtAnswer, likelihood_ratio, shiryaev_roberts


# NIST/SEMATECH e-Handbook 6.2.6 (rates 1 % and 10 %, α 5 %, β 10 %): 0.939, 1.205, 0.0397. The second row was
# computed once.
@pytest.mark.parametrize(
    ("rates", "lines"), [((0.01, 0.10), (0.939, 1.205, 0.0397)), ((0.005, 0.02), (1.6064, 2.0624, 0.010839))]
)
def test_lines(rates, lines):
    test = Sprt.between(*rates, false_alarm=0.05, miss=0.10)
    assert (test.good_below, test.bad_above, test.slope) == pytest.approx(lines, abs=5e-4)


def test_nist_accepts_first_at_24_parts():
    test = Sprt.between(0.01, 0.10, 0.05, 0.10)
    answers = [test.judge(0, n) for n in range(1, 25)]
    assert answers == [SprtAnswer.GO_ON] * 23 + [SprtAnswer.GOOD]
    assert test.judge(2, 2) is SprtAnswer.BAD


def test_likelihood_ratio_has_mean_one_without_a_change():
    assert 0.01 * likelihood_ratio(True, 0.01, 0.03) + 0.99 * likelihood_ratio(False, 0.01, 0.03) == pytest.approx(1.0)


def _delay(rate, generator):
    value = 0.0
    parts = 0
    while value < 1000.0:
        parts += 1
        value = shiryaev_roberts(value, likelihood_ratio(bool(generator.random() < rate), 0.01, 0.03))
    return parts


# Computed once: 1348 parts to a false alarm (guaranteed: 1000), 194 at 3 %, 83 at 6 %.
@pytest.mark.parametrize(("rate", "low", "high"), [(0.01, 1150, 1550), (0.03, 175, 215), (0.06, 75, 92)])
def test_run_lengths(rate, low, high):
    generator = np.random.default_rng(11)
    assert low < np.mean([_delay(rate, generator) for _ in range(400)]) < high


@pytest.mark.parametrize(
    "call",
    [
        lambda: Sprt.between(0.1, 0.1, 0.05, 0.1),
        lambda: Sprt.between(0.01, 0.1, 0.0, 0.1),
        lambda: Sprt.between(0.01, 0.1, 0.5, 0.5),
        lambda: likelihood_ratio(True, 0.0, 0.1),
        lambda: likelihood_ratio(True, 0.1, 1.0),
        lambda: shiryaev_roberts(-1.0, 1.0),
        lambda: shiryaev_roberts(0.0, float("nan")),
    ],
)
def test_out_of_range_is_refused(call):
    with pytest.raises(ValueError, match="not"):
        call()
