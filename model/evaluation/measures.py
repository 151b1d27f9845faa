"""Formulas of ranking and detection, each for many resamples of the pictures at once.

``weights`` has the shape ``(B, n)``: how often each of the ``n`` pictures stands in each of ``B`` samples. The first
row is the pictures as they are, all ones. A sample that does not allow a figure gives NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from model.evaluation.values import Estimate, Share

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
Weights = NDArray[np.int64]
Owners = NDArray[np.intp]
"""Index of the picture that each place or region belongs to."""

RESAMPLES = 2000
_FEWEST_USABLE = 0.9
"""An interval is given if this share of the resamples allows the figure at all."""

_CELLS_AT_ONCE = 4_000_000


def auroc(scores: Scores, positive: Flags, weights: Weights) -> Scores:
    """Return the area under the ROC curve of each sample, ``(B,)``; ties count half (Mann and Whitney 1947)."""
    if not scores.size:
        return np.full(len(weights), np.nan)
    order, starts = _tied(scores)
    counts = weights[:, order]
    positives = np.add.reduceat(counts * positive[order], starts, axis=1)
    negatives = np.add.reduceat(counts * ~positive[order], starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives
    pairs = (positives.sum(axis=1) * negatives.sum(axis=1)).astype(np.float64)
    return _ratio((positives * (below + negatives / 2.0)).sum(axis=1), pairs)


def average_precision(scores: Scores, positive: Flags, weights: Weights) -> Scores:
    """Return ``Σ (R_n - R_{n-1}) P_n`` over the distinct thresholds, without interpolation, ``(B,)``.

    As `sklearn.metrics.average_precision_score`; NaN where a sample holds one kind only.
    """
    if not scores.size:
        return np.full(len(weights), np.nan)
    order, starts = _tied(-scores)
    counts = weights[:, order]
    positives = np.add.reduceat(counts * positive[order], starts, axis=1)
    marked = np.cumsum(np.add.reduceat(counts, starts, axis=1), axis=1)
    precision = np.cumsum(positives, axis=1) / np.maximum(marked, 1)
    total = positives.sum(axis=1).astype(np.float64)
    both = (total > 0) & (total < marked[:, -1])
    return np.where(both, _ratio((positives * precision).sum(axis=1), total), np.nan)


def froc_cutoffs(false_scores: Scores, owners: Owners, weights: Weights, allowed: Sequence[float]) -> Scores:
    """Return the score that a region must exceed to keep to so many false regions per picture.

    Chakraborty, "Maximum likelihood analysis of free-response receiver operating characteristic (FROC) data",
    *Medical Physics* 16 (1989) 561, defines the curve: recall of places over false marks per picture.

    Parameters
    ----------
    false_scores : (F,) float64
        Of all false regions.
    owners : (F,)
        Picture of each.
    weights : (B, n)
        See the module.
    allowed : sequence of float
        False regions per picture.

    Returns
    -------
    (B, len(allowed)) float64
        Score of the first false region that is one too many; -inf where all are allowed.
    """
    order = np.argsort(-false_scores, kind="stable")
    # one more below all others: the answer where every false region is allowed
    ladder = np.append(false_scores[order], -np.inf)
    cutoffs = np.empty((len(weights), len(allowed)))
    rows_at_once = max(_CELLS_AT_ONCE // max(order.size, 1), 1)
    for start in range(0, len(weights), rows_at_once):
        sample = weights[start : start + rows_at_once]
        so_far = np.cumsum(sample[:, owners[order]], axis=1)
        for column, each in enumerate(allowed):
            budget = np.floor(each * sample.sum(axis=1) + 1e-9)
            cutoffs[start : start + len(sample), column] = ladder[(so_far <= budget[:, None]).sum(axis=1)]
    return cutoffs


def recall_above(hit_scores: Scores, owners: Owners, weights: Weights, cutoffs: Scores) -> Scores:
    """Return the share of places hit by a region above each sample's cut-off, ``(B,)``.

    Parameters
    ----------
    hit_scores : (P,) float64
        Highest score that hits each place; -inf where none does.
    owners : (P,)
        Picture of each.
    weights : (B, n)
        See the module.
    cutoffs : (B,) float64
        As from `froc_cutoffs`.
    """
    order = np.argsort(-hit_scores, kind="stable")
    so_far = np.cumsum(weights[:, owners[order]], axis=1)
    so_far = np.concatenate([np.zeros((len(weights), 1), np.int64), so_far], axis=1)
    # both ascending: the number of places above the cut-off
    above = np.searchsorted(-hit_scores[order], -cutoffs, side="left")
    return _ratio(so_far[np.arange(len(weights)), above], so_far[:, -1])


def mean_of(values: Scores, owners: Owners, weights: Weights) -> Scores:
    """Return the mean of values, each counted as often as its picture, ``(B,)``."""
    counts = weights[:, owners]
    return _ratio(counts @ values, counts.sum(axis=1))


def wilson(k: int, n: int) -> Share:
    """Return ``k`` of ``n`` with Wilson's score interval (1927), 95 %."""
    if n == 0:
        return Share(k, n, None, None, None)
    interval = binomtest(k, n).proportion_ci(method="wilson")
    return Share(k, n, k / n, float(interval.low), float(interval.high))


def group_weights(groups: Sequence[str], seed: int, resamples: int = RESAMPLES) -> Weights:
    """Return the pictures as they are, then how often each stands in each resample of whole groups.

    Pictures of one part are not independent, so parts are drawn, with replacement, as many as there are (cluster
    bootstrap: Davison and Hinkley, *Bootstrap Methods and their Application*, 1997, section 3.8).

    Returns
    -------
    (1 + resamples, n) int64
        Only the first row for fewer than two groups: there is nothing to resample.
    """
    once = np.ones((1, len(groups)), np.int64)
    names, owner = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if names.size < 2:
        return once
    drawn = np.random.default_rng(seed).integers(0, names.size, (resamples, names.size))
    shifted = drawn + np.arange(resamples)[:, None] * names.size
    times = np.bincount(shifted.ravel(), minlength=resamples * names.size).reshape(resamples, names.size)
    return np.concatenate([once, times[:, owner]])


def estimate(found: Scores) -> Estimate:
    """Return a figure with its 95 % percentile interval from the figures of all samples, ``(1 + resamples,)``.

    Without an interval if nothing was resampled, or if more than a tenth of the resamples do not allow the figure.
    """
    value, resampled = float(found[0]), found[1:]
    if not np.isfinite(value):
        return Estimate(None, None, None)
    usable = resampled[np.isfinite(resampled)]
    degenerate = resampled.size - usable.size
    if not resampled.size or usable.size < _FEWEST_USABLE * resampled.size:
        return Estimate(value, None, None, degenerate)
    low, high = np.quantile(usable, (0.025, 0.975))
    return Estimate(value, float(low), float(high), degenerate)


def _tied(scores: Scores) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ascending order of scores and where in it each run of equal scores starts."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    return order, np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))


def _ratio(above: NDArray[np.float64] | Weights, below: NDArray[np.float64] | Weights) -> Scores:
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
