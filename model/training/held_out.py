"""Held-out generated parts: where thresholds are chosen and first figures come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Region
from model.dataset.values import DataSetImage
from model.manifest import ModelManifest, RegionSpec
from model.preprocessing import Maps, Network, predict_maps
from model.probability import part_feature, platt_probability
from model.regions import find_regions
from model.synthesis.generator import FULL_FRAME, draw_seed, render_part
from model.synthesis.part import Label
from model.training.folder_crops import load_labelled

CHOOSING, REPORTING = 2, 3
"""Streams of held-out parts: one to choose thresholds on, the other to report figures from."""

TOUCH_PX = 5
"""A region touches a scratch if it comes this close to its pixels."""

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SHORTEST_PX = (24.0, 32.0, 40.0)
LOW_SHARE = 0.6
"""The lower threshold as a share of the upper one."""
FALSE_REGIONS_ALLOWED = 0.15
"""Per part, on the parts for choosing."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownPart:
    """A picture with its truth.

    Attributes
    ----------
    pixels : (H, W) or (H, W, 3) uint8
    scratch_mask : (H, W) bool
    good : bool
    """

    pixels: NDArray[np.uint8]
    scratch_mask: NDArray[np.bool_]
    good: bool


@dataclass(frozen=True, slots=True, eq=False)
class SeenPart:
    """A held-out part and what the network made of it.

    Attributes
    ----------
    maps : (classes, h, w) float16
        Probabilities; kept small, since all parts are held at once.
    scratch_mask : (H, W) bool
    good : bool
    scratches : int
        Number of connected scratches.
    """

    maps: NDArray[np.float16]
    scratch_mask: NDArray[np.bool_]
    good: bool
    scratches: int


@dataclass(frozen=True, slots=True)
class RegionCount:
    """Scratches found and regions that are none, summed over parts."""

    parts: int
    scratches: int
    found: int
    false_regions: int

    @property
    def recall(self) -> float:
        """Share of the scratches that a region touches; 1 where there are none."""
        return self.found / self.scratches if self.scratches else 1.0

    @property
    def false_per_part(self) -> float:
        """False regions per part."""
        return self.false_regions / max(self.parts, 1)


def generated_parts(seed: int, stream: int, count: int) -> Iterator[KnownPart]:
    """Yield parts that no training crop of this seed was cut from, good and defective in turn."""
    rng = np.random.default_rng([seed, stream])
    for number in range(count):
        part = render_part(draw_seed(rng), FULL_FRAME, defective=number % 2 == 0)
        yield KnownPart(part.pixels, part.labels == Label.SCRATCH, part.good)


def folder_parts(images: Sequence[DataSetImage]) -> Iterator[KnownPart]:
    """Yield pictures of a data set with pixel truth."""
    for image in images:
        grey, labels = load_labelled(image)
        mask = labels == Label.SCRATCH
        yield KnownPart(grey, mask, not mask.any())


def look_at(part: KnownPart, manifest: ModelManifest, network: Network) -> SeenPart:
    """Run the network over a part the way a station does."""
    maps = predict_maps(part.pixels, manifest, network)
    scratches = cv2.connectedComponents(_grown(part.scratch_mask), connectivity=8)[0] - 1
    return SeenPart(maps.astype(np.float16), part.scratch_mask, part.good, scratches)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    side = 2 * TOUCH_PX + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)), np.uint8)


def count_regions(seen: Sequence[SeenPart], manifest: ModelManifest) -> RegionCount:
    """Count what the manifest's region settings find on these parts."""
    scratches = found = false = 0
    for part in seen:
        hit, wrong = _judge(part, _rejecting(part, manifest))
        scratches, found, false = scratches + part.scratches, found + hit, false + wrong
    return RegionCount(len(seen), scratches, found, false)


def _rejecting(part: SeenPart, manifest: ModelManifest) -> list[Region]:
    height, width = part.scratch_mask.shape
    maps: Maps = part.maps.astype(np.float32)
    return [region for region in find_regions(maps, manifest, height, width) if region.rejects]


def _judge(part: SeenPart, regions: Sequence[Region]) -> tuple[int, int]:
    """Return scratches touched and regions that touch none."""
    _, numbered = cv2.connectedComponents(_grown(part.scratch_mask), connectivity=8)
    touched: set[int] = set()
    false = 0
    for region in regions:
        sheet = np.zeros(numbered.shape, np.uint8)
        cv2.fillPoly(sheet, [np.array(region.polygon, np.int32)], 1)
        met = set(np.unique(numbered[sheet == 1]).tolist()) - {0}
        touched |= met
        false += not met
    return len(touched), false


def choose_regions(
    seen: Sequence[SeenPart], manifest: ModelManifest, on_tried: Callable[[], None] | None = None
) -> tuple[RegionSpec, RegionCount]:
    """Choose thresholds: of those with few enough false regions the one that finds most scratches.

    Where none has few enough, the one with the fewest false regions.
    """
    tried: list[tuple[RegionSpec, RegionCount]] = []
    for threshold in THRESHOLDS:
        for shortest in SHORTEST_PX:
            spec = replace(
                manifest.regions,
                threshold=threshold,
                low_threshold=round(threshold * LOW_SHARE, 3),
                min_length_px=shortest,
            )
            tried.append((spec, count_regions(seen, replace(manifest, regions=spec))))
            if on_tried is not None:
                on_tried()
    quiet = [choice for choice in tried if choice[1].false_per_part <= FALSE_REGIONS_ALLOWED]
    if not quiet:
        return min(tried, key=lambda choice: choice[1].false_per_part)
    return max(quiet, key=lambda choice: (choice[1].recall, -choice[1].false_per_part))


def part_features(seen: Sequence[SeenPart], manifest: ModelManifest) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return each part's feature and whether it is defective."""
    features = [part_feature(part.maps.astype(np.float32), manifest) for part in seen]
    return np.array(features, np.float64), np.array([not part.good for part in seen], np.bool_)


def part_figures(seen: Sequence[SeenPart], manifest: ModelManifest) -> dict[str, float]:
    """Return whole-part figures at probability one half: miss, false alarm, Brier score, area under the curve."""
    features, bad = part_features(seen, manifest)
    chance = np.array([platt_probability(value, manifest.probability.platt) for value in features])
    pairs = features[bad][:, None] - features[~bad][None, :]
    return {
        "miss_rate": float((chance[bad] < 0.5).mean()),
        "false_alarm_rate": float((chance[~bad] >= 0.5).mean()),
        "brier": float(((chance - bad) ** 2).mean()),
        "auroc": float((pairs > 0).mean() + 0.5 * (pairs == 0).mean()),
    }
