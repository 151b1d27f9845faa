"""Confidence intervals of a proportion, from integer counts.

``scipy.stats.binomtest`` gives the same bounds (the tests compare them) by bracketing a root, some 300 times slower
than the two beta quantiles taken here; a report holds hundreds of intervals and the page is live.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from scipy.special import betaincinv

from inspector_app.agreement.values import Count, Interval, IntervalMethod, NotMeasurable, Proportion
from inspector_app.automation.sequential import confidence_sequence


def normal_quantile(level: float) -> float:
    """Return z with P(-z < N(0, 1) < z) = level.

    Raises
    ------
    ValueError
        If the level is not inside 0 … 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level is above 0 and below 1, not {level}")
    return NormalDist().inv_cdf((1.0 + level) / 2.0)


def wilson(k: int, n: int, level: float) -> Interval:
    """Return the Wilson score interval of k in n.

    Wilson, *JASA* 22 (1927) 209; Newcombe, *Statistics in Medicine* 17 (1998) 857, method 3.

    Raises
    ------
    ValueError
        Unless 0 ≤ k ≤ n and n > 0.
    """
    _check(k, n)
    z = normal_quantile(level)
    rate, share = k / n, z * z / n
    centre = (rate + share / 2.0) / (1.0 + share)
    half = z / (1.0 + share) * math.sqrt(rate * (1.0 - rate) / n + share / (4.0 * n))
    # The bounds are 0 at k = 0 and 1 at k = n; floating point would miss them by an ulp.
    low = 0.0 if k == 0 else centre - half
    high = 1.0 if k == n else centre + half
    return Interval(low, high, IntervalMethod.WILSON, level)


# The same few counts come again and again: many appraisers, many groups.
@lru_cache(maxsize=4096)
def clopper_pearson(k: int, n: int, level: float) -> Interval:
    """Return the Clopper-Pearson (exact) interval of k in n, two-sided at every k.

    Bounds are quantiles of Beta(k, n-k+1) and Beta(k+1, n-k): Clopper and Pearson, *Biometrika* 26 (1934) 404.

    Raises
    ------
    ValueError
        Unless 0 ≤ k ≤ n and n > 0.
    """
    _check(k, n)
    normal_quantile(level)
    tail = (1.0 - level) / 2.0
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1.0 - tail))
    return Interval(low, high, IntervalMethod.CLOPPER_PEARSON, level)


def one_sided_at_ends(k: int, n: int, level: float) -> Interval:
    """Return Clopper-Pearson's interval, one-sided at k = 0 and k = n, as Minitab's attribute agreement analysis does.

    At the ends the whole error probability lies on the only side there is: 15 of 15 gives 81.90 % to 100 %, where the
    two-sided interval begins at 78.20 %.

    Raises
    ------
    ValueError
        Unless 0 ≤ k ≤ n and n > 0.
    """
    used = 2.0 * level - 1.0 if k in {0, n} else level
    _check(k, n)
    bounds = clopper_pearson(k, n, used)
    return Interval(bounds.low, bounds.high, IntervalMethod.ONE_SIDED_AT_ENDS, level)


def proportion(k: int, n: int, level: float, if_none: str) -> Proportion | NotMeasurable:
    """Return k in n with both intervals, or why it is not measurable when n is 0.

    Parameters
    ----------
    k, n : int
        Counts.
    level : float
        Confidence level of both intervals.
    if_none : str
        The reason to give when n is 0, one clause.
    """
    if n == 0:
        return NotMeasurable(if_none)
    return Proportion(k, n, wilson(k, n, level), clopper_pearson(k, n, level))


def specific_agreement(both: int, one_only: int, level: float, if_none: str) -> Proportion | NotMeasurable:
    """Return the agreement on one category: twice ``both`` in twice ``both`` plus ``one_only``.

    The estimate is Dice's p = 2a / (2a + b + c) (Cicchetti and Feinstein, *J. Clin. Epidemiol.* 43 (1990) 551). It is
    no binomial proportion. But p = 2s / (1 + s) rises with s = a / (a + b + c), and of the m = a + b + c parts that at
    least one of the two put into the category, a is binomial(m, s) given m when parts are independent. So the
    intervals of s carry over with their coverage; to first order this is the delta method of Graham and Bull,
    *J. Clin. Epidemiol.* 51 (1998) 763.

    Parameters
    ----------
    both : int
        Parts that both put into the category (a).
    one_only : int
        Parts that exactly one of the two put into it (b + c).
    level : float
        Confidence level.
    if_none : str
        The reason to give when nobody put any part into the category, one clause.
    """
    m = both + one_only
    if m == 0:
        return NotMeasurable(if_none)
    return Proportion(
        2 * both,
        m + both,
        _carried_over(wilson(both, m, level), IntervalMethod.WILSON_CONDITIONAL),
        _carried_over(clopper_pearson(both, m, level), IntervalMethod.CLOPPER_PEARSON_CONDITIONAL),
    )


def watched_proportion(k: int, n: int, level: float) -> Interval:
    """Return an interval of k in n that holds at all times together: see `automation.sequential`.

    Raises
    ------
    ValueError
        Unless 0 ≤ k ≤ n and 0 < level < 1; n may be 0, and nothing is known then.
    """
    low, high = confidence_sequence(k, n, 1.0 - level)
    return Interval(low, high, IntervalMethod.CONFIDENCE_SEQUENCE, level)


def watched_agreement(both: int, one_only: int, level: float) -> Interval:
    """Return an interval of the agreement on one category that holds at all times together.

    Of the parts that at least one of the two put into the category, those that both did are a sequence of independent
    trials; their confidence sequence carries over as in `specific_agreement`.
    """
    return _carried_over(
        watched_proportion(both, both + one_only, level), IntervalMethod.CONFIDENCE_SEQUENCE_CONDITIONAL
    )


def count(k: int, n: int, if_none: str) -> Count | NotMeasurable:
    """Return k of n, or why there is no such share when n is 0."""
    return NotMeasurable(if_none) if n == 0 else Count(k, n)


def _carried_over(interval: Interval, method: IntervalMethod) -> Interval:
    """Return the interval of 2s / (1 + s) for an interval of s."""
    low, high = (2.0 * s / (1.0 + s) for s in (interval.low, interval.high))
    return Interval(low, high, method, interval.level)


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n or n == 0:
        raise ValueError(f"a proportion needs 0 ≤ k ≤ n and n > 0, not {k} in {n}")
