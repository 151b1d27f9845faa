"""What the station does to the pictures, line by line: what there is of it, teach it, take it out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from inspector_app.optics.setup import CameraSetup
from inspector_app.optics.teaching import Teaching
from ui.camera.words import region_words, taught_words, teaching_name
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import ElidedLabel, IconButton, ToolIcon, label

REGION = "roi"


class CorrectionsPanel(QWidget):
    """One line for each correction.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    teach_asked(Teaching), region_asked(), clear_asked(str)
        By their buttons; ``clear_asked`` names the field of `CameraSetup`.
    """

    teach_asked = Signal(object)
    region_asked = Signal()
    clear_asked = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self._words: dict[str, ElidedLabel] = {}
        self._clear: dict[str, ToolIcon] = {}
        self.buttons: dict[str, IconButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(sizes.space_2)
        grid.setVerticalSpacing(sizes.space_1)
        grid.setColumnStretch(1, 1)
        self._add(grid, appearance, REGION, tr("Region"), tr("Set …"))
        self.buttons[REGION].clicked.connect(self.region_asked)
        for what in Teaching:
            self._add(grid, appearance, what.value, teaching_name(what), tr("Teach …"))
            self.buttons[what.value].clicked.connect(lambda _checked=False, w=what: self.teach_asked.emit(w))

    def _add(self, grid: QGridLayout, appearance: Appearance, name: str, words: str, action: str) -> None:
        line = grid.rowCount()
        self._words[name] = ElidedLabel("", "strong")
        self.buttons[name] = IconButton(appearance, "", action)
        self.buttons[name].setAccessibleName(f"{words}: {action}")
        self._clear[name] = ToolIcon(appearance, "reject", tr("{name}: take it out").format(name=words))
        self._clear[name].clicked.connect(lambda _checked=False: self.clear_asked.emit(name))
        for at, widget in enumerate((label(words, "muted"), self._words[name], self.buttons[name], self._clear[name])):
            grid.addWidget(widget, line, at)

    def show_setup(self, setup: CameraSetup, *, running: bool, busy: bool) -> None:
        """Show what there is; teaching takes frames and needs a camera that runs."""
        words = {REGION: region_words(setup)} | {what.value: taught_words(setup, what) for what in Teaching}
        for name, text in words.items():
            self._words[name].setText(text)
            self._clear[name].setEnabled(getattr(setup, name) is not None and not busy)
            self.buttons[name].setEnabled(running and not busy)
