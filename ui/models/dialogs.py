"""What is asked before a model is taught, measured or installed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from inspector_app.domain.model_room import EvaluateOrder, InstallOrder, ShownModel, StartingPoint, TeachOrder
from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.models.dataset_form import DataSetForm
from ui.models.words import teaching_words
from ui.texts import tr
from ui.widgets.basics import label, row, set_role
from ui.widgets.choice_box import ChoiceBox

MINUTES = 30
_WIDTH = 680


class TeachDialog(Question):
    """Asks what a model is to be taught from; the action waits for a data set that can be learned from.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    form : DataSetForm
        Where the data set is named.
    starts : tuple of StartingPoint
        What teaching can start from, the advised one first.
    name, version : str
        Offered for the new model.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        form: DataSetForm,
        starts: tuple[StartingPoint, ...],
        name: str,
        version: str,
    ) -> None:
        super().__init__(appearance, parent, tr("Teach a model"), tr("Start teaching"))
        self.setMinimumWidth(round(_WIDTH * appearance.theme.scale))
        self.form = form
        self._verdict = label("", wrap=True)
        self.start_box = ChoiceBox[str](tr("Start from"), [(each.title, each.where) for each in starts])
        self.name_edit = QLineEdit(name)
        self.version_edit = QLineEdit(version)
        self.minutes_box = QSpinBox()
        self.minutes_box.setRange(1, 24 * 60)
        self.minutes_box.setValue(MINUTES)
        self.minutes_box.setSuffix(tr(" min at most"))
        self.body.addWidget(self.form)
        self.body.addWidget(self._verdict)
        sizes = appearance.theme.sizes
        first, second = row(sizes.space_3), row(sizes.space_3)
        for across, words, field in (
            (first, tr("Name"), self.name_edit),
            (first, tr("Version"), self.version_edit),
            (second, tr("Start from"), self.start_box),
            (second, tr("Time"), self.minutes_box),
        ):
            caption = label(words, "strong")
            caption.setBuddy(field)
            field.setAccessibleName(words)
            across.addWidget(caption)
            across.addWidget(field, 1)
        self.body.addLayout(first)
        self.body.addLayout(second)
        self.form.checked.connect(self._check)
        for edit in (self.name_edit, self.version_edit):
            edit.textChanged.connect(self._check)
        self._check()
        self.form.folder_edit.setFocus()

    @property
    def order(self) -> TeachOrder:
        """What was asked for."""
        return TeachOrder(
            dataset=self.form.folder or Path(),
            reject_classes=self.form.reject_classes,
            start_from=self.start_box.value or "",
            name=self.name_edit.text().strip(),
            version=self.version_edit.text().strip(),
            minutes=float(self.minutes_box.value()),
        )

    def _check(self) -> None:
        check = self.form.check
        fault = None if check is None else check.fault
        set_role(self._verdict, "role", "bad" if fault else "strong")
        self._verdict.setText(fault or ("" if check is None else teaching_words(check)))
        self._verdict.setVisible(check is not None)
        named = bool(self.name_edit.text().strip() and self.version_edit.text().strip())
        self.action.setEnabled(named and check is not None and fault is None)


class EvaluateDialog(Question):
    """Asks which pictures a model is measured on.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    form : DataSetForm
        Where the data set is named.
    model : ShownModel
        Which.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, form: DataSetForm, model: ShownModel) -> None:
        super().__init__(appearance, parent, tr("Evaluate {model}").format(model=model.title), tr("Start measuring"))
        self.setMinimumWidth(round(_WIDTH * appearance.theme.scale))
        self._model = model
        advice = tr("Measure on pictures that the model has not seen; what it was taught on flatters it.")
        self.body.addWidget(label(advice, "muted", wrap=True))
        self.form = form
        self.body.addWidget(self.form)
        self.split_box = ChoiceBox[str | None](tr("Split"), [(tr("all"), None)])
        self.add_field(tr("Split"), self.split_box)
        self.form.checked.connect(self._check)
        self._check()
        self.form.folder_edit.setFocus()

    @property
    def order(self) -> EvaluateOrder:
        """What was asked for."""
        return EvaluateOrder(
            title=self._model.title,
            place=self._model.place,
            dataset=self.form.folder or Path(),
            split=self.split_box.value,
            reject_classes=self.form.reject_classes,
        )

    def _check(self) -> None:
        check = self.form.check
        self.action.setEnabled(check is not None)
        if check is None:
            return
        before = self.split_box.count()
        names = [split.name for split in check.splits]
        self.split_box.offer([*((name, name) for name in names), (tr("all"), None)])
        unseen = next((name for name in ("val", "test") if name in names), None)
        if before == 1 and unseen is not None:
            self.split_box.choose(unseen)


class InstallDialog(Question):
    """Asks on which pictures a model is proved and its precisions are judged.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    form : DataSetForm
        Where the data set is named.
    model : ShownModel
        Which.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, form: DataSetForm, model: ShownModel) -> None:
        super().__init__(appearance, parent, tr("Install {model}").format(model=model.title), tr("Prove and install"))
        self.setMinimumWidth(round(_WIDTH * appearance.theme.scale))
        self._model = model
        words = tr(
            "Every runtime must give the same answers; then f32, bf16 and int8 are timed and the quickest accurate one "
            "is kept. The model in charge stays in charge: a new one takes over by a rollout."
        )
        self.body.addWidget(label(words, "muted", wrap=True))
        self.form = form
        self.body.addWidget(self.form)
        self.body.addWidget(
            label(tr("Without a data set precisions are judged on generated parts."), "small", wrap=True)
        )
        self.form.checked.connect(lambda: self.action.setEnabled(not self.form.waiting))

    @property
    def order(self) -> InstallOrder:
        """What was asked for."""
        return InstallOrder(self._model.title, self._model.place, self.form.folder, self.form.reject_classes)
