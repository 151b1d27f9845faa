"""The exact binomial test at one threshold after another, in an order fixed before any label is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc, betaincinv

from inspector_app.automation.counting import Floats, Integers


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a fixed sequence of tests came.

    Attributes
    ----------
    certified : tuple of int
        Indices of the thresholds that were shown to keep the limit, in the order of the walk.
    failed : int or None
        Index of the threshold that ended the walk; ``None`` if it never began or came to its end.
    """

    certified: tuple[int, ...]
    failed: int | None


def binomial_tails(k: Integers, n: Integers, rate: float) -> Floats:
    """Return P(Bin(n, rate) ≤ k) for counts 0 ≤ k ≤ n: the p-value against "the rate is above ``rate``"."""
    inside = np.asarray(betaincc(k + 1.0, np.maximum(n - k, 1), rate), np.float64)
    return np.where(k >= n, 1.0, inside)


def binomial_tail(k: int, n: int, rate: float) -> float:
    """Return `binomial_tails` of one pair of counts."""
    return float(binomial_tails(np.array([k]), np.array([n]), rate)[0])


def exact_interval(k: int, n: int, level: float) -> tuple[float, float]:
    """Return the two-sided Clopper-Pearson bounds of k in n, n > 0: the rates that the same test does not reject."""
    tail = (1.0 - level) / 2.0
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    return low, 1.0 if k == n else float(betaincinv(k + 1, n - k, 1.0 - tail))


def smallest_sample(limit: float, delta: float, k: int = 0) -> int:
    """Return the smallest n at which k errors show a rate of at most ``limit``: P(Bin(n, limit) ≤ k) ≤ δ.

    The classical sizes of attribute tests: 299 parts at 1 % and δ = 5 % without an error. They hold for one look; see
    `sequential.parts_to_certify` for looking at any time.
    """
    low, high = k, k + 1
    while binomial_tail(k, high, limit) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_tail(k, middle, limit) > delta:
            low = middle
        else:
            high = middle
    return high


def walk(k: Integers, n: Integers, limit: float, delta: float, skip_below: int) -> Walk:
    """Test threshold after threshold and stop at the first that fails.

    Parameters
    ----------
    k, n : ndarray of int64, shape (thresholds,)
        Errors and parts at each threshold, in the order of the walk.
    limit, delta : float
        The rate that must not be exceeded, and the chance of certifying one that exceeds it.
    skip_below : int
        Thresholds with fewer parts are passed over: no label could certify them. It may only depend on ``n`` where
        ``n`` does not depend on the labels; else 0.
    """
    considered: NDArray[np.intp] = np.flatnonzero(n >= skip_below)
    fails = np.flatnonzero(binomial_tails(k[considered], n[considered], limit) > delta)
    if not fails.size:
        return Walk(tuple(int(j) for j in considered), None)
    end = int(fails[0])
    return Walk(tuple(int(j) for j in considered[:end]), int(considered[end]))
