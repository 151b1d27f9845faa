"""Who decides a part, and what the line is told before any human has spoken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.frame import Judgement


class Route(StrEnum):
    """Who decides the part."""

    HUMAN = "human"
    MODEL_ACCEPT = "model_accept"
    MODEL_REJECT = "model_reject"


class Disposition(StrEnum):
    """What happens to the part on the line. ``HOLD`` until somebody has decided."""

    ACCEPT = "accept"
    REJECT = "reject"
    HOLD = "hold"


class Presentation(StrEnum):
    """What an inspector may see of the model on this part."""

    BLIND = "blind"
    HIGHLIGHT = "highlight"
    SECOND_LOOK = "second_look"


class Reason(StrEnum):
    """Why the part took its route; a decision carries one or more."""

    LEVEL_HUMAN_ONLY = "level_human_only"
    LEVEL_SHADOW = "level_shadow"
    LEVEL_ASSIST = "level_assist"
    OUTSIDE_CANARY = "outside_canary"
    MODEL_SURE_ACCEPT = "model_sure_accept"
    MODEL_SURE_REJECT = "model_sure_reject"
    MODEL_UNSURE = "model_unsure"
    FULL_REJECTS_UNSURE = "full_rejects_unsure"
    PICTURE_UNUSABLE = "picture_unusable"
    PREDICTION_FAILED = "prediction_failed"
    PREDICTION_LATE = "prediction_late"
    PREDICTION_ABSENT = "prediction_absent"
    AUDIT_DRAWN = "audit_drawn"
    UNAIDED_FIRST_LOOK = "unaided_first_look"
    NO_MODEL_IN_CHARGE = "no_model_in_charge"


@dataclass(frozen=True, slots=True)
class Draw:
    """A recorded sticky draw.

    Attributes
    ----------
    drawn : bool
        True if ``u < probability``.
    probability : float
        The share in force, 0 … 1.
    u : float
        The uniform number in [0, 1) that the salt and the part id give.
    """

    drawn: bool
    probability: float
    u: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The policy's answer for one part; it replays bit for bit from the record.

    Attributes
    ----------
    route : Route
        Who decides.
    reasons : tuple of Reason
        At least one, most important first.
    canary : Draw or None
        Only in partial and full.
    audit : Draw or None
        Only for parts that the model decided.
    first_look : Draw or None
        Only for parts sent to a human in assist and above with a usable prediction.
    presentation : Presentation or None
        What the inspector may see; ``None`` when no inspector is asked.
    disposition : Disposition
        What the line is told at once.
    model_judgement : Judgement or None
        The model's binary judgement at the cut; ``None`` without a usable prediction.
    challenger : Draw or None
        Whether the new model stood in for the champion; only in the canary phase of a rollout.
    targeted : Draw or None
        The second stream of audits; only for accepts of the model close to its threshold, where that is turned on.
    """

    route: Route
    reasons: tuple[Reason, ...]
    canary: Draw | None
    audit: Draw | None
    first_look: Draw | None
    presentation: Presentation | None
    disposition: Disposition
    model_judgement: Judgement | None
    challenger: Draw | None = None
    targeted: Draw | None = None

    @property
    def asks_human(self) -> bool:
        """True if an inspector is asked for a verdict (routed to a human, or audited)."""
        return self.presentation is not None

    @property
    def audited(self) -> bool:
        """True if a part that the model decided also goes to an inspector, by either stream of audits."""
        return any(draw is not None and draw.drawn for draw in (self.audit, self.targeted))
