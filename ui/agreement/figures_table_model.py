"""The list of figures as a Qt table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from ui.agreement.figures import FigureLine
from ui.look.fonts import bold_font
from ui.texts import tr
from ui.widgets.rows_table_model import Column, RowsTableModel


class FiguresTableModel(RowsTableModel[FigureLine]):
    """Name, value, interval, count; headings in bold."""

    def __init__(self) -> None:
        super().__init__(
            Column(tr("Figure")),
            Column(tr("Value"), right=True),
            Column(tr("95 % interval"), right=True),
            Column(tr("Count"), right=True),
        )

    def cell(self, row: FigureLine, column: int, role: int) -> Any:
        """Return a cell's text, its tip, or the font of a heading."""
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.value, row.interval, row.count)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or row.interval or None
        return bold_font() if role == Qt.ItemDataRole.FontRole and not row.value else None
