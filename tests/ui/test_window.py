"""The window as a whole: themes, names, room for words, faults, closing, pictures of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import pytest
from in_memory_station import (
    FIRST,
    InMemoryAgreement,
    InMemoryAutomation,
    InMemoryCommissioning,
    InMemoryModels,
    InMemoryStation,
    InMemoryStudies,
    answered,
    scratch,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSlider,
    QWidget,
)

from inspector_app.domain.control import Level
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.events import ServerChanged
from inspector_app.domain.rollout import Slot
from inspector_app.domain.status import Fault, FaultKind, ServerState, ServerStatus, StationState
from inspector_app.domain.verdict import Answer
from ui.dialogs.sign_in import SignInDialog
from ui.look.theme import ThemeName
from ui.texts import duration, percent, tr
from ui.widgets.status_cells import Tone, cells_of
from ui.window_settings import WindowSettings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")
PAGES = range(4)


@pytest.fixture
def busy_station(hands) -> InMemoryStation:
    station = InMemoryStation(replace(FIRST, level=Level.ASSIST, unaided_share=1e-9), clock=hands.clock)
    for _ in range(4):
        station.part(answered(0.9, scratch(100, 100), scratch(300, 300)))
    return station


def test_every_theme_repaints_every_page(open_screen, settled, pixels_of, busy_station) -> None:
    screen = open_screen(busy_station, theme=ThemeName.DARK)
    for page in PAGES:
        screen.window.show_page(page)
        settled(screen)
        pictures = set()
        for name in ThemeName:
            screen.appearance.switch(name)
            pictures.add(pixels_of(screen.window))
        assert len(pictures) == len(ThemeName)


def test_the_theme_button_goes_round(open_screen, busy_station, qtbot) -> None:
    screen = open_screen(busy_station)
    seen = []
    for _ in range(3):
        qtbot.mouseClick(screen.window.header._theme, Qt.MouseButton.LeftButton)
        seen.append(screen.appearance.theme.name)
    assert seen == [ThemeName.DARK, ThemeName.CONTRAST, ThemeName.LIGHT]


def test_whatever_is_operated_has_a_name(open_screen, settled, busy_station) -> None:
    screen = open_screen(busy_station)
    kinds = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QAbstractItemView, QLineEdit)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in screen.window.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not isinstance(widget.parentWidget(), QComboBox | QAbstractSpinBox | QAbstractItemView)
        and widget.parentWidget().metaObject().className() != "QComboBoxPrivateContainer"
    ]
    assert nameless == []


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_no_button_cuts_its_words(open_screen, settled, busy_station, size) -> None:
    screen = open_screen(busy_station, size=size)
    cut = []
    for page in PAGES:
        screen.window.show_page(page)
        settled(screen)
        for button in screen.window.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                needed = button.fontMetrics().horizontalAdvance(button.text())
                if needed > button.width() - 8:
                    cut.append((page, button.text(), needed, button.width()))
    assert cut == []
    assert (screen.window.width(), screen.window.height()) == size


def test_what_is_touched_is_large_enough(open_screen, settled, busy_station) -> None:
    screen = open_screen(busy_station)
    small = []
    for page in PAGES:
        screen.window.show_page(page)
        settled(screen)
        touched = [
            each for each in screen.window.findChildren(QWidget) if isinstance(each, QAbstractButton | QComboBox)
        ]
        small += [
            (page, type(each).__name__, each.height()) for each in touched if each.isVisible() and each.height() < 44
        ]
    assert small == []


def test_pages_by_function_key(open_screen, settled, busy_station, qtbot) -> None:
    screen = open_screen(busy_station)
    screen.window.activateWindow()
    qtbot.waitUntil(screen.window.isActiveWindow)
    for index in (2, 3, 1, 0):
        qtbot.keyClick(screen.window, Qt.Key(Qt.Key.Key_F1 + index))
        assert screen.window.pages.currentIndex() == index


def test_a_fault_is_a_sentence_with_a_way_out(open_screen, settled, busy_station, hands, qtbot) -> None:
    screen = open_screen(busy_station)
    assert not screen.window.banner.isVisible()
    busy_station.fault(Fault(FaultKind.LINE_LOST, "The line does not answer at 10.0.0.7.", hands.now))
    busy_station.fault(Fault(FaultKind.DISK_FULL, "The data disk is full.", hands.now))
    settled(screen)
    banner = screen.window.banner
    assert banner.isVisible()
    assert banner._sentence.text() == "The data disk is full."
    assert "Free space" in banner._way_out.text()
    assert "1" in banner._more.text()
    assert screen.window.header._state.text() == "Fault"
    qtbot.mouseClick(banner._restart, Qt.MouseButton.LeftButton)
    settled(screen)
    assert busy_station.asked[-2:] == ["stop", "start"]


@pytest.mark.parametrize("page", PAGES)
def test_messages_move_neither_the_answers_nor_the_window(open_screen, settled, busy_station, hands, page) -> None:
    screen = open_screen(busy_station)
    screen.window.show_page(page)
    settled(screen)
    still = [*screen.inspect.panel.buttons.values(), screen.inspect.pane.canvas]

    def places():
        return [(part.mapTo(screen.window, part.rect().topLeft()), part.size()) for part in still]

    before = places()
    busy_station.fault(Fault(FaultKind.DISK_FULL, "The data disk is full.", hands.now))
    settled(screen)
    assert screen.window.banner.isVisible()
    assert (screen.window.width(), screen.window.height()) == (1280, 800)
    assert places() == before
    screen.window.say("Something else happened, and it takes many words to say just what. " * 4)
    settled(screen)
    assert screen.window.notice.isVisible()
    assert places() == before
    assert (screen.window.width(), screen.window.height()) == (1280, 800)
    assert screen.window.banner.isVisible() == (not screen.window.page.decides)
    screen.window.notice._leave()
    assert screen.window.banner.isVisible()
    assert places() == before


def test_enter_presses_the_button_with_the_focus_but_decides_no_part(open_screen, settled, busy_station, qtbot) -> None:
    screen = open_screen(busy_station)
    window = screen.window
    settled(screen)
    screen.inspect.panel.buttons[Answer.ACCEPT].setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Return)
    settled(screen)
    assert not any(asked.startswith("submit") for asked in busy_station.asked)
    window.header._pause.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Return)
    settled(screen)
    assert busy_station.state is StationState.PAUSED
    window.show_page(2)
    settled(screen)
    asked = len(screen.agreement._reports.asked)
    screen.agreement._fresh.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Enter)
    settled(screen)
    assert len(screen.agreement._reports.asked) == asked + 1
    screen.agreement.live.setFocus()  # a box is ticked by Space, as everywhere
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert not screen.agreement.live.isChecked()


def test_enter_on_cancel_cancels(open_screen, settled, busy_station, qtbot) -> None:
    screen = open_screen(busy_station)
    inspector = screen.desk.inspector
    screen.window.ask_user()
    dialog = next(
        each for each in QApplication.topLevelWidgets() if isinstance(each, SignInDialog) and each.isVisible()
    )
    dialog._name.setText("Somebody else")
    cancel = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Cancel")
    cancel.setFocus()
    qtbot.keyClick(cancel, Qt.Key.Key_Return)
    settled(screen)
    assert not dialog.isVisible()
    assert screen.desk.inspector == inspector


def test_pause_and_resume(open_screen, settled, busy_station, qtbot) -> None:
    screen = open_screen(busy_station)
    qtbot.mouseClick(screen.window.header._pause, Qt.MouseButton.LeftButton)
    settled(screen)
    assert busy_station.state is StationState.PAUSED
    assert screen.window.header._pause.text() == "Resume"
    qtbot.mouseClick(screen.window.header._pause, Qt.MouseButton.LeftButton)
    settled(screen)
    assert busy_station.state is StationState.RUNNING


def test_a_command_that_fails_is_said(open_screen, settled, busy_station) -> None:
    screen = open_screen(busy_station)

    def fail() -> None:
        raise KnownFault("The camera thread has not ended yet; restart the program.")

    screen.window.command(fail)
    settled(screen)
    assert "restart the program" in screen.window.notice.sentence


def test_signing_in_by_name(open_screen, settled, busy_station, qtbot) -> None:
    screen = open_screen(busy_station, inspector=None, inspectors=("Bob", "Eve"))
    screen.window.ask_user()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, SignInDialog))
    assert not dialog.action.isEnabled()
    qtbot.keyClicks(dialog._name, "  Ada ")
    qtbot.keyClick(dialog._name, Qt.Key.Key_Return)
    settled(screen)
    assert screen.desk.inspector == "Ada"
    assert screen.window.header._user.text() == "Ada"
    assert not dialog.sign_out.isVisibleTo(dialog)


def test_signing_out_leaves_the_part_to_the_next(open_screen, settled, busy_station, hands, qtbot) -> None:
    screen = open_screen(busy_station)
    settled(screen)
    part = screen.desk.item
    screen.window.ask_user()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, SignInDialog))
    qtbot.mouseClick(dialog.sign_out, Qt.MouseButton.LeftButton)
    settled(screen)
    assert not dialog.isVisible()
    assert (screen.desk.inspector, screen.desk.item) == (None, None)
    assert screen.window.header._user.text() == "Sign in"
    assert screen.inspect._sign_in.isVisible()
    hands.turn(1.0)
    qtbot.keyClick(screen.window, Qt.Key.Key_A)
    settled(screen)
    assert not any(call.startswith("submit") for call in busy_station.asked)
    screen.window.sign_in("Bob")
    settled(screen)
    assert screen.desk.item.inspection_id == part.inspection_id


def test_a_name_on_record_is_taken_as_it_is_on_record(open_screen, settled, hands, qtbot) -> None:
    """Typed in other capitals it is the same person: one inspector in every figure, and no third look at own parts."""
    station = InMemoryStation(clock=hands.clock)
    for name in ("Anna Lee", "Bo"):
        station.submit(station.part().inspection_id, name, Answer.ACCEPT, (), 1.0)
    screen = open_screen(station, inspector=None, inspectors=("Eve",))
    screen.window.ask_user()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, SignInDialog))
    settled(screen)
    offered = [chip.text() for chip in dialog._recent.findChildren(QPushButton)]
    assert offered == ["Eve", "Anna Lee", "Bo"]
    qtbot.keyClicks(dialog._name, "anna  lee")
    assert dialog._as_known.text() == "On record as Anna Lee, and so is every verdict now."
    qtbot.keyClick(dialog._name, Qt.Key.Key_Return)
    settled(screen)
    assert screen.desk.inspector == "Anna Lee"


def test_a_name_typed_before_those_on_record_are_known_is_set_right(open_screen, settled, hands, qtbot) -> None:
    station, known = InMemoryStation(clock=hands.clock), Event()
    station.submit(station.part().inspection_id, "Anna Lee", Answer.ACCEPT, (), 1.0)
    screen = open_screen(station, inspector=None)
    read = screen.window._names_on_record
    screen.window._names_on_record = lambda: read() if known.wait(60) else ()
    screen.window.ask_user()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, SignInDialog))
    qtbot.keyClicks(dialog._name, "anna lee")
    qtbot.keyClick(dialog._name, Qt.Key.Key_Return)
    assert screen.desk.inspector == "anna lee"
    known.set()
    settled(screen)
    assert (screen.desk.inspector, screen.window.header._user.text()) == ("Anna Lee", "Anna Lee")
    assert screen.window._names == ["Anna Lee"]
    assert screen.window.notice.sentence == "On record as Anna Lee, and so is every verdict now."


def test_the_header_follows_a_state_that_was_taken_over_without_an_event(open_screen, settled) -> None:
    station = InMemoryStation(FIRST)
    screen = open_screen(station)
    station._control = replace(FIRST, level=Level.FULL)
    screen.window.ask_status()
    settled(screen)
    assert screen.window.header._level.text() == "Full"


@pytest.mark.parametrize(
    ("kind", "cell", "tone"),
    [
        (FaultKind.CAMERA_LOST, 0, Tone.BAD),
        (FaultKind.CAMERA_BUG, 0, Tone.BAD),
        (FaultKind.MODEL_MISSING, 1, Tone.WARN),
        (FaultKind.MODEL_FAILING, 1, Tone.BAD),
        (FaultKind.LINE_LOST, 2, Tone.BAD),
        (FaultKind.DISK_FULL, 3, Tone.BAD),
        (FaultKind.LOG_READ_ONLY, 3, Tone.BAD),
        (FaultKind.LOG_UNAVAILABLE, 3, Tone.BAD),
        (FaultKind.PICTURES_NOT_STORED, 3, Tone.BAD),
        (FaultKind.QUEUE_OVERFLOW, 4, Tone.BAD),
    ],
)
def test_each_fault_shows_in_its_cell(kind: FaultKind, cell: int, tone: Tone) -> None:
    station = InMemoryStation()
    calm = cells_of(station.status(), None)
    assert {each.tone for each in calm} == {Tone.OK}
    station.fault(Fault(kind, "x", datetime(2026, 1, 1, tzinfo=UTC)))
    cells = cells_of(station.status(), 5.0)
    assert [each.tone for each in cells].index(tone) == cell
    assert cells[cell].word != calm[cell].word


@pytest.mark.parametrize(
    ("state", "local", "word", "tone"),
    [
        (ServerState.ANSWERING, True, "Server: scratch-seg 1.0.0", Tone.OK),
        (ServerState.ANSWERING, False, "Server: scratch-seg 1.0.0", Tone.OK),
        (ServerState.AWAY, True, "Local (server away since {time})", Tone.WARN),
        (ServerState.RETURNING, True, "Local (server away since {time})", Tone.WARN),
        (ServerState.AWAY, False, "None: parts go to inspectors", Tone.WARN),
    ],
)
def test_who_judges_where_a_server_is_asked_first(state: ServerState, local: bool, word: str, tone: Tone) -> None:
    since = datetime(2026, 1, 1, 14, 2, 30, tzinfo=UTC)
    server = ServerStatus("grpc://edge:8001", state, since, "There is no connection.", local)
    status = replace(InMemoryStation().status(), server=server)
    cell = cells_of(status, None)[1]
    assert (cell.word, cell.tone) == (word.format(time=since.astimezone().strftime("%H:%M")), tone)
    off = cells_of(replace(status, state=StationState.STOPPED), None)[1]
    assert (off.word, off.tone) == ("scratch-seg 1.0.0", Tone.OK)


def test_a_server_that_comes_and_goes_raises_no_banner_and_moves_nothing_else(
    open_screen, settled, pixels_of, busy_station
) -> None:
    """An inspector has nothing to do about it: the strip says it, and the page stays as it is to the pixel."""
    screen = open_screen(busy_station)
    settled(screen)
    before = pixels_of(screen.window.pages)
    away = ServerStatus("grpc://edge:8001", ServerState.AWAY, datetime(2026, 1, 1, tzinfo=UTC), "x", True)
    calm = busy_station.status
    busy_station.status = lambda: replace(calm(), server=away)
    busy_station._tell(ServerChanged(Slot.BLUE, away, "The prediction server is away."))
    settled(screen)
    assert "Local (server away" in screen.window.strip._cells[1]._word.text()
    assert pixels_of(screen.window.pages) == before


def test_little_space_and_an_idle_camera_are_shown() -> None:
    station = InMemoryStation()
    status = replace(station.status(), disk_free_bytes=10**9, state=StationState.STOPPED, model="none", line="none")
    tones = [cell.tone for cell in cells_of(status, None)]
    assert tones == [Tone.OFF, Tone.OFF, Tone.OFF, Tone.WARN, Tone.OK]


def test_closing_in_the_middle_of_everything(open_screen, busy_station, hands) -> None:
    """Close while a verdict is being saved and news are on their way: nothing is raised, nothing is lost."""

    screen = open_screen(busy_station)
    hands.turn(1.0)
    assert screen.desk.answer(Answer.ACCEPT)
    busy_station.part(answered(0.5))
    assert screen.close()
    assert screen.close()
    busy_station.part(answered(0.5))
    assert len(busy_station.entry("i-00001").verdicts) == 1
    assert not screen.window.isVisible()


def test_the_window_opens_and_ends_with_its_station(qtbot, hands, tmp_path) -> None:
    from PySide6.QtCore import QTimer

    from ui.application import run_window
    from ui.window import StationWindow
    from ui.window_settings import Records

    station = InMemoryStation()
    station.state = StationState.STOPPED
    records = Records(
        station,
        station.changes,
        InMemoryAgreement(station, station.now, tmp_path),
        InMemoryStudies(),
        InMemoryModels(),
        InMemoryAutomation(station),
        InMemoryCommissioning(),
    )

    def close_it() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, StationWindow) and widget.isVisible():
                widget.close()

    QTimer.singleShot(500, close_it)
    assert run_window(station, records, WindowSettings(scale=1.0)) == 0
    assert [call for call in station.asked if call in {"start", "stop"}] == ["start", "stop"]


def test_pictures_of_every_page(busy_station, hands, tmp_path) -> None:
    from ui.screenshots import PAGES as SHOTS
    from ui.screenshots import ScreenshotStudio
    from ui.window_settings import Records

    records = Records(
        busy_station,
        busy_station.changes,
        InMemoryAgreement(busy_station, hands.clock, tmp_path),
        InMemoryStudies(),
        InMemoryModels(),
        InMemoryAutomation(busy_station),
        InMemoryCommissioning(),
    )
    studio = ScreenshotStudio(busy_station, records, WindowSettings(inspector="Ada", scale=1.0))
    files = studio.take(tmp_path / "shots", "assist")
    studio.close()
    studio.close()
    assert [path.name for path in files] == [
        f"assist-{page}-{theme}.png" for page in SHOTS if page != "camera" for theme in ("light", "dark")
    ]
    assert len({path.read_bytes() for path in files}) == len(files)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("guard:rollout latency", "taken the new model back"),
        ("guard:seed_missed", "taken decisions back"),
        ("Eva", None),
    ],
)
def test_the_window_says_that_a_guard_has_stepped_left_but_not_on_what_part(open_screen, settled, by, words) -> None:
    station = InMemoryStation(replace(FIRST, level=Level.PARTIAL))
    screen = open_screen(station)
    station.change_control(by, "Part P-7 was accepted.", level=Level.ASSIST)
    settled(screen)
    said = screen.window.notice.sentence
    assert said == "" if words is None else words in said
    assert "P-7" not in said


def test_settings_of_the_window_are_checked() -> None:
    with pytest.raises(ValueError, match="one to nine"):
        WindowSettings(defect_classes=tuple("0123456789"))


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.9, "59 s"), (65, "1:05 min"), (3725, "1:02 h")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_plurals_and_percentages() -> None:
    assert tr("The model marked %n place(s)", 1) == "The model marked 1 place"
    assert tr("The model marked %n place(s)", 2) == "The model marked 2 places"
    assert percent(0.1234, 1) == "12.3\u202f%"
