"""Defects that human and model both miss."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inspector_app.agreement.intervals import normal_quantile
from inspector_app.agreement.values import Estimate, Interval, IntervalMethod, NotMeasurable


@dataclass(frozen=True, slots=True)
class JointMisses:
    """Defects of a shadow period, counted by who found them.

    Attributes
    ----------
    found : int
        By human, model or both.
    defects : Estimate
        All there were, Chapman's estimate.
    missed_by_both : Estimate
        Those that nobody found. Read it as "at least": parts that are hard for one are hard for the other.
    """

    found: int
    defects: Estimate
    missed_by_both: Estimate


def joint_misses(human_only: int, model_only: int, both: int, level: float) -> JointMisses:
    """Return how many confirmed defects two blind judges together have missed, by capture and recapture.

    N = (n1+1)(n2+1)/(m+1) - 1, Var = (n1+1)(n2+1)(n1-m)(n2-m) / ((m+1)²(m+2)): Chapman (1951); Seber, *Biometrics* 26
    (1970) 259. Interval of the unseen number f: f/C … f C with C = exp(z √ln(1 + Var/f²)), Chao, *Biometrics* 43
    (1987) 783.

    Parameters
    ----------
    human_only, model_only, both : int
        Confirmed defects found by the human alone, by the model alone, by both.
    level : float
        Confidence level.
    """
    if min(human_only, model_only, both) < 0:
        raise ValueError("counts are not negative")
    first, second, found = human_only + both, model_only + both, human_only + model_only + both
    defects = (first + 1) * (second + 1) / (both + 1) - 1.0
    variance = (first + 1) * (second + 1) * human_only * model_only / ((both + 1) ** 2 * (both + 2))
    unseen = defects - found
    if variance == 0.0:
        why = NotMeasurable("one of the two found nothing that the other had missed")
        return JointMisses(found, Estimate(defects, why, found, why), Estimate(max(unseen, 0.0), why, found, why))
    factor = math.exp(normal_quantile(level) * math.sqrt(math.log1p(variance / unseen**2)))
    low, high = unseen / factor, unseen * factor
    error = math.sqrt(variance)
    return JointMisses(
        found,
        Estimate(defects, error, found, Interval(found + low, found + high, IntervalMethod.CHAPMAN, level)),
        Estimate(unseen, error, found, Interval(low, high, IntervalMethod.CHAPMAN, level)),
    )
