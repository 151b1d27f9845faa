"""The read side of the log: filters and counted rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer, VerdictKind


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which parts are meant; ``None`` means any.

    Attributes
    ----------
    since, until : datetime or None
        UTC, captured at or after, captured before.
    part : str or None
        Part id contains this text (case-insensitive).
    level : Level or None
        Level in force.
    disposition : Disposition or None
        What counts now.
    model_version : str or None
        ``"name version"`` of the model.
    inspector : str or None
        Parts with a standing verdict by this person; where verdicts are counted, this person's only.
    disagreement : bool or None
        True: only parts where a standing verdict (accept or reject) differs from the model's judgement; False: only
        the others.
    """

    since: datetime | None = None
    until: datetime | None = None
    part: str | None = None
    level: Level | None = None
    disposition: Disposition | None = None
    model_version: str | None = None
    inspector: str | None = None
    disagreement: bool | None = None


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """Number of standing (not retracted) verdicts with these values; one row a combination.

    ``route`` says who decided the part: an audit is compared with what the model decided, which in full is not the
    same as its judgement at the cut. ``None`` where it was not counted; audits are then not measurable.
    """

    level: Level
    model_version: str | None
    inspector: str
    kind: VerdictKind
    answer: Answer
    model_judgement: Judgement | None
    reference: Judgement | None
    n: int
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class PartCount:
    """Number of inspections with these values; one row a combination."""

    level: Level
    model_version: str | None
    route: Route
    disposition: Disposition
    model_judgement: Judgement | None
    reference: Judgement | None
    n: int


@dataclass(frozen=True, slots=True)
class Incident:
    """Something an operator or auditor must be able to find later; ``at`` is UTC."""

    kind: str
    sentence: str
    at: datetime
