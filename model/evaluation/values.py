"""What an evaluation is made of: judged pictures, and figures. ``None`` is "not measurable", never zero."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Box, Prediction


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """One annotated place that is reason to reject.

    Attributes
    ----------
    class_name : str
        As annotated.
    box : Box
        In px of the picture.
    length_px : float
        Along its pixel truth; else the long side of its outline; else the diagonal of its box.
    width_px : float or None
        Mean width across; ``None`` where only a box is known.
    contrast : float
        Grey levels by which it stands out, see `model.evaluation.places.contrast`.
    hit_score : float or None
        Highest score of the station's reject regions that hit it; ``None``: missed.
    candidate_score : float or None
        The same for the candidate regions, which go below the station's threshold.
    """

    class_name: str
    box: Box
    length_px: float
    width_px: float | None
    contrast: float
    hit_score: float | None
    candidate_score: float | None


@dataclass(frozen=True, slots=True)
class FalseRegion:
    """A reject region on no reason to reject.

    Attributes
    ----------
    score : float
        0 … 1.
    box : Box
        In px of the picture.
    length_px, width_px : float
        As predicted.
    on_class : str or None
        Class of the harmless annotated place under it, for example ``"dust"``; ``None``: nothing is annotated there.
    """

    score: float
    box: Box
    length_px: float
    width_px: float
    on_class: str | None


@dataclass(frozen=True, slots=True)
class PictureResult:
    """One picture, judged.

    Attributes
    ----------
    name, group, split : str
        As in the data set.
    path : str
        Of the file.
    height, width : int
        In px.
    truth : Judgement
        As annotated.
    prediction : Prediction
        As the station would have it; may have failed.
    feature : float or None
        The number that calibration turns into the probability; ``None`` if the model tells none.
    places : tuple of PlaceResult
        Annotated reasons to reject.
    false_regions : tuple of FalseRegion
        The station's reject regions that lie on none of them.
    false_candidates : tuple of FalseRegion
        The same for the candidate regions.
    harmless : tuple of (str, bool)
        Annotated places of other classes, and whether one of the station's false regions hits them.
    """

    name: str
    group: str
    split: str
    path: str
    height: int
    width: int
    truth: Judgement
    prediction: Prediction
    feature: float | None
    places: tuple[PlaceResult, ...]
    false_regions: tuple[FalseRegion, ...]
    false_candidates: tuple[FalseRegion, ...]
    harmless: tuple[tuple[str, bool], ...]

    @property
    def main_place(self) -> PlaceResult | None:
        """The longest annotated reason to reject."""
        return max(self.places, key=lambda place: place.length_px, default=None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval from resampling groups; ``None`` where it cannot be measured.

    ``degenerate`` of the resamples did not allow the figure (all rejects in one group, say) and are left out.
    """

    value: float | None
    low: float | None
    high: float | None
    degenerate: int = 0


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

    Attributes
    ----------
    false_per_picture : float
        Allowed.
    recall : Estimate
        At the lowest score that keeps to it.
    score : float or None
        Regions above this score count; ``None`` where no score is too low.
    reached : bool
        False if all candidates together give fewer false regions; then the recall is that of all of them.
    """

    false_per_picture: float
    recall: Estimate
    score: float | None
    reached: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of the FROC curve: what counting the regions of at least this score gives."""

    score: float
    false_per_picture: float
    recall: float


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One annotated class.

    Attributes
    ----------
    class_name : str
        As annotated.
    rejects : bool
        Whether it makes a part a reject.
    marked : Share
        Its places that the station's regions hit: found if it rejects, marked by a false region if not.
    recall_at_one : Estimate or None
        Recall of its places at one false region per picture (of all pictures); ``None`` if it does not reject.
    auroc : Estimate
        Pictures that bear it against pictures to accept that do not.
    """

    class_name: str
    rejects: bool
    marked: Share
    recall_at_one: Estimate | None
    auroc: Estimate


@dataclass(frozen=True, slots=True)
class GroupCount:
    """One group (physical part).

    Attributes
    ----------
    group : str
        Its name.
    pictures, rejects : int
        Pictures, and those to reject.
    places : Share
        Annotated reasons to reject that the station's regions hit.
    false_per_picture : float
        The station's false regions per picture.
    misses, false_alarms : Share
        Of its pictures, at the cut.
    auroc : float or None
        Within the group.
    """

    group: str
    pictures: int
    rejects: int
    places: Share
    false_per_picture: float
    misses: Share
    false_alarms: Share
    auroc: float | None
