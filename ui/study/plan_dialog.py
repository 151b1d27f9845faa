"""What a new study is to be: how many parts, who judges, how often."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox, QWidget

from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyPart
from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label, row

PARTS, BAD_PERCENT, TRIALS = 50, 50, 3


class PlanDialog(Question):
    """Asks for a study's plan; offers what AIAG advises.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    known : tuple of StudyPart
        Parts whose truth is known.
    model : str or None
        The model that may be an appraiser.
    """

    def __init__(
        self, appearance: Appearance, parent: QWidget, known: tuple[StudyPart, ...], model: str | None
    ) -> None:
        super().__init__(appearance, parent, tr("New attribute study"), tr("Begin the study"))
        bad = sum(part.reference is Judgement.REJECT for part in known)
        self.body.addWidget(
            label(
                tr(
                    "Parts with known truth: {good} good, {bad} bad. They are shown blind, in another order each time."
                ).format(good=len(known) - bad, bad=bad),
                "muted",
                wrap=True,
            )
        )
        self.name_edit = QLineEdit()
        self.name_edit.setPlaceholderText(tr("For example: shift A, May"))
        self.name_edit.setMaxLength(100)
        self.by_edit = QLineEdit()
        self.by_edit.setMaxLength(100)
        self.appraisers_edit = QLineEdit()
        self.appraisers_edit.setPlaceholderText(tr("Names with commas: Ana, Bo, Cy"))
        self.parts_box = _number(2, 10_000, min(PARTS, max(2, 2 * min(bad, len(known) - bad))))
        self.bad_box = _number(0, 100, BAD_PERCENT, "\u202f%")
        self.trials_box = _number(1, 20, TRIALS)
        self.model_box = QCheckBox(tr("{model} is an appraiser too").format(model=model or ""))
        self.model_box.setChecked(model is not None)
        self.model_box.setVisible(model is not None)
        self.add_field(tr("Name of the study"), self.name_edit)
        self.add_field(tr("Who plans it"), self.by_edit)
        self.add_field(tr("Appraisers"), self.appraisers_edit)
        numbers = row(appearance.theme.sizes.space_3)
        for words, box in (
            (tr("Parts"), self.parts_box), (tr("of them bad"), self.bad_box), (tr("Trials"), self.trials_box)
        ):  # fmt: skip
            caption = label(words, "strong")
            caption.setBuddy(box)
            box.setAccessibleName(words)
            numbers.addWidget(caption)
            numbers.addWidget(box, 1)
        self.body.addLayout(numbers)
        self.body.addWidget(self.model_box)
        for edit in (self.name_edit, self.by_edit, self.appraisers_edit):
            edit.textChanged.connect(self._check)
        self.model_box.toggled.connect(self._check)
        self._check()
        self.name_edit.setFocus()

    @property
    def appraisers(self) -> tuple[str, ...]:
        """The names given."""
        return tuple(name for part in self.appraisers_edit.text().split(",") if (name := part.strip()))

    def _check(self) -> None:
        judged = bool(self.appraisers) or self.model_box.isChecked()
        self.action.setEnabled(bool(self.name_edit.text().strip() and self.by_edit.text().strip()) and judged)


def _number(least: int, most: int, value: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(value)
    box.setSuffix(suffix)
    return box
