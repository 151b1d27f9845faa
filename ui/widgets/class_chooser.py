"""What is wrong with a rejected part: one key, one tap."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label, no_focus_by_click, row

_SHORT = 8
"""Characters of a class name that fit into a third of the panel."""


class ClassChooser(QWidget):
    """Chips with number keys; a tap or a number rejects with that class.

    With "Several" on, chips are marked first and the reject is confirmed with Enter.

    Parameters
    ----------
    appearance : Appearance
        For sizes.
    classes : tuple of str
        One to nine; the first is the quick choice of Enter.

    Signals
    -------
    chosen(tuple of str)
        The classes of the reject.
    left()
        The inspector has gone back.
    """

    chosen = Signal(tuple)
    left = Signal()

    def __init__(self, appearance: Appearance, classes: tuple[str, ...]) -> None:
        super().__init__()
        self._classes = classes
        sizes = appearance.theme.sizes
        self._chips = [QPushButton(f"{n}  {name}") for n, name in enumerate(classes, start=1)]
        grid = QGridLayout()
        grid.setSpacing(sizes.space_2)
        columns = _columns(classes)
        for index, chip in enumerate(self._chips):
            chip.setStyleSheet(f"text-align: left; padding-left: {sizes.space_3}px;")
            chip.setAccessibleName(tr("Reject: {name}").format(name=classes[index]))
            chip.clicked.connect(lambda _checked=False, i=index: self._on_tap(i))
            grid.addWidget(chip, index // columns, index % columns)
        self._several = QPushButton(tr("Several"))
        self._several.setCheckable(True)
        self._several.toggled.connect(self._on_several)
        self._confirm = QPushButton(tr("Reject"))
        self._confirm.clicked.connect(self.confirm)
        back = QPushButton(tr("Back"))
        back.setProperty("role", "quiet")
        back.clicked.connect(self.left)
        head = row(sizes.space_2)
        head.addWidget(label(tr("What is wrong?"), "large"))
        head.addStretch(1)
        head.addWidget(self._several)
        head.addWidget(self._confirm)
        head.addWidget(back)
        body = column(sizes.space_2, self)
        body.addLayout(head)
        body.addLayout(grid)
        body.addWidget(
            label(tr("Number or tap rejects · Enter: {name} · Esc: back").format(name=classes[0]), "small", wrap=True)
        )
        body.addStretch(1)
        no_focus_by_click(*self._chips, self._several, self._confirm, back)
        self.reset()

    def reset(self) -> None:
        """Begin anew: nothing chosen, one class at a time."""
        self._several.setChecked(False)
        self._on_several(several=False)

    def press(self, index: int) -> None:
        """Choose the class at this place, from 0; a place without a class is ignored."""
        if not 0 <= index < len(self._classes):
            return
        if not self._several.isChecked():
            self.chosen.emit((self._classes[index],))
        else:
            self._chips[index].toggle()

    def confirm(self) -> None:
        """Reject with what is marked, or with the first class."""
        marked = tuple(name for name, chip in zip(self._classes, self._chips, strict=True) if chip.isChecked())
        self.chosen.emit(marked or self._classes[:1])

    def handle_key(self, key: int) -> bool:
        """Use a key; False if it means nothing here."""
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.press(key - Qt.Key.Key_1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.confirm()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_S:
            self._several.toggle()
        else:
            return False
        return True

    def _on_tap(self, index: int) -> None:
        if not self._several.isChecked():  # else the tap has marked the chip already
            self.chosen.emit((self._classes[index],))

    def _on_several(self, several: bool) -> None:
        for chip in self._chips:
            chip.setCheckable(several)
        self._confirm.setVisible(several)


def _columns(classes: tuple[str, ...]) -> int:
    """Return in how many columns the chips stand: few rows, so that they fit above the answers on a small screen."""
    short = max(len(name) for name in classes) <= _SHORT
    return 3 if len(classes) > 6 or (len(classes) > 4 and short) else 2
