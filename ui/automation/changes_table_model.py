"""The recorded supervisor commands as a Qt table model, newest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from inspector_app.domain.control import ControlChange
from ui.automation.differences import change_line
from ui.texts import local_time, tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ChangesTableModel(QAbstractTableModel):
    """Who, when, what and why."""

    def __init__(self) -> None:
        super().__init__()
        self._changes: tuple[ControlChange, ...] = ()
        self._headings = (tr("No."), tr("When and who"), tr("Change and reason"))

    def show_changes(self, oldest_first: tuple[ControlChange, ...]) -> None:
        """Show these changes."""
        self.beginResetModel()
        self._changes = tuple(reversed(oldest_first))
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of changes."""
        return 0 if parent.isValid() else len(self._changes)

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
        """Return a cell; the whole text is its tip."""
        if not index.isValid() or index.row() >= len(self._changes):
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            change = self._changes[index.row()]
            what = change_line(change.before, change.after)
            when = f"{local_time(change.at, date=True)[:-3]}\n{change.by}"
            return (str(change.after.version), when, f"{what}\n“{change.because}”")[index.column()]
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column == 0 else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
