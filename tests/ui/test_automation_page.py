"""Gates, thresholds, certificates and audits on the automation page."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from inspector_app.automation.conditions import Condition
from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.gate_inputs import Tally
from inspector_app.automation.guard_events import GuardKind, guard_title
from inspector_app.automation.seed_hits import SeedHits, Share
from inspector_app.domain.control import Level
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.status import Fault, FaultKind
from ui.automation.gate_words import Holding, counts_in_words, holding, needed_in_words
from ui.automation.score_axis import ScoreAxis
from ui.automation.threshold_chart import Line
from ui.dialogs.control_change import ControlChangeDialog
from ui.look.theme import ThemeName
from ui.wording import guard_name

_MODULE = sys.modules["in_memory_station"]
FIRST, InMemoryStation, InMemoryAutomation = _MODULE.FIRST, _MODULE.InMemoryStation, _MODULE.InMemoryAutomation
LEVEL, THRESHOLDS, CERTIFICATE, _NEW_MODEL, AUDITS, _CHANGES = range(6)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def words(widget):
    return " | ".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


def dialog():
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, ControlChangeDialog)]
    return next(each for each in found if each.isVisible())


@pytest.fixture
def page(open_screen, settled, hands):
    def open_it(control=FIRST, *, part=LEVEL, parts=(), counts=None, set_up=None, **more):
        station = InMemoryStation(control, clock=hands.clock)
        room = InMemoryAutomation(station)
        room.parts = parts
        room.counts = replace(room.counts, **(counts or {}))
        if set_up is not None:
            set_up(room)
        screen = open_screen(station, automation=room, **more)
        screen.window.show_page(3)
        screen.automation.segments.show_part(part)
        settled(screen)
        return screen, station, room

    return open_it


# --- gates ---


def test_the_next_step_says_what_holds_what_is_missing_and_what_it_takes(page):
    counts = {"misses": Tally(0, 40), "false_alarms": Tally(0, 60), "parts_per_hour": 50.0}
    screen, _, _ = page(counts=counts)
    said = words(screen.automation.gates)
    assert "From Shadow to Assist" in said
    assert "2 of 5 hold. Moving now would be against the recommendation" in said
    assert "missing | The model misses less than 5\u00a0% of the defective parts" in said
    assert "0 of 40 so far. Evidence e = " in said
    assert "At least 34 more of them without an error, about 1.7 h at the present pace." in said
    assert "holds | The model rejects less than 10\u00a0% of the good parts" in said


def test_what_nobody_has_seen_is_not_measurable(page):
    screen, _, _ = page()
    assert "not measurable | The model misses less than" in words(screen.automation.gates)


ALL_SHOWN = {"misses": Tally(0, 90), "false_alarms": Tally(0, 90), "parts_without_drift": 9000, "both_found": 80}


def test_an_open_gate_is_recommended_and_asks_without_a_warning(page):
    screen, _, _ = page(counts=ALL_SHOWN)
    assert "Everything holds: Assist is recommended." in words(screen.automation.gates)
    screen.automation.slider.setValue(Level.ASSIST.rank)
    screen.automation.ask()
    assert "Against" not in words(dialog())
    dialog().reject()


def test_a_step_against_the_recommendation_is_marked_and_recorded_as_such(page, settled):
    screen, station, _ = page()
    screen.automation.slider.setValue(Level.PARTIAL.rank)
    screen.automation.ask()
    asked = dialog()
    assert "Against the recommendation, and recorded as such: Not shown for assist: The model misses" in words(asked)
    for each in asked.findChildren(QLabel):
        assert not each.wordWrap() or each.height() >= each.heightForWidth(each.width()), each.text()
    asked.user_box.setEditText("Novak")
    assert not asked.action.isEnabled()
    asked.reason_edit.setText("The line cannot wait")
    asked.action.click()
    settled(screen)
    assert screen.window.focusWidget() is screen.automation.segments.button(LEVEL)
    change = station.changes()[-1]
    assert (change.after.level, change.because) == (Level.PARTIAL, "The line cannot wait")
    assert change.against.startswith("Not shown for assist: The model misses less than 5 %")


def test_a_step_left_is_never_against_the_recommendation(page):
    screen, _, _ = page(replace(FIRST, level=Level.ASSIST))
    screen.automation.slider.setValue(Level.SHADOW.rank)
    screen.automation.ask()
    assert "Against" not in words(dialog())
    dialog().reject()


def test_wider_thresholds_by_hand_come_from_no_certificate(page):
    screen, _, _ = page(replace(FIRST, level=Level.PARTIAL))
    screen.automation.form.fields["accept_below"].setValue(0.2)
    screen.automation.ask()
    assert "No certificate that stands vouches for thresholds as wide as these." in words(dialog())
    dialog().reject()


def test_evidence_that_cannot_be_read_says_so_and_counts_as_missing(page, settled):
    screen, _, room = page()
    room.refuse = LogUnavailable(LogProblem.READ_ONLY, "The log cannot be read.")
    screen.automation.gates.refresh_button.click()
    settled(screen)
    assert "could not be read" in words(screen.automation.gates)
    assert "The log cannot be read." in screen.window.notice.sentence
    screen.automation.slider.setValue(Level.ASSIST.rank)
    screen.automation.ask()
    assert "The evidence has not been read yet." in words(dialog())
    dialog().reject()


def test_at_the_end_of_the_slider_there_is_no_next_step(page):
    screen, _, _ = page(replace(FIRST, level=Level.FULL))
    assert "The furthest level is in force" in words(screen.automation.gates)


def test_it_is_read_on_entering_and_on_demand(page, settled):
    screen, _, room = page()
    before = room.asked.count("evidence")
    screen.automation.gates.refresh_button.click()
    settled(screen)
    assert room.asked.count("evidence") == before + 1
    assert "thresholds" not in room.asked


def test_conditions_in_words():
    row = Condition("clean_audits", "x", holds=False, k=0, n=30, needed=270, hours=12.0)
    assert counts_in_words(row) == "30 in a row so far."
    assert needed_in_words(row) == "At least 270 more of them without an error, about 12 h at the present pace."
    assert needed_in_words(replace(row, hours=0.2)).endswith("about 12 min at the present pace.")
    made = "At least 270 more of them without an error, about 12 h and 9,000 parts at the present pace."
    assert needed_in_words(replace(row, parts=9000)) == made
    assert needed_in_words(replace(row, hours=None)) == "At least 270 more of them without an error."
    strong = Condition("rate", "x", holds=True, k=0, n=900, e_value=1e9, needed=0)
    assert counts_in_words(strong) == "0 of 900 so far. Evidence e = 10^9: enough."
    assert "speaks against it so far" in counts_in_words(replace(strong, holds=False, k=90, e_value=0.1))
    assert [holding(each) for each in (strong, row, replace(strong, holds=False, n=0))] == list(Holding)
    assert holding(replace(row, n=0)) is Holding.MISSING
    assert holding(replace(row, measurable=False)) is Holding.NOT_MEASURABLE
    looks = Condition("reliance", "x", holds=False, k=2, n=12, needed=8)
    assert (counts_in_words(looks), needed_in_words(looks)) == ("2 of 12 so far.", "At least 8 more of them.")


# --- thresholds ---


def test_thresholds_are_dragged_and_the_figures_follow(page, qtbot):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    view = screen.automation
    chart = view.thresholds.chart
    model = view.thresholds.figures_table_model

    def to_inspectors():
        return model.data(model.index(0, 3))

    before = to_inspectors()
    place = QPoint(round(chart._x(0.05)), chart.height() // 2)
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(chart, QPoint(round(chart._x(0.5)), chart.height() // 2))
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=place)
    assert chart.lines[0] == pytest.approx(0.5, abs=0.01)
    assert view.form.fields["accept_below"].value() == pytest.approx(chart.lines[0])
    assert to_inspectors() == "120 of 520" != before
    assert view.pending
    assert "Accept below: 0.05 → " in view.bar.words.text()


def test_thresholds_move_by_keys_and_never_cross(page, qtbot):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    chart = screen.automation.thresholds.chart
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.lines == (0.055, 0.95)
    qtbot.keyClick(chart, Qt.Key.Key_Up)
    assert chart.chosen is Line.REJECT
    assert "Arrow keys move reject above 0.95" in chart.accessibleName()
    for _ in range(30):
        qtbot.keyClick(chart, Qt.Key.Key_PageDown)
    assert chart.lines == (0.055, 0.055)
    assert screen.automation.form.fields["cut"].value() == pytest.approx(0.055)
    screen.automation.discard()
    assert chart.lines == (0.05, 0.95)


def test_exact_fields_move_the_lines_and_hold_small_numbers(page):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    field = screen.automation.form.fields["accept_below"]
    field.setValue(0.00012)
    assert field.text() == "0.00012"
    assert screen.automation.thresholds.chart.lines[0] == pytest.approx(0.00012)
    field.setValue(0.99)
    assert "out of order" in screen.automation.bar.words.text()
    assert screen.automation.thresholds.figures_table_model.rowCount() == 0


def test_the_list_of_what_it_would_do_behaves(page, qtmodeltester):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    model = screen.automation.thresholds.figures_table_model
    assert model.rowCount() == 8
    qtmodeltester.check(model)


def test_without_known_parts_it_says_what_to_do(page):
    screen, _, _ = page(part=THRESHOLDS)
    assert "No part of known truth yet." in words(screen.automation.thresholds)
    assert screen.automation.thresholds.figures_table_model.rowCount() == 0


@pytest.mark.parametrize("spread", [False, True])
def test_the_axis_goes_there_and_back(spread):
    axis = ScoreAxis(spread)
    assert (axis.place(0.0), axis.place(1.0), axis.at(-1.0), axis.at(2.0)) == (0.0, 1.0, 0.0, 1.0)
    for p in (0.002, 0.05, 0.5, 0.97, 0.998):
        assert axis.at(axis.place(p)) == pytest.approx(p, rel=0.01)
    edges = axis.edges()
    assert (edges[0], edges[-1]) == (0.0, 1.0)
    assert list(edges) == sorted(set(edges))
    assert axis.place(1e-9) == pytest.approx(0.0, abs=1e-6)


def test_the_chart_is_drawn_in_every_theme_and_scale(page, pixels_of):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    chart = screen.automation.thresholds.chart
    seen = set()
    for theme in ThemeName:
        screen.appearance.switch(theme)
        for logs in (False, True):
            chart.count_in_logs(logs)
            for spread in (False, True):
                chart.spread_ends(spread)
                seen.add(pixels_of(chart))
    assert len(seen) == 12


# --- certificates ---


def test_certify_shows_the_certificate_and_apply_puts_it_in_force(page, settled):
    screen, station, room = page(
        part=CERTIFICATE, parts=_MODULE.scored_parts(), signatures=True, supervisors=("Novak",)
    )
    panel = screen.automation.certificates
    assert "Nothing certified yet." in words(panel)
    assert panel.contract_form.fields["escape"].value() == pytest.approx(2.0)
    panel.certify_button.click()
    settled(screen)
    said = words(panel)
    assert "Certified, and it stands" in said
    assert "k = 0 defective of n = 400 accepts" in said
    assert "520 parts of known truth, 120 defective; confidence 95.0" in said
    assert "abababab…" in said
    panel.apply_button.click()
    asked = dialog()
    record = room.kept[-1]
    assert f"Thresholds from the certificate {record['certificate_id']}" in words(asked)
    assert "Against" not in words(asked)
    asked.user_box.setCurrentIndex(0)
    asked.reason_edit.setText("certified")
    asked.pin_edit.setText("473829")
    asked.action.click()
    settled(screen)
    change = station.changes()[-1]
    assert change.certificate == record["certificate_id"]
    assert change.after.accept_below == record["accept_below"]
    assert "order 473829" in station.asked
    assert not panel.apply_button.isEnabled()
    assert f"Certificate {record['certificate_id']} stands." in screen.automation.thresholds._source.text()


def test_certifying_shows_what_it_is_at_and_can_be_stopped(page, settled, qtbot):
    screen, _, room = page(part=CERTIFICATE, parts=_MODULE.scored_parts())
    panel = screen.automation.certificates
    room.reading.clear()
    panel.certify_button.click()
    qtbot.waitUntil(lambda: panel.certify_button.text() == "Reading the log …")
    assert panel.stop_button.isVisible()
    assert not panel.certify_button.isEnabled()
    panel.stop_button.click()
    assert panel.certify_button.isEnabled()
    assert not panel.stop_button.isVisible()
    room.reading.set()
    settled(screen)
    assert room.kept == []
    assert "nothing was kept" in screen.window.notice.sentence
    panel.certify_button.click()
    settled(screen)
    assert len(room.kept) == 1


def test_targeted_audits_are_set_asked_for_and_recorded(page, settled):
    screen, station, _ = page()
    fields = screen.automation.form.fields
    fields["targeted_share"].setValue(20.0)
    fields["targeted_above"].setValue(0.01)
    screen.automation.ask()
    asked = dialog()
    assert "Targeted audits | 0.0\u202f% | → | 20.0\u202f%" in words(asked)
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("learn where it errs")
    asked.action.click()
    settled(screen)
    assert (station.control.targeted_share, station.control.targeted_above) == (0.2, 0.01)


def test_audits_of_rejects_are_set_asked_for_and_recorded(page, settled):
    screen, station, _ = page()
    screen.automation.form.fields["reject_audit_share"].setValue(100.0)
    screen.automation.ask()
    asked = dialog()
    assert "Audits of rejects | 0.0\u202f% | → | 100.0\u202f%" in words(asked)
    asked.user_box.setCurrentText("Novak")
    asked.reason_edit.setText("rejects are few, and good ones are dear")
    asked.action.click()
    settled(screen)
    assert station.control.reject_audit_share == 1.0
    assert screen.automation.form.fields["reject_audit_share"].value() == 100.0


def test_too_few_parts_say_how_many_more_it_takes(page, settled):
    screen, _, _ = page(part=CERTIFICATE, parts=_MODULE.scored_parts(60, 10))
    panel = screen.automation.certificates
    panel.certify_button.click()
    settled(screen)
    assert "Not certified" in words(panel)
    assert "The model may not accept yet: at least " in words(panel)
    assert not panel.apply_button.isEnabled()


def test_a_void_certificate_says_why_and_cannot_be_applied(page, settled):
    screen, _, room = page(part=CERTIFICATE, parts=_MODULE.scored_parts())
    panel = screen.automation.certificates
    panel.certify_button.click()
    settled(screen)
    room.now = replace(room.now, model=ModelIdentity("other", "9", "0" * 64, "cd" * 32), camera_sha256="1" * 64)
    screen.automation.entered()
    settled(screen)
    said = words(panel)
    assert "Void: It is for the model scratch-seg 1.0.0, and other 9 is in force." in said
    assert "The camera or its settings have changed since." in said
    assert not panel.apply_button.isEnabled()


def test_a_log_that_cannot_be_read_says_so_when_certifying(page, settled):
    screen, _, room = page(part=CERTIFICATE, parts=_MODULE.scored_parts())
    room.refuse = LogUnavailable(LogProblem.READ_ONLY, "The log cannot be read.")
    screen.automation.certificates.certify_button.click()
    settled(screen)
    assert "The log cannot be read." in screen.window.notice.sentence
    assert screen.automation.certificates.certify_button.isEnabled()


# --- audits ---


def test_audits_say_share_schedule_and_what_they_found(page):
    def set_up(room):
        last = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
        room.plan, room.seed_share = AuditPlan(100, 0.1), 0.01
        room.seeds = SeedHits(20, Share(18, 20), Share(10, 10), Share(20, 20), misled=Share(1, 4), last=last)

    counts = {"escapes": Tally(1, 200), "clean_audits": 57}
    screen, _, _ = page(replace(FIRST, level=Level.PARTIAL), part=AUDITS, counts=counts, set_up=set_up)
    lines = {name: line.text() for name, line in screen.automation.audits.lines.items()}
    assert lines["share"] == "10.0\u202f% of the model's decisions, blind, held until the inspector has spoken."
    assert "sampling phase: 10.0\u202f%, and back to 100 % on an escape" in lines["phase"]
    assert lines["escapes"].startswith("0.50\u202f% (0.01\u202f% … ")
    assert lines["escapes"].endswith("1 of 200; 57 good in a row")
    assert lines["false_rejects"] == "not measurable: none was audited"
    assert lines["seeds"].startswith("1.0\u202f% of the parts; 20 until an hour ago, the last ")
    found = ("18 of 20", "10 of 10", "20 of 20", "1 of 4")
    for name, n in zip(("seeds_unaided", "seeds_assisted", "seeds_model", "probes"), found, strict=True):
        assert lines[name].endswith(n)
    assert lines["waiting"] == "Nothing waits for an inspector."


def test_following_wrong_advice_too_often_is_said(page):
    def set_up(room):
        room.seeds = SeedHits(40, misled=Share(30, 40))

    screen, _, _ = page(part=AUDITS, set_up=set_up)
    assert screen.automation.audits.lines["probes"].text().endswith("inspectors lean on the model")


def test_what_was_not_seen_is_not_measurable_and_no_schedule_is_said(page):
    screen, _, _ = page(part=AUDITS)
    lines = {name: line.text() for name, line in screen.automation.audits.lines.items()}
    assert lines["seeds"] == "off; none until an hour ago"
    assert lines["seeds_model"] == "not measurable"
    assert "as a supervisor has set it" in lines["phase"]
    assert "the model decides none" in lines["share"]


@pytest.mark.parametrize("audited", [True, False])
def test_nothing_tells_a_waiting_audit_from_another_part(page, settled, pixels_of, audited):
    """The part waits as an audit of a sure accept, or because the model is not sure: the page is the same."""
    control = replace(FIRST, level=Level.PARTIAL, audit_share=1.0)
    screen, station, _ = page(control, part=AUDITS)
    station.part(_MODULE.answered(0.001 if audited else 0.5))
    settled(screen)
    screen.automation.entered()
    settled(screen)
    assert screen.automation.audits.lines["waiting"].text().startswith("1 parts, the oldest for 2")
    assert "not said here" in screen.automation.audits.lines["waiting"].text()


# --- the page ---


@pytest.mark.parametrize("part", range(6))
def test_nothing_is_cut_at_1280_by_800(page, part):
    screen, _, _ = page(part=part, parts=_MODULE.scored_parts(), counts={"misses": Tally(3, 40)})
    view = screen.automation
    assert screen.window.size().width() == 1280
    for each in view.findChildren(QAbstractButton):
        if each.isVisible():
            assert each.width() >= each.minimumSizeHint().width(), each.text()
    for each in view.findChildren(QLabel):
        if each.isVisible() and each.wordWrap() and each.text():
            # One pixel of leading is rounding, and cuts no letter.
            assert each.height() + 1 >= each.heightForWidth(each.width()), each.text()


def test_under_a_banner_fields_scroll_and_never_overlap(page, settled, hands):
    screen, station, _ = page()
    station.fault(Fault(FaultKind.MODEL_FAILING, "The model does not answer.", hands.now))
    screen.window.ask_status()
    settled(screen)
    assert screen.window.banner.isVisible()
    form = screen.automation.form
    assert form.height() >= form.minimumSizeHint().height()


def test_every_part_is_reached_by_keys(page, qtbot):
    screen, _, _ = page(part=THRESHOLDS, parts=_MODULE.scored_parts())
    reached = set()
    widget = screen.automation.segments.button(0)
    widget.setFocus()
    for _ in range(300):
        widget = widget.nextInFocusChain()
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(widget)
    view = screen.automation
    assert view.thresholds.chart in reached
    assert {view.form.fields[name] for name in ("accept_below", "cut", "reject_above")} <= reached
    assert view.thresholds.takt_field in reached
    assert all(view.segments.button(index) in reached for index in range(1, 6))
    qtbot.keyClick(view.segments.button(CERTIFICATE), Qt.Key.Key_Space)
    assert view.segments.part == CERTIFICATE
    assert not view.segments.button(THRESHOLDS).isChecked()


@pytest.mark.parametrize("kind", GuardKind)
def test_a_guard_has_one_name_in_gates_and_window(kind):
    assert guard_name(kind) == guard_title(kind) != kind
