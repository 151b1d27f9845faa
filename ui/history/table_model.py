"""The history as a Qt table model that grows as it is scrolled."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal

from ui.history.rows import HistoryRow
from ui.look.fonts import bold_font
from ui.texts import local_time, tr
from ui.widgets.rows_table_model import NOWHERE, Column, Index, RowsTableModel
from ui.wording import disposition_name, level_name


class HistoryTableModel(RowsTableModel[HistoryRow]):
    """Rows of the history, newest first; asks for more when the end comes into view.

    Signals
    -------
    more_wanted(int)
        How many rows are here already.
    """

    more_wanted = Signal(int)

    def __init__(self) -> None:
        headings = (
            tr("Time"), tr("Part"), tr("Level"), tr("Inspector"), tr("Model"), tr("Outcome"), tr("Agreement"),
        )  # fmt: skip
        super().__init__(*(Column(heading) for heading in headings))
        self._complete = True
        self._asked = False

    def begin(self) -> None:
        """Empty the table; more is wanted from row 0 on."""
        self._complete = False
        self._asked = True
        self.show_rows(())
        self.more_wanted.emit(0)

    def append(self, rows: tuple[HistoryRow, ...], *, complete: bool) -> None:
        """Add rows at the end; ``complete`` if there are no more."""
        self._complete = complete
        self._asked = False
        if rows:
            first = len(self._rows)
            self.beginInsertRows(NOWHERE, first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def give_up(self) -> None:
        """Note that the rows asked for will not come; scrolling asks again."""
        self._asked = False

    def canFetchMore(self, parent: Index) -> bool:
        """Return True if the log has more."""
        return not (parent.isValid() or self._complete or self._asked)

    def fetchMore(self, parent: Index) -> None:
        """Ask for more."""
        if self.canFetchMore(parent):
            self._asked = True
            self.more_wanted.emit(len(self._rows))

    def cell(self, row: HistoryRow, column: int, role: int) -> Any:
        """Return a cell's text, or the font of what differs."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(row, column)
        last = column == self.columnCount() - 1
        return bold_font() if role == Qt.ItemDataRole.FontRole and row.differs and last else None

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
