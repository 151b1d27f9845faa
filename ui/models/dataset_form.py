"""Names a data set, shows what is in it, and lets choose what rejects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLineEdit, QWidget

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.model_room import DataSetCheck
from ui.background import Background, LatestJob
from ui.look.appearance import Appearance
from ui.models.words import split_words, truth_words
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row, set_role

Examine = Callable[[Path, tuple[str, ...] | None], DataSetCheck]
_TYPING_MS = 400
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

    Signals
    -------
    checked()
        `check` is another one, or ``None``.
    """

    checked = Signal()

    def __init__(self, appearance: Appearance, examine: Examine, background: Background) -> None:
        super().__init__()
        self._examine = examine
        self._examining = LatestJob(background)
        self._chosen_by_hand = False
        self.check: DataSetCheck | None = None
        self.class_boxes: dict[str, QCheckBox] = {}
        sizes = appearance.theme.sizes
        self.folder_edit = QLineEdit()
        self.folder_edit.setAccessibleName(tr("Data set"))
        self.folder_edit.setPlaceholderText(tr("Folder with annotations.json, or with train/ beside test/"))
        choose = IconButton(appearance, "", tr("Choose …"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        self._timer = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._timer.timeout.connect(self._ask)
        self.folder_edit.textChanged.connect(self._on_folder)
        self._said = label("", "muted", wrap=True)
        self._rejects = label(tr("What makes a part a reject"), "strong")
        self._classes = QGridLayout()
        self._classes.setSpacing(sizes.space_1)
        across = row(sizes.space_2)
        across.addWidget(self.folder_edit, 1)
        across.addWidget(choose)
        body = column(sizes.space_2, self)
        body.addWidget(label(tr("Data set"), "strong"))
        body.addLayout(across)
        body.addWidget(self._said)
        body.addWidget(self._rejects)
        body.addLayout(self._classes)
        self._rejects.setVisible(False)
        self._said.setVisible(False)

    @property
    def folder(self) -> Path | None:
        """The folder that is named, ``None`` if none is."""
        text = self.folder_edit.text().strip()
        return Path(text).expanduser() if text else None

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

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show what was found, or why it cannot be used."""
        set_role(self._said, "role", "bad" if bad else "muted")
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), tr("Folder of a data set"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder_edit.setText)
        dialog.open()

    def _on_folder(self) -> None:
        self._chosen_by_hand = False
        self._clear_classes()
        self._none_yet(tr("Reading …") if self.folder is not None else "")
        self._timer.start()

    def _on_class(self) -> None:
        self._chosen_by_hand = True
        if not self.reject_classes:
            self._none_yet(tr("At least one class makes a part a reject."), bad=True)
            self._examining.forget()
            return
        self._none_yet(tr("Reading …"))
        self._timer.start()

    def _none_yet(self, sentence: str, *, bad: bool = False) -> None:
        self.check = None
        self.say(sentence, bad=bad)
        self.checked.emit()

    def _ask(self) -> None:
        folder, rejecting, examine = self.folder, self.reject_classes, self._examine
        if folder is None:
            self._examining.forget()
            return
        self._examining.run(lambda: examine(folder, rejecting), self._show, self._on_fault)

    def _show(self, check: DataSetCheck) -> None:
        self.check = check
        lines = [truth_words(check), *(split_words(split) for split in check.splits)]
        if check.problems:
            lines.append(tr("%n file(s) left out; the first: ", len(check.problems)) + check.problems[0])
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
