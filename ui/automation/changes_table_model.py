"""The recorded supervisor commands as a Qt table model, newest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from inspector_app.domain.control import ControlChange
from ui.automation.differences import change_line
from ui.texts import local_time, tr
from ui.widgets.rows_table_model import Column, RowsTableModel


class ChangesTableModel(RowsTableModel[ControlChange]):
    """Who, when, what and why, and what spoke against it."""

    def __init__(self) -> None:
        super().__init__(Column(tr("No."), right=True), Column(tr("When and who")), Column(tr("Change and reason")))

    def show_changes(self, oldest_first: tuple[ControlChange, ...]) -> None:
        """Show these changes."""
        self.show_rows(reversed(oldest_first))

    def cell(self, row: ControlChange, column: int, role: int) -> Any:
        """Return a cell's text, which is its tip as well."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        what = change_line(row.before, row.after)
        when = f"{local_time(row.at, date=True)[:-3]}\n{row.by}"
        why = f"{what}\n“{row.because}”"
        if row.against is not None:
            why += "\n" + tr("Against the recommendation: {missing}").format(missing=row.against)
        return (str(row.after.version), when, why)[column]
