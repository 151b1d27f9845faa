"""AUPRO against a slow implementation written from the definition."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from model.evaluation.overlap import BINS, PixelTally, bin_of

Picture = tuple[str, NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]


def pictures_of(seed: int) -> list[Picture]:
    """Return four pictures of three groups; the second group has nothing marked."""
    rng = np.random.default_rng(seed)
    found: list[Picture] = []
    for number, group in enumerate("abca"):
        truth = np.zeros((40, 60), np.uint8)
        if group != "b":
            truth[5:8, 4:30] = 1
            truth[20 + number : 30, 40:44] = 1
        ignored = np.zeros_like(truth)
        ignored[35:, :20] = 1
        levels = rng.integers(0, 200, truth.shape) + 60 * truth * rng.integers(0, 3, truth.shape)
        # rare values: each falls into a bin of its own
        heat = (1.0 / (1.0 + np.exp(-(levels - 150) / 12.0))).astype(np.float32)
        found.append((group, heat, truth, ignored))
    return found


def slow_aupro(pictures: list[Picture], limit: float) -> float:
    """Threshold by threshold, region by region; trapezia up to the limit."""
    curve = [(0.0, 0.0)]
    for threshold in sorted({float(v) for _, heat, _, _ in pictures for v in heat.ravel()}, reverse=True):
        overlaps, marked, sound = [], 0, 0
        for _, heat, truth, ignored in pictures:
            shown = heat >= threshold
            labels, count = ndimage.label(truth, structure=np.ones((3, 3)))
            overlaps += [shown[labels == label].mean() for label in range(1, count + 1)]
            free = (truth == 0) & (ignored == 0)
            marked, sound = marked + int((shown & free).sum()), sound + int(free.sum())
        curve.append((marked / sound, float(np.mean(overlaps))))
    area = 0.0
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 < limit and x1 > x0:
            stop = min(x1, limit)
            area += (stop - x0) * (y0 + y0 + (y1 - y0) * (stop - x0) / (x1 - x0)) / 2
    return area / limit


def tallied(pictures: list[Picture]) -> PixelTally:
    tally = PixelTally()
    for group, heat, truth, ignored in pictures:
        tally.add(group, heat, 1, truth, ignored)
    return tally


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [0.05, 0.3, 1.0])
def test_aupro_is_that_of_the_definition(seed: int, limit: float) -> None:
    pictures = pictures_of(seed)
    groups = [group for group, *_ in pictures]
    weights = np.array([[1, 1, 1, 1], [0, 1, 2, 0], [3, 0, 0, 3], [0, 2, 0, 0]])
    found = tallied(pictures).aupro(groups, weights, limit)
    for row in range(3):
        repeated = [picture for picture, times in zip(pictures, weights[row], strict=True) for _ in range(times)]
        assert found[row] == pytest.approx(slow_aupro(repeated, limit), abs=1e-9)
    assert np.isnan(found[3]), "the only group drawn has nothing marked"


def test_a_perfect_and_a_useless_map() -> None:
    truth = np.zeros((30, 30), np.uint8)
    truth[3:6, 3:20] = 1
    none = np.zeros_like(truth)
    perfect, useless = PixelTally(), PixelTally()
    perfect.add("a", truth.astype(np.float32), 1, truth, none)
    useless.add("a", np.full(truth.shape, 0.5, np.float32), 1, truth, none)
    weights = np.ones((1, 1), np.int64)
    assert perfect.aupro(["a"], weights)[0] == pytest.approx(1.0)
    assert useless.aupro(["a"], weights)[0] == pytest.approx(0.15), "the diagonal up to 0.3"
    assert (perfect.regions, perfect.pictures) == (1, 1)


def test_a_coarse_map_covers_its_squares() -> None:
    truth = np.zeros((7, 9), np.uint8)
    truth[2:4, 4:6] = 1
    heat = np.full((4, 5), 0.1, np.float32)
    heat[1, 2] = 0.9
    tally = PixelTally()
    tally.add("a", heat, 2, truth, np.zeros_like(truth))
    assert tally.aupro(["a"], np.ones((1, 1), np.int64))[0] == pytest.approx(1.0)


def test_bins_rise_with_the_probability_and_hold_the_ends() -> None:
    shares = np.sort(np.random.default_rng(0).random(1000)).astype(np.float32)
    assert (np.diff(bin_of(shares).astype(int)) >= 0).all()
    lowest, highest = bin_of(np.array([0.0, 1.0], np.float32)).tolist()
    assert 0 <= lowest < 0.01 * BINS
    assert 0.99 * BINS < highest < BINS
