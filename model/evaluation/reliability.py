"""Whether probabilities mean what they say: proper scores, and the reliability of bins of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.evaluation.measures import Flags, Owners, Scores, Weights, estimate, mean_of, wilson
from model.evaluation.values import Estimate, Share

MOST_BINS = 10
FEWEST_IN_BIN = 8
_SMALLEST = 1e-15
_SIMULATIONS = 1000


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Pictures of similar probability.

    Attributes
    ----------
    low, high : float
        Lowest and highest probability in it.
    mean_probability : float
        Of its pictures.
    rejects : Share
        How many of them are to be rejected.
    """

    low: float
    high: float
    mean_probability: float
    rejects: Share


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well probabilities fit the truth.

    Attributes
    ----------
    log_loss, brier : Estimate
        Means of ``-log P(truth)`` (natural logarithm) and of ``(P - truth)²``; proper, lower is better.
    base_log_loss : float or None
        Log loss of always saying the share of rejects: a model above it says less than nothing.
    ece : float or None
        Expected calibration error: mean over the bins, by pictures, of ``|share of rejects - mean probability|``.
    ece_if_calibrated : float or None
        What it would come to on so many pictures if every probability were true: it is never 0.
    ece_debiased : float or None
        The excess of the one over the other, at least 0.
    rms_debiased : float or None
        Root mean square error of the bins with the bias of their binomial noise removed, at least 0.
    bins : tuple of ReliabilityBin
        Of equal mass but for ties.
    """

    log_loss: Estimate
    brier: Estimate
    base_log_loss: float | None
    ece: float | None
    ece_if_calibrated: float | None
    ece_debiased: float | None
    rms_debiased: float | None
    bins: tuple[ReliabilityBin, ...]


def reliability(scores: Scores, rejects: Flags, weights: Weights, seed: int) -> Reliability:
    """Return how well probabilities ``(n,)`` fit the truth ``(n,)``.

    Expected calibration error after Naeini et al., *AAAI* 2015, with bins of equal mass; its value under perfect
    calibration by simulating truths from the probabilities. Debiased root mean square: Kumar, Liang, Ma, "Verified
    uncertainty calibration", *NeurIPS* 2019, definition 5.3.
    """
    everyone: Owners = np.arange(scores.size)
    loss = estimate(mean_of(log_losses(scores, rejects), everyone, weights))
    brier = estimate(mean_of((scores - rejects) ** 2, everyone, weights))
    owners = bins_of_equal_mass(scores)
    if not scores.size:
        return Reliability(loss, brier, None, None, None, None, None, ())
    count = int(owners.max()) + 1
    rng = np.random.default_rng(seed)
    simulated = rng.random((_SIMULATIONS, scores.size)) < scores
    ece = float(_ece(scores, rejects[None], owners, count)[0])
    expected = float(_ece(scores, simulated, owners, count).mean())
    share = float(rejects.mean())
    return Reliability(
        log_loss=loss,
        brier=brier,
        base_log_loss=float(log_losses(np.full(scores.size, share), rejects).mean()),
        ece=ece,
        ece_if_calibrated=expected,
        ece_debiased=max(ece - expected, 0.0),
        rms_debiased=_rms_debiased(scores, rejects, owners, count),
        bins=tuple(_bin(scores[owners == each], rejects[owners == each]) for each in range(count)),
    )


def log_losses(scores: Scores, rejects: Flags) -> Scores:
    """Return ``-log P(truth)`` of each picture; probabilities are kept 1e-15 from 0 and 1."""
    said = np.clip(np.where(rejects, scores, 1.0 - scores), _SMALLEST, 1.0)
    return np.asarray(-np.log(said), np.float64)


def bins_of_equal_mass(scores: Scores) -> Owners:
    """Return the bin of each picture, 0 … K-1 by rising probability; equal probabilities share a bin."""
    count = int(np.clip(scores.size // FEWEST_IN_BIN, 1, MOST_BINS))
    # of equal probabilities the lowest rank decides for all
    lowest = np.searchsorted(np.sort(scores), scores, side="left")
    _, bins = np.unique(lowest * count // max(scores.size, 1), return_inverse=True)
    return np.asarray(bins, np.intp)


def _ece(scores: Scores, truths: Flags, owners: Owners, count: int) -> Scores:
    """Return the error of each row of truths ``(R, n)``."""
    gaps = np.zeros((len(truths), count))
    for each in range(count):
        inside = owners == each
        gaps[:, each] = np.abs((truths[:, inside] - scores[inside]).sum(axis=1))
    return np.asarray(gaps.sum(axis=1) / scores.size)


def _rms_debiased(scores: Scores, rejects: Flags, owners: Owners, count: int) -> float | None:
    total = 0.0
    for each in range(count):
        inside = owners == each
        pictures, share = int(inside.sum()), float(rejects[inside].mean())
        if pictures < 2:
            return None
        gap = share - float(scores[inside].mean())
        total += pictures * (gap**2 - share * (1.0 - share) / (pictures - 1))
    return float(np.sqrt(max(total / scores.size, 0.0)))


def _bin(scores: Scores, rejects: Flags) -> ReliabilityBin:
    share = wilson(int(rejects.sum()), int(rejects.size))
    return ReliabilityBin(float(scores.min()), float(scores.max()), float(scores.mean()), share)
