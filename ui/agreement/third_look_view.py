"""Third looks: parts on which human and model differ or nobody was sure, judged blind to all that was said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from inspector_app.domain.errors import KnownFault, VerdictRefused
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.verdict import Answer
from ui.background import Background
from ui.look.appearance import Appearance
from ui.review.shelf import PartView, PictureShelf
from ui.review.verdict_panel import VerdictPanel
from ui.texts import tr
from ui.widgets.basics import IconButton, column, row
from ui.widgets.picture_pane import PicturePane
from ui.widgets.queue_strip import QueueStrip
from ui.widgets.verdict_button import KEYS

_TICK_MS = 250


class ThirdLookView(QWidget):
    """One part after the other, answered as on the Inspect page, with classes, and undone for a while.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        Gives pictures and takes verdicts.
    background : Background
        Where it is asked.
    clock : callable
        Time now, UTC.
    monotonic : callable
        Seconds of a clock that never goes back.
    classes : tuple of str
        Classes of a reject.
    guard_s : float
        After a picture appears, answers are ignored for so long.

    Signals
    -------
    left()
        Back to the figures.
    more_wanted()
        All parts have been looked at: there may be more; answer with `go_on`.
    noticed(str)
        A sentence for the user.
    """

    left = Signal()
    more_wanted = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        background: Background,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        classes: tuple[str, ...],
        guard_s: float,
    ) -> None:
        super().__init__()
        self._station = station
        self._background = background
        self._clock, self._monotonic = clock, monotonic
        self._guard_s = guard_s
        self._shelf = PictureShelf(station, background)
        self.by = ""
        self._waiting: tuple[ReviewItem, ...] = ()
        self._appeared_at: float | None = None
        self._last: tuple[ReviewItem, Answer] | None = None
        self._undo_until: datetime | None = None
        self.pane = PicturePane(appearance)
        self.pane.offer_marks(False)
        note = tr(
            "You see neither what was said before nor what the model thinks. Your answer counts as truth; it does not "
            "change what became of a part that has left."
        )
        self.panel = VerdictPanel(appearance, classes, note, dated=True)
        self.queue = QueueStrip(appearance, tr("Zoom + − 0 1"))
        self._back = IconButton(appearance, "back", tr("Back to the figures (Esc)"))
        self._back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out(appearance)
        self.panel.pressed.connect(self.answer)
        self.panel.undo_pressed.connect(self.undo)
        self.panel.chooser.chosen.connect(lambda named: self._record(Answer.REJECT, named))
        self.panel.chooser.left.connect(lambda: self.panel.choose(choosing=False))
        self._back.clicked.connect(self.left)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._show_undo)

    def _lay_out(self, appearance: Appearance) -> None:
        sizes = appearance.theme.sizes
        self.top = left = column(sizes.space_3)
        left.addWidget(self.pane, 1)
        left.addWidget(self.queue)
        right = column(sizes.space_3)
        right.addWidget(self._back)
        right.addWidget(self.panel, 1)
        body = row(sizes.space_4, self)
        body.addLayout(left, 1)
        body.addLayout(right)

    @property
    def item(self) -> ReviewItem | None:
        """The part in view, ``None`` without one."""
        return self._waiting[0] if self._waiting else None

    @property
    def undo_s(self) -> float:
        """Seconds left in which the last answer may be undone, 0 when it may not."""
        until = self._undo_until
        return 0.0 if until is None else max(0.0, (until - self._clock()).total_seconds())

    def begin(self, by: str, waiting: tuple[ReviewItem, ...]) -> None:
        """Let a person look at these parts."""
        self.by = by
        self._last, self._undo_until = None, None
        self._tick.start()
        self.go_on(waiting)

    def go_on(self, waiting: tuple[ReviewItem, ...]) -> None:
        """Let the same person look at these parts; none: say so, with what may still be undone."""
        self._waiting = waiting
        self._show()

    def end(self) -> None:
        """Put everything away; what is still being recorded then changes nothing here."""
        self.by = ""
        self._tick.stop()
        self._waiting = ()
        self._appeared_at = None
        self.pane.canvas.show_picture(None)

    def answer(self, answer: Answer) -> None:
        """Give an answer; a reject first asks what is wrong."""
        if not self._may_answer:
            return
        if answer is Answer.REJECT:
            self.panel.choose(choosing=True)
        else:
            self._record(answer, ())

    @property
    def _may_answer(self) -> bool:
        appeared = self._appeared_at
        return appeared is not None and self._monotonic() - appeared >= self._guard_s

    def undo(self) -> bool:
        """Take the last answer back; False if there is nothing to undo."""
        last, by = self._last, self.by
        if last is None or self.undo_s <= 0.0:
            return False
        until, self._undo_until = self._undo_until, None
        self._show_undo()
        self._background.run(
            lambda: self._station.undo(by, last[0].inspection_id),
            lambda _item: self._on_undone(last, by),
            lambda fault: self._on_not_undone(last, until, fault),
        )
        return True

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Answer by A, U, R and the numbers of classes, undo, leave by Esc, and zoom; a held key does it once."""
        if not pressed or event.isAutoRepeat():
            return False
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return event.matches(QKeySequence.StandardKey.Undo) and (self.undo() or True)
        key = Qt.Key(event.key())
        if self.panel.choosing and self.panel.chooser.handle_key(key):
            return True
        answer = next((answer for answer, own in KEYS.items() if own == key), None)
        if answer is not None:
            self.answer(answer)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return self.pane.view_by_key(event) or self.pane.canvas.zoom_by_key(key)
        return True

    def _record(self, answer: Answer, classes: tuple[str, ...]) -> None:
        item, appeared, by = self.item, self._appeared_at, self.by
        if item is None or appeared is None:
            return
        seconds = self._monotonic() - appeared
        self._appeared_at = None
        self.panel.choose(choosing=False)
        self._background.run(
            lambda: self._station.third_look(item.inspection_id, by, answer, classes, seconds),
            lambda outcome: self._on_recorded(item, answer, by, outcome),
            lambda fault: self._on_fault(item, by, fault),
        )

    def _on_recorded(self, item: ReviewItem, answer: Answer, by: str, outcome: VerdictOutcome) -> None:
        if by == self.by:
            self._last, self._undo_until = (item, answer), outcome.undo_until
            self._next(item)

    def _on_fault(self, item: ReviewItem, by: str, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))
        if by != self.by:
            return
        if isinstance(fault, VerdictRefused):
            self._next(item)  # somebody else was quicker, or it waits no longer
        elif self.item is item:
            self._appeared_at = self._monotonic()

    def _on_undone(self, undone: tuple[ReviewItem, Answer], by: str) -> None:
        if by != self.by:
            return
        if self._last is undone:
            self._last = None
        item = undone[0]
        self.go_on((item, *(other for other in self._waiting if other.inspection_id != item.inspection_id)))

    def _on_not_undone(self, last: tuple[ReviewItem, Answer], until: datetime | None, fault: KnownFault) -> None:
        """Say why; unless it is too late, it may be tried again."""
        self.noticed.emit(str(fault))
        if self._last is last and not isinstance(fault, VerdictRefused):
            self._undo_until = until
            self._show_undo()

    def _next(self, done: ReviewItem) -> None:
        shown = self.item
        self._waiting = tuple(other for other in self._waiting if other.inspection_id != done.inspection_id)
        if self.item is shown and shown is not None:
            self.queue.show_queue(self._waiting, shown, self._clock())
            self._show_undo()
        else:
            self._show()
        if not self._waiting:
            self.more_wanted.emit()

    def _show(self) -> None:
        self._appeared_at = None
        item = self.item
        self.panel.show_part(item, None, None)
        self.panel.enable(answers=item is not None)
        self.queue.show_queue(self._waiting, item, self._clock())
        self._show_undo()
        self._shelf.keep(self._waiting[:2])
        if item is None:
            self.pane.canvas.show_picture(None)
            self.pane.show_views(())
            self.pane.say(tr("No part waits for your third look."))
            return
        self._shelf.want(item, lambda view: self._on_view(item, view))

    def _show_undo(self) -> None:
        last = None if self._last is None else (self._last[0].part_id, self._last[1])
        self.panel.show_undo(last, self.undo_s)

    def _on_view(self, item: ReviewItem, view: PartView) -> None:
        if self.item is not item:
            return
        self.pane.canvas.show_picture(view.picture)
        self.pane.show_views(item.views)
        self.pane.say(view.sentence or "")
        self.panel.show_part(item, view, None)
        self._appeared_at = self._monotonic()
        self.pane.canvas.setFocus()
