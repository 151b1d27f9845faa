"""What a model makes of a picture: the station's answer, and the candidates below the station's threshold."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import Prediction, PredictionStatus, Region, unusable_prediction
from model.candidates import candidate_regions
from model.judging import verdict
from model.manifest import ModelManifest
from model.preprocessing import Maps, UnusableOutput
from model.regions import group_map


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
    seen = verdict(pixels, maps, manifest)
    prediction = Prediction(PredictionStatus.OK, seen.probability, seen.regions, classifier.model, _since_ms(started))
    if not manifest.segments:
        return Examined(prediction, (), None, 1, seen.feature)
    heat = group_map(maps, manifest.channels(reject=True))
    candidates = candidate_regions(maps, manifest, *pixels.shape[:2]) if seen.judged is None else seen.judged
    return Examined(prediction, candidates, heat, manifest.output.stride, seen.feature)


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000.0
