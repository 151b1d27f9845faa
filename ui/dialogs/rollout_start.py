"""Before a new model is brought in: which one, under what name, what will happen, who and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from ui.automation.room import Candidate, RolloutStart
from ui.dialogs.signed import SignedQuestion
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.choice_box import ChoiceBox


class RolloutStartDialog(SignedQuestion):
    """Asks for the model and the signature's name and reason; beginning gives the new model no say, so no PIN.

    Parameters
    ----------
    appearance, parent, supervisors
        As of `SignedQuestion`.
    candidates : sequence of Candidate
        To choose from; those with a problem are left out, and said so.
    nothing_in_charge : bool
        True: there is no model in charge, the product is new whatever is ticked.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        candidates: Sequence[Candidate],
        supervisors: tuple[str, ...],
        *,
        nothing_in_charge: bool,
    ) -> None:
        super().__init__(appearance, parent, tr("Bring in a model?"), tr("Record and begin"), supervisors, pin=False)
        sound = [each for each in candidates if each.problem is None]
        self.model_box = ChoiceBox[Candidate](
            tr("Model"), [(tr("{model} ({source})").format(model=c.title, source=c.source), c) for c in sound]
        )
        self.name_edit = QLineEdit()
        self.name_edit.setMaxLength(80)
        self.name_edit.setPlaceholderText(tr("Empty: model, version and a number"))
        self.nothing_box = QCheckBox(tr("New product: no model is in charge, inspectors decide"))
        self.nothing_box.setChecked(nothing_in_charge)
        self.nothing_box.setEnabled(not nothing_in_charge)
        self.add_sentence(
            "info",
            tr(
                "It is loaded, answers on every part after the part is decided, and decides nothing. Each further step "
                "is asked for."
            ),
        )
        for each in candidates:
            if each.problem is not None:
                self.add_sentence("state-warn", f"{each.title}: {each.problem}", "warn")
        self.add_field(tr("Model"), self.model_box)
        self.add_field(tr("Name of the rollout"), self.name_edit)
        self.body.addWidget(self.nothing_box)
        self.ask_signature()

    @property
    def chosen(self) -> RolloutStart:
        """What was chosen."""
        model = self.model_box.value
        return RolloutStart("" if model is None else model.title, self.name_edit.text(), self.nothing_box.isChecked())

    def _is_complete(self) -> bool:
        return super()._is_complete() and self.model_box.value is not None
