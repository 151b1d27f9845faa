"""The navigation: every page within one touch."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column


class Rail(QFrame):
    """One button a page, icon and word; the window's F1, F2 … do the same.

    Parameters
    ----------
    appearance : Appearance
        The look.
    entries : tuple of (str, str)
        Icon and name of each page.

    Signals
    -------
    chosen(int)
        Index of the page.
    """

    chosen = Signal(int)

    def __init__(self, appearance: Appearance, entries: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._appearance = appearance
        self._icons = [icon for icon, _ in entries]
        self.setObjectName("rail")
        sizes = appearance.theme.sizes
        self.setFixedWidth(sizes.rail)
        body = column(sizes.space_1, self, (0, sizes.space_2, 0, sizes.space_2))
        self._group = QButtonGroup(self)
        for index, (_, name) in enumerate(entries):
            button = self._button(index, name)
            self._group.addButton(button, index)
            body.addWidget(button)
        body.addStretch(1)
        self._group.idClicked.connect(self.chosen)
        self._colour()
        appearance.changed.connect(self._colour)

    def _button(self, index: int, name: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "rail")
        button.setText(name)
        button.setAccessibleName(name)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tr("{name} (F{n})").format(name=name, n=index + 1))
        return button

    def show_chosen(self, index: int) -> None:
        """Mark the page in view."""
        button = self._group.button(index)
        if button is not None:
            button.setChecked(True)

    def _colour(self) -> None:
        size = self._appearance.theme.sizes.icon_large
        for index, name in enumerate(self._icons):
            button = self._group.button(index)
            button.setIcon(self._appearance.icon(name, large=True))
            button.setIconSize(QSize(size, size))
