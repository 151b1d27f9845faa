"""Which model is in charge of a part, and which one answers beside it: pure, so that it replays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.automation.draws import draw
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Draw
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.prediction import ModelIdentity, Prediction
from inspector_app.domain.rollout import Comparison, RolloutPhase, Slot


@dataclass(frozen=True, slots=True)
class Assignment:
    """The models of one part.

    Attributes
    ----------
    in_charge : Slot or None
        Whose prediction the policy is given; ``None``: no model is in charge, the part goes to an inspector.
    beside : Slot or None
        Whose answer is recorded afterwards and touches nothing.
    challenger : Draw or None
        The draw that chose between the two; ``None`` outside the canary phase.
    """

    in_charge: Slot | None
    beside: Slot | None = None
    challenger: Draw | None = None


def assignment(control: ControlState, part_id: str) -> Assignment:
    """Return the models of a part.

    The draw is sticky and has its experiment's name as salt, so shares of one experiment nest (who is in the 5 % is
    in the 25 %) and are independent of all other draws.
    """
    slots, rollout = control.slots, control.rollout
    if slots is None:
        return Assignment(Slot.BLUE)
    champion = None if slots.model(slots.in_charge) is None else slots.in_charge
    if rollout is None:
        return Assignment(champion)
    other = None if slots.model(slots.in_charge.other) is None else slots.in_charge.other
    if rollout.phase is not RolloutPhase.CANARY:
        return Assignment(champion, other)
    drawn = draw(rollout.experiment, part_id, rollout.share)
    return Assignment(other, champion, drawn) if drawn.drawn else Assignment(champion, other, drawn)


def expected_model(control: ControlState, part_id: str) -> ModelIdentity | None:
    """Return the model that must have spoken on a part, ``None`` where the control state does not name one."""
    slot = assignment(control, part_id).in_charge
    return None if control.slots is None or slot is None else control.slots.model(slot)


def judgement_at(cut: float, prediction: Prediction | None) -> Judgement | None:
    """Return a model's judgement at the cut: reject if the probability is at least the cut; ``None`` without one."""
    if prediction is None or prediction.probability is None:
        return None
    return Judgement.REJECT if prediction.probability >= cut else Judgement.ACCEPT


def compared(inspection: Inspection, slot: Slot, prediction: Prediction, at: datetime) -> Comparison:
    """Return what the other model's answer amounts to beside the decided part."""
    judgement = judgement_at(inspection.control.cut, prediction)
    in_charge = inspection.decision.model_judgement
    differs = judgement is not None and in_charge is not None and judgement is not in_charge
    return Comparison(inspection.inspection_id, slot, prediction, judgement, differs, at)
