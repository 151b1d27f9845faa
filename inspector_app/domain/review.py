"""What an inspector is given and what happens to the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.decision import Disposition, Presentation
from inspector_app.domain.prediction import Region
from inspector_app.domain.verdict import VerdictKind
from inspector_app.domain.views import ViewPlace


@dataclass(frozen=True, slots=True)
class ModelView:
    """What an inspector may see of the model on a part.

    An empty ``regions`` says that the model ran and marked nothing.
    """

    regions: tuple[Region, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A part that waits for a verdict.

    It holds nothing of the model unless the inspector may see it, and nothing that tells an audit from any other
    blind part: what is not here cannot leak.

    Attributes
    ----------
    inspection_id, part_id : str
        Identities.
    captured_at : datetime
        UTC.
    picture_fault : str or None
        One sentence when there is no picture, or one that is not fit to be judged by a model; nothing of the model.
    model_view : ModelView or None
        ``None``: nothing of the model is to be shown.
    revealed : bool
        True in the second stage of a second look: the first verdict is recorded, this one may revise it.
    views : tuple of ViewPlace
        Where each view lies in a picture of several; empty for one.
    """

    inspection_id: str
    part_id: str
    captured_at: datetime
    picture_fault: str | None
    model_view: ModelView | None
    revealed: bool = False
    views: tuple[ViewPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictOutcome:
    """What a verdict led to.

    Attributes
    ----------
    disposition : Disposition
        What the verdict does to the part (``HOLD`` while a second look is still to come, or for unsure).
    second_look : ReviewItem or None
        The same part with the model revealed, to be answered next; ``None`` when the part is done.
    undo_until : datetime or None
        UTC; until then the verdict may be undone, and the line is told when it has passed.
    """

    disposition: Disposition
    second_look: ReviewItem | None
    undo_until: datetime | None


def still_waits(presentation: Presentation | None, standing: Iterable[VerdictKind]) -> bool:
    """Return True if a part waits for an inspector's verdict.

    Parameters
    ----------
    presentation : Presentation or None
        Of the decision; ``None`` when no inspector was asked.
    standing : iterable of VerdictKind
        Kinds of the verdicts that were not retracted. Unsure ones count: the part is then held, but its inspector
        has spoken.

    Notes
    -----
    One verdict is enough, except where the model is revealed for a second look: there the second look must be given.
    """
    kinds = set(standing)
    if presentation is Presentation.SECOND_LOOK:
        return not kinds & {VerdictKind.SECOND_LOOK, VerdictKind.ADJUDICATION}
    return presentation is not None and not kinds
