"""The figures of an evaluation. ``None`` is "not measurable", never zero."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, Prediction
from model.dataset import FileProblem


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """One annotated place that is reason to reject.

    Attributes
    ----------
    class_name : str
        As annotated.
    size_px : float
        Diagonal of its box.
    hit_score : float or None
        Highest score of the reject regions that hit it; ``None``: missed.
    """

    class_name: str
    size_px: float
    hit_score: float | None


@dataclass(frozen=True, slots=True)
class PictureResult:
    """One picture, judged.

    Attributes
    ----------
    name, group, split : str
        As in the data set.
    path : str
        Of the file.
    truth : Judgement
        As annotated.
    prediction : Prediction
        As given; may have failed.
    places : tuple of PlaceResult
        Annotated reasons to reject.
    false_scores : tuple of float
        Scores of the reject regions that lie on none of them.
    harmless : tuple of (str, bool)
        Annotated places of other classes, and whether a reject region hits them.
    """

    name: str
    group: str
    split: str
    path: str
    truth: Judgement
    prediction: Prediction
    places: tuple[PlaceResult, ...]
    false_scores: tuple[float, ...]
    harmless: tuple[tuple[str, bool], ...]

    @property
    def main_place(self) -> PlaceResult | None:
        """The largest annotated reason to reject."""
        return max(self.places, key=lambda place: place.size_px, default=None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval from resampling groups; ``None`` where it cannot be measured."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """``k`` of ``n`` with Wilson's 95 % interval; it takes the ``n`` as independent, which near-duplicates are not."""

    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FrocPoint:
    """Share of annotated places hit when at most so many false regions per picture are allowed.

    ``reached`` is False if even the model's lowest threshold gives fewer false regions; the recall is then that of
    the threshold, and a lower one might find more.
    """

    false_per_picture: float
    recall: Estimate
    reached: bool


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One annotated class: if it ``rejects``, how many of its places were hit; else how many were wrongly marked."""

    class_name: str
    rejects: bool
    marked: Share


@dataclass(frozen=True, slots=True)
class GroupCount:
    """One group: pictures, those to reject, places hit, false regions per picture."""

    group: str
    pictures: int
    rejects: int
    places: Share
    false_per_picture: float


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """Everything that was measured.

    Attributes
    ----------
    model : ModelIdentity
        Which model.
    dataset : str
        Folder.
    complete : bool
        False if it was stopped before the last picture.
    pictures : tuple of PictureResult
        Those that were judged, failed predictions too.
    problems : tuple of FileProblem
        Files that could not be used.
    failed : int
        Predictions that failed; they are in no figure but this one.
    cut : float
        Probability from which a picture counts as rejected by the model.
    auroc, average_precision : Estimate
        Of the picture's probability against its truth.
    misses, false_alarms : Share
        At the cut.
    froc : tuple of FrocPoint
        At 0.1, 0.5, 1 and 2 false regions per picture.
    region_recall : Estimate
        At the model's own threshold.
    false_per_picture : Estimate
        At the model's own threshold.
    main_hit : Share
        Pictures to reject whose largest annotated place was hit.
    classes : tuple of ClassCount
        By class.
    groups : tuple of GroupCount
        By group.
    median_ms, p95_ms : float or None
        Time per picture, reading excluded.
    """

    model: ModelIdentity
    dataset: str
    complete: bool
    pictures: tuple[PictureResult, ...]
    problems: tuple[FileProblem, ...]
    failed: int
    cut: float
    auroc: Estimate
    average_precision: Estimate
    misses: Share
    false_alarms: Share
    froc: tuple[FrocPoint, ...]
    region_recall: Estimate
    false_per_picture: Estimate
    main_hit: Share
    classes: tuple[ClassCount, ...]
    groups: tuple[GroupCount, ...]
    median_ms: float | None
    p95_ms: float | None
