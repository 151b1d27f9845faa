"""The two-way table: what the human said against what the model said."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from inspector_app.agreement.twoway import TwoWay
from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label

_ANSWERS = (Answer.REJECT, Answer.ACCEPT, None)
_JUDGEMENTS = (Judgement.REJECT, Judgement.ACCEPT, None)


class TwoWayView(QFrame):
    """Counts with their sums; the cells where human and model differ are framed. The four counts lead to their parts.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    parts_asked(Answer, Judgement)
        Somebody wants to see the parts of a cell.
    """

    parts_asked = Signal(object, object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        sizes = appearance.theme.sizes
        grid = QGridLayout(self)
        grid.setContentsMargins(sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3)
        grid.setSpacing(sizes.space_2)
        self.cells: dict[tuple[int, int], CountCell] = {}
        grid.addWidget(label(tr("Verdicts"), "large"), 0, 0)
        for column, name in enumerate((tr("Model rejects"), tr("Model accepts"), tr("Sum")), start=1):
            heading = label(name, "muted")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(heading, 0, column)
            grid.setColumnStretch(column, 1)
        for line, name in enumerate((tr("Human rejects"), tr("Human accepts"), tr("Sum")), start=1):
            grid.addWidget(label(name, "muted"), line, 0)
            for column in range(1, 4):
                cell = CountCell(_ANSWERS[line - 1], _JUDGEMENTS[column - 1])
                cell.asked.connect(self.parts_asked)
                self.cells[line, column] = cell
                grid.addWidget(cell, line, column)
        self._rest = label("", "small", wrap=True)
        grid.addWidget(self._rest, 4, 0, 1, 4)

    def show_table(self, table: TwoWay) -> None:
        """Show these counts."""
        (a, b), (c, d) = table.square
        counts = {
            (1, 1): a, (1, 2): b, (1, 3): a + b,
            (2, 1): c, (2, 2): d, (2, 3): c + d,
            (3, 1): a + c, (3, 2): b + d, (3, 3): table.n,
        }  # fmt: skip
        for place, count in counts.items():
            self.cells[place].show_count(count)
        self._rest.setText(
            tr(
                "Not in the table: {unsure} where the human was not sure, {absent} without a judgement of the model."
            ).format(unsure=table.human_unsure, absent=table.model_absent)
        )


class CountCell(QLabel):
    """A count that leads to its parts, by click, Enter or Space.

    Parameters
    ----------
    answer : Answer or None
        Of the human; ``None`` in a sum.
    judgement : Judgement or None
        Of the model; ``None`` in a sum.

    Signals
    -------
    asked(Answer, Judgement)
        Somebody wants to see the parts; never from a sum.
    """

    asked = Signal(object, object)

    def __init__(self, answer: Answer | None, judgement: Judgement | None) -> None:
        super().__init__()
        self._answer, self._judgement = answer, judgement
        inner = answer is not None and judgement is not None
        differs = inner and str(answer) != str(judgement)
        self.setProperty("role", "display" if inner else "large")
        self.setObjectName("differs" if differs else "count")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._leads = inner
        if self._leads:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setToolTip(tr("Show these parts"))

    def show_count(self, count: int) -> None:
        """Show a count."""
        self.setText(f"{count:,}".replace(",", "\u202f"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the parts."""
        if self._leads and event.button() is Qt.MouseButton.LeftButton:
            self.asked.emit(self._answer, self._judgement)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the parts by key."""
        if self._leads and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.asked.emit(self._answer, self._judgement)
        else:
            super().keyPressEvent(event)
