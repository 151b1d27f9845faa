"""Anomalib's answers as a classifier, so that our evaluation judges both sides by the same code.

A picture's probability is its score, stretched to 0 … 1: only the order counts in AUROC and average precision. Regions
come from the map, put into the order of its values over all judged pictures: 0 where half of all pixels are higher, 1
where one in a million is. At falling levels of that, from the peaks down, regions are looked for as under a threshold
of ours, so that a coarse map is judged by its peaks and not by the halo around them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.side_by_side.job import Answers, Job, map_file
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus
from model.candidates import candidate_regions
from model.manifest import ModelManifest
from model.specs import Activation, ClassSpec, Color, Feature, InputSpec, OutputSpec, Platt, ProbabilitySpec, RegionSpec

STRIDE = 2
"""Px of the picture per px of the map in which regions are looked for; theirs are coarser."""

SHARES = (0.5, 0.3, 0.1, 0.03, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6)
"""Shares of all pixels that are higher, at the knots of the order."""

LEVELS = tuple(np.linspace(0.9, 0.12, 14))
"""From one pixel in 270,000 down to one in 10."""

_SAMPLE = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Turns a map's values into 0 … 1 by how rare they are; never changes which of two is higher.

    Attributes
    ----------
    values : (k,) float64
        Rising strictly.
    places : (k,) float64
        0 … 1, where they go.
    """

    values: NDArray[np.float64]
    places: NDArray[np.float64]

    @classmethod
    def of(cls, maps: Iterable[NDArray[np.float32]]) -> Order:
        """Learn the order from all maps; labels are not looked at."""
        kept, highest = [], []
        for each in maps:
            flat = each.ravel()
            top = min(flat.size, 1 + flat.size // 100)
            highest.append(np.partition(flat, flat.size - top)[flat.size - top :])
            kept.append(flat[:: max(1, flat.size // _SAMPLE)])
        values = np.quantile(np.concatenate(kept), [1.0 - share for share in SHARES if share >= 0.03])
        # of the rare ones every pixel counts; each map's highest hundredth holds them all but for odd sets
        pooled, pixels = np.sort(np.concatenate(highest)), sum(each.size for each in highest) * 100
        rare = [pooled[max(0, pooled.size - 1 - round(share * pixels))] for share in SHARES if share < 0.03]
        rising = np.maximum.accumulate(np.concatenate([values, rare]).astype(np.float64))
        places = np.log10(SHARES[0] / np.array(SHARES))
        keep = np.concatenate([[True], np.diff(rising) > 0])
        return cls(rising[keep], (places / places[-1])[keep])

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the places of a map's values."""
        return np.interp(values, self.values, self.places).astype(np.float32)


class StoredAnswers:
    """`inspector_app.domain.ports.Classifier` that says what anomalib said.

    It knows a picture by its file, which a classifier does not see: evaluate with its own `read`.

    Parameters
    ----------
    job, answers, folder
        What was asked, what was said, and where the maps lie.
    read : callable
        Reads a picture file.
    """

    def __init__(self, job: Job, answers: Answers, folder: Path, read: Callable[[Path], Pixels]) -> None:
        if len(answers.scores) != len(job.judged):
            raise ValueError(f"{folder}: {len(answers.scores)} scores for {len(job.judged)} pictures")
        self._number = {path: number for number, path in enumerate(job.judged)}
        self._answers = answers
        self._folder = folder
        self._read = read
        self._at: int | None = None
        self._low, self._high = min(answers.scores), max(answers.scores)
        every = (np.load(map_file(folder, number)) for number in range(len(job.judged)))
        self._order = Order.of(every) if answers.maps else None
        self._manifest = _manifest(answers.model)

    @property
    def model(self) -> ModelIdentity:
        """Named after anomalib's model."""
        return self._manifest.identity

    def read(self, path: Path) -> Pixels:
        """Read a picture, and remember which one it is."""
        pixels = self._read(path)
        self._at = self._number[str(path)]
        return pixels

    def predict(self, pixels: Pixels) -> Prediction:
        """Return what was said of the picture that was read last."""
        if self._at is None:
            raise ValueError("read a picture first")
        started = time.perf_counter()
        span = self._high - self._low
        probability = (self._answers.scores[self._at] - self._low) / span if span > 0 else 0.5
        height, width = pixels.shape[:2]
        regions = ()
        if self._order is not None:
            heat = self._order(np.load(map_file(self._folder, self._at)))
            size = (-(-width // STRIDE), -(-height // STRIDE))
            maps = cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)[None]
            regions = candidate_regions(maps, self._manifest, height, width, LEVELS)
        elapsed = (time.perf_counter() - started) * 1000.0
        return Prediction(PredictionStatus.OK, probability, regions, self.model, elapsed)

    def warm_up(self, height: int, width: int) -> None:
        """Do nothing: all is said."""

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _manifest(name: str) -> ModelManifest:
    """Return a card that says how regions are made: single blobs, nothing merged, specks left out."""
    return ModelManifest(
        name=f"anomalib-{name}",
        version="2.7.0",
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        created_utc=datetime(2026, 1, 1, tzinfo=UTC),
        licence="Apache-2.0",
        task="segmentation",
        input=InputSpec(Color.GREY, 1.0, (0.0,), (1.0,), STRIDE),
        output=OutputSpec(Activation.NONE, STRIDE),
        classes=(ClassSpec("anomaly", reject=True),),
        regions=RegionSpec(1.0, LEVELS[0], min_area_px=16.0, min_length_px=4.0, merge_gap_px=0.0),
        probability=ProbabilitySpec(Feature.TOPK_MEAN_LOGIT, 1, Platt(1.0, 0.0)),
    )
