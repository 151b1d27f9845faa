"""The list of figures as a Qt table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from ui.agreement.figures import FigureLine
from ui.texts import tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class FiguresTableModel(QAbstractTableModel):
    """Name, value, interval, count; headings in bold."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[FigureLine, ...] = ()
        self._headings = (tr("Figure"), tr("Value"), tr("95 % interval"), tr("Count"))

    def show_lines(self, lines: tuple[FigureLine, ...]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, alignment, font or tip."""
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (line.name, line.value, line.interval, line.count)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.tip or line.interval or None
        if role == Qt.ItemDataRole.FontRole and not line.value:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter
