"""Confidence intervals by drawing parts anew: trials of one part are not independent, parts are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from inspector_app.agreement.intervals import normal_quantile
from inspector_app.agreement.values import Interval, IntervalMethod, NotMeasurable

Sums = NDArray[np.float64]
"""(…, k) sums over parts of the k numbers that a statistic needs of each part."""

Statistic = Callable[[Sums], NDArray[np.float64]]
"""From sums (…, k) to values (…); NaN where the statistic is not defined."""

_AT_ONCE = 4_000_000
"""Weights held at once, some 32 MB."""
_SUMS_AT_ONCE = 250_000
"""Sums held at once: few enough to stay near the processor while a statistic goes over them."""
_NORMAL = NormalDist()


class PartResamples:
    """Draws of P parts from P parts with replacement, the same for every statistic of a study.

    Parameters
    ----------
    parts : int
        P, at least 1.
    draws : int
        Number of draws, at least 1; 2000 or more for an interval.
    seed : int
        The same seed gives the same draws.
    """

    def __init__(self, parts: int, draws: int, seed: int) -> None:
        self._parts = parts
        self._draws = draws
        self._seed = seed
        self._kept = tuple(self._drawn()) if parts * draws <= _AT_ONCE else None

    def _drawn(self) -> Iterator[NDArray[np.float64]]:
        """Yield how often each part is drawn, (draws, P) in pieces."""
        rng = np.random.default_rng(self._seed)
        share = np.full(self._parts, 1.0 / self._parts)
        step = max(1, _AT_ONCE // self._parts)
        for first in range(0, self._draws, step):
            count = min(step, self._draws - first)
            yield rng.multinomial(self._parts, share, size=count).astype(np.float64)

    def intervals(
        self, of_parts: NDArray[np.float64], statistic: Statistic, level: float
    ) -> list[tuple[Interval | NotMeasurable, int]]:
        """Return the BCa interval of one statistic for each of n judges, and how many draws had no value.

        Efron, *JASA* 82 (1987) 171: bias-corrected and accelerated; ties count half in the bias correction, the
        acceleration is the jackknife's over parts. Draws without a value (for example all parts good) are left out.

        Parameters
        ----------
        of_parts : (n, P, k) float64
            The k numbers of each part whose sums the statistic takes.
        statistic : Statistic
            See there.
        level : float
            Two-sided confidence level.
        """
        judges, parts, width = of_parts.shape
        side_by_side = np.moveaxis(of_parts, 0, 1).reshape(parts, judges * width)
        step = max(1, _SUMS_AT_ONCE // (judges * width))
        drawn = np.concatenate(
            [
                statistic((weights[first : first + step] @ side_by_side).reshape(-1, judges, width))
                for weights in self._kept or self._drawn()
                for first in range(0, len(weights), step)
            ]
        )
        # In one piece for each judge: what follows goes over a judge's draws several times.
        each = zip(of_parts, np.ascontiguousarray(drawn.T), strict=True)
        return [_interval(theirs, their_draws, statistic, level) for theirs, their_draws in each]


def _interval(
    of_parts: NDArray[np.float64], drawn: NDArray[np.float64], statistic: Statistic, level: float
) -> tuple[Interval | NotMeasurable, int]:
    """Return one judge's interval from the numbers of the parts, (P, k), and the statistic's draws, (draws,)."""
    total = of_parts.sum(axis=0)
    here = float(statistic(total))
    valid = np.sort(drawn[np.isfinite(drawn)])
    empty = len(drawn) - len(valid)
    if not math.isfinite(here):
        return NotMeasurable("the statistic itself is not defined"), empty
    if len(valid) == 0 or valid[0] == valid[-1]:
        return NotMeasurable("every draw of the parts gives the same value"), empty
    bias, left_out = _bias(valid, here), statistic(total - of_parts)
    tails = _adjusted_tails(bias, _acceleration(left_out[np.isfinite(left_out)]), level)
    places = np.arange(len(valid))
    low, high = np.interp(np.multiply(tails, places[-1]), places, valid).tolist()
    return Interval(low, high, IntervalMethod.PART_BOOTSTRAP, level), empty


def _bias(drawn: NDArray[np.float64], here: float) -> float:
    """Return z0 of sorted draws, kept finite where the estimate lies outside all of them."""
    n = len(drawn)
    below = float(np.searchsorted(drawn, here, "left") + np.searchsorted(drawn, here, "right")) / 2.0
    return _NORMAL.inv_cdf(min(max(below, 0.5), n - 0.5) / n)


def _acceleration(left_out: NDArray[np.float64]) -> float:
    """Return a, 0 where leaving a part out changes nothing."""
    off = left_out.mean() - left_out if len(left_out) else np.zeros(1)
    spread = float((off**2).sum()) ** 1.5
    return float((off**3).sum()) / (6.0 * spread) if spread > 0.0 else 0.0


def _adjusted_tails(bias: float, acceleration: float, level: float) -> tuple[float, float]:
    """Return the two quantiles of the draws that bound the interval."""
    z = normal_quantile(level)
    low, high = (_NORMAL.cdf(bias + (bias + side) / (1.0 - acceleration * (bias + side))) for side in (-z, z))
    return low, high
