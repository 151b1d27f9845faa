"""What imperfect eyes leave out: the true share of bad parts, and defects that human and model both miss."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inspector_app.agreement.intervals import normal_quantile, wilson
from inspector_app.agreement.values import Estimate, Interval, IntervalMethod, NotMeasurable


def true_share(
    rejected: int, parts: int, sensitivity: float, specificity: float, level: float
) -> Estimate | NotMeasurable:
    """Return the share of bad parts behind a share of rejects: (p + Sp - 1) / (Se + Sp - 1), cut to 0 … 1.

    Rogan and Gladen, *American Journal of Epidemiology* 107 (1978) 71.

    Parameters
    ----------
    rejected, parts : int
        As the inspectors said.
    sensitivity, specificity : float
        Of the inspectors, 0 … 1, taken as known.
    level : float
        Confidence level.
    """
    if not (0.0 <= sensitivity <= 1.0 and 0.0 <= specificity <= 1.0):
        raise ValueError("sensitivity and specificity are in 0 … 1")
    if parts == 0:
        return NotMeasurable("no part was judged")
    better = sensitivity + specificity - 1.0
    if better <= 0.0:
        return NotMeasurable("inspectors who see no better than chance say nothing about the share of bad parts")

    def corrected(apparent: float) -> float:
        return min(max((apparent + specificity - 1.0) / better, 0.0), 1.0)

    shown = wilson(rejected, parts, level)
    rate = rejected / parts
    error = math.sqrt(rate * (1.0 - rate) / parts) / better
    return Estimate(
        corrected(rate),
        error if error > 0.0 else NotMeasurable("all parts were judged alike"),
        parts,
        Interval(corrected(shown.low), corrected(shown.high), IntervalMethod.ROGAN_GLADEN, level),
    )


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
