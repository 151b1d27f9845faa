"""The history as a Qt table model that grows as it is scrolled."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from ui.history.rows import HistoryRow
from ui.texts import local_time, tr
from ui.wording import disposition_name, level_name

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class HistoryTableModel(QAbstractTableModel):
    """Rows of the history, newest first; asks for more when the end comes into view.

    Signals
    -------
    more_wanted(int)
        How many rows are here already.
    """

    more_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[HistoryRow] = []
        self._complete = True
        self._asked = False
        self._headings = (
            tr("Time"), tr("Part"), tr("Level"), tr("Inspector"), tr("Model"), tr("Outcome"), tr("Agreement"),
        )  # fmt: skip

    def begin(self) -> None:
        """Empty the table; more is wanted from row 0 on."""
        self.beginResetModel()
        self._rows = []
        self._complete = False
        self._asked = True
        self.endResetModel()
        self.more_wanted.emit(0)

    def append(self, rows: tuple[HistoryRow, ...], *, complete: bool) -> None:
        """Add rows at the end; ``complete`` if there are no more."""
        self._complete = complete
        self._asked = False
        if rows:
            first = len(self._rows)
            self.beginInsertRows(_NOWHERE, first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def give_up(self) -> None:
        """Note that the rows asked for will not come; scrolling asks again."""
        self._asked = False

    def row_at(self, row: int) -> HistoryRow | None:
        """Return a row, ``None`` if it is not here."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows are here."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def canFetchMore(self, parent: Index) -> bool:
        """Return True if the log has more."""
        return not (parent.isValid() or self._complete or self._asked)

    def fetchMore(self, parent: Index) -> None:
        """Ask for more."""
        if self.canFetchMore(parent):
            self._asked = True
            self.more_wanted.emit(len(self._rows))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading."""
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(self._headings):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._headings[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, font or alignment."""
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(row, index.column())
        if role == Qt.ItemDataRole.FontRole and row.differs and index.column() == len(self._headings) - 1:
            bold = QFont()
            bold.setWeight(QFont.Weight.DemiBold)
            return bold
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, row: HistoryRow, column: int) -> str:
        agreement = "" if row.hidden else (tr("≠ differs") if row.differs else "")
        return (
            local_time(row.captured_at, date=True),
            row.part_id,
            level_name(row.level),
            row.human,
            row.model,
            disposition_name(row.disposition),
            agreement,
        )[column]
