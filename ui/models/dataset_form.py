"""Names a data set, shows what is in it, and lets choose what rejects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from inspector_app.domain.dataset_check import DataSetCheck
from inspector_app.domain.errors import KnownFault
from ui.background import Background, LatestJob
from ui.look.appearance import Appearance
from ui.models.path_field import PathField
from ui.models.words import split_words, truth_words
from ui.texts import tr
from ui.widgets.basics import column, label, set_role

Examine = Callable[[Path, tuple[str, ...] | None, tuple[str, ...]], DataSetCheck]
_CLASSES_A_ROW = 2


class DataSetForm(QWidget):
    """A folder, its check, and its classes; the check runs whenever either has changed.

    Parameters
    ----------
    appearance : Appearance
        The look.
    examine : callable
        Reads a data set; may block, raises `KnownFault`.
    background : Background
        Where it is asked.
    to_teach : bool
        A plain folder of good pictures will do: it is learned from, nothing is measured on it.

    Signals
    -------
    checked()
        `check` is another one, or ``None``.
    """

    checked = Signal()

    def __init__(
        self, appearance: Appearance, examine: Examine, background: Background, *, to_teach: bool = False
    ) -> None:
        super().__init__()
        self._to_teach = to_teach
        self._examine = examine
        self._examining = LatestJob(background)
        self._chosen_by_hand = False
        self._splits: tuple[str, ...] = ()
        self.check: DataSetCheck | None = None
        self.class_boxes: dict[str, QCheckBox] = {}
        sizes = appearance.theme.sizes
        hint = tr("Folder with annotations.json, or with train/ beside test/")
        if to_teach:
            hint = tr("Folder with annotations.json, with train/ beside test/, or with pictures of good parts")
        self._field = PathField(appearance, tr("Data set"), hint, files=False, folders=True)
        self.folder_edit = self._field.edit
        self._field.typed.connect(self._on_folder)
        self._field.changed.connect(self._ask)
        self._said = label("", "muted", wrap=True)
        self._rejects = label(tr("What makes a part a reject"), "strong")
        self._classes = QGridLayout()
        self._classes.setSpacing(sizes.space_1)
        body = column(sizes.space_2, self)
        body.addWidget(self._field)
        body.addWidget(self._said)
        body.addWidget(self._rejects)
        body.addLayout(self._classes)
        self._rejects.setVisible(False)
        self._said.setVisible(False)

    @property
    def folder(self) -> Path | None:
        """The folder that is named, ``None`` if none is."""
        return self._field.path

    @property
    def reject_classes(self) -> tuple[str, ...] | None:
        """What was chosen to reject, ``None`` if that was left as it is."""
        if not self._chosen_by_hand:
            return None
        return tuple(name for name, box in self.class_boxes.items() if box.isChecked())

    @property
    def waiting(self) -> bool:
        """True while a check is still to come."""
        return self.folder is not None and self.check is None

    @property
    def measurable(self) -> bool:
        """False for a plain folder: it has no truth."""
        return self.check is None or not self.check.taken_as_good

    def learn_from(self, splits: tuple[str, ...]) -> None:
        """Have the check look at these splits, empty: at the one that is learned from by itself."""
        if splits != self._splits:
            self._splits = splits
            self._none_yet(tr("Reading …"))
            self._ask()

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show what was found, or why it cannot be used."""
        set_role(self._said, "role", "bad" if bad else "muted")
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))

    def _on_folder(self) -> None:
        self._chosen_by_hand = False
        self._splits = ()
        self._clear_classes()
        self._none_yet(tr("Reading …") if self.folder is not None else "")

    def _on_class(self) -> None:
        self._chosen_by_hand = True
        if not self.reject_classes:
            self._none_yet(tr("At least one class makes a part a reject."), bad=True)
            self._examining.forget()
            return
        self._none_yet(tr("Reading …"))
        self._field.later()

    def _none_yet(self, sentence: str, *, bad: bool = False) -> None:
        self.check = None
        self.say(sentence, bad=bad)
        self.checked.emit()

    def _ask(self) -> None:
        folder, rejecting, splits, examine = self.folder, self.reject_classes, self._splits, self._examine
        if folder is None:
            self._examining.forget()
            return
        self._examining.run(lambda: examine(folder, rejecting, splits), self._show, self._on_fault)

    def _show(self, check: DataSetCheck) -> None:
        self.check = check
        lines = [truth_words(check), *(split_words(split) for split in check.splits)]
        if check.problems:
            lines.append(tr("%n file(s) left out; the first: ", len(check.problems)) + check.problems[0])
        if check.taken_as_good and not self._to_teach:
            self.say(tr("These pictures have no truth; nothing can be measured on them."), bad=True)
        else:
            self.say("\n".join(lines))
        if tuple(self.class_boxes) != tuple(each.name for each in check.classes):
            self._offer_classes(check)
        self.checked.emit()

    def _offer_classes(self, check: DataSetCheck) -> None:
        self._clear_classes()
        for index, each in enumerate(check.classes):
            words = tr("{name}: {marks} marks on {n} pictures")
            box = QCheckBox(words.format(name=each.name, marks=each.marks, n=each.pictures))
            box.setChecked(each.rejects)
            box.toggled.connect(self._on_class)
            self._classes.addWidget(box, index // _CLASSES_A_ROW, index % _CLASSES_A_ROW)
            self.class_boxes[each.name] = box
        self._rejects.setVisible(bool(check.classes))

    def _clear_classes(self) -> None:
        for box in self.class_boxes.values():
            self._classes.removeWidget(box)
            box.deleteLater()
        self.class_boxes = {}
        self._rejects.setVisible(False)

    def _on_fault(self, fault: KnownFault) -> None:
        self._none_yet(str(fault), bad=True)
