"""A seeded part: a known defect that is shown again, blind, among the day's parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.decision import Draw


@dataclass(frozen=True, slots=True)
class KnownDefect:
    """An archived picture of a part that is known to be defective.

    Attributes
    ----------
    name : str
        Identity in the archive: ``folder:FILE`` or ``log:INSPECTION_ID``.
    class_name : str
        The defect.
    truth : str
        How it is known to be defective, in a few words.
    """

    name: str
    class_name: str
    truth: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether the advice shown on a seeded part was wrong on purpose.

    Attributes
    ----------
    draw : Draw
        As it was drawn.
    shown : float or None
        The probability that the inspector was shown in place of the model's, with no region marked; ``None`` where
        it was not drawn.
    """

    draw: Draw
    shown: float | None


@dataclass(frozen=True, slots=True)
class Seed:
    """What is recorded of a seeded part besides all that is recorded of any part.

    Attributes
    ----------
    defect : KnownDefect
        Which archived defect came back.
    after : str
        Id of the part that it follows; it keys the draw.
    salt : str
        Of the draws.
    draw : Draw
        That a seeded part follows that part.
    probe : Probe or None
        ``None`` where the inspector was shown nothing of a model that was right.
    """

    defect: KnownDefect
    after: str
    salt: str
    draw: Draw
    probe: Probe | None = None


@dataclass(frozen=True, slots=True)
class SeedSeen:
    """When an archived defect was shown last.

    Attributes
    ----------
    name : str
        Of the defect.
    parts_since : int
        Parts of production recorded since.
    at : datetime
        UTC.
    """

    name: str
    parts_since: int
    at: datetime
