"""Sensitivity and specificity when only some parts' truth was looked at, and those not at random.

Where only what the model rejects or finds uncertain is looked at, the plain shares among the looked-at parts are wrong,
often grossly. Begg and Greenes, *Biometrics* 39 (1983) 207: within parts of one score, who was looked at says nothing
about the truth; so shares of bad parts are taken within bins of the score and weighted by all parts of the bin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inspector_app.agreement.intervals import normal_quantile
from inspector_app.agreement.values import Estimate, Interval, IntervalMethod, NotMeasurable


@dataclass(frozen=True, slots=True)
class VerifiedBin:
    """Parts on which the model said alike.

    Attributes
    ----------
    rejects : bool
        What the model says of them.
    parts : int
        How many there are.
    bad, good : int
        How many were looked at and found bad, found good; together at most ``parts``.
    """

    rejects: bool
    parts: int
    bad: int
    good: int

    def __post_init__(self) -> None:
        if min(self.bad, self.good) < 0 or self.bad + self.good > self.parts:
            raise ValueError("no more parts are looked at than there are")

    @property
    def verified(self) -> int:
        """Parts whose truth was looked at."""
        return self.bad + self.good


@dataclass(frozen=True, slots=True)
class CorrectedRates:
    """The model's rates over all parts.

    Attributes
    ----------
    sensitivity : Estimate or NotMeasurable
        Rejected among the bad.
    specificity : Estimate or NotMeasurable
        Accepted among the good.
    """

    sensitivity: Estimate | NotMeasurable
    specificity: Estimate | NotMeasurable


def corrected_rates(bins: Sequence[VerifiedBin], level: float) -> CorrectedRates:
    """Return sensitivity and specificity corrected for who was looked at.

    With n parts, v of them looked at and a share φ of those bad in each bin, Se = Σ₊ n φ / Σ n φ; the variance of
    its logit is Σ₊ n φ²/A² + Σ₋ n φ²/C² + Σ (n/A or n/C)² φ (1-φ)/v with A = Σ₊ n φ and C = Σ₋ n φ (delta method);
    with two bins that is Begg and Greenes' own. Specificity likewise, with good for bad.

    Not measurable as long as a bin with parts has none that was looked at: accepts that are never audited could all be
    bad.
    """
    bins = [each for each in bins if each.parts]
    if not bins or not all(each.verified for each in bins):
        why = "some of the model's answers were never looked at" if bins else "there are no parts"
        return CorrectedRates(NotMeasurable(why), NotMeasurable(why))
    sensitivity = [(b.rejects, b.parts, b.bad / b.verified, b.verified) for b in bins]
    specificity = [(not b.rejects, b.parts, b.good / b.verified, b.verified) for b in bins]
    return CorrectedRates(_rate(sensitivity, "bad", level), _rate(specificity, "good", level))


def _rate(rows: Sequence[tuple[bool, int, float, int]], what: str, level: float) -> Estimate | NotMeasurable:
    """Return right / (right + wrong) over rows of (model is right, parts, share, looked at)."""
    right = math.fsum(n * share for is_right, n, share, _ in rows if is_right)
    wrong = math.fsum(n * share for is_right, n, share, _ in rows if not is_right)
    n = sum(looked_at for *_, looked_at in rows)
    if right + wrong == 0.0:
        return NotMeasurable(f"no part that was looked at is {what}")
    rate = right / (right + wrong)
    if right == 0.0 or wrong == 0.0:
        why = NotMeasurable(f"all {what} parts that were looked at were judged alike")
        return Estimate(rate, why, n, why)
    variance = 0.0
    for is_right, parts, share, looked_at in rows:
        weight = 1.0 / (right if is_right else wrong)
        variance += parts * (share * weight) ** 2 + (parts * weight) ** 2 * share * (1.0 - share) / looked_at
    error = math.sqrt(variance)
    centre, half = math.log(right / wrong), normal_quantile(level) * error
    low, high = (1.0 / (1.0 + math.exp(-x)) for x in (centre - half, centre + half))
    interval = Interval(low, high, IntervalMethod.BEGG_GREENES, level)
    return Estimate(rate, rate * (1.0 - rate) * error, n, interval)
