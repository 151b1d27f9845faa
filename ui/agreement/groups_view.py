"""All groups side by side: levels, models, inspectors, imports; a click chooses one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from inspector_app.agreement.drill import cell_counts
from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.report import AgreementReport, AgreementTable
from inspector_app.agreement.values import NotMeasurable, Proportion
from ui.agreement.figures import group_name
from ui.look.appearance import Appearance
from ui.texts import percent, tr
from ui.widgets.rows_table_model import Column, RowsTableModel


class GroupsTableModel(RowsTableModel[AgreementTable]):
    """One row for each group: how many verdicts, how many apart, agreement on rejects with its interval."""

    def __init__(self) -> None:
        super().__init__(
            Column(tr("Group")),
            Column(tr("Both"), right=True),
            Column(tr("Differ"), right=True),
            Column(tr("On rejects"), right=True),
        )

    def cell(self, row: AgreementTable, column: int, role: int) -> Any:
        """Return a cell's text or its tip."""
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.sentence
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        counts = row.table
        on_rejects = _share(row.agreement.on_rejects)
        return (group_name(row.group), str(counts.n), str(counts.discordant), on_rejects)[column]


class GroupsView(QTableView):
    """The groups of a report.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    group_chosen(Group)
        By click or Enter.
    """

    group_chosen = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.table_model = GroupsTableModel()
        self.setModel(self.table_model)
        self.setAccessibleName(tr("Groups"))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(appearance.theme.sizes.space_6)
        heading = self.horizontalHeader()
        heading.setHighlightSections(False)
        heading.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heading.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_report(self, report: AgreementReport) -> None:
        """Show a report's groups; each under the conditions that count most for it."""
        self.table_model.show_rows([*_one_for_each_group(report), *report.imported])

    def _choose(self, index: QModelIndex) -> None:
        table = self.table_model.row_at(index.row())
        if table is not None:
            self.group_chosen.emit(table.group)


def _one_for_each_group(report: AgreementReport) -> list[AgreementTable]:
    """Return each group's blind table, or its first one where nobody judged blind; none where there is no verdict."""
    found: dict[Group, AgreementTable] = {}
    for table in report.tables:
        spoken = any(cell_counts(table.table).values()) or table.group.dimension is Dimension.OVERALL
        if spoken and (table.group not in found or table.condition is Condition.BLIND):
            found[table.group] = table
    return list(found.values())


def _share(figure: Proportion | NotMeasurable) -> str:
    if isinstance(figure, NotMeasurable):
        return tr("not measurable")
    at = figure.display
    return f"{percent(figure.estimate)} ({percent(at.low)} … {percent(at.high)})"
