"""The strip at the foot of the window: camera, model, line, disk, queue."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.look.appearance import Appearance
from ui.widgets.basics import ElidedLabel, Glyph, label, row
from ui.widgets.status_cells import Cell, Tone

_SHAPES = {
    Tone.OK: ("state-ok", "muted"),
    Tone.WARN: ("state-warn", "warn"),
    Tone.BAD: ("state-bad", "bad"),
    Tone.OFF: ("state-off", "muted"),
}


class _CellWidget(QWidget):
    """Shape, name and words of one cell; the shape tells what the colour tells."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._shape = Glyph(appearance, "state-off", "muted")
        self._name = label("", "strong")
        self._word = ElidedLabel("", "muted")
        body = row(appearance.theme.sizes.space_2, self)
        body.addWidget(self._shape)
        body.addWidget(self._name)
        body.addWidget(self._word, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_cell(self, cell: Cell) -> None:
        self._shape.show_icon(*_SHAPES[cell.tone])
        self._name.setText(cell.name)
        self._word.setText(cell.word)


class StatusStrip(QFrame):
    """Five cells that are always there.

    Parameters
    ----------
    appearance : Appearance
        For icons and sizes.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("strip")
        sizes = appearance.theme.sizes
        self.setFixedHeight(sizes.strip)
        body = row(sizes.space_4, self, (sizes.space_4, 0, sizes.space_4, 0))
        self._cells = [_CellWidget(appearance) for _ in range(5)]
        for cell, stretch in zip(self._cells, (8, 12, 8, 7, 10), strict=True):
            body.addWidget(cell, stretch)

    def show_cells(self, cells: tuple[Cell, ...]) -> None:
        """Show these five cells."""
        for widget, cell in zip(self._cells, cells, strict=True):
            widget.show_cell(cell)
