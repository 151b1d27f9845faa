"""The station's models as a Qt table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from inspector_app.domain.model_papers import ModelStanding, ShownModel
from ui.look.fonts import bold_font
from ui.models.words import precision_words, standing_words
from ui.texts import local_time, tr
from ui.widgets.rows_table_model import Column, RowsTableModel


class ModelsTableModel(RowsTableModel[ShownModel]):
    """Name, what it is to the station, what it rejects, precision, licence, gate; the one in charge in bold."""

    def __init__(self) -> None:
        super().__init__(
            Column(tr("Model")),
            Column(tr("At this station")),
            Column(tr("Rejects")),
            Column(tr("Precision"), right=True),
            Column(tr("Licence")),
            Column(tr("Gate passed")),
        )

    def cell(self, row: ShownModel, column: int, role: int) -> Any:
        """Return a cell's text, its tip, or the font of the model in charge."""
        if role == Qt.ItemDataRole.FontRole:
            return bold_font() if row.standing is ModelStanding.IN_CHARGE else None
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and row.problem is not None:
            return row.problem
        rejecting = ", ".join(each.name for each in row.classes if each.rejects)
        gate = "–" if row.gate is None else local_time(row.gate.at, date=True)[:16]
        return (row.title, standing_words(row), rejecting, precision_words(row), row.licence, gate)[column]
