"""Rollout, guards and signatures on the automation page: what is shown, asked and ordered."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from inspector_app.automation.ramp import Guardrail, RampReport, Requirement
from inspector_app.automation.ramp_tally import RampTally, Rate
from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from ui.automation.room import Candidate
from ui.dialogs.rollout_start import RolloutStartDialog
from ui.dialogs.step import StepDialog

_SPEC = importlib.util.spec_from_file_location("station_in_memory", Path(__file__).with_name("in_memory_station.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)
FIRST, InMemoryStation = _MODULE.FIRST, _MODULE.InMemoryStation

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

OLD = ModelIdentity("old", "1", "a" * 64, "b" * 64)
NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)
SHADOW = replace(FIRST, slots=Slots(Slot.BLUE, OLD, NEW), rollout=Rollout("may", RolloutPhase.SHADOW))
READY = RampReport(RampTally(failed=Rate(0, 400)), (), (Requirement("not worse", True, "0 of 400; shown.", 0),))
MISSING = RampReport(RampTally(failed=Rate(0, 9)), (), (Requirement("not worse", False, "368 more.", 368),))


def words(widget):
    return " | ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


@pytest.fixture
def page(open_screen, settled, hands):
    def open_it(control, report=READY, models=(), **more):
        station = InMemoryStation(control, clock=hands.clock)
        room = _MODULE.InMemoryAutomation(station)
        room.models = models
        screen = open_screen(station, ramp_report=lambda state: report, automation=room, **more)
        screen.window.show_page(3)
        settled(screen)
        return screen, station

    return open_it


def dialog():
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, StepDialog) and each.isVisible())


def starting():
    return next(
        each for each in QApplication.topLevelWidgets() if isinstance(each, RolloutStartDialog) and each.isVisible()
    )


MODELS = (
    Candidate("next", "2.0", "import"),
    Candidate("vendor", "7", "export of another program"),
    Candidate("broken", "1", "import", "Its papers cannot be read."),
)


def test_without_a_rollout_a_model_is_brought_in_with_name_and_reason(page, settled):
    screen, station = page(FIRST, models=MODELS)
    panel = screen.automation.rollout
    assert "Another model, a vendor's too" in words(panel)
    assert [step for step, button in panel.buttons.items() if button.isVisibleTo(panel)] == ["start"]
    panel.buttons["start"].click()
    settled(screen)
    asked = starting()
    assert "answers on every part after the part is decided, and decides nothing" in words(asked)
    assert "broken 1: Its papers cannot be read." in words(asked)
    assert [asked.model_box.itemText(n) for n in range(asked.model_box.count())] == [
        "next 2.0 (import)",
        "vendor 7 (export of another program)",
    ]
    assert not asked.action.isEnabled()
    asked.model_box.setCurrentIndex(1)
    asked.name_edit.setText("vendor trial")
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("sees dirt")
    asked.action.click()
    settled(screen)
    assert station.control.rollout == Rollout("vendor trial", RolloutPhase.SHADOW)
    assert station.control.slots.green.name == "vendor"
    last = station.changes()[-1]
    assert (last.by, last.because) == ("Novak", "sees dirt")
    assert not panel.buttons["start"].isVisibleTo(panel)


def test_a_new_product_begins_without_a_model_in_charge(page, settled):
    screen, station = page(FIRST, models=MODELS)
    screen.automation.rollout.buttons["start"].click()
    settled(screen)
    asked = starting()
    asked.nothing_box.setChecked(True)
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("first product")
    asked.action.click()
    settled(screen)
    assert station.control.slots == Slots(Slot.BLUE, None, ModelIdentity("next", "2.0", "c" * 64, "d" * 64))
    assert "In charge: none, inspectors decide" in words(screen.automation.rollout)


def test_after_a_rollback_another_one_may_begin(page):
    screen, _ = page(replace(SHADOW, rollout=Rollout("may", RolloutPhase.ROLLED_BACK)))
    panel = screen.automation.rollout
    enabled = [step for step, button in panel.buttons.items() if button.isVisibleTo(panel) and button.isEnabled()]
    assert enabled == ["start", "end"]


def test_with_no_other_model_it_says_where_one_comes_from(page, settled):
    screen, station = page(FIRST)
    screen.automation.rollout.buttons["start"].click()
    settled(screen)
    assert "Teach or install one on the Models page" in screen.window.notice.sentence
    assert station.control == FIRST


def test_stage_models_and_requirements_are_shown(page):
    screen, _ = page(replace(SHADOW, rollout=Rollout("may", RolloutPhase.CANARY, 0.05)), MISSING)
    panel = screen.automation.rollout
    assert "may: decides 5\u202f% of the parts" in words(panel)
    assert "In charge: old 1" in words(panel)
    assert "Beside it: new 2" in words(panel)
    assert "368 more." in words(panel)
    strong = [stage.text() for stage in panel._stages if stage.property("role") == "strong"]
    assert strong == ["5\u202f%"]
    assert panel.buttons["advance"].isEnabled()
    assert not panel.buttons["end"].isEnabled()


def test_a_guardrail_is_shown(page):
    report = replace(READY, guardrails=(Guardrail("latency", "9 of 90 were slow."),))
    screen, _ = page(SHADOW, report)
    assert "9 of 90 were slow." in words(screen.automation.rollout)


def test_a_step_asks_who_and_why_and_is_ordered(page, settled, qtbot):
    screen, station = page(SHADOW)
    screen.automation.rollout.buttons["advance"].click()
    asked = dialog()
    assert "Let new 2 decide 1\u202f% of the parts?" in words(asked)
    assert "Against" not in words(asked)
    assert asked.pin_edit is None
    assert not asked.action.isEnabled()
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("evidence is there")
    asked.action.click()
    settled(screen)
    change = station.changes()[-1]
    assert change.after.rollout == Rollout("may", RolloutPhase.CANARY, 0.01, 1.0)
    assert (change.by, change.because) == ("Novak", "evidence is there")


def test_against_the_recommendation_it_says_so(page):
    screen, _ = page(SHADOW, MISSING)
    screen.automation.rollout.buttons["advance"].click()
    assert "Against the recommendation, and recorded as such: 368 more." in words(dialog())
    dialog().reject()


def test_what_moves_right_takes_a_pin_that_nobody_can_read_and_what_moves_left_does_not(page, settled):
    screen, station = page(SHADOW, signatures=True, supervisors=("Novak",))
    screen.automation.rollout.buttons["advance"].click()
    asked = dialog()
    assert asked.pin_edit.echoMode() is QLineEdit.EchoMode.Password
    asked.user_box.setCurrentIndex(0)
    asked.reason_edit.setText("go")
    assert not asked.action.isEnabled()
    asked.pin_edit.setText("473829")
    asked.action.click()
    settled(screen)
    assert "order 473829" in station.asked
    screen.automation.rollout.buttons["rollback"].click()
    assert dialog().pin_edit is None
    dialog().reject()


def test_a_wrong_pin_says_so_and_changes_nothing(page, settled):
    screen, station = page(SHADOW, signatures=True, supervisors=("Novak",))
    station.refuse = ControlRefused("That is not the PIN of Novak; the try was recorded.")
    screen.automation.rollout.buttons["advance"].click()
    asked = dialog()
    asked.user_box.setCurrentIndex(0)
    asked.reason_edit.setText("go")
    asked.pin_edit.setText("000001")
    asked.action.click()
    assert not asked.action.isEnabled()
    settled(screen)
    assert asked.isVisible()
    assert "not the PIN" in asked.refusal
    assert screen.window.notice.sentence == ""
    assert station.control == SHADOW
    assert asked.focusWidget() is asked.pin_edit
    assert asked.pin == ""
    assert (asked.user, asked.reason) == ("Novak", "go")
    station.refuse = None
    QTest.keyClicks(asked.pin_edit, "473829")
    QTest.keyClick(asked.pin_edit, Qt.Key.Key_Return)
    settled(screen)
    assert not asked.isVisible()
    assert station.asked[-2:] == ["order 000001", "order 473829"]
    assert station.control.rollout.phase is RolloutPhase.CANARY


def test_a_refusal_after_the_question_was_put_away_is_said_on_the_page(page, settled):
    screen, station = page(SHADOW, signatures=True, supervisors=("Novak",))
    station.refuse = ControlRefused("That is not the PIN of Novak; the try was recorded.")
    screen.automation.rollout.buttons["advance"].click()
    asked = dialog()
    asked.user_box.setCurrentIndex(0)
    asked.reason_edit.setText("go")
    asked.pin_edit.setText("000001")
    asked.accept()
    asked.accept()  # a second press while it is on its way orders nothing more
    asked.reject()
    settled(screen)
    assert "not the PIN" in screen.window.notice.sentence
    assert [each for each in station.asked if each.startswith("order")] == ["order 000001"]


def test_the_level_asks_for_a_pin_to_the_right_alone(page):
    screen, _ = page(replace(FIRST, level=Level.ASSIST), signatures=True, supervisors=("Novak",))
    from ui.dialogs.control_change import ControlChangeDialog

    def asked():
        screen.automation.ask()
        shown = next(
            each
            for each in QApplication.topLevelWidgets()
            if isinstance(each, ControlChangeDialog) and each.isVisible()
        )
        pin = shown.pin_edit
        shown.reject()
        shown.deleteLater()
        return pin

    screen.automation.slider.setValue(3)
    assert asked() is not None
    screen.automation.slider.setValue(1)
    assert asked() is None


def test_a_guard_that_has_stepped_left_says_when_and_why_and_is_re_armed(page, settled, hands):
    latched = replace(FIRST, level=Level.ASSIST, latched=("harm",))
    screen, station = page(latched)
    step = ControlChange("guard:harm", "9 of 80 audited accepts were bad.", hands.now, FIRST, latched)
    station._changes.append(step)
    screen.automation.entered()
    settled(screen)
    guards = screen.automation.guards
    assert "Stepped left: Too many escapes" in words(guards)
    assert "9 of 80 audited accepts were bad." in words(guards)
    guards.rearm_button.click()
    asked = dialog()
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("looked into it")
    asked.action.click()
    settled(screen)
    assert station.control.latched == ()
    assert "No guard has stepped left." in words(guards)
    assert not guards.rearm_button.isVisibleTo(guards)


def test_every_reason_has_its_sentence():
    from inspector_app.domain.decision import Reason
    from ui.wording import reason_sentence

    assert all(reason_sentence(reason) for reason in Reason)


@pytest.mark.parametrize(("said", "differs"), [(0.9, True), (0.02, False), (None, False)])
def test_the_part_page_shows_the_other_models_answer_once_nobody_is_to_judge_blind(hands, said, differs):
    from inspector_app.automation.assignment import compared
    from inspector_app.domain.prediction import PredictionStatus, unusable_prediction
    from ui.history.blindness import model_is_hidden
    from ui.history.part_words import sections_of

    station = InMemoryStation(replace(SHADOW, level=Level.FULL, audit_share=1e-9), clock=hands.clock)
    part = station.part(_MODULE.answered(0.01))
    late = unusable_prediction(PredictionStatus.LATE, NEW, 1.0, "Too late.")
    answer = late if said is None else replace(_MODULE.answered(said), model=NEW)
    entry = replace(station.entry(part.inspection_id), beside=compared(part, Slot.GREEN, answer, hands.now))
    assert model_is_hidden(entry, hands.now) is differs
    shown = {section.heading: section.lines for section in sections_of(entry, hands.now, hidden=False)}["Beside it"]
    assert shown[0] == ("Model", "new 2")
    assert shown[-1][1] == {0.9: "The two models differ.", 0.02: "The two models agree.", None: "Too late."}[said]
    assert "Beside it" not in {section.heading for section in sections_of(entry, hands.now, hidden=True)}
