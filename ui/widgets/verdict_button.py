"""Accept, Not sure, Reject: large, in one colour each, with their keys written on them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy

from inspector_app.domain.verdict import Answer
from ui.look.appearance import Appearance
from ui.look.fonts import sized_font
from ui.wording import answer_name

KEYS = {Answer.ACCEPT: Qt.Key.Key_A, Answer.UNSURE: Qt.Key.Key_U, Answer.REJECT: Qt.Key.Key_R}
"""The key of each answer, everywhere."""


class VerdictButton(QPushButton):
    """One of the three answers.

    Parameters
    ----------
    appearance : Appearance
        For colours and sizes.
    answer : Answer
        Which.
    key : str
        The key written on it.
    """

    def __init__(self, appearance: Appearance, answer: Answer, key: str) -> None:
        super().__init__(answer_name(answer))
        self._appearance = appearance
        self._answer = answer
        self._key = key
        self.setAccessibleName(f"{answer_name(answer)} ({key})")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "verdict" if answer is not Answer.UNSURE else "verdict-small")
        appearance.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, icon, word and key."""
        theme = self._appearance.theme
        colours, sizes = theme.colours, theme.sizes
        name = self._answer.value
        ground = getattr(colours, f"{name}_hover" if self.underMouse() or self.isDown() else name)
        ink = getattr(colours, f"on_{name}")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        if self.isEnabled():
            painter.setBrush(QColor(ground))
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            ink = colours.disabled
            painter.setBrush(QColor(colours.surface))
            painter.setPen(QPen(QColor(colours.line), 1.0))
        painter.drawRoundedRect(frame, sizes.radius_large, sizes.radius_large)
        self._paint_word(painter, frame, ink)
        self._paint_key(painter, frame, ink)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.focus), sizes.focus_width))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), sizes.radius_large, sizes.radius_large
            )

    def _paint_word(self, painter: QPainter, frame: QRectF, ink: str) -> None:
        theme = self._appearance.theme
        sizes = theme.sizes
        large = self._answer is not Answer.UNSURE
        size = sizes.icon_large if large else sizes.icon
        left = frame.left() + sizes.space_5
        pixmap = self._appearance.pixmap(self._answer.value, ink, size)
        painter.drawPixmap(round(left), round(frame.center().y() - size / 2), pixmap)
        painter.setFont(sized_font(theme, sizes.text_title if large else sizes.text_large, QFont.Weight.DemiBold))
        painter.setPen(QColor(ink))
        words = frame.adjusted(sizes.space_5 + size + sizes.space_3, 0, -sizes.touch, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _paint_key(self, painter: QPainter, frame: QRectF, ink: str) -> None:
        theme = self._appearance.theme
        sizes = theme.sizes
        side = sizes.space_6
        cap = QRectF(frame.right() - sizes.space_4 - side, frame.center().y() - side / 2, side, side)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(ink), 1.5))
        painter.drawRoundedRect(cap, sizes.radius, sizes.radius)
        painter.setFont(sized_font(theme, sizes.text_body, QFont.Weight.DemiBold))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
