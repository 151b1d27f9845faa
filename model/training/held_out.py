"""What is not learned from: where steps, thresholds and the part's probability are chosen, and figures come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Region
from model.dataset.masks import marked_places
from model.dataset.values import Annotation
from model.evaluation.matching import Matched, TruthPatches, match_regions
from model.evaluation.measures import auroc, average_precision
from model.evaluation.values import FalseRegion
from model.judging import judged_feature, judged_regions
from model.manifest import ClassSpec, Feature, JudgeSpec, ModelManifest, RegionSpec
from model.preprocessing import Network, predict_maps
from model.probability import heat_feature, platt_probability
from model.regions import find_regions, group_map, region_score
from model.synthesis.generator import FULL_FRAME, draw_seed, render_part
from model.synthesis.part import Label

CHOOSING, REPORTING = 2, 3
"""Streams of held-out generated parts: one to choose thresholds on, the other to report figures from."""

THRESHOLDS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.85, 0.9, 0.95)
SHORTEST_PX = (0.0, 16.0, 24.0, 40.0)
LOW_SHARE = 0.5
"""The lower threshold as a share of the upper one."""
MOST_REGIONS = 1000
SCORE_LENGTHS_PX = (0.0, 24.0, 48.0)
"""What a region's length may add to its score, see `RegionSpec.score_length_px`."""
LOWEST_CANDIDATE = 0.02
"""Probability down to which regions are ranked when that is chosen; lower ones are noise."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownPart:
    """A picture with its truth.

    Attributes
    ----------
    pixels : (H, W) or (H, W, 3) uint8
    places : tuple of Annotation
        Marked places.
    mask : (H, W) uint8 or None
        Pixel truth, 0 or 1.
    good : bool
    located : bool
        False for a reject of which nobody said where: it counts as a picture only.
    """

    pixels: NDArray[np.uint8]
    places: tuple[Annotation, ...]
    mask: NDArray[np.uint8] | None
    good: bool
    located: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class SeenPart:
    """A held-out part and what the network made of it.

    Attributes
    ----------
    heat : (h, w) float16
        Probability of a reason to reject; kept small, since all parts are held at once.
    size : (int, int)
        Height and width of the picture, px.
    judged : tuple of Region
        Candidates as the manifest's judge has them; empty without one.
    """

    heat: NDArray[np.float16]
    size: tuple[int, int]
    places: tuple[Annotation, ...]
    mask: NDArray[np.uint8] | None
    good: bool
    located: bool
    judged: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionCount:
    """Places found and regions that are none, summed over parts."""

    parts: int
    places: int
    found: int
    false_regions: int

    def with_part(self, match: Matched) -> RegionCount:
        """Return the count with one part more."""
        hits = sum(score is not None for score in match.hit_scores)
        return RegionCount(
            self.parts + 1,
            self.places + len(match.hit_scores),
            self.found + hits,
            self.false_regions + len(match.false_regions),
        )

    @property
    def recall(self) -> float:
        """Share of the places that a region hits; 1 where there are none."""
        return self.found / self.places if self.places else 1.0

    @property
    def false_per_part(self) -> float:
        """False regions per part."""
        return self.false_regions / max(self.parts, 1)


def generated_parts(seed: int, stream: int, count: int) -> Iterator[KnownPart]:
    """Yield parts that no training crop of this seed was cut from, good and defective in turn."""
    rng = np.random.default_rng([seed, stream])
    for number in range(count):
        part = render_part(draw_seed(rng), FULL_FRAME, defective=number % 2 == 0)
        mask = np.asarray(part.labels == int(Label.SCRATCH), np.uint8)
        yield KnownPart(part.pixels, marked_places(mask, Label.SCRATCH.name.lower()), mask, part.good)


def look_at(part: KnownPart, manifest: ModelManifest, network: Network) -> SeenPart:
    """Run the network over a part the way a station does."""
    maps = predict_maps(part.pixels, manifest, network)
    heat = group_map(maps, manifest.channels(reject=True)).astype(np.float16)
    size = (part.pixels.shape[0], part.pixels.shape[1])
    judge = manifest.judge
    judged = () if judge is None else judged_regions(part.pixels, maps, manifest, judge)
    return SeenPart(heat, size, part.places, part.mask, part.good, part.located, judged)


def _regions(part: SeenPart, manifest: ModelManifest) -> tuple[Region, ...]:
    """Return what the manifest's region settings make of a part, reject regions only."""
    heat = part.heat.astype(np.float32)
    classes = (ClassSpec("background", False), ClassSpec("reject", True))
    return find_regions(np.stack([1.0 - heat, heat]), replace(manifest, classes=classes), *part.size)


def _truth(part: SeenPart) -> TruthPatches:
    return TruthPatches.of(part.places, part.mask, part.size)


def count_regions(seen: Sequence[SeenPart], manifest: ModelManifest) -> RegionCount:
    """Count what the manifest's region settings find on the parts whose marks are located."""
    count = RegionCount(0, 0, 0, 0)
    for part in seen:
        if part.located:
            count = count.with_part(match_regions(_regions(part, manifest), _truth(part)))
    return count


def recall_at(seen: Sequence[SeenPart], manifest: ModelManifest, false_per_part: float) -> float | None:
    """Return the share of places whose region scores above all but so many false regions per part.

    None where no place is known.
    """
    return _recall_at([(_regions(part, manifest), _truth(part)) for part in seen if part.located], false_per_part)


def _recall_at(found: Sequence[tuple[Sequence[Region], TruthPatches]], false_per_part: float) -> float | None:
    each = [match_regions(regions, truth) for regions, truth in found]
    places = [score for match in each for score in match.hit_scores]
    if not places:
        return None
    false = sorted((region.score for match in each for region in match.false_regions), reverse=True)
    allowed = int(false_per_part * len(each))
    bar = false[allowed] if allowed < len(false) else -1.0
    return sum(score is not None and score > bar for score in places) / len(places)


def choose_regions(
    seen: Sequence[SeenPart], manifest: ModelManifest, false_regions: float, stop: Callable[[], None]
) -> tuple[RegionSpec, RegionCount]:
    """Choose thresholds: of those with few enough false regions the one that finds most places.

    Of equals the one that drops most of what is short. Where none has few enough, the one with the fewest false
    regions; where no place is known, the lowest thresholds with few enough.

    Parameters
    ----------
    false_regions : float
        Allowed per part.
    stop : callable
        Called for each part; raises where the choice is to end.
    """
    counts: dict[tuple[float, float], RegionCount] = {}
    for part in seen:
        stop()
        if not part.located:
            continue
        truth = _truth(part)
        for threshold in THRESHOLDS:
            # too short regions are dropped after they are found, so they are looked for once
            regions = _regions(part, replace(manifest, regions=_spec(manifest, threshold, 0.0, MOST_REGIONS)))
            for shortest in SHORTEST_PX:
                long_enough = [region for region in regions if region.length_px >= shortest]
                before = counts.get((threshold, shortest), RegionCount(0, 0, 0, 0))
                counts[threshold, shortest] = before.with_part(match_regions(long_enough, truth))
    most = manifest.regions.max_regions
    tried = [(_spec(manifest, *setting, most), count) for setting, count in counts.items()]
    if not tried:
        return manifest.regions, RegionCount(0, 0, 0, 0)
    quiet = [choice for choice in tried if choice[1].false_per_part <= false_regions]
    if not quiet:
        return min(tried, key=lambda choice: choice[1].false_per_part)
    return max(quiet, key=lambda choice: (choice[1].recall, -choice[1].false_per_part, choice[0].min_length_px))


def choose_score_length(seen: Sequence[SeenPart], manifest: ModelManifest, false_regions: float) -> tuple[float, float]:
    """Choose how much a region's length adds to its score, and return it with the recall that it gives.

    Of `SCORE_LENGTHS_PX` the one with which most places score above all but so many false regions per part, of equals
    the first; candidates are the regions down to a low probability, as `model.evaluation` ranks them.
    """
    lowest = min(LOWEST_CANDIDATE, manifest.regions.low_threshold)
    spec = replace(
        manifest.regions, threshold=lowest, low_threshold=lowest, score_length_px=0.0, max_regions=MOST_REGIONS
    )
    found = [(_regions(part, replace(manifest, regions=spec)), _truth(part)) for part in seen if part.located]

    def recall(length_px: float) -> float:
        weighed = replace(spec, score_length_px=length_px)
        scored = [
            ([replace(each, score=region_score(each.score, each.length_px, weighed)) for each in regions], truth)
            for regions, truth in found
        ]
        return _recall_at(scored, false_regions) or 0.0

    recalls = {length_px: recall(length_px) for length_px in SCORE_LENGTHS_PX}
    best = max(SCORE_LENGTHS_PX, key=recalls.__getitem__)
    return best, recalls[best]


def choose_judge_threshold(
    seen: Sequence[SeenPart], judge: JudgeSpec, false_regions: float
) -> tuple[JudgeSpec, RegionCount]:
    """Choose the lowest probability from which a judge's candidates make few enough false regions per part."""
    found = [(part.judged, _truth(part)) for part in seen if part.located]
    false = sorted((each.score for regions, truth in found for each in _false(regions, truth)), reverse=True)
    allowed = int(false_regions * len(found))
    bar = false[allowed] if allowed < len(false) else 0.0
    threshold = min(max(float(np.nextafter(bar, 1.0)), LOWEST_CANDIDATE), 1.0)
    count = RegionCount(0, 0, 0, 0)
    for regions, truth in found:
        count = count.with_part(match_regions([each for each in regions if each.score >= threshold], truth))
    return replace(judge, threshold=threshold), count


def _false(regions: Sequence[Region], truth: TruthPatches) -> Sequence[FalseRegion]:
    return match_regions(regions, truth).false_regions


def judged_recall(seen: Sequence[SeenPart], false_per_part: float) -> float | None:
    """Return the share of places that the judge puts above all but so many false regions per part; None without any."""
    return _recall_at([(part.judged, _truth(part)) for part in seen if part.located], false_per_part)


def _spec(manifest: ModelManifest, threshold: float, shortest: float, most: int) -> RegionSpec:
    low = round(threshold * LOW_SHARE, 3)
    return replace(manifest.regions, threshold=threshold, low_threshold=low, min_length_px=shortest, max_regions=most)


def part_features(seen: Sequence[SeenPart], manifest: ModelManifest) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return each part's feature and whether it is defective."""
    features = [_feature(part, manifest) for part in seen]
    return np.array(features, np.float64), np.array([not part.good for part in seen], np.bool_)


def _feature(part: SeenPart, manifest: ModelManifest) -> float:
    if manifest.probability.feature is Feature.JUDGED_REGIONS:
        return judged_feature([region.score for region in part.judged])
    return heat_feature(part.heat.astype(np.float32), manifest.probability)


def ranking(seen: Sequence[SeenPart], manifest: ModelManifest) -> float | None:
    """Return the average precision of the parts ranked by their feature; None where all are of one kind."""
    features, bad = part_features(seen, manifest)
    return _known(average_precision(features, bad, np.ones((1, bad.size), np.int64)))


def _known(figure: NDArray[np.float64]) -> float | None:
    """Return the one value of a figure; None for not a number."""
    return None if np.isnan(figure[0]) else float(figure[0])


def part_figures(seen: Sequence[SeenPart], manifest: ModelManifest) -> dict[str, float | None]:
    """Return whole-part figures at probability one half: miss, false alarm, Brier score, area under the curve.

    None where a figure needs a kind of part that is not there.
    """
    features, bad = part_features(seen, manifest)
    chance = np.array([platt_probability(value, manifest.probability.platt) for value in features])
    return {
        "miss_rate": float((chance[bad] < 0.5).mean()) if bad.any() else None,
        "false_alarm_rate": float((chance[~bad] >= 0.5).mean()) if not bad.all() else None,
        "brier": float(((chance - bad) ** 2).mean()),
        "auroc": _known(auroc(features, bad, np.ones((1, bad.size), np.int64))),
    }
