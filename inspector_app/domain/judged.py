"""Parts of the log whose truth somebody has given without having seen the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Draw, Route
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

TRUTH_KINDS = (VerdictKind.UNAIDED, VerdictKind.AUDIT, VerdictKind.ADJUDICATION)
"""The only verdicts that count as truth."""


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """An inspection with a usable prediction and at least one standing verdict that counts as truth.

    Attributes
    ----------
    inspection_id, part_id : str
        Identities; a part may come back in another inspection.
    captured_at : datetime
        UTC.
    source : str
        URI of the camera.
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
