"""The inspect page by key and by button, and what it must never give away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from in_memory_station import FIRST, InMemoryStation, answered, picture, scratch
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.frame import PictureFlaw, Unfit
from inspector_app.domain.prediction import Prediction, PredictionStatus, unusable_prediction
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import Answer
from inspector_app.domain.views import ViewPlace

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def press(screen, key, *, repeat: bool = False, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Send a key to whatever has the focus, as the keyboard does."""
    target = screen.window.focusWidget() or screen.window
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(target, QKeyEvent(kind, key, modifiers, "", repeat))


def submitted(station: InMemoryStation) -> list[str]:
    return [call for call in station.asked if call.startswith("submit")]


@pytest.fixture
def station(hands) -> InMemoryStation:
    station = InMemoryStation(clock=hands.clock)
    for _ in range(3):
        station.part(answered(0.9, scratch(100, 100)))
    return station


@pytest.mark.parametrize(("key", "answer"), [(Qt.Key.Key_A, "accept"), (Qt.Key.Key_U, "unsure")])
def test_one_key_answers(open_screen, settled, hands, station, key, answer) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, key)
    settled(screen)
    assert submitted(station) == [f"submit i-00001 {answer} "]
    assert screen.desk.item.part_id == "P-00002"


def test_a_reject_takes_one_key_and_one_number(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_R)
    assert screen.inspect.panel.choosing
    assert submitted(station) == []
    press(screen, Qt.Key.Key_3)
    settled(screen)
    assert submitted(station) == ["submit i-00001 reject crack"]
    assert not screen.inspect.panel.choosing


def test_a_quick_reject_takes_the_first_class(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_R)
    press(screen, Qt.Key.Key_Return)
    settled(screen)
    assert submitted(station) == ["submit i-00001 reject scratch"]


def test_several_classes_are_marked_and_confirmed(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    for key in (Qt.Key.Key_R, Qt.Key.Key_S, Qt.Key.Key_1, Qt.Key.Key_4, Qt.Key.Key_Return):
        press(screen, key)
    settled(screen)
    assert submitted(station) == ["submit i-00001 reject scratch,dirt"]


def test_several_classes_by_touch(open_screen, settled, hands, station, qtbot) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    panel = screen.inspect.panel
    qtbot.mouseClick(panel.buttons[Answer.REJECT], Qt.MouseButton.LeftButton)
    chooser = panel.chooser
    qtbot.mouseClick(chooser._several, Qt.MouseButton.LeftButton)
    for index in (1, 2, 2):
        qtbot.mouseClick(chooser._chips[index], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(chooser._confirm, Qt.MouseButton.LeftButton)
    settled(screen)
    assert submitted(station) == ["submit i-00001 reject chip"]


def test_escape_leaves_the_choice_of_classes(open_screen, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_R)
    press(screen, Qt.Key.Key_Escape)
    assert not screen.inspect.panel.choosing
    assert submitted(station) == []


def test_a_number_without_a_class_does_nothing(open_screen, hands, station) -> None:
    screen = open_screen(station, defect_classes=("scratch", "chip"))
    hands.turn(1.0)
    press(screen, Qt.Key.Key_R)
    press(screen, Qt.Key.Key_9)
    assert screen.inspect.panel.choosing
    assert submitted(station) == []


def test_a_held_key_answers_once(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A, repeat=True)
    settled(screen)
    assert len(submitted(station)) == 1


def test_a_double_press_judges_one_part(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    assert len(submitted(station)) == 1


def test_undo_by_key(open_screen, settled, hands, station) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    press(screen, Qt.Key.Key_Z, modifiers=Qt.KeyboardModifier.ControlModifier)
    settled(screen)
    assert screen.desk.item.part_id == "P-00001"
    assert station.entry("i-00001").verdicts[0].retracted


def test_letters_typed_elsewhere_judge_nothing(open_screen, settled, hands, station, qtbot) -> None:
    screen = open_screen(station)
    hands.turn(1.0)
    screen.window.show_page(1)
    settled(screen)
    screen.history.part.setFocus()
    qtbot.keyClicks(screen.history.part, "aur")
    settled(screen)
    assert submitted(station) == []
    assert screen.history.part.text() == "aur"


def test_from_view_to_view_by_key_and_by_tab(open_screen, settled, hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    front, back = ViewPlace("front", 0, 0, 300, 480), ViewPlace("back", 340, 0, 300, 480)
    station.part(views=(front, back))
    station.part()
    screen = open_screen(station)
    hands.turn(1.0)
    pane = screen.inspect.pane
    canvas = pane.canvas
    assert pane.views.isVisible()
    assert pane.views.names == ("All views", "front", "back")
    whole = canvas.scale_now

    def middle() -> tuple[int, int]:
        at = canvas.mapToScene(canvas.viewport().rect().center())
        return round(at.x()), round(at.y())

    seen = []
    for _ in range(3):
        press(screen, Qt.Key.Key_V)
        seen.append((middle(), canvas.scale_now > whole))
    assert [zoomed for _, zoomed in seen] == [True, True, False]
    for (at, _), view in zip(seen, (front, back), strict=False):
        assert at == pytest.approx((view.x + view.w / 2, view.y + view.h / 2), abs=2)
    press(screen, Qt.Key.Key_V, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert middle() == pytest.approx((490, 240), abs=2)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    hands.turn(1.0)
    assert not pane.views.isVisible()
    assert submitted(station) == ["submit i-00001 accept "]


def test_marks_are_hidden_while_h_is_held(open_screen, hands) -> None:
    station = InMemoryStation(replace(FIRST, level=Level.ASSIST, unaided_share=1e-9), clock=hands.clock)
    station.part(answered(0.9, scratch(100, 100)))
    screen = open_screen(station)
    shown: list[bool] = []
    screen.inspect.pane.marks_shown.connect(shown.append)
    press(screen, Qt.Key.Key_H)
    assert shown == [False, True]


def test_marks_stay_away_until_the_next_part(open_screen, settled, hands) -> None:
    station = InMemoryStation(replace(FIRST, level=Level.ASSIST, unaided_share=1e-9), clock=hands.clock)
    for _ in range(2):
        station.part(answered(0.9, scratch(100, 100)))
    screen = open_screen(station)
    marks = screen.inspect.pane.canvas._marks
    assert marks[0].isVisible()
    press(screen, Qt.Key.Key_O)
    assert not marks[0].isVisible()
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    assert screen.inspect.pane.canvas._marks[0].isVisible()


def test_the_second_look_is_said_in_words(open_screen, settled, hands) -> None:
    control = replace(FIRST, level=Level.ASSIST, style=AssistStyle.SECOND_LOOK, unaided_share=1e-9)
    station = InMemoryStation(control, clock=hands.clock)
    station.part(answered(0.9, scratch(100, 100)))
    screen = open_screen(station)
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    assert screen.inspect.panel._stage_frame.isVisible()
    assert "Your first answer: Accept." in screen.inspect.panel._stage.text()


@pytest.mark.parametrize("classes", [("scratch", "chip"), tuple(f"class {n}" for n in range(1, 10))])
def test_the_answers_never_move(open_screen, settled, hands, classes) -> None:
    control = replace(FIRST, level=Level.ASSIST, style=AssistStyle.SECOND_LOOK, unaided_share=1e-9)
    station = InMemoryStation(control, clock=hands.clock)
    station.part(answered(0.9, scratch(100, 100)))
    station.part(usable=False)
    screen = open_screen(station, defect_classes=classes)
    buttons = screen.inspect.panel.buttons.values()
    places = []
    for key in (Qt.Key.Key_A, Qt.Key.Key_1, Qt.Key.Key_A):
        hands.turn(1.0)
        for step in (Qt.Key.Key_R, Qt.Key.Key_Escape):
            press(screen, step)
            screen.window.grab()
            places.append([button.mapTo(screen.window, button.rect().topLeft()) for button in buttons])
        press(screen, Qt.Key.Key_R if key == Qt.Key.Key_1 else key)
        press(screen, key)
        settled(screen)
        screen.window.grab()
        places.append([button.mapTo(screen.window, button.rect().topLeft()) for button in buttons])
    assert len(submitted(station)) == 3
    assert all(place == places[0] for place in places)
    assert screen.window.height() == 800


def test_a_part_without_picture_asks_for_a_look_at_the_part(open_screen, hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    station.part(usable=False)
    screen = open_screen(station)
    assert screen.inspect.pane._caption.text() == "The picture file is cut short."
    assert "by eye" in screen.inspect.panel._stage.text()


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (StationState.RUNNING, "No part waits"),
        (StationState.PAUSED, "paused"),
        (StationState.STOPPED, "stopped"),
        (StationState.FINISHED, "no more pictures"),
    ],
)
def test_an_empty_page_says_what_is_going_on(open_screen, settled, hands, state, word) -> None:
    station = InMemoryStation(clock=hands.clock)
    station.state = state
    screen = open_screen(station)
    settled(screen)
    assert word in screen.inspect.pane._caption.text()


def test_parts_that_wait_for_a_name_are_not_denied(open_screen, settled, station) -> None:
    station.state = StationState.FINISHED
    screen = open_screen(station, inspector=None)
    settled(screen)
    assert "Sign in to judge the parts that wait" in screen.inspect.pane._caption.text()


def test_the_live_picture_is_shown_while_nothing_waits(open_screen, settled, hands, qtbot) -> None:
    station = InMemoryStation(replace(FIRST, level=Level.FULL, audit_share=1e-9), clock=hands.clock)
    screen = open_screen(station)
    hands.turn(1.0)
    station.part(answered(0.001))
    qtbot.waitUntil(lambda: not screen.inspect.pane.canvas.empty)
    assert screen.desk.item is None
    assert not screen.inspect.panel.buttons[Answer.ACCEPT].isEnabled()


def test_without_a_name_nothing_is_judged(open_screen, hands, station) -> None:
    screen = open_screen(station, inspector=None)
    assert screen.inspect._sign_in.isVisible()
    assert not screen.inspect.panel.buttons[Answer.ACCEPT].isEnabled()
    hands.turn(1.0)
    press(screen, Qt.Key.Key_A)
    assert submitted(station) == []


@pytest.mark.parametrize("level", Level)
def test_a_picture_that_is_not_fit_is_shown_with_the_reason(open_screen, settled, hands, level) -> None:
    station = InMemoryStation(replace(FIRST, level=level), clock=hands.clock)
    station.part(answered(0.999, scratch(100, 100)), unfit=Unfit(PictureFlaw.BLURRED, "The picture is out of focus."))
    screen = open_screen(station)
    settled(screen)
    page = screen.inspect
    assert not page.pane.canvas.empty
    assert page.pane._caption.text() == "The picture is out of focus."
    assert page.panel._stage.text() == "Poor picture: look at the part itself."
    assert page.panel._stage_frame.isVisible()


# --- nothing differs by a pixel because of what the model thinks ---

OUTPUTS: dict[str, Prediction | None] = {
    "sure of good": answered(0.001),
    "sure of bad": answered(0.999, scratch(100, 100), scratch(400, 300)),
    "unsure": answered(0.5, scratch(700, 200)),
    "failed": unusable_prediction(PredictionStatus.FAILED, None, 3.0, "It failed."),
    "late": unusable_prediction(PredictionStatus.LATE, None, 3000.0, "It was late."),
    "absent": None,
}


def screenshots(open_screen, settled, pixels_of, hands, control, prediction) -> list[bytes]:
    """Return the window's pixels with the part in view, at the choice of classes, and after an accept and its undo."""
    station = InMemoryStation(control, clock=hands.clock)
    for number in range(2):
        station.part(prediction, picture(number))
    screen = open_screen(station)
    settled(screen)
    shots = [pixels_of(screen.window)]
    hands.seconds += 1.0
    press(screen, Qt.Key.Key_R)
    shots.append(pixels_of(screen.window))
    press(screen, Qt.Key.Key_Escape)
    press(screen, Qt.Key.Key_A)
    settled(screen)
    shots.append(pixels_of(screen.window))
    screen.close()
    return shots


@pytest.mark.parametrize("level", [Level.HUMAN_ONLY, Level.SHADOW])
def test_no_pixel_depends_on_the_model(open_screen, settled, pixels_of, hands, level) -> None:
    control = replace(FIRST, level=level)
    shots = {
        name: screenshots(open_screen, settled, pixels_of, hands, control, prediction)
        for name, prediction in OUTPUTS.items()
    }
    first = shots.pop("absent")
    assert len(set(first)) > 1
    for name, other in shots.items():
        assert other == first, name


def test_an_audit_looks_like_every_other_blind_part(open_screen, settled, pixels_of, hands) -> None:
    audited = replace(FIRST, level=Level.FULL, audit_share=1.0)
    accept = screenshots(open_screen, settled, pixels_of, hands, audited, OUTPUTS["sure of good"])
    reject = screenshots(open_screen, settled, pixels_of, hands, audited, OUTPUTS["sure of bad"])
    unusable = screenshots(open_screen, settled, pixels_of, hands, audited, OUTPUTS["failed"])
    assert accept == reject == unusable


def test_a_mark_that_may_be_seen_is_seen(open_screen, settled, pixels_of, hands) -> None:
    """The pixel tests can fail: where marks are allowed the pictures do differ."""
    control = replace(FIRST, level=Level.ASSIST, unaided_share=1e-9)
    one = screenshots(open_screen, settled, pixels_of, hands, control, OUTPUTS["sure of bad"])
    other = screenshots(open_screen, settled, pixels_of, hands, control, OUTPUTS["unsure"])
    assert one[0] != other[0]
