"""The recorded supervisor commands as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui.automation.changes_table_model import ChangesTableModel
from ui.look.appearance import Appearance
from ui.texts import tr


def changes_view(appearance: Appearance, changes_table_model: ChangesTableModel) -> QTableView:
    """Return a table that shows the changes, newest first."""
    table = QTableView()
    table.setModel(changes_table_model)
    table.setAccessibleName(tr("Recorded changes"))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    heading = table.horizontalHeader()
    heading.setHighlightSections(False)
    for index, width in enumerate((52, 168)):
        table.setColumnWidth(index, round(width * appearance.theme.scale))
    heading.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return table
