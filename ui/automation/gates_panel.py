"""The gate of the next step to the right: what must hold, what holds, and what is still missing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from inspector_app.automation.conditions import Condition
from inspector_app.automation.gates import Gate
from ui.automation.gate_words import Holding, counts_in_words, holding, needed_in_words
from ui.automation.room import Evidenced
from ui.look.appearance import Appearance
from ui.texts import tr, unbroken
from ui.widgets.basics import Glyph, IconButton, column, label, row
from ui.wording import level_name

_LOOK = {
    Holding.HOLDS: ("state-ok", "text", "strong"),
    Holding.MISSING: ("state-warn", "warn", "warn"),
    Holding.NOT_MEASURABLE: ("state-off", "muted", "muted"),
}


class GatesPanel(QWidget):
    """Lists the conditions of one step.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    refresh_asked()
        Somebody wants the evidence read again.
    """

    refresh_asked = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        head = row(sizes.space_2)
        self._title = label(tr("The next step"), "large", wrap=True)
        self.refresh_button = IconButton(appearance, "refresh", tr("Look again"))
        self.refresh_button.clicked.connect(self.refresh_asked)
        head.addWidget(self._title, 1)
        head.addWidget(self.refresh_button)
        body.addLayout(head)
        self._advice = label(tr("Reading the log …"), wrap=True)
        body.addWidget(self._advice)
        self._grid_holder = QWidget()
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(sizes.space_2)
        self._grid.setVerticalSpacing(sizes.space_1)
        self._grid.setColumnStretch(2, 1)
        scroll = QScrollArea()
        scroll.setAccessibleName(tr("What must hold"))
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._grid_holder)
        body.addWidget(scroll, 1)

    def show_reading(self) -> None:
        """Say that the evidence is being read."""
        self.refresh_button.setEnabled(False)

    def show_evidence(self, evidenced: Evidenced | None) -> None:
        """Show the gate of the next step; ``None``: it could not be read."""
        self.refresh_button.setEnabled(True)
        self._clear()
        if evidenced is None:
            self._advice.setText(tr("The evidence could not be read."))
            return
        report = evidenced.gates
        ahead = next((gate for gate in report.gates if gate.to.rank == report.level.rank + 1), None)
        if ahead is None:
            self._title.setText(tr("The furthest level is in force"))
            self._advice.setText(tr("Nothing lies further right. Guards and audits go on."))
            return
        self._title.setText(
            tr("From {here} to {there}").format(here=level_name(report.level), there=level_name(ahead.to))
        )
        self._advice.setText(_advice(ahead))
        for condition in ahead.conditions:
            self._add(condition)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def _add(self, condition: Condition) -> None:
        held = holding(condition)
        icon, tint, role = _LOOK[held]
        line = self._grid.rowCount()
        self._put(Glyph(self._appearance, icon, tint), line, 0)
        self._put(label(held.words, role), line, 1)
        self._put(label(unbroken(condition.sentence), wrap=True), line, 2)
        more = " ".join(each for each in (counts_in_words(condition), needed_in_words(condition)) if each)
        if more:
            self._put(label(more, "small", wrap=True), line + 1, 2)

    def _put(self, widget: QWidget, line: int, at: int) -> None:
        if at < 2:
            self._grid.addWidget(widget, line, at, Qt.AlignmentFlag.AlignTop)
        else:
            self._grid.addWidget(widget, line, at)
        widget.show()  # Qt would show it only with the next turn of its loop

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for line in range(self._grid.rowCount()):
            self._grid.setRowStretch(line, 0)


def _advice(gate: Gate) -> str:
    missing = sum(not condition.holds for condition in gate.conditions)
    if gate.open:
        return tr("Everything holds: {level} is recommended. A supervisor decides.").format(level=level_name(gate.to))
    words = tr("{k} of {n} hold. Moving now would be against the recommendation, and recorded as such.")
    return words.format(k=len(gate.conditions) - missing, n=len(gate.conditions))
