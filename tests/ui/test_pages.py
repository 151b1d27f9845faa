"""History, agreement and automation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from in_memory_station import FIRST, InMemoryStation, answered, scratch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from inspector_app.agreement.drill import TableCell
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Answerer, Asked
from inspector_app.domain.verdict import Answer
from ui.agreement.figures import figure_line, lines_of
from ui.agreement.figures_table_model import FiguresTableModel
from ui.automation.changes_table_model import ChangesTableModel
from ui.automation.differences import change_line, consequence, differences
from ui.dialogs.control_change import ControlChangeDialog
from ui.history.blindness import model_is_hidden
from ui.history.part_words import sections_of
from ui.history.rows import row_of
from ui.history.table_model import HistoryTableModel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")
ASSIST = replace(FIRST, level=Level.ASSIST, unaided_share=1e-9)


def settled_station(hands, control=ASSIST, parts: int = 3) -> InMemoryStation:
    """Return a station whose parts were judged two minutes ago, all rejected by the model and accepted by Ada."""
    station = InMemoryStation(control, clock=hands.clock)
    for _ in range(parts):
        inspection = station.part(answered(0.9, scratch(100, 100)))
        station.submit(inspection.inspection_id, "Ada", Answer.ACCEPT, (), 2.0)
    hands.turn(120.0)
    return station


# --- what may be shown of a model ---


def test_a_waiting_part_hides_the_model(hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    inspection = station.part(answered(0.9, scratch(100, 100)))
    entry = station.entry(inspection.inspection_id)
    assert model_is_hidden(entry, hands.now)
    row = row_of(entry, hands.now, covered=False)
    assert (row.model, row.probability, row.differs) == ("Covered", None, False)
    said = " ".join(
        f"{name} {text}" for part in sections_of(entry, hands.now, hidden=True) for name, text in part.lines
    )
    assert "scratch-seg" not in said
    assert "90" not in said


@pytest.mark.parametrize(("answer", "after_s", "hidden"), [
    (Answer.ACCEPT, 1.0, True),
    (Answer.ACCEPT, 61.0, False),
    (Answer.UNSURE, 61.0, True),
])  # fmt: skip
def test_the_model_stays_hidden_while_the_verdict_may_come_back(hands, answer, after_s, hidden) -> None:
    station = InMemoryStation(clock=hands.clock)
    inspection = station.part(answered(0.9))
    station.submit(inspection.inspection_id, "Ada", answer, (), 1.0)
    hands.turn(after_s)
    assert model_is_hidden(station.entry(inspection.inspection_id), hands.now) is hidden


def test_an_undone_verdict_hides_the_model_again(hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    inspection = station.part(answered(0.9))
    station.submit(inspection.inspection_id, "Ada", Answer.ACCEPT, (), 1.0)
    station.undo("Ada")
    hands.turn(1000.0)
    assert model_is_hidden(station.entry(inspection.inspection_id), hands.now)


def test_a_part_that_only_the_model_decided_is_open(hands) -> None:
    station = InMemoryStation(replace(FIRST, level=Level.FULL, audit_share=1e-9), clock=hands.clock)
    entry = station.entry(station.part(answered(0.001)).inspection_id)
    assert not model_is_hidden(entry, hands.now)
    assert row_of(entry, hands.now, covered=False).model == "Accept · p 0\u202f%"


# --- history ---


def test_history_rows_say_both_decisions(hands) -> None:
    station = settled_station(hands)
    row = row_of(station.entry("i-00001"), hands.now, covered=False)
    assert row.human == "Accept · Ada"
    assert row.model == "Reject · p 90\u202f%"
    assert row.differs
    assert row.disposition is Disposition.ACCEPT


def test_the_history_model_behaves(hands, qtmodeltester) -> None:
    station = settled_station(hands)
    model = HistoryTableModel()
    asked: list[int] = []
    model.more_wanted.connect(asked.append)
    model.begin()
    rows = tuple(row_of(entry, hands.now, covered=False) for entry in station.search_all())
    model.append(rows, complete=False)
    assert model.canFetchMore(model.index(-1, -1))
    model.fetchMore(model.index(-1, -1))
    model.fetchMore(model.index(-1, -1))
    assert asked == [0, 3]
    model.append((), complete=True)
    assert not model.canFetchMore(model.index(-1, -1))
    qtmodeltester.check(model)


def test_history_pages_as_it_is_scrolled(open_screen, settled, hands) -> None:
    station = settled_station(hands, parts=130)
    screen = open_screen(station)
    screen.window.show_page(1)
    settled(screen)
    assert screen.history.table_model.rowCount() == 100
    screen.history.table.scrollToBottom()
    screen.history.table_model.fetchMore(screen.history.table_model.index(-1, -1))
    settled(screen)
    names = [screen.history.table_model.row_at(row).part_id for row in range(130)]
    assert names == [f"P-{number:05d}" for number in range(130, 0, -1)]


def test_search_and_filters(open_screen, settled, hands) -> None:
    station = settled_station(hands)
    screen = open_screen(station)
    screen.window.show_page(1)
    settled(screen)
    page = screen.history
    page.part.setText("0002")
    page.search()
    settled(screen)
    assert [page.table_model.row_at(0).part_id, page.table_model.rowCount()] == ["P-00002", 1]
    page.outcome.choose(Disposition.REJECT)
    settled(screen)
    assert page.table_model.rowCount() == 0
    assert page._empty_title.isVisible()
    page.clear_filters()
    settled(screen)
    assert page.table_model.rowCount() == 3


def test_a_list_of_disagreements_names_no_part_that_still_waits(open_screen, settled, hands) -> None:
    station = settled_station(hands)
    fresh = station.part(answered(0.9))
    station.submit(fresh.inspection_id, "Ada", Answer.ACCEPT, (), 1.0)
    screen = open_screen(station)
    screen.window.show_page(1)
    screen.history.differs.setChecked(True)
    settled(screen)
    assert screen.history.table_model.rowCount() == 3


def test_at_shadow_the_models_side_is_covered_until_asked_for(open_screen, settled, hands) -> None:
    station = settled_station(hands, replace(FIRST, level=Level.SHADOW))
    screen = open_screen(station)
    screen.window.show_page(1)
    settled(screen)
    page = screen.history
    assert page.table_model.row_at(0).model == "Covered"
    assert not page.differs.isEnabled()
    page.uncover.setChecked(True)
    settled(screen)
    assert page.table_model.row_at(0).model.startswith("Reject")
    screen.window.show_page(0)
    screen.window.show_page(1)
    settled(screen)
    assert page.table_model.row_at(0).model == "Covered"


def test_a_part_opens_with_everything_recorded(open_screen, settled, hands) -> None:
    station = settled_station(hands)
    screen = open_screen(station)
    screen.window.show_page(1)
    settled(screen)
    assert screen.history.open_newest()
    settled(screen)
    detail = screen.history.detail
    assert not detail.pane.canvas.empty
    assert len(detail.pane.canvas._marks) == 1
    entry = station.entry("i-00003")
    said = {section.heading: dict(section.lines) for section in sections_of(entry, hands.now, hidden=False)}
    assert said["Versions"]["Model"] == "scratch-seg 1.0.0"
    assert said["Versions"]["Control"] == "version 1"
    assert said["Model"]["P(reject)"] == "90.0\u202f%"
    screen.history.show_list()


def test_a_parts_record_says_who_answered_once_the_model_may_be_shown(hands) -> None:
    station = InMemoryStation(ASSIST, clock=hands.clock)
    asked = Asked(Answerer.LOCAL, "grpc://edge", "raw", "It had no answer within 250 ms.", 250.0, 31.0)
    inspection = station.part(replace(answered(0.9), asked=asked))
    entry = station.entry(inspection.inspection_id)
    lines = {s.heading: s.lines for s in sections_of(entry, hands.now, hidden=False)}["Model"]
    assert ("Answered by", "local model") in lines
    assert ("", "It had no answer within 250 ms.") in lines
    assert ("", "It came 31 ms too late and was not used.") in lines
    hidden = " ".join(text for s in sections_of(entry, hands.now, hidden=True) for _, text in s.lines)
    assert "local model" not in hidden
    assert "250 ms" not in hidden
    alone = station.part(replace(answered(0.9), asked=Asked(None, "grpc://edge", "raw")))
    found = sections_of(station.entry(alone.inspection_id), hands.now, hidden=False)
    assert ("Answered by", "nobody") in {s.heading: s.lines for s in found}["Model"]


def test_retracted_verdicts_are_listed_as_undone(hands) -> None:
    station = InMemoryStation(ASSIST, clock=hands.clock)
    inspection = station.part(answered(0.9))
    station.submit(inspection.inspection_id, "Ada", Answer.REJECT, ("scratch",), 1.0)
    station.undo("Ada")
    station.submit(inspection.inspection_id, "Ada", Answer.ACCEPT, (), 2.0)
    lines = sections_of(station.entry(inspection.inspection_id), hands.now, hidden=True)[1].lines
    assert "undone" in lines[0][1]
    assert "undone" not in lines[1][1]


# --- automation ---


def test_a_change_asks_for_user_and_reason_and_is_recorded(open_screen, settled, hands, qtbot) -> None:
    station = InMemoryStation(clock=hands.clock)
    screen = open_screen(station)
    screen.window.show_page(3)
    page = screen.automation
    assert not page.apply_button.isEnabled()
    qtbot.keyClick(page.slider, Qt.Key.Key_4)
    assert page.pending
    assert station.control.level is Level.SHADOW
    page.ask()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, ControlChangeDialog))
    assert not dialog.action.isEnabled()
    dialog.user_box.setEditText("Novak")
    assert not dialog.action.isEnabled()
    dialog.reason_edit.setText("Two good weeks")
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    settled(screen)
    change = station.changes()[-1]
    assert (change.by, change.because) == ("Novak", "Two good weeks")
    assert change.after == replace(FIRST, version=2, level=Level.PARTIAL)
    assert not page.pending
    assert page.changes_table_model.rowCount() == 2
    assert screen.window.header._level.text() == "Partial"


def test_a_refused_change_says_why_and_stays_pending(open_screen, settled, hands, qtbot) -> None:
    station = InMemoryStation(clock=hands.clock)
    screen = open_screen(station)
    screen.window.show_page(3)
    page = screen.automation
    page.slider.setValue(2)

    def refuse(*_: object, **__: object) -> None:
        raise ControlRefused("Bob is not allowed to change how the station decides.")

    station.order = refuse
    page.ask()
    dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, ControlChangeDialog))
    dialog.user_box.setEditText("Bob")
    dialog.reason_edit.setText("why not")
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    settled(screen)
    assert "not allowed" in dialog.refusal
    dialog.reject()
    assert page.pending
    assert page.apply_button.isEnabled()


def test_thresholds_out_of_order_cannot_be_applied(open_screen, settled, hands) -> None:
    screen = open_screen(InMemoryStation(clock=hands.clock))
    screen.window.show_page(3)
    page = screen.automation
    page.form.fields["accept_below"].setValue(0.9)
    assert not page.apply_button.isEnabled()
    assert "out of order" in page.bar.words.text()
    page.discard()
    assert page.form.fields["accept_below"].value() == pytest.approx(0.05)


def test_an_untouched_field_keeps_all_its_digits(open_screen, hands) -> None:
    control = replace(FIRST, accept_below=0.0123456, audit_share=0.033333)
    screen = open_screen(InMemoryStation(control, clock=hands.clock))
    screen.window.show_page(3)
    screen.automation.form.fields["canary_share"].setValue(25.0)
    draft = screen.automation._draft_or_none()
    assert draft == replace(control, canary_share=0.25)


def test_a_change_by_somebody_else_keeps_the_draft(open_screen, settled, hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    screen = open_screen(station)
    screen.window.show_page(3)
    screen.automation.slider.setValue(3)
    station.change_control("Other", "left", level=Level.HUMAN_ONLY)
    settled(screen)
    assert screen.automation.slider.level is Level.PARTIAL
    assert screen.automation.pending
    assert screen.window.header._level.text() == "Human only"


def test_the_slider_names_itself_and_ignores_the_wheel(open_screen, hands, qtbot) -> None:
    screen = open_screen(InMemoryStation(clock=hands.clock))
    screen.window.show_page(3)
    slider = screen.automation.slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.level is Level.ASSIST
    assert slider.accessibleName() == "Level: Assist; in force: Shadow"
    column = slider.width() / 5
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().topLeft() + _point(4.5 * column))
    assert slider.level is Level.FULL


def _point(x: float):
    from PySide6.QtCore import QPoint

    return QPoint(int(x), 20)


def test_differences_in_words() -> None:
    after = replace(FIRST, version=2, level=Level.FULL, style=AssistStyle.SECOND_LOOK, canary_share=0.05)
    assert [each.name for each in differences(FIRST, after)] == ["Level", "Marks shown", "Canary share"]
    assert change_line(FIRST, after).splitlines()[0] == "Level: Shadow → Full"
    assert change_line(None, FIRST) == "First state: Shadow"
    assert "5.0\u202f%" in consequence(FIRST, after)
    assert "inspectors more" in consequence(after, FIRST)


def test_the_list_of_changes_behaves(hands, qtmodeltester) -> None:
    station = InMemoryStation(clock=hands.clock)
    station.change_control("Novak", "because", level=Level.ASSIST)
    model = ChangesTableModel()
    model.show_changes(station.changes())
    assert model.data(model.index(0, 0)) == "2"
    assert "“because”" in model.data(model.index(0, 2))
    assert "Against" not in model.data(model.index(0, 2))
    model.show_changes((replace(station.changes()[-1], against="No certificate stands."),))
    assert model.data(model.index(0, 2)).endswith("Against the recommendation: No certificate stands.")
    qtmodeltester.check(model)


# --- agreement ---


def test_agreement_shows_the_counts_and_exports(open_screen, settled, hands, tmp_path) -> None:
    station = settled_station(hands, replace(FIRST, level=Level.SHADOW), parts=4)
    screen = open_screen(station)
    screen.window.show_page(2)
    settled(screen)
    page = screen.agreement
    assert page.two_way.cells[TableCell(Answer.ACCEPT, Judgement.REJECT)].text() == "4"
    assert page.two_way.cells[TableCell(None, None)].text() == "4"
    texts = [page.figures_table_model.data(page.figures_table_model.index(row, 1)) for row in range(5)]
    assert "0.0\u202f%" in texts
    page.export()
    settled(screen)
    assert (tmp_path / "agreement.json").exists()
    assert "agreement.json" in screen.window.notice.sentence
    groups = page.groups.table_model
    assert "Level: Shadow" in [groups.index(row, 0).data() for row in range(groups.rowCount())]


def test_agreement_without_verdicts_says_what_to_do(open_screen, settled, hands) -> None:
    screen = open_screen(InMemoryStation(clock=hands.clock))
    screen.window.show_page(2)
    settled(screen)
    assert screen.agreement._empty_title.isVisible()
    assert "Inspect page" in screen.agreement._empty_words.text()


def test_choosing_a_level_shows_its_table(open_screen, settled, hands) -> None:
    station = settled_station(hands, replace(FIRST, level=Level.SHADOW), parts=4)
    screen = open_screen(station)
    screen.window.show_page(2)
    settled(screen)
    page = screen.agreement
    page.filter.level.choose(Level.ASSIST)
    settled(screen)
    assert page._empty_title.text() == "No verdict fits this choice"
    page.filter.level.choose(Level.SHADOW)
    settled(screen)
    assert page.two_way.cells[TableCell(None, None)].text() == "4"


def test_the_list_of_figures_behaves(hands, qtmodeltester) -> None:
    from inspector_app.agreement.report import ReportHeader, agreement_report
    from inspector_app.domain.logquery import LogFilter

    station = settled_station(hands)
    which = LogFilter()
    header = ReportHeader(hands.now - timedelta(0), "0", which)
    report = agreement_report(station.verdict_counts(which), station.part_counts(which), header)
    model = FiguresTableModel()
    model.show_rows(lines_of(report.headline, report))
    qtmodeltester.check(model)
    assert figure_line("x", 0.5).value == "0.50"
