"""The study's own inspect page: a picture, two answers, and how far one is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QProgressBar, QWidget

from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer
from ui.look.appearance import Appearance
from ui.study.course import StudyCourse
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, panel, row
from ui.widgets.picture_pane import PicturePane
from ui.widgets.verdict_button import VerdictButton

KEYS = {Qt.Key.Key_A: Judgement.ACCEPT, Qt.Key.Key_R: Judgement.REJECT}


class JudgingView(QWidget):
    """Blind judging: no part number, no model, no answer of anybody else.

    Parameters
    ----------
    appearance : Appearance
        The look.
    course : StudyCourse
        Which part, and what becomes of an answer.

    Signals
    -------
    left()
        The appraiser wants to stop here.
    """

    left = Signal()

    def __init__(self, appearance: Appearance, course: StudyCourse) -> None:
        super().__init__()
        self._course = course
        self.pane = PicturePane(appearance)
        self.pane.offer_marks(False)
        self.accept_button = VerdictButton(appearance, Answer.ACCEPT, "A")
        self.reject_button = VerdictButton(appearance, Answer.REJECT, "R")
        self.back_button = IconButton(appearance, "undo", tr("One part back (Ctrl+Z)"), "quiet")
        self._leave = IconButton(appearance, "pause", tr("Pause the study"), "quiet")
        self._title = label("", "title")
        self._where = label("", "muted", wrap=True)
        self._hint = label(
            tr("Judge as you would at the line. The order is another one in every trial."), "small", wrap=True
        )
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._lay_out(appearance)
        self.accept_button.clicked.connect(lambda: course.answer(Judgement.ACCEPT))
        self.reject_button.clicked.connect(lambda: course.answer(Judgement.REJECT))
        self.back_button.clicked.connect(course.go_back)
        self._leave.clicked.connect(self.left)
        course.appeared.connect(self._on_appeared)

    def _lay_out(self, appearance: Appearance) -> None:
        sizes = appearance.theme.sizes
        side = column(sizes.space_2, None, (sizes.space_4, sizes.space_4, sizes.space_4, sizes.space_2))
        side.addWidget(self._title)
        side.addWidget(self._where)
        side.addWidget(self._bar)
        side.addSpacing(sizes.space_3)
        side.addWidget(self._hint)
        side.addStretch(1)
        side.addWidget(self.accept_button)
        side.addSpacing(sizes.space_4)
        side.addWidget(self.reject_button)
        side.addSpacing(sizes.space_2)
        side.addWidget(self.back_button)
        side.addWidget(self._leave)
        frame = panel(side)
        frame.setFixedWidth(sizes.panel)
        self.top = left = column(sizes.space_3)
        left.addWidget(self.pane, 1)
        body = row(sizes.space_4, self)
        body.addLayout(left, 1)
        body.addWidget(frame)

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Answer, go back and zoom by key; a held key answers only once."""
        if not pressed or event.isAutoRepeat():
            return False
        if event.matches(QKeySequence.StandardKey.Undo):
            self._course.go_back()
            return True
        judgement = KEYS.get(Qt.Key(event.key()))
        if judgement is not None:
            self._course.answer(judgement)
            return True
        return self.pane.canvas.zoom_by_key(event.key())

    def _on_appeared(self) -> None:
        course = self._course
        if course.plan is None or course.place is None:
            return
        done, whole = course.progress
        self._title.setText(course.appraiser)
        self._where.setText(
            tr("Trial {trial} of {trials}, part {part} of {parts}").format(
                trial=course.place.trial,
                trials=course.plan.trials,
                part=course.place.position,
                parts=len(course.plan.parts),
            )
        )
        self._bar.setRange(0, whole)
        self._bar.setValue(done)
        self._bar.setAccessibleName(tr("{done} of {whole} decisions given").format(done=done, whole=whole))
        self.back_button.setEnabled(course.can_go_back)
        self.pane.canvas.show_picture(course.picture)
        self.pane.canvas.setFocus()
