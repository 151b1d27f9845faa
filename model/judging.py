"""From maps to a verdict: regions and the part's probability, with a judge's second look where the model has one.

A network that was taught from few parts ranks what it marks badly: dust beside scratches, unrest beside a hairline. Its
marks are few, and much can be measured of each. So a judge, a logistic regression fitted on the plant's own marks
(`model.training.judge`), looks at every candidate down to low probabilities and gives it the probability that it is a
reason to reject. Its numbers stand in the manifest, so that every runtime comes to the same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Region
from model.candidates import candidate_regions
from model.manifest import Color, Feature, JudgeSpec, ModelManifest
from model.preprocessing import Maps, convert_color
from model.probability import part_feature, platt_probability
from model.region_measures import Measures, measured
from model.regions import find_regions

LEVELS = (0.4, 0.1, 0.02)
"""Probabilities at which candidates are looked for."""
MOST_JUDGED = 60
"""At most so many candidates of a picture are judged, those of highest score first."""
SHORTEST_PX = 8.0
WIDEST_GAP_PX = 12.0
_MOST_DEVIATIONS = 4.0
_NO_REGION = 1e-4
"""Odds of a reason to reject where no candidate is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of a picture.

    Attributes
    ----------
    regions : tuple of Region
        As the station shows them.
    judged : tuple of Region or None
        All candidates that the judge has looked at, highest score first; ``None`` without a judge.
    feature : float
        What Platt's scaling is fitted on.
    probability : float
        That the part is to be rejected.
    """

    regions: tuple[Region, ...]
    judged: tuple[Region, ...] | None
    feature: float
    probability: float


def verdict(pixels: Pixels, maps: Maps, manifest: ModelManifest) -> Verdict:
    """Return what a model says of a picture whose maps are ``(classes, h, w)``."""
    regions = find_regions(maps, manifest, *pixels.shape[:2])
    judged: tuple[Region, ...] | None = None
    if manifest.judge is not None:
        judged = judged_regions(pixels, maps, manifest, manifest.judge)
        kept = [region for region in judged if region.score >= manifest.judge.threshold]
        kept += [region for region in regions if not region.rejects]
        regions = tuple(sorted(kept, key=lambda region: -region.score)[: manifest.regions.max_regions])
    if judged is not None and manifest.probability.feature is Feature.JUDGED_REGIONS:
        feature = judged_feature([region.score for region in judged])
    else:
        feature = part_feature(maps, manifest)
    return Verdict(regions, judged, feature, platt_probability(feature, manifest.probability.platt))


def judged_regions(pixels: Pixels, maps: Maps, manifest: ModelManifest, judge: JudgeSpec) -> tuple[Region, ...]:
    """Return all candidates with the judge's probability for a score, highest first."""
    candidates, measures = measured_candidates(pixels, maps, manifest)
    chances = judged_chances(measures, judge)
    judged = [replace(region, score=float(chance)) for region, chance in zip(candidates, chances, strict=True)]
    return tuple(sorted(judged, key=lambda region: (-region.score, region.box.y, region.box.x)))


def measured_candidates(pixels: Pixels, maps: Maps, manifest: ModelManifest) -> tuple[tuple[Region, ...], Measures]:
    """Return the candidates of a picture, and what is measured of each."""
    spec = manifest.regions
    searched = replace(
        manifest,
        judge=None,
        probability=replace(manifest.probability, feature=Feature.TOPK_MEAN_LOGIT),
        regions=replace(
            spec,
            min_area_px=0.0,
            min_length_px=SHORTEST_PX,
            merge_gap_px=min(spec.merge_gap_px, WIDEST_GAP_PX),
            score_length_px=0.0,
        ),
    )
    height, width = pixels.shape[:2]
    found = candidate_regions(maps, searched, height, width, levels=LEVELS, enough=MOST_JUDGED)[:MOST_JUDGED]
    return found, measured(convert_color(pixels, Color.GREY), maps, manifest.output.stride, found)


def judged_chances(measures: Measures, judge: JudgeSpec) -> NDArray[np.float64]:
    """Return the probability of each region, ``(regions,)``, that it is a reason to reject."""
    deviations = (measures - np.array(judge.mean)) / np.array(judge.std)
    logits = np.clip(deviations, -_MOST_DEVIATIONS, _MOST_DEVIATIONS) @ np.array(judge.weight) + judge.bias
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), np.float64)


def judged_feature(chances: Sequence[float]) -> float:
    """Return the logarithm of the summed odds of a picture's regions."""
    odds = (chance / max(1.0 - chance, 1e-12) for chance in chances)
    return math.log(sum(odds) + _NO_REGION)
