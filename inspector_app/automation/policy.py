"""Who decides a part: one pure function of the control state, the part, the picture and the prediction.

================  ==================================  =====================================================
level             who decides                         what the inspector may see of the model
================  ==================================  =====================================================
``human_only``    human; the model does not run       nothing
``shadow``        human                               nothing
``assist``        human                               as the style says, but for unaided first looks
``partial``       model where it is sure, else human  as in assist on parts for humans; nothing on audits
``full``          model                               nothing on audits; as in assist outside the canary
================  ==================================  =====================================================

During a rollout "the model" is the one that is in charge of the part (see `inspector_app.automation.assignment`);
where none is, as with a new product that has no champion yet, the part goes to a human.

Two rules hold whatever the level is. No fault accepts a part: without a usable picture and an ``OK`` prediction the
part is held for a human. And the model accepts only below ``accept_below``, because only that region is bounded by
evidence; in ``full`` everything else that it decides is a reject.
"""

from __future__ import annotations

from dataclasses import replace

from inspector_app.automation.assignment import Assignment, assignment
from inspector_app.automation.draws import audit_draw, canary_draw, first_look_draw, targeted_draw
from inspector_app.domain.control import AssistStyle, ControlState, Level
from inspector_app.domain.decision import Decision, Disposition, Draw, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Prediction, PredictionStatus

_FAULTS = {
    PredictionStatus.FAILED: Reason.PREDICTION_FAILED,
    PredictionStatus.LATE: Reason.PREDICTION_LATE,
    PredictionStatus.ABSENT: Reason.PREDICTION_ABSENT,
}
_STYLES = {
    AssistStyle.HIGHLIGHT: Presentation.HIGHLIGHT,
    AssistStyle.SECOND_LOOK: Presentation.SECOND_LOOK,
}
_DISPOSITIONS = {
    Route.HUMAN: Disposition.HOLD,
    Route.MODEL_ACCEPT: Disposition.ACCEPT,
    Route.MODEL_REJECT: Disposition.REJECT,
}


def runs_model(level: Level) -> bool:
    """Return True if the model is asked at this level: everywhere but in human only."""
    return level is not Level.HUMAN_ONLY


def decide(control: ControlState, part_id: str, picture_usable: bool, prediction: Prediction | None) -> Decision:
    """Return who decides the part, what the inspector may see, and what the line is told at once.

    Parameters
    ----------
    control : ControlState
        In force for this part.
    part_id : str
        Keys the sticky draws.
    picture_usable : bool
        False: the part goes to a human whatever the prediction says.
    prediction : Prediction or None
        The answer of the model in charge; ignored in human only. ``None`` counts as absent.

    Returns
    -------
    Decision
        In partial and full the canary draw is recorded for every part, faults included, so that the two cohorts can
        be counted as they were drawn.
    """
    assigned = assignment(control, part_id)
    decision = _decide(control, part_id, picture_usable, prediction, assigned)
    return decision if assigned.challenger is None else replace(decision, challenger=assigned.challenger)


def _decide(
    control: ControlState, part_id: str, picture_usable: bool, prediction: Prediction | None, assigned: Assignment
) -> Decision:
    if not runs_model(control.level):
        faults = () if picture_usable else (Reason.PICTURE_UNUSABLE,)
        return _held_blind((Reason.LEVEL_HUMAN_ONLY, *faults), canary=None, judgement=None)
    canary = canary_draw(control, part_id) if control.level in {Level.PARTIAL, Level.FULL} else None
    answer = _usable_probability(picture_usable, prediction, assigned)
    if isinstance(answer, Reason):
        return _held_blind((*_why_human(control.level, canary), answer), canary, judgement=None)
    judgement = Judgement.REJECT if answer >= control.cut else Judgement.ACCEPT
    if control.level is Level.SHADOW:
        return _held_blind((Reason.LEVEL_SHADOW,), canary, judgement)
    if canary is None or not canary.drawn:
        return _asked_human(control, part_id, _why_human(control.level, canary), canary, judgement)
    route, reason = _model_route(control, answer)
    if route is Route.HUMAN:
        return _asked_human(control, part_id, (reason,), canary, judgement)
    audit = audit_draw(control, part_id, assigned.challenger, route)
    targeted = targeted_draw(control, part_id, answer) if route is Route.MODEL_ACCEPT else None
    return _decided_by_model(control, route, reason, canary, judgement, audit, targeted)


def _usable_probability(picture_usable: bool, prediction: Prediction | None, assigned: Assignment) -> float | Reason:
    """Return the probability, or the one reason why it must not be used."""
    if not picture_usable:
        return Reason.PICTURE_UNUSABLE
    if assigned.in_charge is None:
        return Reason.NO_MODEL_IN_CHARGE
    if prediction is None:
        return Reason.PREDICTION_ABSENT
    if prediction.probability is None:
        return _FAULTS[prediction.status]
    return prediction.probability


def _why_human(level: Level, canary: Draw | None) -> tuple[Reason, ...]:
    """Return why the level sends the part to a human; empty where the model might have decided it."""
    if level is Level.SHADOW:
        return (Reason.LEVEL_SHADOW,)
    if canary is None:
        return (Reason.LEVEL_ASSIST,)
    return () if canary.drawn else (Reason.OUTSIDE_CANARY,)


def _model_route(control: ControlState, probability: float) -> tuple[Route, Reason]:
    """Return the model's route inside the canary; a probability on a threshold is unsure."""
    if probability < control.accept_below:
        return Route.MODEL_ACCEPT, Reason.MODEL_SURE_ACCEPT
    if probability > control.reject_above:
        return Route.MODEL_REJECT, Reason.MODEL_SURE_REJECT
    if control.level is Level.FULL:
        return Route.MODEL_REJECT, Reason.FULL_REJECTS_UNSURE
    return Route.HUMAN, Reason.MODEL_UNSURE


def _held_blind(reasons: tuple[Reason, ...], canary: Draw | None, judgement: Judgement | None) -> Decision:
    """Return the decision of a part that a human judges without the model."""
    return Decision(
        route=Route.HUMAN,
        reasons=reasons,
        canary=canary,
        audit=None,
        first_look=None,
        presentation=Presentation.BLIND,
        disposition=Disposition.HOLD,
        model_judgement=judgement,
    )


def _asked_human(
    control: ControlState, part_id: str, reasons: tuple[Reason, ...], canary: Draw | None, judgement: Judgement
) -> Decision:
    """Return the decision of a part that a human judges with the model's help, but for unaided first looks."""
    first_look = first_look_draw(control, part_id)
    return Decision(
        route=Route.HUMAN,
        reasons=(*reasons, Reason.UNAIDED_FIRST_LOOK) if first_look.drawn else reasons,
        canary=canary,
        audit=None,
        first_look=first_look,
        presentation=Presentation.BLIND if first_look.drawn else _STYLES[control.style],
        disposition=Disposition.HOLD,
        model_judgement=judgement,
    )


def _decided_by_model(
    control: ControlState,
    route: Route,
    reason: Reason,
    canary: Draw,
    judgement: Judgement,
    audit: Draw,
    targeted: Draw | None,
) -> Decision:
    """Return the decision of a part that the model judges; an audited part is held where the line can hold it."""
    audited = audit.drawn or (targeted is not None and targeted.drawn)
    held = audited and control.hold_audits
    return Decision(
        route=route,
        reasons=(reason, Reason.AUDIT_DRAWN) if audited else (reason,),
        canary=canary,
        audit=audit,
        first_look=None,
        presentation=Presentation.BLIND if audited else None,
        disposition=Disposition.HOLD if held else _DISPOSITIONS[route],
        model_judgement=judgement,
        targeted=targeted,
    )
