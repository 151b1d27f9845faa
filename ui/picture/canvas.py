"""The picture with zoom and pan, by wheel, pinch, drag and key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QNativeGestureEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QGestureEvent,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QPinchGesture,
    QStyleOptionGraphicsItem,
    QWidget,
)

from ui.look.appearance import Appearance
from ui.look.fonts import sized_font
from ui.picture.conversion import Picture
from ui.picture.outlines import RegionMark
from ui.picture.region_item import RegionItem
from ui.texts import tr

_STEP = 1.25
_LARGEST = 16.0
_PIXELS_FROM = 4.0


class _PictureItem(QGraphicsItem):
    """Paints a picture from the level that fits the zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None

    def show_picture(self, picture: Picture | None) -> None:
        self.prepareGeometryChange()
        self._picture = picture
        self.update()

    def boundingRect(self) -> QRectF:
        picture = self._picture
        return QRectF(0, 0, picture.width, picture.height) if picture else QRectF()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        if self._picture is None:
            return
        scale = painter.worldTransform().m11() * painter.device().devicePixelRatioF()
        # Beyond a few times real size the pixels themselves are what the inspector wants to see.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _PIXELS_FROM)
        image = self._picture.level_for(scale)
        painter.drawImage(self.boundingRect(), image, QRectF(image.rect()))


class PictureCanvas(QGraphicsView):
    """Shows one picture and its marks.

    Arrow keys move; `zoom_by_key` knows ``+`` ``-`` zoom, ``0`` whole picture, ``1`` real size.

    Parameters
    ----------
    appearance : Appearance
        For colours and font.

    Signals
    -------
    zoomed(float)
        Screen px per picture px, after each change.
    pointed(int)
        Number of the mark that is pointed at, 0 for none.
    """

    zoomed = Signal(float)
    pointed = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._scene = QGraphicsScene(self)
        self._item = _PictureItem()
        self._scene.addItem(self._item)
        self._marks: list[RegionItem] = []
        self._marks_shown = True
        self._fitted = True
        self._view: QRectF | None = None
        self._picture: Picture | None = None
        self._pointed = 0
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(tr("Picture of the part"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.viewport().setMouseTracking(True)

    @property
    def scale_now(self) -> float:
        """Screen px per picture px."""
        return self.transform().m11()

    @property
    def empty(self) -> bool:
        """True if no picture is shown."""
        return self._picture is None

    def show_picture(self, picture: Picture | None, marks: tuple[RegionMark, ...] = ()) -> None:
        """Show a picture as a whole with its marks, or nothing."""
        self._picture = picture
        self._view = None
        self._item.show_picture(picture)
        self._scene.setSceneRect(self._item.boundingRect())
        self.set_marks(marks)
        self.fit()

    def look_at(self, view: QRectF | None) -> None:
        """Show one view of a picture of several as a whole, in px of the picture; ``None``: all of it."""
        self._view = view
        self.fit()

    def replace_picture(self, picture: Picture) -> None:
        """Show another picture of the same kind and keep zoom and place (live view)."""
        same = self._picture and (self._picture.width, self._picture.height) == (picture.width, picture.height)
        if not same:
            self.show_picture(picture)
            return
        self._picture = picture
        self._item.show_picture(picture)

    def set_marks(self, marks: tuple[RegionMark, ...]) -> None:
        """Put these marks on the picture in place of the former ones."""
        for item in self._marks:
            self._scene.removeItem(item)
        theme = self._appearance.theme
        font = sized_font(theme, theme.sizes.text_small, QFont.Weight.DemiBold)
        self._marks = [RegionItem(mark, theme.colours, font, self._item.boundingRect()) for mark in marks]
        for item in self._marks:
            item.setZValue(1.0)
            item.setVisible(self._marks_shown)
            self._scene.addItem(item)
            item.set_scale(self.scale_now)
        self._pointed = 0

    def show_marks(self, shown: bool) -> None:
        """Show or hide the marks."""
        self._marks_shown = shown
        for item in self._marks:
            item.setVisible(shown)

    def point_at(self, number: int) -> None:
        """Say more about the mark with this number, 0 for none."""
        if number != self._pointed:
            self._pointed = number
            for item in self._marks:
                item.set_pointed(item.mark.number == number)
            self.pointed.emit(number)

    def fit(self) -> None:
        """Show the whole picture, or the whole of the view that is looked at, never larger than twice its size."""
        self._fitted = True
        if self._picture is None:
            return
        whole = self._whole
        size = self.viewport().size()
        margin = 2 * self._appearance.theme.sizes.space_2
        scale = min((size.width() - margin) / whole.width(), (size.height() - margin) / whole.height(), 2.0)
        self._set_scale(max(scale, 0.01))
        # A view at the picture's edge comes to the middle as well: the scene reaches as far as that needs.
        room = 0.0 if self._view is None else max(size.width(), size.height()) / self.scale_now
        self._scene.setSceneRect(self._item.boundingRect().adjusted(-room, -room, room, room))
        self.centerOn(whole.center())

    @property
    def _whole(self) -> QRectF:
        return self._item.boundingRect() if self._view is None else self._view

    def actual_size(self) -> None:
        """Show one picture px as one screen px."""
        self._zoom_to(1.0 / self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Enlarge by a quarter."""
        self._zoom_to(self.scale_now * _STEP)

    def zoom_out(self) -> None:
        """Shrink by a fifth, down to the whole picture."""
        self._zoom_to(self.scale_now / _STEP)

    def _zoom_to(self, scale: float) -> None:
        if self._picture is None:
            return
        view, whole = self.viewport().size(), self._whole
        if scale < min(view.width() / whole.width(), view.height() / whole.height(), 1.0):
            self.fit()
            return
        self._fitted = False
        self._set_scale(min(scale, _LARGEST))

    def _set_scale(self, scale: float) -> None:
        factor = scale / self.scale_now
        self.scale(factor, factor)
        for item in self._marks:
            item.set_scale(scale)
        self.zoomed.emit(scale)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        steps = event.angleDelta().y() / 120.0
        if steps:
            self._zoom_to(self.scale_now * _STEP**steps)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by pinch on touch screens and touch pads."""
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._zoom_to(self.scale_now * pinch.scaleFactor())
                return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_to(self.scale_now * (1.0 + event.value()))
            return True
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or say more about the mark under the pointer."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.point_at(self._mark_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tap on a mark to read it; anything else begins to pan."""
        self.point_at(self._mark_at(event.position()))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Change between the whole picture and real size."""
        if self._fitted:
            self.actual_size()
        else:
            self.fit()

    def zoom_by_key(self, key: int) -> bool:
        """Zoom if the key means a zoom; the page asks, because it may need the same keys for something else."""
        action = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.fit,
            Qt.Key.Key_1: self.actual_size,
        }.get(Qt.Key(key))
        if action is None:
            return False
        action()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrow keys; everything else is left to the page."""
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole picture in view if it was."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def _mark_at(self, position: QPointF) -> int:
        if not self._marks_shown:
            return 0
        at = self.mapToScene(position.toPoint())
        hits = [item for item in self._marks if item.shape().contains(at)]
        # The smallest of the marks under the pointer: a large one would hide the others for ever.
        hits.sort(key=lambda item: item.boundingRect().width() * item.boundingRect().height())
        return hits[0].mark.number if hits else 0
