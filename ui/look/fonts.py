"""The bundled font, so that the window reads the same on a machine that has none."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from inspector_app.domain.errors import SettingsError
from resources.files import resource_bytes, resource_names
from ui.look.theme import Theme


def register_fonts() -> None:
    """Load every bundled font file into Qt; needs a QGuiApplication.

    Raises
    ------
    SettingsError
        If a bundled file is not a font that Qt can read.
    """
    for name in resource_names("fonts", ".ttf"):
        if QFontDatabase.addApplicationFontFromData(resource_bytes("fonts", name)) < 0:
            raise SettingsError(f"The bundled font {name} cannot be read; install the station again.")


def body_font(theme: Theme) -> QFont:
    """Return the font of running text."""
    return sized_font(theme, theme.sizes.text_body)


def sized_font(theme: Theme, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the bundled font in a size (device-independent px) and weight."""
    font = QFont(theme.font_family)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def bold_font() -> QFont:
    """Return the application's own font with more weight."""
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold)
    return font
