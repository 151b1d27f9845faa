"""Beside the picture: which part, what is known about it, and the three answers, always in the same place."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from inspector_app.domain.review import ReviewItem
from inspector_app.domain.verdict import Answer
from ui.look.appearance import Appearance
from ui.review.shelf import PartView
from ui.texts import local_time, tr
from ui.widgets.basics import ElidedLabel, IconButton, column, label, set_role
from ui.widgets.class_chooser import ClassChooser
from ui.widgets.mark_list import MarkList
from ui.widgets.verdict_button import KEYS, VerdictButton
from ui.wording import answer_name


class VerdictPanel(QFrame):
    """The inspector's side of the inspect page.

    Parameters
    ----------
    appearance : Appearance
        For look and sizes.
    classes : tuple of str
        Classes of a reject.
    note : str
        What stands where nothing of the model is shown; empty for nothing.
    dated : bool
        True where parts may be of another day: their time is shown with its date.

    Signals
    -------
    pressed(Answer)
        One of the three buttons.
    undo_pressed()
        The undo button.
    """

    pressed = Signal(object)
    undo_pressed = Signal()

    def __init__(
        self, appearance: Appearance, classes: tuple[str, ...], note: str = "", *, dated: bool = False
    ) -> None:
        super().__init__()
        self._dated = dated
        sizes = appearance.theme.sizes
        self.setProperty("role", "panel")
        self.setFixedWidth(sizes.panel)
        self._part = ElidedLabel("", "title")
        self._captured = label("", "muted")
        self._stage = label("", wrap=True)
        self._stage_frame = QFrame()
        stage = column(0, self._stage_frame, (sizes.space_3, sizes.space_2, sizes.space_3, sizes.space_2))
        stage.addWidget(self._stage)
        self.chooser = ClassChooser(appearance, classes)
        self.marks = MarkList(appearance)
        self._nothing = QWidget()
        noted = column(0, self._nothing)
        noted.addWidget(label(note, "small", wrap=True))
        noted.addStretch(1)
        self._seen = False
        self._staged = False
        self._room = QStackedWidget()
        for widget in (self._nothing, self.marks, self.chooser):
            self._room.addWidget(widget)
        self.buttons = {answer: VerdictButton(appearance, answer, chr(key)) for answer, key in KEYS.items()}
        self._undo = IconButton(appearance, "undo", tr("Undo"), "quiet")
        self._undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._undo.clicked.connect(self.undo_pressed)
        for answer, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, a=answer: self.pressed.emit(a))
        self._lay_out(appearance)

    def _lay_out(self, appearance: Appearance) -> None:
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_4, sizes.space_4, sizes.space_2))
        body.addWidget(self._part)
        body.addWidget(self._captured)
        body.addWidget(self._stage_frame)
        body.addWidget(self._room, 1)
        for answer in (Answer.ACCEPT, Answer.UNSURE, Answer.REJECT):
            body.addWidget(self.buttons[answer])
            body.addSpacing(sizes.space_2)
        body.addWidget(self._undo)

    @property
    def choosing(self) -> bool:
        """True while the class of a reject is being chosen."""
        return self._room.currentWidget() is self.chooser

    def show_part(self, item: ReviewItem | None, view: PartView | None, first: Answer | None) -> None:
        """Show a part, or that there is none."""
        self._part.setText(item.part_id if item else tr("No part"))
        taken = tr("taken {time}").format(time=local_time(item.captured_at, date=self._dated)) if item else ""
        self._captured.setText(taken)
        self._show_stage(item, view, first)
        self.choose(choosing=False)

    def _show_stage(self, item: ReviewItem | None, view: PartView | None, first: Answer | None) -> None:
        seen = item is not None and item.model_view is not None
        self.marks.show_marks(view.marks if view is not None else ())
        self._seen = seen
        second = item is not None and item.revealed
        complaint = view is not None and view.sentence is not None
        self._staged = second or complaint
        if second:
            said = tr("Your first answer: {said}.").format(said=answer_name(first)) if first else ""
            self._stage.setText(tr("Second look. {said} Answer again to keep or change it.").format(said=said))
            set_role(self._stage_frame, "tone", "info")
        elif complaint:
            by_eye = tr("No usable picture: judge the part itself by eye.")
            said = tr("Poor picture: look at the part itself.") if view and view.picture else by_eye
            self._stage.setText(said)
            set_role(self._stage_frame, "tone", "warn")

    def choose(self, *, choosing: bool) -> None:
        """Show the choice of classes, or put it away."""
        self.chooser.reset()
        at_rest = self.marks if self._seen else self._nothing
        # On a small screen the choice needs the room of the words above it.
        self._stage_frame.setVisible(self._staged and not choosing)
        self._captured.setVisible(not choosing)
        self._room.setCurrentWidget(self.chooser if choosing else at_rest)

    def enable(self, *, answers: bool) -> None:
        """Let the answers be pressed or not."""
        for button in self.buttons.values():
            button.setEnabled(answers)

    def show_undo(self, last: tuple[str, Answer] | None, seconds: float) -> None:
        """Say what would be undone and for how long that is possible."""
        self._undo.setEnabled(last is not None and seconds > 0.0)
        if last is not None and seconds > 0.0:
            part, answer = last
            text = tr("Undo {answer} · {n:.0f} s (Ctrl+Z)").format(answer=answer_name(answer), n=seconds + 0.5)
            self._undo.setToolTip(tr("Part {part}").format(part=part))
        else:
            text = tr("Nothing to undo (Ctrl+Z)")
            self._undo.setToolTip("")
        self._undo.setText(text)


def oldest_age_s(waiting: tuple[ReviewItem, ...], now: datetime) -> float | None:
    """Return how long the oldest waiting part has waited, ``None`` if none waits."""
    if not waiting:
        return None
    return max(0.0, (now - min(item.captured_at for item in waiting)).total_seconds())
