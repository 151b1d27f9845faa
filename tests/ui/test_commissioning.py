"""Setting a station up, and the system page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from in_memory_station import FIRST, InMemoryCommissioning, InMemoryStation
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from inspector_app.domain.commissioning import Check, Finding, FirstAnswers, FoundCamera, Grade
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.status import Fault, FaultKind
from ui.background import Background
from ui.commissioning.findings_view import check_name, grade_word
from ui.commissioning.first_start import FirstStart
from ui.look.appearance import Appearance
from ui.look.theme import ThemeName

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
GOOD = Finding(Check.DISK, Grade.GOOD, "The disk is fast.")
BAD = Finding(Check.LINE, Grade.BAD, "The line does not answer.", "Look at its cable.")
SKIPPED = Finding(Check.CAMERA, Grade.SKIPPED, "In use.", "Close it.")
SYSTEM = 6


class Asked:
    """The first start's window, and what came of it."""

    def __init__(self, qtbot, room: InMemoryCommissioning) -> None:
        self.background = Background()
        self.appearance = Appearance(QApplication.instance(), ThemeName.LIGHT, 1.0)
        self.window = FirstStart(self.appearance, room, self.background)
        self.outcomes: list[bool] = []
        self.window.finished.connect(self.outcomes.append)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 800)
        self.window.show()
        self._qtbot = qtbot
        self.rest()

    def rest(self) -> None:
        self._qtbot.wait(60)
        self._qtbot.waitUntil(lambda: not self.background.busy)

    def go_on(self, times: int = 1) -> None:
        for _ in range(times):
            self.window.go_on()
            self.rest()


@pytest.fixture
def asked(qtbot):
    made: list[Asked] = []

    def make(room: InMemoryCommissioning) -> Asked:
        made.append(Asked(qtbot, room))
        return made[-1]

    yield make
    for each in made:
        each.window.close()


def test_answers_are_asked_checked_and_written(asked) -> None:
    room = InMemoryCommissioning(GOOD, cameras=(FoundCamera("pylon:1", "Basler A"), FoundCamera("pylon:2", "Basler B")))
    first = asked(room)
    window = first.window
    window.name_step.edit.setText("  glass 2 ")
    first.go_on()
    assert window.camera_step.value == "pylon:1"
    window.camera_step.box.setCurrentIndex(1)
    window.camera_step.try_it()
    first.rest()
    assert room.tried == ["pylon:2"]
    assert not window.camera_step.pane.canvas.empty
    first.go_on()
    window.line_step.box.setCurrentIndex(1)
    window.line_step.edit.setText("modbus://plc:502/?accept=3")
    window.line_step.try_it()
    first.rest()
    assert window.line_step.finding.sentence == "modbus://plc:502/?accept=3 is connected."
    first.go_on()
    window.people_step.edit.setText("Ana, Bo,, Ana")
    first.go_on()
    wanted = FirstAnswers("glass 2", "pylon:2", ("modbus://plc:502/?accept=3",), ("Ana", "Bo"))
    assert room.examined == [wanted]
    assert window.check_step.view.findings == (GOOD,)
    assert room.written == []
    first.go_on()
    assert room.written == [wanted]
    assert first.outcomes == [True]


def test_enter_leads_through_to_the_end(asked, qtbot) -> None:
    room = InMemoryCommissioning(GOOD, cameras=(FoundCamera("pylon:1", "Basler A"),))
    first = asked(room)
    window = first.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for at in range(1, len(window.steps)):
        qtbot.keyClick(window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda at=at: window.at == at)
    first.rest()
    qtbot.keyClick(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(room.written) == 1)


def test_a_camera_that_fails_says_so_and_another_address_takes_it_back(asked) -> None:
    first = asked(InMemoryCommissioning())
    first.go_on()
    step = first.window.camera_step
    step.edit.setText("usb:9")
    step.try_it()
    first.rest()
    assert step.finding.sentence == "USB camera 9 does not answer."
    assert step.pane.canvas.empty
    step.edit.setText("usb:8")
    assert step.finding.sentence == ""


def test_the_way_on_is_shut_while_something_is_missing(asked) -> None:
    first = asked(InMemoryCommissioning())
    first.window.name_step.edit.setText("   ")
    assert not first.window.next_button.isEnabled()
    first.go_on()
    assert first.window.at == 0
    first.window.name_step.edit.setText("glass")
    assert first.window.next_button.isEnabled()


def test_answers_that_cannot_be_used_are_named_and_nothing_goes_on(asked) -> None:
    room = InMemoryCommissioning()
    room.fault = SettingsError("These answers: the name is too long.")
    first = asked(room)
    first.go_on()
    assert first.window.at == 0
    assert first.window.fault == "These answers: the name is too long."


def test_going_back_and_on_examines_only_what_has_changed(asked) -> None:
    room = InMemoryCommissioning(GOOD)
    first = asked(room)
    first.go_on(4)
    first.window.show_step(3)
    first.go_on()
    assert len(room.examined) == 1
    first.window.show_step(3)
    first.window.people_step.edit.setText("Ana")
    first.go_on()
    assert [answers.supervisors for answers in room.examined] == [(), ("Ana",)]


@pytest.mark.parametrize(("how", "outcome"), [("skip", True), ("close", False)])
def test_it_can_be_skipped_or_closed_and_nothing_is_written(asked, how, outcome) -> None:
    room = InMemoryCommissioning()
    first = asked(room)
    getattr(first.window, how)()
    first.window.close()
    assert first.outcomes == [outcome]
    assert room.written == []


def test_every_check_and_grade_has_words() -> None:
    assert len({check_name(check) for check in Check}) == len(Check)
    assert len({grade_word(grade) for grade in Grade}) == len(Grade)


def test_the_system_page_examines_when_it_is_first_seen_and_says_what_to_mend(open_screen, settled) -> None:
    room = InMemoryCommissioning(GOOD, BAD)
    screen = open_screen(InMemoryStation(FIRST), commissioning=room)
    assert room.examined == []
    screen.window.show_page(SYSTEM)
    settled(screen)
    assert room.examined == [None]
    assert screen.system.view.findings == (GOOD, BAD)
    assert "mended" in screen.system.said.text()
    screen.window.show_page(0)
    screen.window.show_page(SYSTEM)
    settled(screen)
    assert len(room.examined) == 1
    screen.system.again_button.click()
    settled(screen)
    assert len(room.examined) == 2
    assert screen.system.view.findings == (GOOD, BAD)


def test_what_the_station_uses_is_told_by_the_station(open_screen, settled, hands) -> None:
    station = InMemoryStation(FIRST, clock=hands.clock)
    screen = open_screen(station, commissioning=InMemoryCommissioning(SKIPPED, replace(SKIPPED, check=Check.LINE)))
    station.fault(Fault(FaultKind.LINE_LOST, "The PLC does not answer.", hands.now))
    screen.window.show_page(SYSTEM)
    settled(screen)
    camera, line = screen.system.view.findings
    assert (camera.check, line.grade, line.sentence) == (Check.CAMERA, Grade.BAD, "The PLC does not answer.")
