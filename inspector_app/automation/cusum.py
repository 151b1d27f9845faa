"""Bernoulli CUSUM: the chart that tells soonest that a small share has risen.

Reynolds and Stoumbos, *Journal of Quality Technology* 31 (1999) 87. For a rise from p0 to p1,
``r1 = -ln((1-p1)/(1-p0))`` and ``r2 = ln(p1 (1-p0) / (p0 (1-p1)))``; with ``m = round(r2/r1)`` the statistic is
``S = max(0, S + x - 1/m)`` and it alarms at ``S >= h``. It is kept here in units of 1/m, as a whole number, so that no
rounding ever decides an alarm and a replay is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CusumPlan:
    """A chart.

    Attributes
    ----------
    good, bad : float
        p0 and p1, 0 < p0 < p1 < 1: the share that is all right, and the one to be told of soon.
    limit : int
        h, ≥ 1: about how many more bad observations than usual raise the alarm.
    """

    good: float
    bad: float
    limit: int

    def __post_init__(self) -> None:
        if not 0.0 < self.good < self.bad < 1.0:
            raise ValueError("a CUSUM needs 0 < good share < bad share < 1")
        if self.limit < 1:
            raise ValueError("a CUSUM's limit is at least 1")
        if self.steps < 2:
            raise ValueError("a CUSUM for so large a share has no whole step; choose a smaller one")

    @property
    def steps(self) -> int:
        """The chart's m: so many good observations make up for a bad one."""
        r1 = -math.log((1.0 - self.bad) / (1.0 - self.good))
        r2 = math.log(self.bad * (1.0 - self.good) / (self.good * (1.0 - self.bad)))
        return round(r2 / r1)

    @property
    def alarm_at(self) -> int:
        """The limit in units of 1/m."""
        return self.limit * self.steps


def cusum_after(plan: CusumPlan, statistic: int, bad: bool) -> int:
    """Return the statistic, in units of 1/m and ≥ 0, after one more observation; it alarms from `alarm_at` on."""
    return max(0, statistic + (plan.steps - 1 if bad else -1))
