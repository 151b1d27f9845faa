"""The agreement page at work: live, behind its figures, over time, third looks, export with an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from in_memory_station import FIRST, InMemoryStation, answered, scratch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inspector_app.agreement.drill import HUMAN_UNSURE, TableCell, cell_counts
from inspector_app.agreement.groups import Dimension, Group
from inspector_app.agreement.report import ReportHeader, agreement_report
from inspector_app.domain.control import Level
from inspector_app.domain.errors import LogProblem, LogUnavailable, VerdictRefused
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import ImportedCount, LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind
from ui.agreement.drill import parts_of_cell
from ui.agreement.figures import lines_of, watched_lines
from ui.pages.agreement import View
from ui.texts import local_time

SHADOW = replace(FIRST, level=Level.SHADOW)
AGREEMENT = 2
MODEL_ALONE = TableCell(Answer.ACCEPT, Judgement.REJECT)


@pytest.fixture
def station(hands):
    """Return a station with six parts at shadow, judged by Bob; human and model differ on three of them."""
    made = InMemoryStation(SHADOW, clock=hands.clock)
    for number in range(6):
        part = made.part(answered(0.9 if number % 3 else 0.1, scratch(10, 10)))
        made.submit(part.inspection_id, "Bob", Answer.ACCEPT if number in {0, 1, 4} else Answer.REJECT, (), 1.0)
    hands.turn(120)
    return made


@pytest.fixture
def screen(open_screen, settled, station):
    opened = open_screen(station)
    opened.window.show_page(AGREEMENT)
    settled(opened)
    return opened


def figures(page):
    model = page.figures_table_model
    return [[model.data(model.index(row, at)) for at in range(4)] for row in range(model.rowCount())]


def test_a_cell_leads_to_its_parts_in_the_history(screen, settled) -> None:
    screen.agreement.two_way.cells[MODEL_ALONE].asked.emit()
    settled(screen)
    history = screen.history
    assert screen.window.page is history
    assert history.table_model.rowCount() == int(screen.agreement.two_way.cells[MODEL_ALONE].text()) == 2
    assert "human: Accept" in history.chosen_words.text()
    assert history.uncover.isChecked()
    history.chosen_button.click()
    settled(screen)
    assert history.table_model.rowCount() == 6
    assert not history.chosen_button.isVisible()


def test_boxes_without_a_choice_say_what_they_are_for_or_are_not_there(open_screen, settled, hands) -> None:
    screen = open_screen(InMemoryStation(SHADOW, clock=hands.clock))
    screen.window.show_page(AGREEMENT)
    settled(screen)
    page = screen.agreement
    assert (page.table_box.placeholderText(), page.table_box.currentIndex()) == ("Conditions", -1)
    shown = [box.isVisibleTo(page) for box in (page.filter.model, page.filter.inspector, page.filter.station)]
    assert shown == [False] * 3
    assert page._empty_title.text() == "No verdict yet"


def test_a_click_on_a_group_leaves_that_group_and_show_all_brings_the_rest_back(
    screen, settled, qtbot, qtmodeltester, station
) -> None:
    station.say_again("i-00001", "Cy", Answer.REJECT, VerdictKind.UNAIDED)
    page = screen.agreement
    page.view.choose(View.GROUPS)
    settled(screen)
    model = page.groups.table_model
    qtmodeltester.check(model)

    def names():
        return [model.data(model.index(row, 0)) for row in range(model.rowCount())]

    assert names()[0] == "All verdicts"
    row = names().index("Inspector: Bob")
    assert [model.data(model.index(row, at)) for at in (1, 2)] == ["6", "3"]
    middle = page.groups.visualRect(model.index(row, 0)).center()
    qtbot.mouseClick(page.groups.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    settled(screen)
    assert page.filter.inspector.value == "Bob"
    assert page.two_way.cells[TableCell(None, None)].text() == "6"
    assert "Inspector: Cy" not in names()
    assert page._reports.asked[-1] == LogFilter(inspector="Bob")
    page.filter.reset_button.click()
    settled(screen)
    assert page._reports.asked[-1] == LogFilter()
    assert page.two_way.cells[TableCell(None, None)].text() == "7"
    assert not page.filter.reset_button.isEnabled()


def test_a_click_on_a_group_whose_only_verdict_was_undone_since_finds_nothing_more(screen, settled) -> None:
    page = screen.agreement
    page.filter.choose(Group(Dimension.INSPECTOR, "Dora"))
    settled(screen)
    assert page._reports.asked[-1] == LogFilter(inspector="Dora")
    assert page.filter.inspector.currentText() == "Dora"


def test_figures_trend_parts_third_looks_and_export_follow_one_filter(screen, settled, station) -> None:
    page, reports = screen.agreement, screen.agreement._reports
    reports.stations, reports.products = ("station-1", "station-2"), ("glass 6", "glass 7")
    trends, looks = [], []
    reports.trend = lambda which, ask=reports.trend: trends.append(which) or ask(which)
    reports.third_looks = lambda by, which, ask=reports.third_looks: looks.append((by, which)) or ask(by, which)
    page.view.choose(View.OVER_TIME)
    settled(screen)
    chosen = page.filter
    assert all(box.isVisible() for box in (chosen.model, chosen.inspector, chosen.station, chosen.product))
    chosen.level.choose(Level.SHADOW)
    chosen.model.choose("scratch-seg 1.0.0")
    chosen.inspector.choose("Bob")
    chosen.station.choose("station-1")
    chosen.product.choose("glass 7")
    chosen.period.choose(24)
    settled(screen)
    which = page._filter
    assert which == LogFilter(
        since=page._clock() - timedelta(hours=24),
        level=Level.SHADOW,
        model_version="scratch-seg 1.0.0",
        inspector="Bob",
        station="station-1",
        product="glass 7",
    )
    # Which of several questions at once is worked on last is up to the threads.
    assert which in reports.asked
    assert which in trends
    assert ("Ada", which) in looks
    looks.clear()
    page.take_third_looks()
    settled(screen)
    assert set(looks) == {("Ada", which)}
    page.looks.left.emit()
    settled(screen)
    page.export()
    settled(screen)
    assert reports.exported == [which]
    page.two_way.cells[MODEL_ALONE].asked.emit()
    settled(screen)
    assert screen.history._filter.inspector == "Bob"
    assert screen.history._filter.product == "glass 7"
    for words in ("Inspector: Bob", "glass 7", "station-1", "scratch-seg 1.0.0", "Shadow"):
        assert words in screen.history.chosen_words.text()


def test_a_period_of_ones_own_begins_with_what_was_in_view(screen, settled, hands) -> None:
    page = screen.agreement
    page.filter.period.choose(8)
    settled(screen)
    page.filter.period.choose(-1)
    settled(screen)
    assert page.filter._trouble.text() == ""
    since, until = page._filter.since, page._filter.until
    assert until - since == timedelta(hours=8)
    page.filter.level.choose(Level.SHADOW)  # another choice leaves the times alone
    settled(screen)
    assert (page._filter.since, page._filter.until) == (since, until)


def test_names_offered_again_leave_an_open_box_alone(screen, settled) -> None:
    box, gone = screen.agreement.filter.inspector, []
    box.model().rowsRemoved.connect(lambda *_: gone.append(True))
    box.model().modelReset.connect(lambda: gone.append(True))
    screen.agreement.refresh()
    settled(screen)
    assert box.count() == 2
    assert not gone


def test_a_period_of_ones_own_is_taken_in_utc_and_an_upside_down_one_is_not(screen, settled) -> None:
    page = screen.agreement
    start = page._clock().replace(microsecond=0) - timedelta(hours=2)
    page.filter.choose_period(start, start + timedelta(hours=1))
    settled(screen)
    assert (page._filter.since, page._filter.until) == (start, start + timedelta(hours=1))
    assert page._empty_title.text() == "No verdict fits this choice"
    asked = len(page._reports.asked)
    page.filter.until.setDateTime(page.filter.since.dateTime())
    page.filter.until.editingFinished.emit()
    assert page.filter._trouble.text() == "The period ends before it begins."
    assert len(page._reports.asked) == asked
    page.filter.reset()
    settled(screen)
    assert page._filter == LogFilter()
    assert not page.filter._between.isVisible()


def test_estimates_stand_among_the_figures_of_all_and_of_a_model(screen) -> None:
    lines = [row[0] for row in figures(screen.agreement)]
    for name in ("Escapes among accepts", "Escapes at most", "Bad parts the model rejects", "Missed by both, at least"):
        assert name in lines
    report = screen.agreement._report
    inspector = next(table for table in report.tables if table.group.value == "Bob")
    assert "Escapes at most" not in [line.name for line in lines_of(inspector, report)]


def test_the_parts_behind_a_figure_are_forgotten_when_the_history_is_entered_anew(screen, settled) -> None:
    screen.agreement.two_way.cells[TableCell(Answer.REJECT, Judgement.REJECT)].asked.emit()
    settled(screen)
    assert screen.history.table_model.rowCount() == 2
    screen.window.show_page(0)
    screen.window.show_page(1)
    settled(screen)
    assert screen.history.table_model.rowCount() == 6
    assert not screen.history.uncover.isChecked()


def test_every_count_works_by_key_and_by_click_and_none_leads_nowhere(screen) -> None:
    view = screen.agreement.two_way
    asked = []
    view.parts_asked.disconnect()
    view.parts_asked.connect(asked.append)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_X):
        QTest.keyClick(view.cells[MODEL_ALONE], key)
    assert asked == [MODEL_ALONE] * 2
    asked.clear()
    counts = {cell: int(count.text()) for cell, count in view.cells.items()}
    for count in view.cells.values():
        QTest.mouseClick(count, Qt.MouseButton.LeftButton)
    assert asked == [cell for cell, count in counts.items() if count]
    assert counts[HUMAN_UNSURE] == 0
    assert counts[TableCell(None, None)] == 6


def test_every_count_lists_as_many_lines_in_the_history(open_screen, settled, hands) -> None:
    """Also where a part was judged twice, and with the verdict that is meant and not a later one."""
    station = InMemoryStation(SHADOW, clock=hands.clock)
    for number, answer in enumerate([*Answer] * 3):
        part = station.part(answered(0.9 if number % 2 else 0.1) if number else None)
        station.submit(part.inspection_id, "Bob", answer, (), 1.0)
        if answer is Answer.UNSURE:
            station.say_again(part.inspection_id, "Cy", Answer.REJECT, VerdictKind.UNAIDED)
        else:
            station.say_again(part.inspection_id, "Cy", Answer.UNSURE, VerdictKind.ADJUDICATION)
    station.say_again("i-00002", "Dee", Answer.REJECT, VerdictKind.UNAIDED)
    hands.turn(120)
    screen = open_screen(station)
    screen.window.show_page(AGREEMENT)
    settled(screen)
    table = screen.agreement._report.headline
    counts = cell_counts(table.table)
    assert min(count for cell, count in counts.items() if cell.judged) > 0
    for cell, count in counts.items():
        screen.history.show_chosen(parts_of_cell(table, LogFilter(), cell))
        settled(screen)
        assert screen.history.table_model.rowCount() + screen.history._left_out == count, cell
        rows = [screen.history.table_model.row_at(row) for row in range(screen.history.table_model.rowCount())]
        wanted = {Answer.REJECT: "Reject", Answer.ACCEPT: "Accept", Answer.UNSURE: "Not sure"}
        assert all(cell.answer is None or wanted[cell.answer] in row.human for row in rows), cell
    screen.history.show_chosen(parts_of_cell(table, LogFilter(), TableCell(Answer.REJECT, None)))
    settled(screen)
    assert screen.history._count.text().startswith(f"{counts[TableCell(Answer.REJECT, None)]} verdicts")


def test_live_shows_intervals_for_watching_and_reads_anew_by_itself(screen, settled, station, qtbot) -> None:
    page = screen.agreement
    assert ["Agreement", "", "", ""] in figures(page)
    page.live.setChecked(True)
    settled(screen)
    watched = figures(page)
    assert watched[0][0] == "Figures that may be watched"
    assert len(watched) == 7
    part = station.part(answered(0.9, scratch(10, 10)))
    station.submit(part.inspection_id, "Bob", Answer.REJECT, (), 1.0)
    qtbot.waitUntil(page._live_timer.isActive)
    page._live_timer.setInterval(1)
    page._live_timer.start()
    qtbot.waitUntil(lambda: page.two_way.cells[TableCell(None, None)].text() == "7")
    page.live.setChecked(False)
    settled(screen)
    assert ["Agreement", "", "", ""] in figures(page)


def test_watched_intervals_are_wider(station, hands) -> None:
    report = agreement_report(station.verdict_counts(LogFilter()), (), ReportHeader(hands.now, "0", LogFilter()))
    lines = {line.name: line for line in watched_lines(report.headline, 0.95)}
    assert lines["On rejects"].count == "4 of 7"
    assert lines["Human: miss"].value == "not measurable"


def test_over_time_is_drawn_and_a_stretch_can_be_chosen(screen, settled, qtbot) -> None:
    page = screen.agreement
    page.view.choose(View.OVER_TIME)
    settled(screen)
    assert page.trend._plot is not None
    assert page.trend._plot.isVisible()
    point = page.trend._trend.points[0]
    page.trend.stretch_chosen.emit(point)
    settled(screen)
    assert (page._filter.since, page._filter.until) == (point.start, point.start + timedelta(hours=1))
    assert page.trend._trend.points == (point,)
    page.filter.reset_button.click()
    settled(screen)
    assert page._filter == LogFilter()
    screen.appearance.next_theme()
    settled(screen)


def test_a_trend_without_verdicts_says_so(open_screen, settled, hands) -> None:
    screen = open_screen(InMemoryStation(SHADOW, clock=hands.clock))
    screen.window.show_page(AGREEMENT)
    screen.agreement.view.choose(View.OVER_TIME)
    settled(screen)
    assert screen.agreement.trend._plot is None


def begin_third_looks(screen, settled, hands):
    screen.agreement.take_third_looks()
    settled(screen)
    hands.turn(1)  # the guard time is over
    return screen.agreement.looks


def press(screen, settled, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(screen.window, key, modifier)
    settled(screen)


def test_third_looks_are_blind_and_name_what_is_wrong(screen, settled, station, hands) -> None:
    page = screen.agreement
    assert page.looks_button.text() == "Third looks · 3"
    page.take_third_looks()
    settled(screen)
    looks = page.looks
    assert looks.isVisible()
    assert looks.item.model_view is None
    assert looks.panel._captured.text() == f"taken {local_time(looks.item.captured_at, date=True)}"  # it may be old
    press(screen, settled, Qt.Key.Key_A)  # the part has only just appeared
    assert "third look" not in " ".join(station.asked)
    hands.turn(1)
    first = looks.item.inspection_id
    press(screen, settled, Qt.Key.Key_R)
    assert looks.panel.choosing
    press(screen, settled, Qt.Key.Key_Escape)  # back from the classes, not from the looks
    assert looks.isVisible()
    press(screen, settled, Qt.Key.Key_R)
    press(screen, settled, Qt.Key.Key_3)
    given = station.entry(first).verdicts[-1]
    assert (given.by, given.answer, given.kind) == ("Ada", Answer.REJECT, VerdictKind.ADJUDICATION)
    assert given.classes == (looks.panel.chooser._classes[2],)
    assert looks.item.inspection_id != first
    press(screen, settled, Qt.Key.Key_Escape)
    assert not looks.isVisible()
    assert page.looks_button.text() == "Third looks · 2"


def test_a_third_look_is_undone_for_a_while_and_the_part_is_looked_at_again(screen, settled, station, hands) -> None:
    looks = begin_third_looks(screen, settled, hands)
    first = looks.item
    assert not looks.panel._undo.isEnabled()
    press(screen, settled, Qt.Key.Key_U)
    assert "Undo Not sure" in looks.panel._undo.text()
    press(screen, settled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert looks.item is first
    assert station.entry(first.inspection_id).verdicts[-1].retracted
    assert not looks.panel._undo.isEnabled()
    hands.turn(1)
    press(screen, settled, Qt.Key.Key_A)
    hands.turn(5)
    looks._show_undo()
    asked = len(station.asked)
    press(screen, settled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(station.asked) == asked
    assert looks.item is not first


def test_nothing_on_screen_tells_what_was_said_before(open_screen, settled, hands, pixels_of) -> None:
    """The same picture with opposite stories gives the same pixels."""
    shots = []
    for probability, answer in ((0.9, Answer.ACCEPT), (0.1, Answer.REJECT)):
        station = InMemoryStation(SHADOW, clock=hands.clock)
        part = station.part(answered(probability, scratch(10, 10)))
        station.submit(part.inspection_id, "Bob", answer, (), 1.0)
        screen = open_screen(station)
        screen.window.show_page(AGREEMENT)
        settled(screen)
        screen.agreement.take_third_looks()
        settled(screen)
        assert screen.agreement.looks.isVisible()
        shots.append(pixels_of(screen.agreement.looks))
        screen.window.hide()
    assert shots[0] == shots[1]


def test_when_no_part_waits_it_is_said_and_the_last_answer_can_still_be_undone(screen, settled, hands) -> None:
    page = screen.agreement
    looks = begin_third_looks(screen, settled, hands)
    while looks.item is not None:
        last = looks.item
        press(screen, settled, Qt.Key.Key_A)
        hands.turn(1)
    assert looks.isVisible()
    assert looks.pane._caption.text() == "No part waits for your third look."
    press(screen, settled, Qt.Key.Key_A)  # there is nothing to answer
    looks.panel._undo.click()
    settled(screen)
    assert looks.item == last
    hands.turn(1)
    press(screen, settled, Qt.Key.Key_A)
    looks._back.click()
    settled(screen)
    assert not looks.isVisible()
    assert page.looks_button.text() == "Third looks"
    page.take_third_looks()
    settled(screen)
    assert screen.window.notice.sentence == "No part waits for your third look."


def test_faults_of_third_looks(screen, settled, station, hands) -> None:
    looks = begin_third_looks(screen, settled, hands)
    first = looks.item
    station.refuse = LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")
    press(screen, settled, Qt.Key.Key_A)
    assert screen.window.notice.sentence == "The disk is full."
    assert looks.item is first
    hands.turn(1)
    station.refuse = VerdictRefused("Somebody was quicker.")
    press(screen, settled, Qt.Key.Key_A)
    assert looks.item is not first
    station.refuse = None


def test_third_looks_end_when_somebody_else_signs_in(screen, settled, station, hands) -> None:
    """A third look is never recorded under the name of who sat here before."""
    looks = begin_third_looks(screen, settled, hands)
    screen.window.show_page(0)
    screen.window.show_page(AGREEMENT)
    assert looks.isVisible()
    screen.window.sign_in("Bob")
    settled(screen)
    assert not looks.isVisible()
    assert not screen.agreement.decides
    assert screen.agreement.looks_button.text() == "Third looks"  # Bob has judged them all himself


@pytest.fixture
def held():
    """Return a function that makes a method of an object wait, the first time, until the event is set."""
    released = []

    def hold(owner, name):
        event, ask, waits = Event(), getattr(owner, name), [True]
        released.append(event)

        def wrapped(*args):
            if waits and waits.pop():
                event.wait(60)
            return ask(*args)

        setattr(owner, name, wrapped)
        return event

    yield hold
    for event in released:
        event.set()


def test_whoever_has_left_is_not_brought_back_by_an_answer_that_is_still_being_recorded(
    screen, settled, station, hands, held
) -> None:
    looks = begin_third_looks(screen, settled, hands)
    looks.go_on((looks.item,))  # the last of those that were asked for; two more wait
    settled(screen)
    hands.turn(1)
    recorded = held(station, "third_look")
    QTest.keyClick(screen.window, Qt.Key.Key_A)
    QTest.keyClick(screen.window, Qt.Key.Key_Escape)
    assert not looks.isVisible()
    recorded.set()
    settled(screen)
    assert not looks.isVisible()
    assert not screen.agreement.decides


def test_figures_read_anew_meanwhile_take_no_third_look_away(screen, settled, hands, held, qtbot) -> None:
    looks = begin_third_looks(screen, settled, hands)
    looks.go_on((looks.item,))
    settled(screen)
    hands.turn(1)
    found = held(screen.agreement._reports, "third_looks")
    QTest.keyClick(screen.window, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: looks.item is None)
    screen.agreement.refresh()
    found.set()
    settled(screen)
    assert len(looks._waiting) == 2


def test_an_answer_that_is_refused_after_an_undo_leaves_the_part_that_came_back(
    screen, settled, station, hands, held, qtbot
) -> None:
    looks = begin_third_looks(screen, settled, hands)
    first = looks.item
    press(screen, settled, Qt.Key.Key_A)
    hands.turn(1)
    second = looks.item
    refused = held(station, "third_look")
    QTest.keyClick(screen.window, Qt.Key.Key_A)
    QTest.keyClick(screen.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: looks.item is first)
    station.refuse = VerdictRefused("Somebody was quicker.")
    refused.set()
    settled(screen)
    assert looks.item is first
    assert second not in looks._waiting
    station.refuse = None


def test_an_answer_given_while_another_is_undone_can_be_undone_too(
    screen, settled, station, hands, held, qtbot
) -> None:
    looks = begin_third_looks(screen, settled, hands)
    press(screen, settled, Qt.Key.Key_A)
    hands.turn(1)
    undone, second = held(station, "undo"), looks.item
    QTest.keyClick(screen.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(screen.window, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: looks.item is not second)
    undone.set()
    settled(screen)
    press(screen, settled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert station.entry(second.inspection_id).verdicts[-1].retracted


def test_an_undo_that_the_log_could_not_take_can_be_tried_again(screen, settled, station, hands) -> None:
    looks = begin_third_looks(screen, settled, hands)
    first = looks.item
    press(screen, settled, Qt.Key.Key_A)
    ask, full = station.undo, LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")

    def refuse(*_args):
        raise full

    station.undo = refuse
    press(screen, settled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert screen.window.notice.sentence == "The disk is full."
    station.undo = ask
    press(screen, settled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert looks.item is first


def test_third_looks_ask_who_is_there(open_screen, settled, station) -> None:
    screen = open_screen(station, inspector=None)
    screen.window.show_page(AGREEMENT)
    settled(screen)
    asked = []
    screen.agreement.sign_in_asked.disconnect()
    screen.agreement.sign_in_asked.connect(lambda: asked.append(True))
    screen.agreement.take_third_looks()
    assert asked == [True]


def test_an_export_says_how_far_it_is_and_can_be_stopped(screen, settled, qtbot, tmp_path) -> None:
    page = screen.agreement
    page._reports.may_end.clear()
    page.export()
    qtbot.waitUntil(lambda: page.export_button.text() == "Stop the export · 3 of 24")
    page.export()
    page._reports.may_end.set()
    settled(screen)
    assert page.export_button.text() == "Export"
    assert screen.window.notice.sentence == "The report was stopped; nothing was written."
    assert not (tmp_path / "agreement.json").exists()


def test_decisions_from_outside_stand_apart_and_have_no_parts(screen, settled, station, hands) -> None:
    page = screen.agreement
    outside = [ImportedCount("old.csv #12345678", None, None, Answer.ACCEPT, Judgement.REJECT, None, 4)]
    header = ReportHeader(hands.now, "0", LogFilter())
    report = agreement_report(station.verdict_counts(LogFilter()), (), header, outside)
    page._show_report(report, page._reports.contents())
    page.groups.group_chosen.emit(report.imported[0].group)
    assert page.table_box.currentText() == "From outside: old.csv #12345678"
    assert page.two_way.cells[MODEL_ALONE].text() == "4"
    page.two_way.cells[MODEL_ALONE].asked.emit()
    settled(screen)
    assert screen.window.notice.sentence == "Decisions from outside have no parts in this log."
    assert screen.window.page is page
