"""The look in force: applies a theme to the application and tells widgets that paint themselves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from ui.look.fonts import body_font, register_fonts
from ui.look.icons import icon, icon_pixmap
from ui.look.stylesheet import palette_of, style_sheet
from ui.look.theme import Theme, ThemeName, load_theme


class Appearance(QObject):
    """Owner of the theme in force.

    Parameters
    ----------
    application : QApplication
        What is styled.
    name : ThemeName
        The first theme.
    scale : float
        Factor on all sizes, see `load_theme`.

    Signals
    -------
    changed()
        After another theme is in force.
    """

    changed = Signal()

    def __init__(self, application: QApplication, name: ThemeName, scale: float = 1.0) -> None:
        super().__init__()
        self._application = application
        self._images = QTemporaryDir()
        self._icons: dict[tuple[str, str, int, str | None], QIcon] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        register_fonts()
        application.setStyle(QStyleFactory.create("Fusion"))
        self.theme: Theme = load_theme(name, scale)
        self._put_in_force()

    def switch(self, name: ThemeName) -> None:
        """Put another theme in force; a no-op for the one that already is."""
        if name is self.theme.name:
            return
        self.theme = load_theme(name, self.theme.scale)
        self._put_in_force()
        self.changed.emit()

    def next_theme(self) -> None:
        """Go on to the next theme: light, dark, high contrast, and round again."""
        names = list(ThemeName)
        self.switch(names[(names.index(self.theme.name) + 1) % len(names)])

    def icon(self, name: str, colour: str | None = None, checked: str | None = None, *, large: bool = False) -> QIcon:
        """Return an icon of the family in a colour of the theme, text colour by default."""
        sizes = self.theme.sizes
        size = sizes.icon_large if large else sizes.icon
        key = (name, colour or self.theme.colours.text, size, checked)
        if key not in self._icons:
            self._icons[key] = icon(name, key[1], size, self.theme.colours.disabled, checked)
        return self._icons[key]

    def pixmap(self, name: str, colour: str | None = None, size: int | None = None) -> QPixmap:
        """Return an icon as a pixmap for labels, at the screen's density."""
        ratio = self._application.devicePixelRatio()
        key = (name, colour or self.theme.colours.text, size or self.theme.sizes.icon, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = icon_pixmap(*key)
        return self._pixmaps[key]

    def _put_in_force(self) -> None:
        theme = self.theme
        self._icons.clear()
        self._pixmaps.clear()
        # One file a theme: Qt caches the pictures of a style sheet by their path.
        chevron = Path(self._images.filePath(f"chevron-{theme.name}.png"))
        tick = Path(self._images.filePath(f"tick-{theme.name}.png"))
        icon_pixmap("chevron-down", theme.colours.text, 32).save(str(chevron))
        icon_pixmap("accept", theme.colours.on_accent, 32).save(str(tick))
        self._application.setPalette(palette_of(theme))
        self._application.setFont(body_font(theme))
        self._application.setStyleSheet(style_sheet(theme, chevron, tick))
