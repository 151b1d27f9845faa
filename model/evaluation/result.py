"""An evaluation in figures. ``None`` is "not measurable", never zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector_app.domain.prediction import ModelIdentity, PredictionStatus
from model.dataset import FileProblem
from model.evaluation.reliability import Reliability
from model.evaluation.slices import FalseSlice, PlaceSlice
from model.evaluation.values import ClassCount, CurvePoint, Estimate, FrocPoint, GroupCount, PictureResult, Share

FROC_POINTS = (0.1, 0.5, 1.0, 2.0)
ONE_FALSE = FROC_POINTS.index(1.0)
"""Where classes and slices are compared: one false region per picture."""


@dataclass(frozen=True, slots=True)
class PixelFigures:
    """Figures of pixels.

    Attributes
    ----------
    aupro : Estimate
        Area under the per-region overlap curve.
    limit : float
        Share of sound pixels up to which it is integrated.
    pictures, regions : int
        Pictures with pixel truth (those to accept have none to mark), and connected regions in it.
    """

    aupro: Estimate
    limit: float
    pictures: int
    regions: int


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """An evaluation.

    Attributes
    ----------
    model : ModelIdentity
        Of the model.
    dataset : str
        Folder.
    complete : bool
        False if it was stopped before the last picture.
    pictures : tuple of PictureResult
        Those that were judged, failed predictions too.
    asked : int
        Pictures that were to be judged.
    problems : tuple of FileProblem
        Files that could not be used.
    failed : int
        Predictions that failed; they are in no figure but this one.
    cut : float
        Probability from which a picture counts as rejected by the model.
    seed, resamples : int
        Of the intervals.
    auroc, average_precision : Estimate
        Of the picture's probability against its truth.
    misses, false_alarms : Share
        At the cut.
    froc : tuple of FrocPoint
        At 0.1, 0.5, 1 and 2 false regions per picture.
    curve : tuple of CurvePoint
        The whole FROC curve, thinned.
    region_recall : Estimate
        At the model's own threshold.
    false_per_picture : Estimate
        At the model's own threshold.
    main_hit : Share
        Pictures to reject whose longest annotated place was hit.
    classes : tuple of ClassCount
        By class.
    groups : tuple of GroupCount
        By group.
    pixels : PixelFigures or None
        ``None`` without pixel truth, or for a model without maps.
    reliability : Reliability
        Whether the probabilities mean what they say.
    place_slices : tuple of PlaceSlice
        Where the misses are, at one false region per picture.
    false_slices : tuple of FalseSlice
        Where the false regions are, at one per picture.
    median_ms, p95_ms : float or None
        Time per picture, reading excluded.
    """

    model: ModelIdentity
    dataset: str
    complete: bool
    pictures: tuple[PictureResult, ...]
    asked: int
    problems: tuple[FileProblem, ...]
    failed: int
    cut: float
    seed: int
    resamples: int
    auroc: Estimate
    average_precision: Estimate
    misses: Share
    false_alarms: Share
    froc: tuple[FrocPoint, ...]
    curve: tuple[CurvePoint, ...]
    region_recall: Estimate
    false_per_picture: Estimate
    main_hit: Share
    classes: tuple[ClassCount, ...]
    groups: tuple[GroupCount, ...]
    pixels: PixelFigures | None
    reliability: Reliability
    place_slices: tuple[PlaceSlice, ...]
    false_slices: tuple[FalseSlice, ...]
    median_ms: float | None
    p95_ms: float | None

    @property
    def usable(self) -> tuple[PictureResult, ...]:
        """Pictures whose prediction did not fail."""
        return tuple(picture for picture in self.pictures if picture.prediction.status is PredictionStatus.OK)

    @property
    def compared_score(self) -> float:
        """Regions above this score make one false region per picture; -inf if there are fewer."""
        score = self.froc[ONE_FALSE].score
        return -np.inf if score is None else score
