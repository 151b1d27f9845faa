"""Two models side by side: which slot holds which, which one is in charge, and how far a new one has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus


class Slot(StrEnum):
    """The two places for a model; both are loaded and warm while two models are at work."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Slot:
        """The slot that this one is not."""
        return Slot.GREEN if self is Slot.BLUE else Slot.BLUE


@dataclass(frozen=True, slots=True)
class Slots:
    """What the slots hold, and the pointer that says which of them is in charge.

    Attributes
    ----------
    in_charge : Slot
        The champion's slot. An empty one leaves its parts to inspectors: a new product has no champion yet.
    blue, green : ModelIdentity or None
        The models; ``None``: empty.
    """

    in_charge: Slot
    blue: ModelIdentity | None = None
    green: ModelIdentity | None = None

    def model(self, slot: Slot) -> ModelIdentity | None:
        """Return what a slot holds."""
        return self.blue if slot is Slot.BLUE else self.green


class RolloutPhase(StrEnum):
    """How far a new model has come.

    ``SHADOW → CANARY → WATCH``, or from either of the first two ``→ ROLLED_BACK``, and from ``WATCH`` too.
    """

    SHADOW = "shadow"
    CANARY = "canary"
    WATCH = "watch"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Rollout:
    """One experiment with a second model.

    In every phase the slot that is *not* in charge holds the other model: the challenger, and in ``WATCH``, after
    the switch, the old champion.

    Attributes
    ----------
    experiment : str
        Its name, and the salt of its sticky draw: a new experiment takes a new one.
    phase : RolloutPhase
        In ``SHADOW`` and ``ROLLED_BACK`` the challenger answers and decides nothing; in ``CANARY`` it stands in for
        the champion on its share; in ``WATCH`` it is the champion, and the old one answers beside it.
    share : float
        0 … 1: of the parts on which the challenger stands in; above 0 only in ``CANARY``.
    audit_share : float
        0 … 1: at least so many of the parts that the challenger decides also go to an inspector, blind.
    """

    experiment: str
    phase: RolloutPhase
    share: float = 0.0
    audit_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.experiment:
            raise ValueError("a rollout has a name")
        if not 0.0 <= self.share <= 1.0 or not 0.0 <= self.audit_share <= 1.0:
            raise ValueError("the challenger's share and its audit share are in 0 … 1")
        if (self.share > 0.0) is not (self.phase is RolloutPhase.CANARY):
            raise ValueError("the challenger has a share above 0 in the canary phase, and only there")


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said about a part, as far as a rollout counts it.

    Attributes
    ----------
    status : PredictionStatus
        ``ABSENT``: it was not asked.
    judgement : Judgement or None
        At the part's cut.
    slow : bool
        True if it took longer than the rollout's limit.
    """

    status: PredictionStatus
    judgement: Judgement | None
    slow: bool


@dataclass(frozen=True, slots=True)
class RolloutCount:
    """Number of parts of an experiment with these values; one row a combination.

    Attributes
    ----------
    version : int
        Of the control state in force.
    drawn : bool or None
        Whether the challenger stood in; ``None`` outside the canary phase.
    in_charge, beside : Said or None
        What the model in charge said, and the other one.
    audited : bool
        True if the model accepted the part and it was drawn for a blind audit: a fair sample of its accepts.
    truth : Judgement or None
        The newest standing accept or reject that was given without the model in view.
    aided : Judgement or None
        The newest standing accept or reject that was given with it in view.
    n : int
        How many.
    """

    version: int
    drawn: bool | None
    in_charge: Said | None
    beside: Said | None
    audited: bool
    truth: Judgement | None
    aided: Judgement | None
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the model that was not in charge of a part said about it, recorded after the part was decided.

    Attributes
    ----------
    inspection_id : str
        The part's inspection; the answer of the model in charge is in its record.
    slot : Slot
        Where the answer came from.
    prediction : Prediction
        The answer, or why there is none.
    judgement : Judgement or None
        Its judgement at the part's cut; ``None`` without a usable prediction.
    differs : bool
        True if it contradicts the judgement of the model in charge: one of the two is wrong.
    at : datetime
        UTC.
    """

    inspection_id: str
    slot: Slot
    prediction: Prediction
    judgement: Judgement | None
    differs: bool
    at: datetime
