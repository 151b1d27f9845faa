"""The two-way table: what the human said against what the model said."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from inspector_app.agreement.drill import HUMAN_UNSURE, MODEL_ABSENT, TableCell, cell_counts
from inspector_app.agreement.twoway import TwoWay
from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer
from ui.look.appearance import Appearance
from ui.texts import grouped, tr
from ui.widgets.basics import label

_ANSWERS = (Answer.REJECT, Answer.ACCEPT, None)
_JUDGEMENTS = (Judgement.REJECT, Judgement.ACCEPT, None)


class TwoWayView(QFrame):
    """Counts with their sums; the cells where human and model differ are framed. Every count leads to its parts.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    parts_asked(TableCell)
        Somebody wants to see the parts behind a count.
    """

    parts_asked = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        sizes = appearance.theme.sizes
        grid = QGridLayout(self)
        grid.setContentsMargins(sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3)
        grid.setSpacing(sizes.space_2)
        self.cells: dict[TableCell, CountCell] = {}
        grid.addWidget(label(tr("Verdicts"), "large"), 0, 0)
        for column, name in enumerate((tr("Model\nrejects"), tr("Model\naccepts"), tr("Sum")), start=1):
            heading = label(name, "muted")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            heading.setObjectName("count")  # over its counts, which have a margin
            grid.addWidget(heading, 0, column)
            grid.setColumnStretch(column, 1)
        lines = (tr("Human rejects"), tr("Human accepts"), tr("Sum"))
        for line, (answer, name) in enumerate(zip(_ANSWERS, lines, strict=True), start=1):
            grid.addWidget(label(name, "muted"), line, 0)
            for column, judgement in enumerate(_JUDGEMENTS, start=1):
                grid.addWidget(self._cell(TableCell(answer, judgement)), line, column)
        rest = (
            (HUMAN_UNSURE, tr("Not in it: the human was not sure")),
            (MODEL_ABSENT, tr("Not in it: the model did not judge")),
        )
        for line, (cell, name) in enumerate(rest, start=4):
            grid.addWidget(label(name, "small", wrap=True), line, 0, 1, 3)
            grid.addWidget(self._cell(cell), line, 3)

    def _cell(self, cell: TableCell) -> CountCell:
        made = self.cells[cell] = CountCell(cell)
        made.asked.connect(lambda: self.parts_asked.emit(cell))
        return made

    def show_table(self, table: TwoWay) -> None:
        """Show these counts."""
        for cell, count in cell_counts(table).items():
            self.cells[cell].show_count(count)


class CountCell(QLabel):
    """A count that leads to its parts, by click, Enter or Space; a count of none leads nowhere.

    Parameters
    ----------
    cell : TableCell
        Which count of the table.

    Signals
    -------
    asked()
        Somebody wants to see the parts.
    """

    asked = Signal()

    def __init__(self, cell: TableCell) -> None:
        super().__init__()
        inner = cell.answer is not None and cell.judgement is not None
        differs = inner and str(cell.answer) != str(cell.judgement)
        beside = cell in {HUMAN_UNSURE, MODEL_ABSENT}
        self.setProperty("role", "display" if inner else "small" if beside else "large")
        self.setObjectName("differs" if differs else "count")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._leads = False

    def show_count(self, count: int) -> None:
        """Show a count."""
        self.setText(grouped(count))
        self._leads = bool(count)
        self.setCursor(Qt.CursorShape.PointingHandCursor if count else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if count else Qt.FocusPolicy.NoFocus)
        self.setToolTip(tr("Show these parts") if count else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the parts."""
        if self._leads and event.button() is Qt.MouseButton.LeftButton:
            self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the parts by key."""
        if self._leads and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.asked.emit()
        else:
            super().keyPressEvent(event)
