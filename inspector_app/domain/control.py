"""What the supervisor has set: one immutable state, swapped in between two parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots


class Level(StrEnum):
    """The five degrees of automation, left to right."""

    HUMAN_ONLY = "human_only"
    SHADOW = "shadow"
    ASSIST = "assist"
    PARTIAL = "partial"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Position on the slider, 0 (human only) … 4 (full)."""
        return list(Level).index(self)


class AssistStyle(StrEnum):
    """When the inspector sees the model's regions in assist."""

    HIGHLIGHT = "highlight"
    SECOND_LOOK = "second_look"


@dataclass(frozen=True, slots=True)
class Salts:
    """Salts of the sticky draws; one each, so that the draws are independent of one another."""

    canary: str
    audit: str
    first_look: str

    def __post_init__(self) -> None:
        if len({self.canary, self.audit, self.first_look}) != 3 or not all((self.canary, self.audit, self.first_look)):
            raise ValueError("the salts of canary, audit and first look are non-empty and differ")


@dataclass(frozen=True, slots=True)
class ControlState:
    """Everything the policy needs besides the part.

    Attributes
    ----------
    version : int
        1, 2, 3 … in the order of the control log.
    level : Level
        Degree of automation.
    style : AssistStyle
        Style of assist.
    accept_below, cut, reject_above : float
        0 ≤ accept_below ≤ cut ≤ reject_above ≤ 1. The model is sure below the first and above the last;
        ``cut`` turns a probability into the model's binary judgement (reject if p ≥ cut) for comparisons only.
    canary_share : float
        0 … 1: share of parts on which the model may decide in partial and full.
    audit_share : float
        > 0 … 1: share of the model-decided parts that also go to a human, blind.
    unaided_share : float
        > 0 … 1: share of the parts for humans that are shown without the model first, in assist and above.
    hold_audits : bool
        True: an audited part is held until the human has spoken, and the human's verdict disposes of it.
    salts : Salts
        Of the sticky draws.
    slots : Slots or None
        The models; ``None``: the one that the settings name.
    rollout : Rollout or None
        The experiment with a second model that goes on, if any.
    reject_audit_share : float
        0 … 1: share of the model's rejects that go to a human, blind, where it is larger than the audit share: rejects
        are few, and each good part among them is lost.
    targeted_share, targeted_above : float
        0 … 1: so many of the model's accepts whose probability is at least ``targeted_above`` go to a human as well,
        blind, besides the uniform audits: where escapes are likeliest. They are for learning; certificates rest on the
        uniform stream. A share of 0 turns them off.
    latched : tuple of str
        Kinds of the guards that have stepped left and not been re-armed; while there is one nothing moves right.
    """

    version: int
    level: Level
    style: AssistStyle
    accept_below: float
    cut: float
    reject_above: float
    canary_share: float
    audit_share: float
    unaided_share: float
    hold_audits: bool
    salts: Salts
    slots: Slots | None = None
    rollout: Rollout | None = None
    latched: tuple[str, ...] = ()
    targeted_share: float = 0.0
    targeted_above: float = 0.0
    reject_audit_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.accept_below <= self.cut <= self.reject_above <= 1.0:
            raise ValueError("thresholds must satisfy 0 ≤ accept_below ≤ cut ≤ reject_above ≤ 1")
        if not 0.0 <= self.canary_share <= 1.0:
            raise ValueError("canary_share must be in 0 … 1")
        if not 0.0 < self.audit_share <= 1.0:
            raise ValueError("audit_share must be above 0 and at most 1: the model is never left unaudited")
        if not 0.0 < self.unaided_share <= 1.0:
            raise ValueError("unaided_share must be above 0 and at most 1")
        if not 0.0 <= self.reject_audit_share <= 1.0:
            raise ValueError("reject_audit_share must be in 0 … 1")
        if not (0.0 <= self.targeted_share <= 1.0 and 0.0 <= self.targeted_above <= 1.0):
            raise ValueError("targeted_share and targeted_above must be in 0 … 1")
        self._check_rollout()

    @property
    def slot_in_charge(self) -> Slot:
        """The slot whose model decides; blue where none is named."""
        return Slot.BLUE if self.slots is None else self.slots.in_charge

    def _check_rollout(self) -> None:
        if self.rollout is None:
            return
        if self.slots is None:
            raise ValueError("a rollout names the models in both slots")
        watched = self.rollout.phase is RolloutPhase.WATCH
        needed = self.slots.in_charge if watched else self.slots.in_charge.other
        if self.slots.model(needed) is None:
            raise ValueError(f"the new model of a rollout is in the {needed} slot, which is empty")


@dataclass(frozen=True, slots=True)
class ControlChange:
    """One recorded supervisor command: who, when, why, before and after.

    ``before`` is ``None`` for the first state, which comes from the settings. ``signed`` is True if the supervisor
    entered the PIN for it. ``against`` is one sentence on what was missing where the change moves right although the
    evidence did not recommend it. ``certificate`` is the id of the certificate from which the thresholds come.
    """

    by: str
    because: str
    at: datetime
    before: ControlState | None
    after: ControlState
    signed: bool = False
    against: str | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What a supervisor orders.

    Attributes
    ----------
    by, because : str
        Who, and why; neither is blank.
    changes : mapping of str to object
        Fields of `ControlState` and their new values.
    pin : str or None
        Needed where the change moves right and signatures are required.
    against : str or None
        What the evidence lacked, where the change moves right against the recommendation.
    certificate : str or None
        Id of the certificate from which the thresholds come.
    """

    by: str
    because: str
    changes: Mapping[str, object]
    pin: str | None = None
    against: str | None = None
    certificate: str | None = None
