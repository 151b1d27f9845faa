"""Instruments of the camera page: the histogram of grey levels, and how sharp the picture is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.optics.measures import PictureMeasures, fine_detail
from ui.look.appearance import Appearance
from ui.texts import percent, tr


class HistogramView(QWidget):
    """Px by grey level, 0 at the left, 255 at the right; heights as square roots, so that few px are seen as well.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._heights: NDArray[np.float64] = np.zeros(256)
        self._clipped = self._black = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Histogram of grey levels"))
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return room for a glance."""
        scale = self._appearance.theme.scale
        return QSize(round(300 * scale), round(72 * scale))

    def show_counts(self, counts: NDArray[np.float64], measures: PictureMeasures) -> None:
        """Show a picture's counts."""
        roots = np.sqrt(counts)
        self._heights = roots / max(float(roots.max()), 1.0)
        self._clipped, self._black = measures.clipped > 0.001, measures.black > 0.001
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground, the counts, and marks at the ends where px are lost."""
        colours = self._appearance.theme.colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.raised))
        width, height = self.width(), self.height() - 1
        step = width / 256.0
        points = [QPointF(0.0, height)]
        points += [
            QPointF((level + 0.5) * step, height - share * (height - 4)) for level, share in enumerate(self._heights)
        ]
        points.append(QPointF(width, height))
        painter.setPen(QPen(QColor(colours.accent), 1.0))
        painter.setBrush(QColor(colours.accent))
        painter.drawPolygon(QPolygonF(points))
        painter.setPen(QPen(QColor(colours.edge), 1.0))
        painter.setBrush(QColor(0, 0, 0, 0))
        painter.drawRect(QRectF(0.5, 0.5, width - 1.0, height))
        for lost, at in ((self._black, 0.0), (self._clipped, width - 6.0)):
            if lost:
                painter.fillRect(QRectF(at, 0.0, 6.0, 14.0), QColor(colours.bad))


class FocusMeter(QWidget):
    """Sharpness as a bar, with the best so far and the taught limit as lines.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._now = self.best = 0.0
        self._least: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Focus"))
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return room for a bar."""
        scale = self._appearance.theme.scale
        return QSize(round(240 * scale), round(28 * scale))

    def show_sharpness(self, now: float, least: float | None) -> None:
        """Show a picture's sharpness; the best is held."""
        self._now, self._least = max(now, 0.0), least
        self.best = max(self.best, self._now)
        self.update()

    def forget_best(self) -> None:
        """Begin to look for the best anew."""
        self.best = self._now
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar over its ground, then best and limit."""
        colours = self._appearance.theme.colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.raised))
        full = 1.1 * max(self.best, self._least or 0.0, 1e-6)
        below = self._least is not None and self._now < self._least
        bar = QRectF(0.0, 4.0, self.width() * self._now / full, self.height() - 8.0)
        painter.fillRect(bar, QColor(colours.bad if below else colours.accent))
        for value, colour, thick in ((self.best, colours.text, 3.0), (self._least, colours.bad, 2.0)):
            if value is not None:
                painter.fillRect(
                    QRectF(self.width() * value / full - thick / 2, 0.0, thick, self.height()), QColor(colour)
                )
        painter.setPen(QPen(QColor(colours.edge), 1.0))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1.0, self.height() - 1.0))


def exposure_words(measures: PictureMeasures) -> str:
    """Return mean grey, clipped and black shares."""
    return tr("Mean grey {mean:.0f} · clipped {clipped} · black {black}").format(
        mean=measures.mean, clipped=percent(measures.clipped, 1), black=percent(measures.black, 1)
    )


def focus_words(now: float, best: float, least: float | None) -> str:
    """Return sharpness now, the best so far, and the limit."""
    now_words, best_words = (percent(fine_detail(each), 1) for each in (now, best))
    words = tr("Sharpness {now} · best {best}").format(now=now_words, best=best_words)
    if least is None:
        return words
    return tr("{words} · at least {least}").format(words=words, least=percent(fine_detail(least), 1))
