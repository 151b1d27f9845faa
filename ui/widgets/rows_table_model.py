"""A list of rows as a Qt table model: what every table of the window has in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
"""The parent of every row of a table."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether its texts stand at the right, as numbers do."""

    heading: str
    right: bool = False

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Where heading and cells stand."""
        side = Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class RowsTableModel(QAbstractTableModel, Generic[R]):
    """Rows of one kind under fixed headings; a subclass says in `cell` what stands in a cell.

    Parameters
    ----------
    columns : Column
        From the left.
    """

    def __init__(self, *columns: Column) -> None:
        super().__init__()
        self._columns = columns
        self._rows: list[R] = []

    def cell(self, row: R, column: int, role: int) -> Any:
        """Return what a cell has for a role other than its alignment, ``None`` for nothing."""
        raise NotImplementedError

    def show_rows(self, rows: Iterable[R]) -> None:
        """Show these rows in place of the former ones."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row_at(self, row: int) -> R | None:
        """Return a row, ``None`` if it is not here."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return how many rows are here."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading or its alignment."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading
        return self._columns[section].alignment if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tip, font or alignment."""
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._columns[index.column()].alignment
        return self.cell(row, index.column(), role)
