"""The two-way table: what the human said against what the model said."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from inspector_app.agreement.twoway import TwoWay
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label


class TwoWayView(QFrame):
    """Counts with their sums; the two cells where human and model differ are framed.

    Parameters
    ----------
    appearance : Appearance
        For sizes.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        sizes = appearance.theme.sizes
        grid = QGridLayout(self)
        grid.setContentsMargins(sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3)
        grid.setSpacing(sizes.space_2)
        self._cells: dict[tuple[int, int], QLabel] = {}
        grid.addWidget(label(tr("Parts"), "large"), 0, 0)
        for column, name in enumerate((tr("Model rejects"), tr("Model accepts"), tr("Sum")), start=1):
            heading = label(name, "muted")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(heading, 0, column)
            grid.setColumnStretch(column, 1)
        for line, name in enumerate((tr("Human rejects"), tr("Human accepts"), tr("Sum")), start=1):
            grid.addWidget(label(name, "muted"), line, 0)
            for column in range(1, 4):
                cell = label("", "display" if line < 3 and column < 3 else "large")
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                cell.setObjectName("differs" if line < 3 and line + column == 3 else "count")
                self._cells[line, column] = cell
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
            self._cells[place].setText(f"{count:,}".replace(",", "\u202f"))
        self._rest.setText(
            tr(
                "Not in the table: {unsure} where the human was not sure, {absent} without a judgement of the model."
            ).format(unsure=table.human_unsure, absent=table.model_absent)
        )
