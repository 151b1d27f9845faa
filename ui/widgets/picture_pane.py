"""The canvas with its tools: zoom, whole picture, real size, marks on and off, and a line of words on the picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from inspector_app.domain.views import ViewPlace
from ui.look.appearance import Appearance
from ui.picture.canvas import PictureCanvas
from ui.texts import percent, tr
from ui.widgets.basics import ToolIcon, column, label, row
from ui.widgets.view_tabs import ViewTabs


class PicturePane(QWidget):
    """A picture canvas that fills its place, with tools in its corner.

    Parameters
    ----------
    appearance : Appearance
        For icons and sizes.

    Signals
    -------
    marks_shown(bool)
        The marks were switched on or off.
    """

    marks_shown = Signal(bool)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.canvas = PictureCanvas(appearance)
        self._caption = _Caption(self)
        self._tools = QFrame(self)
        self._zoom = label("", "small")
        self._marks = ToolIcon(appearance, "eye-off", tr("Hide the marks (O, or hold H)"), checkable=True)
        self._marks.toggled.connect(self._apply_marks)
        self._held = False
        body = column(0, self)
        body.addWidget(self.canvas)
        self._build_tools()
        self.views = ViewTabs(appearance, self)
        self.views.chosen.connect(self._look_at)
        self.canvas.zoomed.connect(lambda scale: self._zoom.setText(percent(scale)))

    def _build_tools(self) -> None:
        sizes = self._appearance.theme.sizes
        tools = row(sizes.space_1, self._tools, (sizes.space_2, sizes.space_1, sizes.space_1, sizes.space_1))
        self._tools.setProperty("role", "panel")
        self._zoom.setMinimumWidth(sizes.touch)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tools.addWidget(self._zoom)
        for name, text, action in (
            ("zoom-out", tr("Smaller (−)"), self.canvas.zoom_out),
            ("zoom-in", tr("Larger (+)"), self.canvas.zoom_in),
            ("fit", tr("Whole picture (0)"), self.canvas.fit),
            ("", tr("Real size (1)"), self.canvas.actual_size),
        ):
            button = ToolIcon(self._appearance, name, text)
            if not name:
                button.setText("1:1")
            button.clicked.connect(action)
            tools.addWidget(button)
        tools.addWidget(self._marks)

    def show_views(self, views: tuple[ViewPlace, ...]) -> None:
        """Offer to look at one view of a picture of several; call after the picture was shown."""
        self.views.show_views(views)
        self._place()

    def view_by_key(self, event: QKeyEvent) -> bool:
        """Go on to the next view (V) or back (Shift+V) if the key means that."""
        if event.key() != Qt.Key.Key_V:
            return False
        return self.views.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)

    def _look_at(self, view: ViewPlace | None) -> None:
        self.canvas.look_at(None if view is None else QRectF(view.x, view.y, view.w, view.h))

    def say(self, sentence: str) -> None:
        """Put a sentence on the upper edge of the picture; empty for none."""
        self._caption.setText(sentence)
        self._caption.setVisible(bool(sentence))
        self._place()

    def show_tools(self, shown: bool) -> None:
        """Show or hide the tools."""
        self._tools.setVisible(shown)

    def offer_marks(self, offered: bool) -> None:
        """Offer to hide the marks, or not, where there are never any."""
        self._marks.setVisible(offered)
        self._place()

    def toggle_marks(self) -> None:
        """Switch the marks off or on."""
        self._marks.toggle()

    def hold_marks(self, held: bool) -> None:
        """Hide the marks as long as a key is held."""
        self._held = held
        self._apply_marks()

    def reset_marks(self) -> None:
        """Show the marks again, for the next part."""
        self._held = False
        self._marks.setChecked(False)
        self._apply_marks()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep tools and caption in their corners."""
        super().resizeEvent(event)
        self._place()

    def _apply_marks(self) -> None:
        shown = not (self._marks.isChecked() or self._held)
        self.canvas.show_marks(shown)
        self.marks_shown.emit(shown)

    def _place(self) -> None:
        gap = self._appearance.theme.sizes.space_3
        self._tools.raise_()
        self._tools.adjustSize()
        self._tools.move(self.width() - self._tools.width() - gap, self.height() - self._tools.height() - gap)
        self.views.raise_()
        self.views.adjustSize()
        # Beside the tools where both have room, else above them.
        beside = self.views.width() + self._tools.width() + 3 * gap <= self.width()
        foot = self.height() if beside else self._tools.y()
        self.views.move(gap, foot - self.views.height() - gap)
        self._caption.raise_()
        self._caption.fit(max(100, self.width() - 2 * gap))
        self._caption.move((self.width() - self._caption.width()) // 2, gap)


class _Caption(QLabel):
    """Words on the picture, on a ground of their own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("caption")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def fit(self, width: int) -> None:
        """Take one line if it fits into so many px, else as many lines as it needs."""
        self.setWordWrap(False)
        if self.sizeHint().width() <= width:
            self.adjustSize()
            return
        self.setWordWrap(True)
        self.resize(width, self.heightForWidth(width))
