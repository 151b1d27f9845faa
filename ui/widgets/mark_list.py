"""The model's marks in words, beside the picture; shown only where the inspector may see them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ui.look.appearance import Appearance
from ui.picture.outlines import RegionMark
from ui.picture.region_item import describe_lines
from ui.texts import tr
from ui.widgets.basics import column, label


class MarkList(QWidget):
    """One row a mark; pointing at a row points at the mark on the picture.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    pointed(int)
        Number of the mark, 0 for none.
    """

    pointed = Signal(int)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._title = label("", "strong")
        self._rows = QListWidget()
        self._rows.setAccessibleName(tr("Marks of the model"))
        self._rows.setWordWrap(True)
        self._rows.setMouseTracking(True)
        self._rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows.itemEntered.connect(lambda item: self.pointed.emit(item.data(Qt.ItemDataRole.UserRole)))
        self._rows.currentItemChanged.connect(self._on_current)
        body = column(appearance.theme.sizes.space_2, self)
        body.addWidget(self._title)
        body.addWidget(self._rows, 1)

    def show_marks(self, marks: tuple[RegionMark, ...]) -> None:
        """Show these marks."""
        self._title.setText(tr("The model marked %n place(s)", len(marks)) if marks else tr("The model marked nothing"))
        self._rows.setVisible(bool(marks))
        self._rows.clear()
        for mark in marks:
            item = QListWidgetItem(f"{mark.number}  {describe_lines(mark)}")
            item.setData(Qt.ItemDataRole.UserRole, mark.number)
            self._rows.addItem(item)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        self.pointed.emit(item.data(Qt.ItemDataRole.UserRole) if item is not None else 0)
