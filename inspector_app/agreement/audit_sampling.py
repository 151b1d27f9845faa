"""Escapes among the model's accepts, from audits that were drawn with known probabilities.

Horvitz and Thompson, *JASA* 47 (1952) 663; Cochran, *Sampling Techniques* (3rd ed. 1977), chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from inspector_app.agreement.intervals import normal_quantile
from inspector_app.agreement.values import Estimate, Interval, IntervalMethod, NotMeasurable

_NONE_FOUND = NotMeasurable("no audit found an escape, and then the weighted standard error says nothing")
_NO_SPREAD = NotMeasurable("the audits of each stratum all came out alike, or a stratum has too few of them")


@dataclass(frozen=True, slots=True)
class AuditedCell:
    """Audits that were drawn with one probability.

    Attributes
    ----------
    probability : float
        Above 0 and at most 1: chance of such a part to be audited by any of the streams.
    audited, escapes : int
        Answered audits, and those that found the part bad.
    """

    probability: float
    audited: int
    escapes: int

    def __post_init__(self) -> None:
        if not 0.0 < self.probability <= 1.0 or not 0 <= self.escapes <= self.audited:
            raise ValueError("audits have a probability above 0 and at most 1, and no more escapes than audits")


@dataclass(frozen=True, slots=True)
class WeightedEscapes:
    """Escapes of a period, each audit weighted by the inverse of its probability.

    Attributes
    ----------
    total, share : Estimate
        Number of bad parts among the accepts, and their share of all accepts.
    ratio : float or NotMeasurable
        Hájek's share: over the sum of weights, which is steadier where that differs much from the known number.
    """

    total: Estimate
    share: Estimate
    ratio: float | NotMeasurable


def weighted_escapes(cells: Sequence[AuditedCell], accepts: int, level: float) -> WeightedEscapes:
    """Return the Horvitz-Thompson estimate of independent draws: T = Σ y/π, Var = Σ (1-π) y²/π².

    Parameters
    ----------
    cells : sequence of AuditedCell
        All audits of the period, both streams.
    accepts : int
        Parts that the model accepted in it; > 0.
    level : float
        Confidence level.
    """
    if accepts <= 0:
        raise ValueError("without accepts there are no escapes to estimate")
    total = math.fsum(cell.escapes / cell.probability for cell in cells)
    variance = math.fsum(cell.escapes * (1.0 - cell.probability) / cell.probability**2 for cell in cells)
    weights = math.fsum(cell.audited / cell.probability for cell in cells)
    n = sum(cell.audited for cell in cells)
    return WeightedEscapes(
        total=_weighted(total, variance, n, 1.0, level),
        share=_weighted(total, variance, n, float(accepts), level),
        ratio=total / weights if n else NotMeasurable("no accept was audited"),
    )


def _weighted(total: float, variance: float, n: int, unit: float, level: float) -> Estimate:
    estimate = total / unit
    if variance == 0.0:
        # Nothing found, or all that was found was certain to be audited.
        why = _NONE_FOUND if total == 0.0 else NotMeasurable("every escape found was certain to be audited")
        return Estimate(estimate, why, n, why)
    error = math.sqrt(variance) / unit
    half = normal_quantile(level) * error
    interval = Interval(max(estimate - half, 0.0), estimate + half, IntervalMethod.HORVITZ_THOMPSON, level)
    return Estimate(estimate, error, n, interval)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Accepts of one kind (a bin of scores, a product), some of which were audited at random.

    Attributes
    ----------
    parts, audited, escapes : int
        0 ≤ escapes ≤ audited ≤ parts.
    """

    parts: int
    audited: int
    escapes: int

    def __post_init__(self) -> None:
        if not 0 <= self.escapes <= self.audited <= self.parts:
            raise ValueError("a stratum has 0 ≤ escapes ≤ audited ≤ parts")


def stratified_share(strata: Sequence[Stratum], level: float) -> Estimate | NotMeasurable:
    """Return the escape share Σ W k/n with Var = Σ W² (1-n/N) p (1-p) / (n-1); W is a stratum's share of the parts."""
    strata = [stratum for stratum in strata if stratum.parts]
    parts, audited = sum(stratum.parts for stratum in strata), sum(stratum.audited for stratum in strata)
    if not strata or not all(stratum.audited for stratum in strata):
        return NotMeasurable("not every stratum of the accepts was audited")
    estimate = math.fsum(s.parts / parts * s.escapes / s.audited for s in strata)
    unknown = [s for s in strata if s.audited < s.parts]
    if any(s.audited == 1 for s in unknown):
        return Estimate(estimate, _NO_SPREAD, audited, _NO_SPREAD)
    variance = math.fsum(_stratum_variance(s, parts) for s in unknown)
    if variance == 0.0:
        return Estimate(estimate, _NO_SPREAD, audited, _NO_SPREAD)
    error = math.sqrt(variance)
    half = normal_quantile(level) * error
    low, high = max(estimate - half, 0.0), min(estimate + half, 1.0)
    return Estimate(estimate, error, audited, Interval(low, high, IntervalMethod.STRATIFIED, level))


def _stratum_variance(stratum: Stratum, parts: int) -> float:
    rate = stratum.escapes / stratum.audited
    spread = rate * (1.0 - rate) / (stratum.audited - 1)
    return (stratum.parts / parts) ** 2 * (1.0 - stratum.audited / stratum.parts) * spread


def escape_bound(strata: Sequence[Stratum], level: float) -> Interval | NotMeasurable:
    """Return 0 … Σ W U, U each stratum's one-sided Clopper-Pearson bound at (1 - level) / number of strata.

    It holds however few escapes were found: none of 300 audits still says no better than about 1 %. A stratum that was
    audited as a whole counts as it was found, one that was not audited at all as all bad.
    """
    strata = [stratum for stratum in strata if stratum.parts]
    parts = sum(stratum.parts for stratum in strata)
    if not strata:
        return NotMeasurable("the model accepted nothing")
    normal_quantile(level)
    tail = (1.0 - level) / len(strata)
    high = math.fsum(s.parts / parts * _upper(s, tail) for s in strata)
    return Interval(0.0, min(high, 1.0), IntervalMethod.STRATIFIED_CLOPPER_PEARSON, level)


def _upper(stratum: Stratum, tail: float) -> float:
    if stratum.audited == stratum.parts:
        return stratum.escapes / stratum.parts
    if stratum.escapes == stratum.audited:
        return 1.0
    return float(betaincinv(stratum.escapes + 1, stratum.audited - stratum.escapes, 1.0 - tail))
