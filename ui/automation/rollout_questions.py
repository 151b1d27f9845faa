"""What is asked before a step of a rollout, in words."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.automation.ramp import RampReport, against
from inspector_app.automation.rollout import Changes
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.rollout import Rollout
from ui.texts import percent, tr
from ui.wording import model_title


@dataclass(frozen=True, slots=True)
class StepQuestion:
    """A question: title, what will happen, what speaks against it, and the word on the button."""

    title: str
    consequence: str
    warning: str | None
    action: str


def against_step(step: str, state: ControlState, report: RampReport | None) -> str | None:
    """Return what speaks against a step as far as it is known; without a report that itself does."""
    if step not in {"advance", "switch"}:
        return None
    if report is None:
        return tr("The evidence has not been read yet.")
    try:
        return against(step, state, report)
    except ControlRefused as refused:
        return str(refused)


def rollout_question(step: str, state: ControlState, changes: Changes, missing: str | None) -> StepQuestion:
    """Return the question before a step."""
    warning = None
    if missing is not None:
        warning = tr("Against the recommendation, and recorded as such: {missing}").format(missing=missing)
    other = "" if state.slots is None else model_title(state.slots.model(state.slots.in_charge.other))
    rollout = changes.get("rollout")
    share = percent(rollout.share) if isinstance(rollout, Rollout) else ""
    title, consequence, action = {
        "advance": (
            tr("Let {model} decide {share} of the parts?").format(model=other, share=share),
            tr("The next part on it stands in on its share. A guardrail that it runs into takes them back at once."),
            tr("Record and advance"),
        ),
        "switch": (
            tr("Put {model} in charge?").format(model=other),
            tr("The next part on it decides all parts of the model. The old one stays loaded and answers beside it."),
            tr("Record and switch"),
        ),
        "rollback": (
            tr("Roll back?"),
            tr("The next part on the model before decides all parts again. This rollout is then over."),
            tr("Record and roll back"),
        ),
        "end": (
            tr("End the rollout?"),
            tr("The model that is not in charge is let go. To bring it back it must be rolled out again."),
            tr("Record and end"),
        ),
    }[step]
    return StepQuestion(title, consequence, warning, action)


def rearm_question() -> StepQuestion:
    """Return the question before guards are re-armed."""
    return StepQuestion(
        tr("Re-arm the guards?"),
        tr("The level stays where it is. Guards begin to count anew, and moving right is possible again."),
        None,
        tr("Record and re-arm"),
    )
