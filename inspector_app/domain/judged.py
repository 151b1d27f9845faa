"""Parts of the log whose truth somebody has given without having seen the model, one by one and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Draw, Route
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

TRUTH_KINDS = (VerdictKind.UNAIDED, VerdictKind.AUDIT, VerdictKind.ADJUDICATION)
"""The only verdicts that count as truth."""


def truth_of(answers: Iterable[tuple[VerdictKind, Answer]]) -> Answer | None:
    """Return what counts as the truth of a part.

    Adjudication counts before a single look: the newest that decided something, else the first look that did.

    Parameters
    ----------
    answers : iterable of (VerdictKind, Answer)
        The part's standing verdicts, oldest first; those of other kinds do not count.

    Returns
    -------
    Answer or None
        ``UNSURE`` where nobody who looked decided; ``None`` where nobody looked without the model.
    """
    looks = [(kind, answer) for kind, answer in answers if kind in TRUTH_KINDS]
    adjudicated = [answer for kind, answer in reversed(looks) if kind is VerdictKind.ADJUDICATION]
    alone = [answer for kind, answer in looks if kind is not VerdictKind.ADJUDICATION]
    sure = (answer for answer in (*adjudicated, *alone) if answer is not Answer.UNSURE)
    return next(sure, Answer.UNSURE) if looks else None


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """An inspection with a usable prediction and at least one standing verdict that counts as truth.

    Attributes
    ----------
    inspection_id, part_id : str
        Identities; a part may come back in another inspection.
    captured_at : datetime
        UTC.
    station, source : str
        Which station, and URI of its camera; two stations may call different cameras alike.
    probability : float
        The model's, 0 … 1.
    model : ModelIdentity
        Which model.
    level : Level
        In force for this part.
    style : AssistStyle
        Of assist; in a second look every first verdict is unaided.
    audit_share, unaided_share : float
        In force for this part.
    route : Route
        Who decided the part.
    audit, first_look : Draw or None
        As recorded.
    seeded : bool
        True for a part of known truth that was put among the others: it was not drawn from production.
    answers : tuple of (VerdictKind, Answer)
        The verdicts that count as truth, oldest first.
    beside : bool
        True where no model was in charge and the one of a rollout from nothing answered beside: every part is then
        judged blind.
    """

    inspection_id: str
    part_id: str
    captured_at: datetime
    station: str
    source: str
    probability: float
    model: ModelIdentity
    level: Level
    style: AssistStyle
    audit_share: float
    unaided_share: float
    route: Route
    audit: Draw | None
    first_look: Draw | None
    seeded: bool
    answers: tuple[tuple[VerdictKind, Answer], ...]
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose judged parts count.

    Attributes
    ----------
    model : ModelIdentity or None
        In force; without one no part counts.
    station, source : str
        Which station, and its camera.
    since : datetime or None
        UTC, since when that camera is set as it is; ``None``: always.
    """

    model: ModelIdentity | None
    station: str
    source: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """What is counted of judged parts: of one model and one camera of one station, not seeded, each at its first look.

    Attributes
    ----------
    setting : Setting
        Whose.
    cut : float
        Scores below it are the model's accepts, 0 … 1.
    thresholds_since, drift_since : datetime or None
        UTC; parts from then on are counted apart. ``None``: all are.
    """

    setting: Setting
    cut: float
    thresholds_since: datetime | None = None
    drift_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class JudgedCount:
    """Judged parts of one combination.

    Attributes
    ----------
    level : Level
        In force for them.
    route : Route
        Who decided them.
    audited : bool
        Whether the uniform audit drew them.
    truth : Answer
        What counts as their truth; ``UNSURE``: nobody decided.
    n, below_cut, since_drift : int
        All; those that the model accepts at the cut; those from ``drift_since`` on.
    first, last : datetime
        When the oldest and the newest came, UTC.
    """

    level: Level
    route: Route
    audited: bool
    truth: Answer
    n: int
    below_cut: int
    since_drift: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class ShadowDefects:
    """Parts judged defective in shadow, by what the inspector said first and alone, and the model at the cut."""

    first: Answer
    below_cut: bool
    n: int


@dataclass(frozen=True, slots=True)
class JudgedCounts:
    """Answer to a `JudgedQuestion`; sums over rows count, their order says nothing.

    Attributes
    ----------
    parts : tuple of JudgedCount
        All.
    audits : tuple of JudgedCount
        Those of them that the audit drew, from ``thresholds_since`` on.
    clean_audits : int
        How many of the newest audited accepts among these were good, up to the last that was not.
    defects : tuple of ShadowDefects
        Those of them that are defective and came in shadow; where nobody spoke unaided, ``first`` is ``UNSURE``.
    """

    parts: tuple[JudgedCount, ...] = ()
    audits: tuple[JudgedCount, ...] = ()
    clean_audits: int = 0
    defects: tuple[ShadowDefects, ...] = ()
