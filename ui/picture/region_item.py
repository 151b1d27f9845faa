"""One region on the picture: a dual stroke that stands out on dark glass and on bright metal."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from inspector_app.domain.prediction import Region
from ui.look.theme import Colours
from ui.picture.outlines import RegionMark
from ui.texts import percent, tr

_INNER_PX = 2.0
_OUTER_PX = 5.0


def describe(mark: RegionMark) -> str:
    """Return a region in words: class, length, width, score."""
    region = mark.region
    return tr("{name} · {size} · {score}").format(
        name=region.class_name.replace("_", " "), size=_size(region), score=percent(region.score)
    )


def describe_lines(mark: RegionMark) -> str:
    """Return a region in words on two lines, for lists."""
    region = mark.region
    return tr("{name} · score {score}\n{size}").format(
        name=region.class_name.replace("_", " "), size=_size(region), score=percent(region.score)
    )


def _size(region: Region) -> str:
    """Return length and width in words: on the part where the camera is calibrated, else in the picture."""
    if region.length_mm is not None and region.width_mm is not None:
        words = tr("{length:.2f} mm long · {width:.2f} mm wide")
        return words.format(length=region.length_mm, width=region.width_mm)
    return tr("{length:.0f} px long · {width:.1f} px wide").format(length=region.length_px, width=region.width_px)


class RegionItem(QGraphicsItem):
    """Outline and number of a region; says more while it is pointed at.

    Parameters
    ----------
    mark : RegionMark
        What to draw.
    colours : Colours
        Of the theme.
    font : QFont
        Of number and description.
    limits : QRectF
        Of the picture, px: the label stays inside. (Asking the scene would ask for this item's bounds again.)
    """

    def __init__(self, mark: RegionMark, colours: Colours, font: QFont, limits: QRectF) -> None:
        super().__init__()
        self._limits = limits
        self.mark = mark
        self._path = QPainterPath()
        for outline in mark.outlines:
            self._path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline]))
            self._path.closeSubpath()
        self._shade = QColor(colours.mark_shade)
        self._colour = QColor(colours.mark if mark.region.rejects else colours.mark_minor)
        self._font = font
        self._pointed = False
        self._scale = 1.0
        self.setAcceptHoverEvents(False)

    def set_pointed(self, pointed: bool) -> None:
        """Say more (or less) about the region."""
        if pointed != self._pointed:
            self.prepareGeometryChange()
            self._pointed = pointed
            self.setZValue(2.0 if pointed else 1.0)
            self.update()

    def set_scale(self, scale: float) -> None:
        """Tell the item how many screen px a picture px takes, for what has a fixed size on screen."""
        if scale != self._scale:
            self.prepareGeometryChange()
            self._scale = scale

    def boundingRect(self) -> QRectF:
        """Return outline and label in picture px."""
        pad = (_OUTER_PX + 1.0) / self._scale
        return self._path.boundingRect().adjusted(-pad, -pad, pad, pad).united(self._label_rect())

    def shape(self) -> QPainterPath:
        """Return what is hit by a pointer or a glove: the outline's inside."""
        return self._path

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the outline dark, bright over it, then the label."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        extra = 2.0 if self._pointed else 0.0
        style = Qt.PenStyle.SolidLine if self.mark.region.rejects else Qt.PenStyle.DashLine
        for colour, width, line in (
            (self._shade, _OUTER_PX + extra, Qt.PenStyle.SolidLine),
            (self._colour, _INNER_PX + extra, style),
        ):
            pen = QPen(colour, width, line)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(self._path)
        self._paint_label(painter)

    def _label(self) -> str:
        return f"{self.mark.number}  {describe(self.mark)}" if self._pointed else str(self.mark.number)

    def _label_rect(self) -> QRectF:
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._label()) + 14.0, metrics.height() + 6.0
        box = self._path.boundingRect()
        corner = box.topLeft() - QPointF(0.0, (height + 4.0) / self._scale)
        if corner.y() < self._limits.top():
            corner.setY(box.bottom() + 4.0 / self._scale)
        corner.setX(max(self._limits.left(), min(corner.x(), self._limits.right() - width / self._scale)))
        return QRectF(corner.x(), corner.y(), width / self._scale, height / self._scale)

    def _paint_label(self, painter: QPainter) -> None:
        rect = self._label_rect()
        painter.save()
        painter.translate(rect.topLeft())
        painter.scale(1.0 / self._scale, 1.0 / self._scale)
        on_screen = QRectF(0.0, 0.0, rect.width() * self._scale, rect.height() * self._scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._shade)
        painter.drawRoundedRect(on_screen, 4.0, 4.0)
        painter.setPen(self._colour)
        painter.setFont(self._font)
        painter.drawText(on_screen, Qt.AlignmentFlag.AlignCenter, self._label())
        painter.restore()
