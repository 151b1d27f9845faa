"""Population stability index, with the law it follows when nothing has changed.

The usual limits 0.1 and 0.25 say nothing without the sample sizes: with n reference and m present values in B bins,
without drift, PSI ≈ χ²(B-1) (1/n + 1/m) (Yurdakul and Naranjo, *Journal of Risk Model Validation* 14 (2020) 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import chi2

SMALLEST_EFFECT = 0.1
"""A PSI below this is never called drift, however sure it is."""


@dataclass(frozen=True, slots=True)
class Stability:
    """A PSI and what chance alone would give.

    Attributes
    ----------
    psi : float
        ≥ 0; infinite where a bin is empty on one side only.
    expected : float
        Its mean without drift.
    limit : float
        Its quantile without drift at the level asked for.
    """

    psi: float
    expected: float
    limit: float

    @property
    def drifted(self) -> bool:
        """True if the index is more than chance gives and large enough to matter."""
        return self.psi > max(self.limit, SMALLEST_EFFECT)


def stability(reference: Sequence[int], present: Sequence[int], level: float = 0.999) -> Stability:
    """Return the PSI of two rows of counts over the same bins.

    Parameters
    ----------
    reference, present : sequence of int
        Counts a bin; at least two bins, neither row empty.
    level : float
        Confidence of the limit, above 0 and below 1.

    Raises
    ------
    ValueError
        For rows of different length, a single bin, a negative count or an empty row.
    """
    n, m = sum(reference), sum(present)
    if len(reference) != len(present) or len(reference) < 2:
        raise ValueError("the two rows of counts need the same bins, at least two")
    if min(*reference, *present) < 0 or n == 0 or m == 0:
        raise ValueError("counts are not negative, and neither row is empty")
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level is above 0 and below 1, not {level}")
    free, unit = len(reference) - 1, 1.0 / n + 1.0 / m
    psi = sum(_term(a / n, b / m) for a, b in zip(reference, present, strict=True))
    return Stability(psi, free * unit, float(chi2.ppf(level, free)) * unit)


def _term(before: float, now: float) -> float:
    if before == now:
        return 0.0
    return math.inf if before == 0.0 or now == 0.0 else (now - before) * math.log(now / before)
