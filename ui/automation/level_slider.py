"""The slider with five named stops: left the human decides everything, right the model."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from inspector_app.domain.control import Level
from ui.look.appearance import Appearance
from ui.look.fonts import sized_font
from ui.texts import tr
from ui.wording import level_name

_LEVELS = tuple(Level)


class LevelSlider(QSlider):
    """A `QSlider` of five stops that paints itself; keys 1 … 5, arrows, mouse and touch choose a stop.

    The handle is the level that is chosen; a ring stays at the level that is in force.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._appearance = appearance
        self._in_force = Level.HUMAN_ONLY
        self.setRange(0, len(_LEVELS) - 1)
        self.setPageStep(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._name_it)
        appearance.changed.connect(self.update)
        self._name_it()

    @property
    def level(self) -> Level:
        """The level that is chosen."""
        return _LEVELS[self.value()]

    def show_in_force(self, level: Level) -> None:
        """Mark the level in force; the choice stays."""
        self._in_force = level
        self._name_it()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for track and names."""
        return QSize(600, round(84 * self._appearance.theme.scale))

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        return QSize(400, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, stops, ring, handle and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._appearance.theme.colours
        self._paint_track(painter)
        for index, level in enumerate(_LEVELS):
            self._paint_stop(painter, index, level)
        handle = self._radius()
        painter.setPen(
            QPen(QColor(colours.focus if self.hasFocus() else colours.raised), self._appearance.theme.sizes.focus_width)
        )
        painter.setBrush(QColor(colours.accent))
        painter.drawEllipse(self._centre(self.value()), handle, handle)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the stop under the pointer."""
        self._choose_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer from stop to stop."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose_at(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing: the choice was made on the way."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: a level is not changed by scrolling past."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by number too."""
        number = event.key() - Qt.Key.Key_1
        if 0 <= number < len(_LEVELS):
            self.setValue(number)
        else:
            super().keyPressEvent(event)

    def _name_it(self) -> None:
        self.setAccessibleName(
            tr("Level: {chosen}; in force: {now}").format(chosen=level_name(self.level), now=level_name(self._in_force))
        )

    def _radius(self) -> float:
        return 15.0 * self._appearance.theme.scale

    def _centre(self, index: int) -> QPointF:
        column = self.width() / len(_LEVELS)
        return QPointF((index + 0.5) * column, 24.0 * self._appearance.theme.scale)

    def _choose_at(self, x: float) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.setValue(max(0, min(len(_LEVELS) - 1, int(x / (self.width() / len(_LEVELS))))))

    def _paint_track(self, painter: QPainter) -> None:
        theme = self._appearance.theme
        thick = 8.0 * theme.scale
        first, last = self._centre(0), self._centre(len(_LEVELS) - 1)
        whole = QRectF(first.x(), first.y() - thick / 2, last.x() - first.x(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours.line))
        painter.drawRoundedRect(whole, thick / 2, thick / 2)
        done = QRectF(whole)
        done.setRight(self._centre(self.value()).x())
        painter.setBrush(QColor(theme.colours.accent))
        painter.drawRoundedRect(done, thick / 2, thick / 2)

    def _paint_stop(self, painter: QPainter, index: int, level: Level) -> None:
        theme = self._appearance.theme
        colours, sizes = theme.colours, theme.sizes
        centre = self._centre(index)
        painter.setPen(QPen(QColor(colours.edge), 1.5))
        painter.setBrush(QColor(colours.accent if index <= self.value() else colours.raised))
        painter.drawEllipse(centre, 7.0 * theme.scale, 7.0 * theme.scale)
        if level is self._in_force:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 2.0))
            painter.drawEllipse(centre, self._radius() + 4.0, self._radius() + 4.0)
        chosen = index == self.value()
        weight = QFont.Weight.DemiBold if chosen else QFont.Weight.Normal
        painter.setFont(sized_font(theme, sizes.text_large if chosen else sizes.text_body, weight))
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.disabled))
        column = self.width() / len(_LEVELS)
        top = centre.y() + self._radius() + 8.0
        painter.drawText(
            QRectF(index * column, top, column, self.height() - top), Qt.AlignmentFlag.AlignHCenter, level_name(level)
        )
