"""From view to view of a part, by tab and by key."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from inspector_app.domain.views import ViewPlace
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import row


class ViewTabs(QFrame):
    """One tab for all views together and one for each; hidden for a picture of a single view.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    chosen(object)
        The `ViewPlace` to look at, ``None`` for all.
    """

    chosen = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        sizes = appearance.theme.sizes
        self.setProperty("role", "panel")
        self._tabs = row(sizes.space_1, self, (sizes.space_1, sizes.space_1, sizes.space_1, sizes.space_1))
        self._views: tuple[ViewPlace, ...] = ()
        # No button group: an exclusive one lets Tab reach only the button that is pressed.
        self._buttons: list[QPushButton] = []
        self._at = 0
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """What stands on the tabs."""
        return tuple(button.text() for button in self._buttons)

    def show_views(self, views: tuple[ViewPlace, ...]) -> None:
        """Offer these views, all of them in view at first."""
        if views != self._views:
            self._views = views
            for button in self._buttons:
                self._tabs.removeWidget(button)
                button.deleteLater()
            names = (tr("All views"), *(view.name for view in views)) if views else ()
            self._buttons = [self._tab(number, name) for number, name in enumerate(names)]
        self._press(0)
        self.setVisible(bool(views))

    def step(self, by: int) -> bool:
        """Go on to the next view, or back; False for a picture of a single view."""
        if not self._views:
            return False
        self._choose((self._at + by) % len(self._buttons))
        return True

    def _tab(self, number: int, name: str) -> QPushButton:
        button = QPushButton(name, self)
        button.setCheckable(True)
        button.setAccessibleName(tr("Show: {name}").format(name=name))
        button.setToolTip(tr("Next view: V, view before: Shift+V"))
        button.clicked.connect(lambda _checked=False, at=number: self._choose(at))
        self._tabs.addWidget(button)
        return button

    def _choose(self, number: int) -> None:
        self._press(number)
        self.chosen.emit(self._views[number - 1] if number else None)

    def _press(self, number: int) -> None:
        self._at = number
        for place, button in enumerate(self._buttons):
            button.setChecked(place == number)
