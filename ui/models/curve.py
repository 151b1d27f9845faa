"""The course of a training as a small drawing: loss, and how good it is on held-out pictures."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.domain.model_work import LossPoint, TriedPoint
from ui.look.appearance import Appearance
from ui.texts import tr


class TrainingCurve(QWidget):
    """Loss falls from its greatest value to 0; points are tries on held-out pictures, 0 to 1, the best state filled.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._losses: tuple[LossPoint, ...] = ()
        self._tried: tuple[TriedPoint, ...] = ()
        self._steps = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(round(72 * appearance.theme.scale))
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return room for a glance."""
        scale = self._appearance.theme.scale
        return QSize(round(320 * scale), round(96 * scale))

    def show_course(self, losses: tuple[LossPoint, ...], tried: tuple[TriedPoint, ...], steps: int) -> None:
        """Show a training of so many steps."""
        last = max([1, *(point.step for point in losses), *(point.step for point in tried)])
        self._losses, self._tried, self._steps = losses, tried, max(steps, last)
        self.setAccessibleName(course_words(losses, tried))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a ground line, the loss, and the tries."""
        colours = self._appearance.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.line), 1.0))
        for share in (0.0, 0.5, 1.0):
            painter.drawLine(self._place(0, share), self._place(self._steps, share))
        most = max((point.loss for point in self._losses), default=1.0) or 1.0
        painter.setPen(QPen(QColor(colours.muted), 1.5, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF([self._place(point.step, point.loss / most) for point in self._losses]))
        shown = [(point, value) for point in self._tried if (value := tried_value(point)) is not None]
        painter.setPen(QPen(QColor(colours.accent), 2.0))
        painter.drawPolyline(QPolygonF([self._place(point.step, value) for point, value in shown]))
        best = max((point.step for point in self._tried if point.best), default=None)
        for point, value in shown:
            painter.setBrush(QColor(colours.accent if point.step == best else colours.surface))
            painter.drawEllipse(self._place(point.step, value), 4.0, 4.0)

    def _place(self, step: int, share: float) -> QPointF:
        edge = 6.0
        width, height = self.width() - 2 * edge, self.height() - 2 * edge
        return QPointF(edge + width * step / self._steps, edge + height * (1.0 - min(max(share, 0.0), 1.0)))


def tried_value(point: TriedPoint) -> float | None:
    """Return the one figure that is drawn of a try: average precision, or recall where that is all there is."""
    return point.recall if point.average_precision is None else point.average_precision


def course_words(losses: tuple[LossPoint, ...], tried: tuple[TriedPoint, ...]) -> str:
    """Return the course so far in words: the legend of the drawing."""
    words = []
    if losses:
        words.append(tr("– – loss {loss:.3f}").format(loss=losses[-1].loss))
    if tried:
        last = tried[-1]
        known = ((tr("average precision"), last.average_precision), (tr("recall"), last.recall))
        figures = ", ".join(f"{name} {value:.2f}" for name, value in known if value is not None)
        words.append(tr("● held-out pictures: {figures}").format(figures=figures or tr("not measurable")))
    return "   ".join(words)
