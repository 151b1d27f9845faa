"""What a model makes of a picture: the station's answer, and the candidates below the station's threshold.

A threshold hides what a curve needs. Candidate regions are those of the station's lower threshold, whatever their
greatest probability; then at each quarter of the level before, those that touch no candidate found so far. So a region
keeps the extent at which it first stands apart, and lowering the score only ever adds regions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import Prediction, PredictionStatus, Region, unusable_prediction
from model.evaluation.matching import region_patch, window
from model.manifest import Activation, ModelManifest
from model.preprocessing import Maps, UnusableOutput
from model.probability import heat_feature, platt_probability
from model.regions import find_regions, group_map

LOWEST_LEVEL = 0.02
"""No candidate is looked for below this probability."""

ENOUGH = 20
"""No lower level is looked at once a picture has so many candidates: no curve here allows that many false ones."""

MOST_CANDIDATES = 100


@runtime_checkable
class MapClassifier(Classifier, Protocol):
    """A classifier that shows its probability maps."""

    @property
    def manifest(self) -> ModelManifest:
        """The model's card."""
        ...

    def maps(self, pixels: Pixels) -> Maps:
        """Return the maps of a picture; raises `UnusableOutput`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A model's answer in full.

    Attributes
    ----------
    prediction : Prediction
        As the station would have it.
    candidates : tuple of Region
        Reject regions, highest score first. Of a model without maps: those of the prediction.
    heat : (h, w) float32 or None
        Probability of a reason to reject; ``None`` where the model gives no map or the prediction failed.
    stride : int
        Px of the picture per px of ``heat``.
    feature : float or None
        What calibration is fitted on, see `model.probability.heat_feature`.
    """

    prediction: Prediction
    candidates: tuple[Region, ...]
    heat: NDArray[np.float32] | None
    stride: int
    feature: float | None


def examine(classifier: Classifier, pixels: Pixels) -> Examined:
    """Judge a picture as the station does, and look below its threshold; ``elapsed_ms`` covers the first alone."""
    if not isinstance(classifier, MapClassifier):
        prediction = classifier.predict(pixels)
        return Examined(prediction, tuple(r for r in prediction.regions if r.rejects), None, 1, None)
    manifest = classifier.manifest
    started = time.perf_counter()
    try:
        maps = classifier.maps(pixels)
    except UnusableOutput as fault:
        failed = unusable_prediction(PredictionStatus.FAILED, classifier.model, _since_ms(started), str(fault))
        return Examined(failed, (), None, 1, None)
    regions = find_regions(maps, manifest, *pixels.shape[:2])
    heat = group_map(maps, manifest.channels(reject=True))
    feature = heat_feature(heat, manifest.probability)
    probability = platt_probability(feature, manifest.probability.platt)
    prediction = Prediction(PredictionStatus.OK, probability, regions, classifier.model, _since_ms(started))
    if not manifest.segments:
        return Examined(prediction, (), None, 1, feature)
    candidates = candidate_regions(maps, manifest, *pixels.shape[:2])
    return Examined(prediction, candidates, heat, manifest.output.stride, feature)


def candidate_regions(
    maps: Maps, manifest: ModelManifest, height: int, width: int, levels: Iterable[float] | None = None
) -> tuple[Region, ...]:
    """Return the reject regions at falling levels, highest score first; see the module.

    Parameters
    ----------
    maps : Maps
        ``(classes, h, w)``, see `model.preprocessing.predict_maps`.
    manifest : ModelManifest
        Its region settings but for the thresholds.
    height, width : int
        Of the picture in px.
    levels : iterable of float or None
        Falling; for maps that are no probabilities. ``None``: those of the module.
    """
    channels = manifest.channels(reject=True)
    rejecting = replace(
        manifest,
        classes=tuple(manifest.classes[channel] for channel in channels),
        output=replace(manifest.output, activation=Activation.NONE),
    )
    covered = np.zeros((height, width), np.uint8)
    found: list[Region] = []
    for level in _levels(manifest.regions.low_threshold) if levels is None else levels:
        if len(found) >= ENOUGH:
            break
        spec = replace(manifest.regions, threshold=level, low_threshold=level, max_regions=1000)
        regions = find_regions(maps[list(channels)], replace(rejecting, regions=spec), height, width)
        marks = [(region, region_patch(region)) for region in regions]
        apart = [(region, mark) for region, mark in marks if not (window(covered, mark) & mark.mask).any()]
        # painted after the whole level, because outlines of one level may lie within each other
        for region, mark in apart:
            window(covered, mark)[...] |= mark.mask
            found.append(region)
    found.sort(key=lambda region: -region.score)
    return tuple(found[:MOST_CANDIDATES])


def _levels(highest: float) -> Iterator[float]:
    level = highest
    while level > LOWEST_LEVEL:
        yield level
        level /= 4.0
    yield min(highest, LOWEST_LEVEL)


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
