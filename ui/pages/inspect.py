"""The inspect page: the picture, the three answers, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

from inspector_app.domain.control import Level
from inspector_app.domain.ports import StationPort
from inspector_app.domain.status import StationState, StationStatus
from inspector_app.domain.verdict import Answer
from ui.bridge import News
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.picture.conversion import Picture
from ui.review.desk import DeskState, ReviewDesk
from ui.review.live import LivePicture
from ui.review.verdict_panel import VerdictPanel
from ui.texts import tr
from ui.widgets.basics import IconButton, column, row
from ui.widgets.picture_pane import PicturePane
from ui.widgets.queue_strip import QueueStrip
from ui.widgets.verdict_button import KEYS

_TICK_MS = 500


class InspectPage(Page):
    """One task: judge the part in view.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        For the level in force.
    desk : ReviewDesk
        Which part, and what becomes of an answer.
    live : LivePicture
        The line's picture while nothing waits.
    classes : tuple of str
        Classes of a reject.
    clock : callable
        Time now, UTC.

    Signals
    -------
    sign_in_asked()
        Somebody wants to judge and nobody is signed in.
    """

    sign_in_asked = Signal()

    decides = True

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        desk: ReviewDesk,
        live: LivePicture,
        classes: tuple[str, ...],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._station = station
        self._desk = desk
        self._live = live
        self._clock = clock
        self._state = StationState.STOPPED
        self._empty = False
        self.pane = PicturePane(appearance)
        self.panel = VerdictPanel(appearance, classes)
        self.queue = QueueStrip(appearance, tr("Zoom + − 0 1 · hide marks: hold H"))
        self._sign_in = IconButton(appearance, "user", tr("Sign in to judge parts"), "primary")
        self._sign_in.clicked.connect(self.sign_in_asked)
        self._lay_out(appearance)
        self._connect()
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self._tick.start()
        self._on_desk()

    def _lay_out(self, appearance: Appearance) -> None:
        sizes = appearance.theme.sizes
        # Messages have a place of their own above the picture: neither it nor the answers ever move.
        self.top = left = column(sizes.space_3)
        left.addWidget(self.pane, 1)
        left.addWidget(self.queue)
        right = column(sizes.space_3)
        right.addWidget(self._sign_in)
        right.addWidget(self.panel, 1)
        gap = sizes.space_4
        body = row(gap, self, (gap, gap, gap, gap))
        body.addLayout(left, 1)
        body.addLayout(right)

    def _connect(self) -> None:
        self._desk.changed.connect(self._on_desk)
        self._desk.appeared.connect(self._on_appeared)
        self._live.arrived.connect(self._on_live)
        self.panel.pressed.connect(self.answer)
        self.panel.undo_pressed.connect(self._desk.undo)
        self.panel.chooser.chosen.connect(lambda classes: self._desk.answer(Answer.REJECT, classes))
        self.panel.chooser.left.connect(lambda: self.panel.choose(choosing=False))
        self.panel.marks.pointed.connect(self.pane.canvas.point_at)

    def entered(self) -> None:
        """Give the keys to the picture."""
        self.pane.canvas.setFocus()
        self._desk.refresh()

    def on_news(self, news: News) -> None:
        """Ask again for what waits; show the line while nothing does."""
        if news.queue_changed:
            self._desk.refresh()
        if news.frame_arrived and self.isVisible() and self._desk.item is None:
            self._live.ask()
        if news.control is not None:
            self._say()

    def on_status(self, status: StationStatus) -> None:
        """Note the station's state for the words on the empty page."""
        if status.state is not self._state:
            self._state = status.state
            self._say()

    def answer(self, answer: Answer) -> None:
        """Give an answer; a reject first asks what is wrong."""
        if self._desk.state is not DeskState.READY or self._desk.guarded:
            return
        if answer is Answer.REJECT:
            self.panel.choose(choosing=True)
        else:
            self._desk.answer(answer)

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Answer, choose a class, undo, and hide the marks by key; a held key answers only once."""
        key = event.key()
        if key == Qt.Key.Key_H and not event.isAutoRepeat():
            self.pane.hold_marks(pressed)
            return True
        if not pressed or event.isAutoRepeat():
            return False
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return event.matches(QKeySequence.StandardKey.Undo) and (self._desk.undo() or True)
        if self.panel.choosing and self.panel.chooser.handle_key(key):
            return True
        return self.pane.view_by_key(event) or self._handle_plain_key(key)

    def _handle_plain_key(self, key: int) -> bool:
        for answer, own in KEYS.items():
            if key == own:
                self.answer(answer)
                return True
        if key == Qt.Key.Key_O:
            self.pane.toggle_marks()
            return True
        return self.pane.canvas.zoom_by_key(key)

    def _on_desk(self) -> None:
        desk = self._desk
        self._sign_in.setVisible(desk.state is DeskState.SIGNED_OUT)
        # While an answer is saved the buttons keep their look: a flicker a part would tire the eye for nothing.
        self.panel.enable(answers=desk.state in {DeskState.READY, DeskState.SAVING})
        if desk.state is DeskState.SAVING:
            self.panel.choose(choosing=False)
        if desk.item is None:
            self.panel.show_part(None, None, None)
            if not self._empty:
                self.pane.canvas.show_picture(None)
                self.pane.show_views(())
                self._empty = True
        self._say()
        self._on_tick()

    def _on_appeared(self) -> None:
        item, view = self._desk.item, self._desk.view
        if item is None or view is None:
            return
        self._empty = False
        self.pane.reset_marks()
        self.pane.canvas.show_picture(view.picture, view.marks)
        self.pane.show_views(item.views)
        self.panel.show_part(item, view, self._desk.first_answer)

    def _on_live(self, picture: Picture) -> None:
        if self._desk.item is None:
            self.pane.canvas.replace_picture(picture)

    def _on_tick(self) -> None:
        self.panel.show_undo(self._desk.last_answer, self._desk.undo_s)
        self.queue.show_queue(self._desk.waiting, self._desk.item, self._clock())
        if self._desk.item is None and self.isVisible() and self.pane.canvas.empty:
            self._live.ask()

    def _say(self) -> None:
        self.pane.say(self._sentence())

    def _sentence(self) -> str:
        if self._desk.item is not None:
            return (self._desk.view.sentence or "") if self._desk.view is not None else ""
        idle = {
            StationState.STOPPED: tr("The station is stopped."),
            StationState.STOPPING: tr("The station is stopping."),
            StationState.PAUSED: tr("The station is paused: no new pictures. Press Resume in the header to go on."),
            StationState.FINISHED: self._finished(),
        }.get(self._state)
        if idle is not None:
            return idle
        if self._desk.state is DeskState.SIGNED_OUT:
            return tr("Live picture of the line. Sign in to judge parts.")
        if self._station.control.level in {Level.PARTIAL, Level.FULL}:
            return tr("Live picture of the line. Parts that need you appear here by themselves.")
        return tr("Live picture of the line. No part waits for you.")

    def _finished(self) -> str:
        if self._desk.state is DeskState.SIGNED_OUT and self._desk.waiting:
            return tr("The camera has no more pictures. Sign in to judge the parts that wait.")
        return tr("The camera has no more pictures, and no part waits for you.")
