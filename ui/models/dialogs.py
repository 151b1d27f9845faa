"""What is asked before a model is taught, measured, installed or imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.model_papers import ShownModel, StartingPoint
from inspector_app.domain.model_work import BroughtModel, EvaluateOrder, ImportOrder, InstallOrder, TeachOrder
from ui.background import Background, LatestJob
from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.models.dataset_form import DataSetForm
from ui.models.path_field import PathField
from ui.models.words import brought_words, teaching_words
from ui.texts import tr
from ui.widgets.basics import label, row, set_role
from ui.widgets.choice_box import ChoiceBox

MINUTES = 30
_WIDTH = 680


class PicturesQuestion(Question):
    """A question that a data set is part of the answer to.

    Parameters
    ----------
    appearance, parent, title, action
        As of `Question`.
    form : DataSetForm
        Where the data set is named.
    advice : str
        What is to be known first; none if empty.
    """

    def __init__(
        self, appearance: Appearance, parent: QWidget, title: str, action: str, form: DataSetForm, advice: str = ""
    ) -> None:
        super().__init__(appearance, parent, title, action)
        self.setMinimumWidth(round(_WIDTH * appearance.theme.scale))
        self.form = form
        if advice:
            self.body.addWidget(label(advice, "muted", wrap=True))

    def _add_form(self) -> None:
        self.body.addWidget(self.form)
        self.form.checked.connect(self._check)
        self.form.folder_edit.setFocus()

    def _check(self) -> None:
        """Look at what was answered so far, and let the action wait for it."""
        raise NotImplementedError


class TeachDialog(PicturesQuestion):
    """Asks what a model is to be taught from; the action waits for a data set that can be learned from.

    Parameters
    ----------
    appearance, parent, form
        As of `PicturesQuestion`.
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
        super().__init__(appearance, parent, tr("Teach a model"), tr("Start teaching"), form)
        self._verdict = label("", wrap=True)
        self.split_box = ChoiceBox[tuple[str, ...]](tr("Learn from"))
        self.start_box = ChoiceBox[str](tr("Start from"), [(each.title, each.where) for each in starts])
        self.name_edit = QLineEdit(name)
        self.version_edit = QLineEdit(version)
        self.minutes_box = QSpinBox()
        self.minutes_box.setRange(1, 24 * 60)
        self.minutes_box.setValue(MINUTES)
        self.minutes_box.setSuffix(tr(" min at most"))
        self._add_form()
        self._add_rows(
            ((tr("Learn from"), self.split_box), (tr("Start from"), self.start_box)),
            ((tr("Name"), self.name_edit), (tr("Version"), self.version_edit), (tr("Time"), self.minutes_box)),
        )
        self.body.addWidget(self._verdict)
        self.split_box.currentIndexChanged.connect(self._learn_from_chosen)
        for edit in (self.name_edit, self.version_edit):
            edit.textChanged.connect(self._check)
        self._check()

    def _add_rows(self, *rows: tuple[tuple[str, QWidget], ...]) -> None:
        for fields in rows:
            across = row(self._appearance.theme.sizes.space_3)
            for words, field in fields:
                caption = label(words, "strong")
                caption.setBuddy(field)
                field.setAccessibleName(words)
                across.addWidget(caption)
                across.addWidget(field, 1)
            self.body.addLayout(across)

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
            splits=self.split_box.value or (),
        )

    def _check(self) -> None:
        check = self.form.check
        if check is not None:
            self._offer_splits(tuple(split.name for split in check.splits))
            check = self.form.check  # another one is on its way if another split is learned from
        fault = None if check is None else check.fault
        set_role(self._verdict, "role", "bad" if fault else "strong")
        self._verdict.setText(fault or ("" if check is None else teaching_words(check)))
        self._verdict.setVisible(check is not None)
        named = bool(self.name_edit.text().strip() and self.version_edit.text().strip())
        self.action.setEnabled(named and check is not None and fault is None)

    def _offer_splits(self, names: tuple[str, ...]) -> None:
        every = [(tr("all pictures"), names)] if len(names) > 1 else []
        # the one that is learned from by itself comes first
        first = sorted(names, key=lambda name: name != "train")
        self.split_box.offer([*((name, (name,)) for name in first), *every])
        self._learn_from_chosen()

    def _learn_from_chosen(self) -> None:
        chosen = self.split_box.value or ()
        by_itself = chosen == ("train",) or self.split_box.count() == 1
        self.form.learn_from(() if by_itself else chosen)


class EvaluateDialog(PicturesQuestion):
    """Asks which pictures a model is measured on.

    Parameters
    ----------
    appearance, parent, form
        As of `PicturesQuestion`.
    model : ShownModel
        Which.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, form: DataSetForm, model: ShownModel) -> None:
        title = tr("Evaluate {model}").format(model=model.title)
        advice = tr("Measure on pictures that the model has not seen; what it was taught on flatters it.")
        super().__init__(appearance, parent, title, tr("Start measuring"), form, advice)
        self._model = model
        self._add_form()
        self.split_box = ChoiceBox[str | None](tr("Split"), [(tr("all"), None)])
        self.add_field(tr("Split"), self.split_box)
        self._check()

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
        self.action.setEnabled(check is not None and self.form.measurable)
        if check is None:
            return
        before = self.split_box.count()
        names = [split.name for split in check.splits]
        self.split_box.offer([*((name, name) for name in names), (tr("all"), None)])
        unseen = next((name for name in ("val", "test") if name in names), None)
        if before == 1 and unseen is not None:
            self.split_box.choose(unseen)


class ProvingQuestion(PicturesQuestion):
    """A question that ends in the gate, with a data set or without one."""

    def _add_form(self) -> None:
        super()._add_form()
        without = tr("Without a data set precisions are judged on generated parts.")
        self.body.addWidget(label(without, "small", wrap=True))

    def _check(self) -> None:
        self.action.setEnabled(not self.form.waiting and self.form.measurable)


class InstallDialog(ProvingQuestion):
    """Asks on which pictures a model is proved and its precisions are judged.

    Parameters
    ----------
    appearance, parent, form
        As of `PicturesQuestion`.
    model : ShownModel
        Which.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, form: DataSetForm, model: ShownModel) -> None:
        title = tr("Install {model}").format(model=model.title)
        super().__init__(appearance, parent, title, tr("Prove and install"), form, _proof_words())
        self._model = model
        self._add_form()

    @property
    def order(self) -> InstallOrder:
        """What was asked for."""
        return InstallOrder(self._model.title, self._model.place, self.form.folder, self.form.reject_classes)


class ImportDialog(ProvingQuestion):
    """Asks for a model from elsewhere and its manifest; the action waits for a manifest that is right.

    Parameters
    ----------
    appearance, parent, form
        As of `PicturesQuestion`.
    brought : callable
        Reads a manifest; may block, raises `KnownFault`.
    background : Background
        Where it is asked.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        form: DataSetForm,
        brought: Callable[[Path], BroughtModel],
        background: Background,
    ) -> None:
        super().__init__(appearance, parent, tr("Import a model"), tr("Prove and install"), form, _proof_words())
        self._brought = brought
        self._reading = LatestJob(background)
        self._model: BroughtModel | None = None
        self.source_field = PathField(
            appearance, tr("Model"), tr("ONNX file, OpenVINO .xml, or folder of a TensorFlow SavedModel"), folders=True
        )
        self.manifest_field = PathField(
            appearance, tr("Manifest"), tr("JSON: what the model takes and gives, see the guide")
        )
        self._said = label("", wrap=True)
        for field in (self.source_field, self.manifest_field):
            self.body.addWidget(field)
        self.body.addWidget(self._said)
        self._add_form()
        self.source_field.changed.connect(self._check)
        self.manifest_field.changed.connect(self._read)
        self.source_field.edit.setFocus()
        self._read()

    @property
    def order(self) -> ImportOrder:
        """What was asked for."""
        return ImportOrder(
            title="" if self._model is None else self._model.title,
            source=self.source_field.path or Path(),
            manifest=self.manifest_field.path or Path(),
            dataset=self.form.folder,
            reject_classes=self.form.reject_classes,
        )

    def _check(self) -> None:
        super()._check()
        complete = self.source_field.path is not None and self._model is not None
        self.action.setEnabled(self.action.isEnabled() and complete)

    def _read(self) -> None:
        """Read the manifest anew."""
        path = self.manifest_field.path
        self._show(None, "")
        if path is None:
            self._reading.forget()
            return
        self._reading.run(lambda: self._brought(path), lambda model: self._show(model, ""), self._on_fault)

    def _on_fault(self, fault: KnownFault) -> None:
        self._show(None, str(fault))

    def _show(self, model: BroughtModel | None, fault: str) -> None:
        self._model = model
        set_role(self._said, "role", "bad" if fault else "muted")
        self._said.setText(fault or ("" if model is None else brought_words(model)))
        self._said.setVisible(bool(self._said.text()))
        self._check()


def _proof_words() -> str:
    return tr(
        "Every runtime must give the same answers; then f32, bf16 and int8 are timed and the quickest accurate one "
        "is kept. The model in charge stays in charge: a new one takes over by a rollout."
    )
