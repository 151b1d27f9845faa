"""Bands of an attribute study, judged on the interval: what is not shown is not called acceptable.

The limits are AIAG's (*Measurement Systems Analysis*, 4th edition, attribute studies): effectiveness at least 90 % is
acceptable, at least 80 % marginal; miss at most 2 % and 5 %; false alarm at most 5 % and 10 %; kappa above 0.75 is
good, below 0.40 poor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from scipy.special import bdtr, betaincinv

from inspector_app.agreement.values import Interval, NotMeasurable, Proportion

_MOST_LOOKED_AT = 1_000_000


class Band(StrEnum):
    """How good a figure is by AIAG's limits."""

    ACCEPTABLE = "acceptable"
    MARGINAL = "marginal"
    UNACCEPTABLE = "unacceptable"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an error rate: at most ``acceptable`` is acceptable, at most ``marginal`` marginal."""

    acceptable: float
    marginal: float

    def band(self, error: float) -> Band:
        """Return the band of an error rate."""
        if error <= self.acceptable:
            return Band.ACCEPTABLE
        return Band.MARGINAL if error <= self.marginal else Band.UNACCEPTABLE


MISS = Limits(0.02, 0.05)
FALSE_ALARM = Limits(0.05, 0.10)
INEFFECTIVENESS = Limits(0.10, 0.20)
"""Of one minus the effectiveness."""
DISAGREEMENT = Limits(0.25, 0.60)
"""Of one minus kappa."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a study shows about one figure.

    Attributes
    ----------
    point : Band
        Band of the estimate itself.
    shown : Band or None
        The band that even the unfavourable one-sided 95 % limit reaches, or ``UNACCEPTABLE`` if even the favourable
        limit does not get out of it; ``None``: the study is too small to tell.
    bound : float
        The unfavourable one-sided limit, in the figure's own direction.
    needed : int or None
        How many decisions (effectiveness: parts) must be added, without a further error, to show what the estimate
        promises (acceptable or marginal); 0 if it is shown, ``None`` where the estimate promises nothing.
    """

    point: Band
    shown: Band | None
    bound: float
    needed: int | None


# Many appraisers have the same few counts.
@lru_cache(maxsize=4096)
def judge_errors(errors: int, n: int, limits: Limits, *, level: float, counts_right: bool = False) -> Verdict:
    """Judge an error rate on its exact one-sided limits (Clopper and Pearson, 1934).

    Parameters
    ----------
    errors, n : int
        0 ≤ errors ≤ n, n > 0.
    limits : Limits
        Of the error rate.
    level : float
        Confidence of each limit, for example 0.95.
    counts_right : bool
        True where the figure is the share without error (effectiveness): `Verdict.bound` is then a lower limit.
    """
    high = 1.0 if errors == n else float(betaincinv(errors + 1, n - errors, level))
    low = 0.0 if errors == 0 else float(betaincinv(errors, n - errors + 1, 1.0 - level))
    point = limits.band(errors / n)
    shown = _shown(limits, low, high)
    needed = None
    if point is not Band.UNACCEPTABLE:
        goal = limits.acceptable if point is Band.ACCEPTABLE else limits.marginal
        needed = _smallest_sample(errors, n, goal, 1.0 - level) - n
    return Verdict(point, shown, 1.0 - high if counts_right else high, needed)


def judge(figure: Proportion | NotMeasurable, limits: Limits, level: float) -> Verdict | NotMeasurable:
    """Judge a miss or false-alarm rate."""
    if isinstance(figure, NotMeasurable):
        return figure
    return judge_errors(figure.k, figure.n, limits, level=level)


def judge_effectiveness(figure: Proportion | NotMeasurable, level: float) -> Verdict | NotMeasurable:
    """Judge the share of parts without error."""
    if isinstance(figure, NotMeasurable):
        return figure
    return judge_errors(figure.n - figure.k, figure.n, INEFFECTIVENESS, level=level, counts_right=True)


def judge_kappa(estimate: float, interval: Interval | NotMeasurable) -> Verdict:
    """Judge a kappa on its interval; without one nothing is shown."""
    point = DISAGREEMENT.band(1.0 - estimate)
    if isinstance(interval, NotMeasurable):
        return Verdict(point, None, estimate, None)
    return Verdict(point, _shown(DISAGREEMENT, 1.0 - interval.high, 1.0 - interval.low), interval.low, None)


def _shown(limits: Limits, low: float, high: float) -> Band | None:
    """Return the band that an interval of the error rate shows."""
    worst = limits.band(high)
    if worst is not Band.UNACCEPTABLE:
        return worst
    return Band.UNACCEPTABLE if limits.band(low) is Band.UNACCEPTABLE else None


def _smallest_sample(errors: int, at_least: int, limit: float, tail: float) -> int:
    """Return the smallest n ≥ ``at_least`` with P(at most ``errors`` in n at rate ``limit``) ≤ ``tail``.

    Then the exact upper bound is at most the limit. Found by halving, since the probability falls with n.
    """
    low, high = at_least, _MOST_LOOKED_AT
    if bdtr(errors, low, limit) <= tail:
        return low
    while bdtr(errors, high, limit) > tail:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bdtr(errors, middle, limit) <= tail else (middle, high)
    return high
