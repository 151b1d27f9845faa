"""Small building blocks: labels, panels, buttons with icons of the family."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.look.appearance import Appearance


def label(text: str = "", role: str | None = None, *, wrap: bool = False) -> QLabel:
    """Return a label in a role of the style sheet (``title``, ``large``, ``muted``, ``small`` …)."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if role:
        result.setProperty("role", role)
    return result


def set_role(widget: QWidget, name: str, value: str) -> None:
    """Give a widget a property that the style sheet looks at, and style it again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    for part in (widget, *widget.findChildren(QWidget)):
        part.style().unpolish(part)
        part.style().polish(part)


def row(spacing: int, parent: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Return a horizontal layout; margins are left, top, right, bottom in px."""
    result = QHBoxLayout() if parent is None else QHBoxLayout(parent)
    result.setSpacing(spacing)
    result.setContentsMargins(*margins)
    return result


def column(
    spacing: int, parent: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Return a vertical layout; margins are left, top, right, bottom in px."""
    result = QVBoxLayout() if parent is None else QVBoxLayout(parent)
    result.setSpacing(spacing)
    result.setContentsMargins(*margins)
    return result


def panel(layout: QLayout, role: str = "panel") -> QFrame:
    """Return a frame around a layout."""
    frame = QFrame()
    frame.setProperty("role", role)
    frame.setLayout(layout)
    return frame


class IconButton(QPushButton):
    """A button with an icon that follows the theme.

    Parameters
    ----------
    appearance : Appearance
        For the icon.
    icon_name : str
        Icon of the family; empty for none.
    text : str
        What it does.
    role : str or None
        ``primary`` or ``quiet``.
    """

    def __init__(self, appearance: Appearance, icon_name: str, text: str, role: str | None = None) -> None:
        super().__init__(text)
        self._appearance = appearance
        self._icon_name = icon_name
        if role:
            self.setProperty("role", role)
        self.setAccessibleName(text)
        self._colour()
        appearance.changed.connect(self._colour)

    def set_icon(self, icon_name: str) -> None:
        """Show another icon of the family."""
        self._icon_name = icon_name
        self._colour()

    def _colour(self) -> None:
        if not self._icon_name:
            return
        colours = self._appearance.theme.colours
        primary = self.property("role") == "primary"
        own = colours.on_accent if primary else colours.text
        self.setIcon(self._appearance.icon(self._icon_name, own, checked=colours.on_accent))
        size = self._appearance.theme.sizes.icon
        self.setIconSize(QSize(size, size))


class ToolIcon(QToolButton):
    """A square button that shows only an icon (or two letters); its name is said to screen readers and is its tip."""

    def __init__(self, appearance: Appearance, icon_name: str, name: str, *, checkable: bool = False) -> None:
        super().__init__()
        self._appearance = appearance
        self._icon_name = icon_name
        self.setProperty("role", "tool")
        self.setCheckable(checkable)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._colour()
        appearance.changed.connect(self._colour)

    def _colour(self) -> None:
        if not self._icon_name:
            return
        colours, size = self._appearance.theme.colours, self._appearance.theme.sizes.icon
        self.setIcon(self._appearance.icon(self._icon_name, colours.text, checked=colours.on_accent))
        self.setIconSize(QSize(size, size))


class Glyph(QLabel):
    """An icon as a picture, in a colour token of the theme."""

    def __init__(self, appearance: Appearance, icon_name: str, tint: str = "text", size: int | None = None) -> None:
        super().__init__()
        self._appearance = appearance
        self._shown = (icon_name, tint)
        self._size = size
        self._draw()
        appearance.changed.connect(self._draw)

    def show_icon(self, icon_name: str, tint: str = "text") -> None:
        """Show another icon or colour."""
        if self._shown != (icon_name, tint):
            self._shown = (icon_name, tint)
            self._draw()

    def _draw(self) -> None:
        name, tint = self._shown
        self.setPixmap(self._appearance.pixmap(name, getattr(self._appearance.theme.colours, tint), self._size))


class ElidedLabel(QLabel):
    """One line that ends in "…" where there is no room; the whole text is its tip."""

    def __init__(self, text: str = "", role: str | None = None) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)


def no_focus_by_click(*buttons: QAbstractButton) -> None:
    """Let these buttons be reached by Tab only, so that a click leaves the keys where they were."""
    for button in buttons:
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
