"""Parts of a page of which one is in view: a row of buttons above a stack."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, row


class Segments(QWidget):
    """One button a part; the button of the part in view is pressed.

    Parameters
    ----------
    appearance : Appearance
        For sizes.
    parts : tuple of (str, QWidget)
        Name and content.

    Signals
    -------
    turned(int)
        Another part came into view.
    """

    turned = Signal(int)

    def __init__(self, appearance: Appearance, parts: tuple[tuple[str, QWidget], ...]) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self._stack = QStackedWidget()
        # No button group: an exclusive one lets Tab reach only the button that is pressed.
        self._buttons: list[QPushButton] = []
        head = row(sizes.space_2)
        for index, (name, content) in enumerate(parts):
            button = QPushButton(name)
            button.setCheckable(True)
            button.setAccessibleName(tr("Show: {name}").format(name=name))
            button.clicked.connect(lambda _checked=False, at=index: self.show_part(at))
            self._buttons.append(button)
            head.addWidget(button)
            self._stack.addWidget(content)
        head.addStretch(1)
        self._buttons[0].setChecked(True)
        body = column(sizes.space_3, self)
        body.addLayout(head)
        body.addWidget(self._stack, 1)

    @property
    def part(self) -> int:
        """The part in view."""
        return self._stack.currentIndex()

    def button(self, index: int) -> QPushButton:
        """Return a part's button."""
        return self._buttons[index]

    def show_part(self, index: int) -> None:
        """Bring a part into view."""
        for place, button in enumerate(self._buttons):
            button.setChecked(place == index)
        if index != self.part:
            self._stack.setCurrentIndex(index)
            self.turned.emit(index)
