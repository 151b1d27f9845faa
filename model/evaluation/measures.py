"""Formulas: ranking measures, the FROC curve, intervals. Arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from model.evaluation.values import Estimate, Share

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 1000
_FEWEST_USABLE = 0.9
"""An interval is given if this share of the resamples allows the figure at all."""


def auroc(scores: Scores, positive: Flags) -> float | None:
    """Return the area under the ROC curve, ties counting half (Mann–Whitney); ``None`` if a class is missing."""
    n_positive = int(positive.sum())
    n_negative = positive.size - n_positive
    if not n_positive or not n_negative:
        return None
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def average_precision(scores: Scores, positive: Flags) -> float | None:
    """Return ``Σ (R_n - R_{n-1}) P_n`` over the distinct thresholds, without interpolation; ``None`` as `auroc`."""
    n_positive = int(positive.sum())
    if not n_positive or n_positive == positive.size:
        return None
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(positive[order])
    last_of_ties = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    true, marked = true[last_of_ties], last_of_ties + 1
    steps = np.diff(true, prepend=0) / n_positive
    return float((steps * true / marked).sum())


def froc_recall(hit_scores: Scores, false_scores: Scores, pictures: int, allowed: float) -> float | None:
    """Return the share of places hit at the lowest threshold with at most ``allowed`` false regions per picture.

    Parameters
    ----------
    hit_scores : ndarray
        Highest score that hits each place; -inf where none does.
    false_scores : ndarray
        Scores of all false regions.
    pictures : int
        Number of pictures.
    allowed : float
        False regions per picture.
    """
    if not hit_scores.size or not pictures:
        return None
    budget = int(np.floor(allowed * pictures + 1e-9))
    if budget >= false_scores.size:
        return float(np.mean(np.isfinite(hit_scores)))
    # the first false region that is one too many must stay below the threshold
    too_many = np.sort(false_scores)[::-1][budget]
    return float(np.mean(hit_scores > too_many))


def wilson(k: int, n: int) -> Share:
    """Return ``k`` of ``n`` with Wilson's score interval (1927), 95 %."""
    if n == 0:
        return Share(k, n, None, None, None)
    interval = binomtest(k, n).proportion_ci(method="wilson")
    return Share(k, n, k / n, float(interval.low), float(interval.high))


def group_bootstrap(groups: Sequence[str], figure: Callable[[NDArray[np.intp]], float | None], seed: int) -> Estimate:
    """Return a figure of pictures with its 95 % percentile interval from resampling whole groups.

    Parameters
    ----------
    groups : sequence of str
        Of each picture; pictures of one part are not independent.
    figure : callable
        Takes indices of pictures, with repeats; returns the figure or ``None``.
    seed : int
        Same seed, same interval.

    Returns
    -------
    Estimate
        Without interval for fewer than two groups, or if more than a tenth of the resamples do not allow the figure
        (all positives in one group, say).
    """
    value = figure(np.arange(len(groups)))
    members = _members(groups)
    if value is None or len(members) < 2:
        return Estimate(value, None, None)
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(members), (RESAMPLES, len(members)))
    found = [figure(np.concatenate([members[index] for index in draw])) for draw in draws]
    usable = [each for each in found if each is not None]
    if len(usable) < _FEWEST_USABLE * RESAMPLES:
        return Estimate(value, None, None)
    low, high = np.quantile(usable, (0.025, 0.975))
    return Estimate(value, float(low), float(high))


def _members(groups: Sequence[str]) -> list[NDArray[np.intp]]:
    names, owner = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    return [np.flatnonzero(owner == index) for index in range(names.size)]
