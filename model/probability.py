"""From probability maps to the probability that the part is to be rejected."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from model.manifest import Feature, ModelManifest, Platt, ProbabilitySpec
from model.preprocessing import Maps
from model.regions import group_map

_SMALLEST = 1e-7
"""Probabilities are kept this far from 0 and 1 before their logit is taken; float32 cannot tell them nearer to 1."""

_STRIP = 8
"""Pixels in a column whose greatest value stands for them."""


def part_feature(maps: Maps, manifest: ModelManifest) -> float:
    """Return the number of maps ``(classes, h, w)`` that Platt's scaling is fitted on; see `heat_feature`."""
    return heat_feature(group_map(maps, manifest.channels(reject=True)), manifest.probability)


def heat_feature(heat: NDArray[np.float32], spec: ProbabilitySpec) -> float:
    """Return the feature of a map ``(h, w)`` of reject probabilities.

    The ``k`` greatest logits (all, where the map has fewer pixels), averaged over ``k``: their mean for
    ``topk_mean_logit``, ``log(mean(exp))`` for ``log_sum_exp_logit``, which leans to the greatest of them.
    """
    shares = np.clip(highest_values(heat, spec.k), _SMALLEST, 1.0 - _SMALLEST)
    logits = np.log(shares) - np.log1p(-shares)
    if spec.feature is Feature.TOPK_MEAN_LOGIT:
        return float(logits.mean())
    peak = float(logits.max())
    return peak + math.log(float(np.exp(logits - peak).mean()))


def highest_values(heat: NDArray[np.float32], k: int) -> NDArray[np.float64]:
    """Return the ``k`` greatest values of a map ``(h, w)`` in ascending order; all if it has fewer.

    The ``k``-th greatest of the maxima of strips bounds the wanted values from below, so that few are left to sort,
    whatever the map looks like.
    """
    k = min(k, heat.size)
    whole = heat.shape[0] // _STRIP * _STRIP
    tops = heat[:whole].reshape(-1, _STRIP, heat.shape[1]).max(axis=1).reshape(-1)
    values = heat.reshape(-1)
    if tops.size >= k:
        values = heat[heat >= np.partition(tops, tops.size - k)[tops.size - k]]
    return np.sort(values)[values.size - k :].astype(np.float64)


def platt_probability(feature: float, platt: Platt) -> float:
    """Return ``1 / (1 + exp(-(a feature + b)))`` without overflow."""
    x = platt.a * feature + platt.b
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))
