"""Before a step of a rollout or the re-arming of guards: what will happen, what speaks against it, who and why."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.automation.rollout_questions import StepQuestion
from ui.dialogs.signed import SignedQuestion
from ui.look.appearance import Appearance


class StepDialog(SignedQuestion):
    """Asks one `StepQuestion`.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    question : StepQuestion
        What is asked.
    supervisors, pin
        As of `SignedQuestion`.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        question: StepQuestion,
        supervisors: tuple[str, ...],
        *,
        pin: bool,
    ) -> None:
        super().__init__(appearance, parent, question.title, question.action, supervisors, pin=pin)
        self.add_sentence("info", question.consequence)
        if question.warning is not None:
            self.add_sentence("state-warn", question.warning, "warn")
        self.ask_signature()
