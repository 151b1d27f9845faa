"""A confidence sequence for the mean of anything between 0 and 1: areas, times as a share of their limit, weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def betting_sequence(values: Sequence[float] | NDArray[np.float64], delta: float) -> tuple[float, float]:
    """Return bounds of the mean that hold at all times together with probability 1 - ``delta``.

    The hedged capital process of Waudby-Smith and Ramdas, *JRSS B* 86 (2024) 1, section 4.4, with their predictable
    plug-in bets cut at ½: a mean m is ruled out once the larger of two gamblers' capitals, one betting above m and
    one below, halved, has reached 1/δ. For events that happen or not, `sequential.confidence_sequence` is narrower.

    Parameters
    ----------
    values : sequence of float
        In the order they came, each in 0 … 1; may be empty.
    delta : float
        Chance that the bounds ever leave the true mean out, 0 < delta < 1.

    Raises
    ------
    ValueError
        If a value or delta is out of range.
    """
    x = np.asarray(values, dtype=np.float64)
    if not 0.0 < delta < 1.0:
        raise ValueError(f"the allowed chance of error is above 0 and below 1, not {delta}")
    if x.size and not (float(x.min()) >= 0.0 and float(x.max()) <= 1.0):
        raise ValueError("a betting sequence needs values in 0 … 1")
    bets = _bets(x, delta)
    # The mirror image turns "bet on less than m" into "bet on more than 1 - m".
    low = _lowest_left(x, bets, delta)
    return low, max(low, 1.0 - _lowest_left(1.0 - x, bets, delta))


def _bets(x: NDArray[np.float64], delta: float) -> NDArray[np.float64]:
    """Return for each value the bet, which depends on earlier values only."""
    t = np.arange(1, x.size + 1)
    means = (0.5 + np.cumsum(x)) / (t + 1.0)
    variances = (0.25 + np.cumsum((x - means) ** 2)) / (t + 1.0)
    before = np.concatenate(([0.25], variances[:-1]))[: x.size]
    stakes: NDArray[np.float64] = np.sqrt(2.0 * math.log(2.0 / delta) / (before * t * np.log1p(t)))
    return stakes


def _lowest_left(x: NDArray[np.float64], bets: NDArray[np.float64], delta: float) -> float:
    """Return the smallest mean that the gambler who bets on more has never ruled out; his capital falls with m."""

    def ruled_out(m: float) -> bool:
        gains = np.log1p(np.minimum(bets, 0.5 / m) * (x - m))
        return bool(x.size) and float(np.cumsum(gains).max()) >= math.log(2.0 / delta)

    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2.0
        if ruled_out(middle):
            low = middle
        else:
            high = middle
    return low
