"""The list of figures beside the counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui.agreement.figures import FigureLine
from ui.agreement.figures_table_model import FiguresTableModel
from ui.look.appearance import Appearance
from ui.texts import tr

_SHARES = (0.34, 0.22, 0.27, 0.17)
"""Of the width, for name, value, interval and count."""


class FiguresView(QTableView):
    """Shows lines of figures under headings; a reason takes the room of the count that it has not.

    Parameters
    ----------
    appearance : Appearance
        For sizes.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.table_model = FiguresTableModel()
        self._lines: tuple[FigureLine, ...] = ()
        self.setModel(self.table_model)
        self.setAccessibleName(tr("Figures"))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setWordWrap(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(appearance.theme.sizes.space_6)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_lines(self, lines: Sequence[FigureLine]) -> None:
        """Show these lines in place of the former ones."""
        self._lines = tuple(lines)
        self.table_model.show_rows(self._lines)
        self.clearSpans()
        for at, line in enumerate(self._lines):
            if not line.value:  # a heading
                self.setSpan(at, 0, 1, 4)
            elif not line.count:  # no count: its room goes to the reason
                self.setSpan(at, 2, 1, 2)
        self._give_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out among the columns."""
        super().resizeEvent(event)
        width = self.viewport().width()
        for column, share in enumerate(_SHARES):
            self.setColumnWidth(column, int(width * share))
        self._give_height()

    def _give_height(self) -> None:
        """Give a line that needs two rows of text the height for them."""
        usual = self.verticalHeader().defaultSectionSize()
        for at, line in enumerate(self._lines):
            if line.value:
                self.setRowHeight(at, max(usual, self.sizeHintForRow(at)))
