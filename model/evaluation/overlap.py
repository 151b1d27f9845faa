"""Pixel figures on pixel truth: the area under the per-region overlap curve (AUPRO).

Bergmann et al., "The MVTec Anomaly Detection Dataset", *International Journal of Computer Vision* 129 (2021) 1038,
section 5.2: at each threshold the overlap with the truth is averaged over its connected regions, so that a hairline
weighs as much as a blob; it is integrated over the share of sound pixels marked, up to a limit, and divided by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from model.evaluation.measures import Scores, Weights

LIMIT = 0.3
"""Share of sound pixels up to which is integrated; the usual one."""

BINS = 4096
_REACH = 16.2
"""Logits beyond ± this are the outermost bins; float32 cannot tell such probabilities from 0 and 1."""

_ROWS_AT_ONCE = 250

Mask = NDArray[np.uint8]
Counts = NDArray[np.int64]


class PixelTally:
    """Histograms of pixels by group, filled picture by picture, so that no map is kept.

    Probabilities are told apart in `BINS` steps of their logit, 0.008 each, which moves the area by less than 0.001.
    """

    def __init__(self) -> None:
        self._sound: dict[str, Counts] = {}
        self._overlap: dict[str, Scores] = {}
        self._regions: dict[str, int] = {}
        self.pictures = 0

    def add(self, group: str, heat: NDArray[np.float32], stride: int, truth: Mask, ignored: Mask) -> None:
        """Count one picture.

        Parameters
        ----------
        group : str
            Of the picture.
        heat : (h, w) float32
            Probability of a reason to reject; each value stands for a square of ``stride`` px.
        stride : int
            Px of the picture per px of ``heat``.
        truth, ignored : (H, W) uint8
            1 where there is reason to reject; 1 where nothing counts.
        """
        height, width = truth.shape
        levels = np.repeat(np.repeat(bin_of(heat), stride, axis=0), stride, axis=1)[:height, :width]
        sound = np.bincount(levels[(truth == 0) & (ignored == 0)], minlength=BINS)
        self._sound[group] = self._sound.get(group, np.zeros(BINS, np.int64)) + sound
        self.pictures += 1
        count, labels, stats, _ = cv2.connectedComponentsWithStats(truth, connectivity=8)
        for label in range(1, count):
            x, y, w, h, area = (int(value) for value in stats[label])
            inside = np.asarray(labels)[y : y + h, x : x + w] == label
            seen = np.bincount(levels[y : y + h, x : x + w][inside], minlength=BINS)
            self._overlap[group] = self._overlap.get(group, np.zeros(BINS)) + seen / area
        self._regions[group] = self._regions.get(group, 0) + count - 1

    @property
    def regions(self) -> int:
        """Connected regions of truth."""
        return sum(self._regions.values())

    def aupro(self, groups: Sequence[str], weights: Weights, limit: float = LIMIT) -> Scores:
        """Return the area of each sample, ``(B,)``, 0 … 1; NaN without a region or a sound pixel.

        Parameters
        ----------
        groups : sequence of str
            Of each picture of the evaluation, with pixel truth or without.
        weights : (B, n)
            See `model.evaluation.measures`; all pictures of a group have the same weight.
        limit : float
            Above 0, at most 1.
        """
        first = {group: groups.index(group) for group in self._sound}
        if not first:
            return np.full(len(weights), np.nan)
        sound = np.array([self._sound[group][::-1] for group in first], np.float64)
        overlap = np.array([self._overlap.get(group, np.zeros(BINS))[::-1] for group in first])
        regions = np.array([self._regions[group] for group in first], np.float64)
        times = weights[:, list(first.values())].astype(np.float64)
        found = [
            _areas(times[start : start + _ROWS_AT_ONCE], sound, overlap, regions, limit)
            for start in range(0, len(times), _ROWS_AT_ONCE)
        ]
        return np.concatenate(found)


def bin_of(heat: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the bin of each probability, rising with it."""
    shares = np.clip(heat, 1e-7, 1.0 - 1e-7)
    logits = np.log(shares) - np.log1p(-shares)
    steps = (logits + _REACH) * (BINS / (2.0 * _REACH))
    return np.clip(steps, 0, BINS - 1).astype(np.uint16)


def _areas(times: Scores, sound: Scores, overlap: Scores, regions: Scores, limit: float) -> Scores:
    """Return the areas of samples; the histograms ``(groups, BINS)`` run from the highest bin down."""
    marked, all_sound = np.cumsum(times @ sound, axis=1), times @ sound.sum(axis=1)
    covered, all_regions = np.cumsum(times @ overlap, axis=1), times @ regions
    usable = (all_sound > 0) & (all_regions > 0)
    rates = _from_zero(marked / np.where(usable, all_sound, 1.0)[:, None])
    overlaps = _from_zero(covered / np.where(usable, all_regions, 1.0)[:, None])
    left, right = rates[:, :-1], rates[:, 1:]
    cut = np.minimum(right, limit)
    share = np.where(right > left, (cut - left) / np.where(right > left, right - left, 1.0), 0.0)
    at_cut = overlaps[:, :-1] + share * np.diff(overlaps, axis=1)
    pieces = np.where(left < limit, (cut - left) * (overlaps[:, :-1] + at_cut) / 2.0, 0.0)
    return np.where(usable, pieces.sum(axis=1) / limit, np.nan)


def _from_zero(curve: Scores) -> Scores:
    return np.concatenate([np.zeros((len(curve), 1)), curve], axis=1)
