"""Names a file or a folder: typed, or chosen in the system's dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row

TYPING_MS = 400
"""So long after the last letter what was typed is looked at."""


class PathField(QWidget):
    """A line for a path and a button for each way to choose one.

    Parameters
    ----------
    appearance : Appearance
        The look.
    name : str
        What the path is of.
    hint : str
        Shown while the line is empty.
    files, folders : bool
        Which of them may be chosen.

    Signals
    -------
    typed()
        The line is another one, at every letter.
    changed()
        The line has been another one for a moment.
    """

    typed = Signal()
    changed = Signal()

    def __init__(
        self, appearance: Appearance, name: str, hint: str, *, files: bool = True, folders: bool = False
    ) -> None:
        super().__init__()
        self._name = name
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._timer.timeout.connect(self.changed)
        self.edit.textChanged.connect(self.typed)
        self.edit.textChanged.connect(lambda _text: self._timer.start())
        sizes = appearance.theme.sizes
        across = row(sizes.space_2)
        across.addWidget(self.edit, 1)
        modes = [(QFileDialog.FileMode.ExistingFile, tr("File …"))] if files else []
        modes += [(QFileDialog.FileMode.Directory, tr("Folder …"))] if folders else []
        for mode, words in modes:
            button = IconButton(appearance, "", words if len(modes) > 1 else tr("Choose …"))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, mode=mode: self._choose(mode))
            across.addWidget(button)
        body = column(sizes.space_2, self)
        caption = label(name, "strong")
        caption.setBuddy(self.edit)
        body.addWidget(caption)
        body.addLayout(across)

    @property
    def path(self) -> Path | None:
        """What is named, ``None`` if nothing is."""
        text = self.edit.text().strip()
        return Path(text).expanduser() if text else None

    def later(self) -> None:
        """Say `changed` again in a moment."""
        self._timer.start()

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self.window(), self._name)
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, mode is QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.edit.setText)
        dialog.open()
