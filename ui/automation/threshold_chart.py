"""The scores of known parts, and the two thresholds as lines that can be dragged."""

from __future__ import annotations

import math
from enum import IntEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.automation.counting import Scores
from inspector_app.automation.preview import ScoreHistogram, score_histogram
from ui.automation.score_axis import ScoreAxis
from ui.look.appearance import Appearance
from ui.look.fonts import sized_font
from ui.texts import tr

_STEP = 0.005
"""Of the axis, with an arrow key."""

_REACH_PX = 24
"""How near a press must be to a line; anywhere else it takes the nearer one as well, but only in the plot."""


class Line(IntEnum):
    """The two thresholds."""

    ACCEPT = 0
    REJECT = 1


class ThresholdChart(QWidget):
    """Bars of good parts upwards and of defective parts downwards, told apart by side and pattern, not by colour alone.

    Left and right move the chosen line, Page Up and Page Down by ten steps, Up and Down choose the line. The mouse
    takes the nearer line. Thin broken lines stay where the thresholds in force are.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    moved(float, float)
        Accept below and reject above, as they are dragged.
    """

    moved = Signal(float, float)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._scores: Scores | None = None
        self._axis = ScoreAxis()
        self._histogram: ScoreHistogram | None = None
        self._log_counts = True
        self._lines = (0.0, 1.0)
        self._in_force = (0.0, 1.0)
        self.chosen = Line.ACCEPT
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        appearance.changed.connect(self.update)
        self._name_it()

    @property
    def lines(self) -> tuple[float, float]:
        """Accept below and reject above, as the lines stand."""
        return self._lines

    def show_scores(self, scores: Scores) -> None:
        """Show other parts."""
        self._scores = scores
        self._histogram = score_histogram(scores, self._axis.edges())
        self.update()

    def show_lines(self, accept_below: float, reject_above: float) -> None:
        """Put the lines somewhere, without a signal."""
        self._lines = (accept_below, reject_above)
        self._name_it()
        self.update()

    def show_in_force(self, accept_below: float, reject_above: float) -> None:
        """Mark the thresholds in force."""
        self._in_force = (accept_below, reject_above)
        self.update()

    def count_in_logs(self, on: bool) -> None:
        """Draw counts on a log scale, so that a single part is seen beside thousands."""
        self._log_counts = on
        self.update()

    def spread_ends(self, on: bool) -> None:
        """Draw scores in steps of log-odds."""
        self._axis = ScoreAxis(on)
        if self._scores is not None:
            self._histogram = score_histogram(self._scores, self._axis.edges())
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for bars, words and lines."""
        return QSize(560, round(280 * self._appearance.theme.scale))

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        return QSize(380, round(200 * self._appearance.theme.scale))

    # --- hands ---

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer line; where both lie together, the one that can go that way."""
        x = event.position().x()
        distances = [abs(self._x(p) - x) for p in self._lines]
        if abs(distances[0] - distances[1]) < 1.0:
            self.chosen = Line.ACCEPT if x <= self._x(self._lines[0]) else Line.REJECT
        else:
            self.chosen = Line.ACCEPT if distances[0] < distances[1] else Line.REJECT
        self._dragging = min(distances) <= _REACH_PX * self._appearance.theme.scale
        self._name_it()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line that was taken."""
        if self._dragging:
            plot = self._plot()
            self._move_to((event.position().x() - plot.left()) / plot.width())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move or choose a line."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_PageDown: -10,
            Qt.Key.Key_PageUp: 10,
        }.get(Qt.Key(event.key()))
        if steps is not None:
            self._move_to(self._axis.place(self._lines[self.chosen]) + steps * _STEP)
        elif event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.chosen = Line.REJECT if self.chosen is Line.ACCEPT else Line.ACCEPT
            self._name_it()
            self.update()
        else:
            super().keyPressEvent(event)

    def _move_to(self, place: float) -> None:
        p, (low, high) = self._axis.at(place), self._lines
        moved = (min(p, high), high) if self.chosen is Line.ACCEPT else (low, max(p, low))
        if moved != self._lines:
            self.show_lines(*moved)
            self.moved.emit(*moved)

    def _name_it(self) -> None:
        words = (tr("accept below {p}"), tr("reject above {p}"))
        accept, reject = (text.format(p=f"{p:.4g}") for text, p in zip(words, self._lines, strict=True))
        chosen = accept if self.chosen is Line.ACCEPT else reject
        name = tr("Thresholds: {accept}, {reject}. Arrow keys move {chosen}.")
        self.setAccessibleName(name.format(accept=accept, reject=reject, chosen=chosen))

    # --- paint ---

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw regions, bars, axis and lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_regions(painter, plot)
        if self._histogram is not None:
            self._paint_bars(painter, plot, self._histogram)
        self._paint_axis(painter, plot)
        for p in self._in_force:
            painter.setPen(QPen(self._colour("muted"), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(self._x(p), plot.top()), QPointF(self._x(p), plot.bottom()))
        for line in (Line(1 - self.chosen), self.chosen):
            self._paint_line(painter, plot, line)

    def _colour(self, token: str) -> QColor:
        return QColor(getattr(self._appearance.theme.colours, token))

    def _em(self) -> float:
        return float(self._appearance.theme.sizes.text_small)

    def _plot(self) -> QRectF:
        em = self._em()
        return QRectF(3.2 * em, 4.2 * em, self.width() - 4.4 * em, self.height() - 7.4 * em)

    def _x(self, p: float) -> float:
        plot = self._plot()
        return plot.left() + self._axis.place(p) * plot.width()

    def _paint_regions(self, painter: QPainter, plot: QRectF) -> None:
        low, high = (self._x(p) for p in self._lines)
        painter.fillRect(plot, self._colour("raised"))
        for left, right in ((plot.left(), low), (high, plot.right())):
            painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), self._colour("selection"))
        painter.setFont(sized_font(self._appearance.theme, self._appearance.theme.sizes.text_small))
        painter.setPen(self._colour("text"))
        words = (tr("model accepts"), tr("inspectors decide"), tr("model rejects"))
        edges = (plot.left(), low, high, plot.right())
        for index, text in enumerate(words):
            room = QRectF(edges[index], plot.top(), edges[index + 1] - edges[index], 1.6 * self._em())
            if painter.fontMetrics().horizontalAdvance(text) + 6 <= room.width():
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_bars(self, painter: QPainter, plot: QRectF, histogram: ScoreHistogram) -> None:
        below = [bad + unknown for bad, unknown in zip(histogram.bad, histogram.unresolved, strict=True)]
        most = max((*histogram.good, *below, 1))
        half = plot.height() / 2.0 - 1.7 * self._em()
        middle = plot.center().y()
        hatched = QBrush(self._colour("reject"), Qt.BrushStyle.BDiagPattern)
        for good, bad, left, right in zip(
            histogram.good, below, histogram.edges[:-1], histogram.edges[1:], strict=True
        ):
            x, wide = self._x(left) + 0.5, max(self._x(right) - self._x(left) - 1.0, 1.0)
            painter.setPen(Qt.PenStyle.NoPen)
            if good:
                height = half * self._height(good, most)
                painter.fillRect(QRectF(x, middle - height, wide, height), self._colour("edge"))
            if bad:
                bar = QRectF(x, middle, wide, half * self._height(bad, most))
                painter.setPen(QPen(self._colour("reject"), 1.0))
                painter.setBrush(hatched)
                painter.drawRect(bar)
        self._paint_counts(painter, plot, half, most)

    def _paint_counts(self, painter: QPainter, plot: QRectF, half: float, most: int) -> None:
        ticks = [10**power for power in range(7) if 10**power <= most] if self._log_counts else [most]
        painter.setPen(self._colour("muted"))
        last = math.inf
        for count in ticks:
            rise = half * self._height(count, most)
            if abs(rise - last) < self._em():
                continue
            last = rise
            for y in (plot.center().y() - rise, plot.center().y() + rise):
                room = QRectF(0.0, y - self._em(), plot.left() - 5.0, 2.0 * self._em())
                painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{count:,}")
                painter.drawLine(QPointF(plot.left() - 3.0, y), QPointF(plot.left(), y))

    def _height(self, count: int, most: int) -> float:
        """Return a bar's height, 0 … 1; on the log scale one part is a bar of its own and none is nothing."""
        return math.log1p(count) / math.log1p(most) if self._log_counts else count / most

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        em = self._em()
        painter.setPen(QPen(self._colour("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(plot)
        painter.drawLine(QPointF(plot.left(), plot.center().y()), QPointF(plot.right(), plot.center().y()))
        painter.setPen(self._colour("muted"))
        for p in self._axis.ticks:
            room = QRectF(self._x(p) - 4.0 * em, plot.bottom() + 2.0, 8.0 * em, 1.4 * em)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{p:g}")
        under = QRectF(plot.left(), plot.bottom() + 1.4 * em, plot.width(), 1.6 * em)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, tr("p, the model's probability of a reject"))
        if self._scores is not None:
            painter.setPen(self._colour("text"))
            good = tr("▲ good: {n}").format(n=f"{self._scores.good.size:,}")
            bad = tr("▼ defective: {n}").format(n=f"{self._scores.bad.size + self._scores.unresolved.size:,}")
            painter.drawText(under, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, good)
            painter.drawText(under, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bad)

    def _paint_line(self, painter: QPainter, plot: QRectF, line: Line) -> None:
        em, x = self._em(), self._x(self._lines[line])
        held = self.hasFocus() and line is self.chosen
        painter.setPen(QPen(self._colour("focus" if held else "accent"), 4.0 if held else 2.5))
        painter.drawLine(QPointF(x, plot.top() - 0.4 * em), QPointF(x, plot.bottom()))
        words = tr("Accept below {p}") if line is Line.ACCEPT else tr("Reject above {p}")
        text = words.format(p=f"{self._lines[line]:.4g}")
        painter.setFont(
            sized_font(self._appearance.theme, self._appearance.theme.sizes.text_small, QFont.Weight.DemiBold)
        )
        wide = painter.fontMetrics().horizontalAdvance(text) + 2.2 * em
        # Each grip points where its line's side is, and lies on a row of its own: the two never cover each other.
        top = 0.1 * em if line is Line.REJECT else 1.9 * em
        left = min(max(x - wide / 2.0, 1.0), self.width() - wide - 1.0)
        grip = QRectF(left, top, wide, 1.7 * em)
        painter.setBrush(self._colour("accent"))
        painter.setPen(QPen(self._colour("focus"), 2.0) if held else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(grip, 3.0, 3.0)
        painter.setPen(self._colour("on_accent"))
        painter.drawText(
            grip.adjusted(1.2 * em, 0.0, 0.0, 0.0) if line is Line.ACCEPT else grip.adjusted(0.0, 0.0, -1.2 * em, 0.0),
            Qt.AlignmentFlag.AlignCenter,
            text,
        )
        side = grip.left() + 0.9 * em if line is Line.ACCEPT else grip.right() - 0.9 * em
        tip = -0.5 * em if line is Line.ACCEPT else 0.5 * em
        middle = grip.center().y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour("on_accent"))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(side + tip, middle),
                    QPointF(side - 0.2 * tip, middle - 0.4 * em),
                    QPointF(side - 0.2 * tip, middle + 0.4 * em),
                ]
            )
        )
