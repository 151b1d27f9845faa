"""The window of a station that nobody has told anything yet: it asks, tries, checks and writes its settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from inspector_app.domain.commissioning import CommissioningRoom, FirstAnswers
from inspector_app.domain.errors import KnownFault
from ui.background import Background
from ui.commissioning.camera_step import CameraStep
from ui.commissioning.check_step import CheckStep
from ui.commissioning.line_step import LineStep, line_offers
from ui.commissioning.steps import NameStep, PeopleStep, Step
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, IconButton, column, label, row, set_role

_BACKGROUND_S = 15.0


class FirstStart(QWidget):
    """Asks what a station must know before its first part.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : CommissioningRoom
        Where answers are tried and written.
    background : Background
        Where the room is asked.

    Signals
    -------
    finished(bool)
        True: go on and open the station; False: the window was closed.
    """

    finished = Signal(bool)

    def __init__(self, appearance: Appearance, room: CommissioningRoom, background: Background) -> None:
        super().__init__()
        self._appearance = appearance
        self._room = room
        self._background = background
        self._done = False
        self.setObjectName("page")
        self.setWindowTitle(tr("Set up the inspection station"))
        self.setMinimumSize(1024, 720)
        folder = room.settings_file.parent
        self.name_step = NameStep(appearance)
        self.camera_step = CameraStep(appearance, room, background)
        self.line_step = LineStep(appearance, room, background, line_offers(folder))
        self.people_step = PeopleStep(appearance, room.pin_command("NAME"))
        self.check_step = CheckStep(appearance, room, background, lambda: self.answers)
        self.steps: tuple[Step, ...] = (
            self.name_step, self.camera_step, self.line_step, self.people_step, self.check_step
        )  # fmt: skip
        self._build()
        self.show_step(0)

    @property
    def answers(self) -> FirstAnswers:
        """What was answered so far."""
        return FirstAnswers(
            station=self.name_step.value,
            camera=self.camera_step.value,
            lines=self.line_step.value,
            supervisors=self.people_step.value,
        )

    @property
    def at(self) -> int:
        """Index of the step in view."""
        return self._pages.currentIndex()

    @property
    def fault(self) -> str:
        """Why it did not go on, empty if nothing kept it."""
        return self._fault.text()

    def show_step(self, index: int) -> None:
        """Go to a step."""
        self.steps[self.at].left()
        self._pages.setCurrentIndex(index)
        self._fault.setText("")
        self.steps[index].entered()
        self._offer()

    def go_on(self) -> None:
        """Go to the next step; after the last one write the settings and end."""
        if self.steps[self.at].lacking:
            return
        room, answers, last = self._room, self.answers, self.at + 1 == len(self.steps)
        self.next_button.setEnabled(False)
        if last:
            self._background.run(lambda: room.write(answers), lambda _none: self._end(go_on=True), self._on_fault)
        else:
            at = self.at + 1
            self._background.run(lambda: room.check(answers), lambda _none: self.show_step(at), self._on_fault)

    def skip(self) -> None:
        """Open the station on its defaults; nothing is written."""
        self._end(go_on=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take it as no."""
        self._end(go_on=False)
        super().closeEvent(event)

    def _build(self) -> None:
        sizes = self._appearance.theme.sizes
        self._pages = QStackedWidget()
        names = column(sizes.space_4)
        names.addWidget(label(tr("New station"), "large"))
        self._marks: list[tuple[Glyph, QWidget]] = []
        for number, step in enumerate(self.steps, 1):
            self._pages.addWidget(step)
            step.changed.connect(self._offer)
            glyph, words = Glyph(self._appearance, "state-off", "muted"), label(f"{number}  {step.name}")
            across = row(sizes.space_2)
            across.addWidget(glyph)
            across.addWidget(words, 1)
            names.addLayout(across)
            self._marks.append((glyph, words))
        names.addStretch(1)
        where = tr("Answers go to {file}; all of it can be changed there later.").format(file=self._room.settings_file)
        names.addWidget(label(where, "small", wrap=True))
        side = QFrame()
        side.setObjectName("rail")
        side.setFixedWidth(round(260 * self._appearance.theme.scale))
        names.setContentsMargins(*(sizes.space_5,) * 4)
        side.setLayout(names)
        self.skip_button = IconButton(self._appearance, "", tr("Look around with made-up parts"), "quiet")
        self.skip_button.clicked.connect(self.skip)
        self.back_button = IconButton(self._appearance, "back", tr("Back"))
        self.back_button.clicked.connect(lambda: self.show_step(self.at - 1))
        self.next_button = IconButton(self._appearance, "forward", tr("Next"), "primary")
        self.next_button.clicked.connect(self.go_on)
        self._fault = label("", "bad", wrap=True)
        foot = row(sizes.space_3)
        foot.addWidget(self.skip_button)
        foot.addWidget(self._fault, 1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.next_button)
        main = column(sizes.space_4, margins=(sizes.space_5,) * 4)
        main.addWidget(self._pages, 1)
        main.addLayout(foot)
        whole = row(0, self)
        whole.addWidget(side)
        whole.addLayout(main, 1)

    def _offer(self) -> None:
        """Let be pressed what can be done now."""
        last = self.at + 1 == len(self.steps)
        lacking = self.steps[self.at].lacking
        self.back_button.setEnabled(self.at > 0)
        self.next_button.setEnabled(not lacking)
        self.next_button.setText(tr("Save and open the station") if last else tr("Next"))
        self.next_button.setShortcut(Qt.Key.Key_Return)  # another text takes it away
        self.next_button.setToolTip(lacking)
        for index, (glyph, words) in enumerate(self._marks):
            done = index < self.at
            glyph.show_icon(
                "state-ok" if done else "play" if index == self.at else "state-off", "text" if done else "muted"
            )
            set_role(words, "role", "strong" if index == self.at else "muted")

    def _on_fault(self, fault: KnownFault) -> None:
        self._fault.setText(str(fault))
        self._offer()

    def _end(self, *, go_on: bool) -> None:
        if not self._done:
            self._done = True
            self.steps[self.at].left()
            self._background.close(_BACKGROUND_S)
            self.finished.emit(go_on)
