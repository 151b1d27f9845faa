"""Third looks: parts on which human and model differ or nobody was sure, judged blind to all that was said."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from inspector_app.domain.errors import KnownFault, VerdictRefused
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.verdict import Answer
from ui.background import Background
from ui.look.appearance import Appearance
from ui.review.shelf import PartView, PictureShelf
from ui.texts import local_time, tr
from ui.widgets.basics import ElidedLabel, IconButton, column, label, panel, row
from ui.widgets.picture_pane import PicturePane
from ui.widgets.verdict_button import KEYS, VerdictButton
from ui.wording import answer_name


class ThirdLookView(QWidget):
    """One part after the other; an answer is chosen first and recorded by a second press, for it cannot be undone.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        Gives pictures and takes verdicts.
    background : Background
        Where it is asked.
    monotonic : callable
        Seconds of a clock that never goes back.

    Signals
    -------
    left()
        Back to the figures: wanted, or because nothing waits any more.
    noticed(str)
        A sentence for the user.
    """

    left = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        background: Background,
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__()
        self._station = station
        self._background = background
        self._monotonic = monotonic
        self._shelf = PictureShelf(station, background)
        self._by = ""
        self._waiting: tuple[ReviewItem, ...] = ()
        self._chosen: Answer | None = None
        self._appeared_at: float | None = None
        self.pane = PicturePane(appearance)
        self.pane.offer_marks(False)
        self.buttons = {answer: VerdictButton(appearance, answer, chr(key)) for answer, key in KEYS.items()}
        self.record_button = IconButton(appearance, "accept", tr("Choose an answer"), "primary")
        self._back = IconButton(appearance, "back", tr("Back to the figures (Esc)"), "quiet")
        self._part = ElidedLabel("", "title")
        self._captured = label("", "muted")
        self._count = label("", "muted")
        self._hint = label(
            tr(
                "You see neither what was said before nor what the model thinks. Your answer counts as truth; it does "
                "not change what became of a part that has left."
            ),
            "small",
            wrap=True,
        )
        self._lay_out(appearance)
        for answer, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, a=answer: self.choose(a))
        self.record_button.clicked.connect(self.record)
        self._back.clicked.connect(self.left)

    def _lay_out(self, appearance: Appearance) -> None:
        sizes = appearance.theme.sizes
        side = column(sizes.space_2, None, (sizes.space_4, sizes.space_4, sizes.space_4, sizes.space_2))
        for widget in (self._part, self._captured, self._count):
            side.addWidget(widget)
        side.addSpacing(sizes.space_3)
        side.addWidget(self._hint)
        side.addStretch(1)
        for answer in (Answer.ACCEPT, Answer.UNSURE, Answer.REJECT):
            side.addWidget(self.buttons[answer])
            side.addSpacing(sizes.space_2)
        side.addWidget(self.record_button)
        side.addWidget(self._back)
        frame = panel(side)
        frame.setFixedWidth(sizes.panel)
        body = row(sizes.space_4, self)
        body.addWidget(self.pane, 1)
        body.addWidget(frame)

    @property
    def item(self) -> ReviewItem | None:
        """The part in view, ``None`` without one."""
        return self._waiting[0] if self._waiting else None

    def begin(self, by: str, waiting: tuple[ReviewItem, ...]) -> None:
        """Let a person look at these parts."""
        self._by = by
        self._waiting = waiting
        self._show()

    def choose(self, answer: Answer) -> None:
        """Choose an answer; it is recorded by `record`."""
        if self._appeared_at is None:
            return
        self._chosen = answer
        self._say_chosen()

    def record(self) -> None:
        """Record the chosen answer and go on."""
        item, answer, appeared = self.item, self._chosen, self._appeared_at
        if item is None or answer is None or appeared is None:
            return
        seconds, by = self._monotonic() - appeared, self._by
        self._appeared_at = None
        self._say_chosen()
        self._background.run(
            lambda: self._station.third_look(item.inspection_id, by, answer, (), seconds),
            lambda _outcome: self._next(),
            self._on_fault,
        )

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Choose by A, U, R, record by Enter, leave by Esc, and zoom; a held key does it once."""
        if not pressed or event.isAutoRepeat():
            return False
        key = Qt.Key(event.key())
        answer = next((answer for answer, own in KEYS.items() if own == key), None)
        if answer is not None:
            self.choose(answer)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.record()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return self.pane.canvas.zoom_by_key(key)
        return True

    def _on_fault(self, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))
        if isinstance(fault, VerdictRefused):
            self._next()  # somebody else was quicker, or it waits no longer
        else:
            self._appeared_at = self._monotonic()
            self._say_chosen()

    def _next(self) -> None:
        self._waiting = self._waiting[1:]
        self._show()

    def _show(self) -> None:
        self._chosen, self._appeared_at = None, None
        item = self.item
        if item is None:
            self.pane.canvas.show_picture(None)
            self.noticed.emit(tr("No part waits for your third look."))
            self.left.emit()
            return
        self._part.setText(item.part_id)
        self._captured.setText(tr("taken {time}").format(time=local_time(item.captured_at, date=True)))
        self._count.setText(tr("%n part(s) wait for you", len(self._waiting)))
        self._say_chosen()
        self._shelf.keep(self._waiting[:2])
        self._shelf.want(item, lambda view: self._on_view(item, view))

    def _on_view(self, item: ReviewItem, view: PartView) -> None:
        if self.item is not item:
            return
        self.pane.canvas.show_picture(view.picture)
        self.pane.say(view.sentence or "")
        self._appeared_at = self._monotonic()
        self._say_chosen()
        self.pane.canvas.setFocus()

    def _say_chosen(self) -> None:
        ready = self._appeared_at is not None
        for button in self.buttons.values():
            button.setEnabled(ready)
        self.record_button.setEnabled(ready and self._chosen is not None)
        if self._chosen is None:
            self.record_button.setText(tr("Choose an answer"))
        else:
            self.record_button.setText(tr("Record: {answer} (Enter)").format(answer=answer_name(self._chosen)))
