"""What an inspector is given and what happens to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.decision import Disposition
from inspector_app.domain.prediction import Region


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
        One sentence when there is no usable picture.
    model_view : ModelView or None
        ``None``: nothing of the model is to be shown.
    revealed : bool
        True in the second stage of a second look: the first verdict is recorded, this one may revise it.
    """

    inspection_id: str
    part_id: str
    captured_at: datetime
    picture_fault: str | None
    model_view: ModelView | None
    revealed: bool = False


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
