"""The icon family: bundled SVG outlines, drawn in a colour of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from resources.files import resource_text


def icon_pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap.

    Parameters
    ----------
    name : str
        File stem in ``resources/icons``.
    colour : str
        ``#RRGGBB`` of the strokes.
    size : int
        Edge in device-independent px.
    ratio : float
        Device pixel ratio.
    """
    svg = resource_text("icons", f"{name}.svg").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def icon(name: str, colour: str, size: int, disabled: str | None = None, checked: str | None = None) -> QIcon:
    """Return an icon in a colour, at one and two times the size for dense screens.

    Parameters
    ----------
    name, colour, size
        As of `icon_pixmap`.
    disabled, checked : str or None
        Colours of the disabled and the checked state, where they differ.
    """
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(icon_pixmap(name, colour, size, ratio))
        if disabled:
            result.addPixmap(icon_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
        if checked:
            result.addPixmap(icon_pixmap(name, checked, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return result
