"""The study page: planning, blind judging, leaving and taking up again, figures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from inspector_app.agreement.study.guided import presentation_order, standing_answers
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyFault, StudyPart
from ui.study.plan_dialog import PlanDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")

STUDY = 4


def part_ids(station, count):
    return [station.part().inspection_id for _ in range(count)]


@pytest.fixture
def study_screen(open_screen, hands, studies, station):
    ids = part_ids(station, 6)
    studies.known = tuple(
        StudyPart(name, Judgement.REJECT if at % 2 else Judgement.ACCEPT) for at, name in enumerate(ids)
    )
    screen = open_screen(station, studies=studies)
    screen.window.show_page(STUDY)
    return screen


@pytest.fixture
def station(hands):
    from in_memory_station import InMemoryStation

    return InMemoryStation(clock=hands.clock)


@pytest.fixture
def studies():
    from in_memory_station import InMemoryStudies

    return InMemoryStudies()


def plan_a_study(screen, settled, *, appraisers="Ana, Bo", parts=4, trials=2, model=True):
    screen.study.plan()
    settled(screen)
    dialog = next(w for w in screen.window.findChildren(PlanDialog) if w.isVisible())
    assert not dialog.action.isEnabled()
    dialog.name_edit.setText("May")
    dialog.by_edit.setText("Erika")
    dialog.appraisers_edit.setText(appraisers)
    dialog.parts_box.setValue(parts)
    dialog.trials_box.setValue(trials)
    dialog.model_box.setChecked(model)
    assert dialog.action.isEnabled()
    QTest.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    settled(screen)


def judge_all(screen, settled, hands, answer, most=100):
    """Press keys until the study is through; returns the parts in the order in which they were shown."""
    shown = []
    while screen.study.course.place is not None and len(shown) < most:
        place = screen.study.course.place
        shown.append((place.trial, place.inspection_id))
        hands.turn(1.0)
        QTest.keyClick(screen.window, answer(place.inspection_id))
        settled(screen)
    return shown


def test_without_known_parts_it_says_what_to_do(open_screen, station, studies, settled):
    screen = open_screen(station, studies=studies)
    screen.window.show_page(STUDY)
    settled(screen)
    screen.study.plan()
    settled(screen)
    assert "adjudicate" in screen.window.notice.sentence
    assert not [w for w in screen.window.findChildren(PlanDialog) if w.isVisible()]


def test_a_study_from_plan_to_figures(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled)
    plan = studies.kept[0]
    assert plan.appraisers == ("Ana", "Bo")
    assert plan.model == "scratch-seg 1.0.0"
    assert sum(part.reference is Judgement.REJECT for part in plan.parts) == 2
    bad = {part.inspection_id for part in plan.parts if part.reference is Judgement.REJECT}
    page = study_screen.study
    page.judge()
    settled(study_screen)
    shown = judge_all(study_screen, settled, hands, lambda part: Qt.Key.Key_R if part in bad else Qt.Key.Key_A)
    assert [part for trial, part in shown if trial == 1] == list(presentation_order(plan, "Ana", 1))
    assert [part for trial, part in shown if trial == 2] == list(presentation_order(plan, "Ana", 2))
    answers = standing_answers(studies.answers(plan.study_id))
    assert len(answers) == 8
    assert all(answer.seconds == pytest.approx(1.0) for answer in answers.values())
    names = [page.figures_table_model.index(line, 0).data() for line in range(page.figures_table_model.rowCount())]
    assert "Ana" in names
    assert page.appraiser_box.value == "Bo"
    page.appraiser_box.choose("scratch-seg 1.0.0")
    page.judge()
    settled(study_screen)
    assert len(studies.answers(plan.study_id)) == 16
    names = [page.figures_table_model.index(line, 0).data() for line in range(page.figures_table_model.rowCount())]
    assert "scratch-seg 1.0.0" in names


def test_a_study_that_is_left_goes_on_at_the_same_part(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled, model=False)
    page = study_screen.study
    page.judge()
    settled(study_screen)
    judge_all(study_screen, settled, hands, lambda _part: Qt.Key.Key_A, most=3)
    place = page.course.place
    page.leave()
    settled(study_screen)
    page.judge()
    settled(study_screen)
    assert page.course.place == place
    assert len(studies.answers(studies.kept[0].study_id)) == 3
    page.leave()


def test_an_answer_can_be_taken_back_and_both_are_kept(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled, model=False)
    page = study_screen.study
    page.judge()
    settled(study_screen)
    first = page.course.place
    assert not page.judging.back_button.isEnabled()
    hands.turn(1.0)
    QTest.keyClick(study_screen.window, Qt.Key.Key_A)
    settled(study_screen)
    QTest.keyClick(study_screen.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(study_screen)
    assert page.course.place == first
    hands.turn(1.0)
    QTest.keyClick(study_screen.window, Qt.Key.Key_R)
    settled(study_screen)
    given = studies.answers(studies.kept[0].study_id)
    assert [(each.turn, each.judgement) for each in given] == [(1, Judgement.ACCEPT), (2, Judgement.REJECT)]
    assert page.course.place.position == 2
    page.leave()


def test_keys_that_come_too_early_or_are_held_judge_nothing(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled, model=False)
    page = study_screen.study
    page.judge()
    settled(study_screen)
    QTest.keyClick(study_screen.window, Qt.Key.Key_A)
    settled(study_screen)
    assert studies.answers(studies.kept[0].study_id) == []
    page.leave()


def test_judging_shows_nothing_of_part_model_or_truth(study_screen, studies, hands, settled):
    from PySide6.QtWidgets import QLabel

    plan_a_study(study_screen, settled)
    page = study_screen.study
    page.judge()
    settled(study_screen)
    words = " ".join(each.text() for each in page.judging.findChildren(QLabel))
    assert page.course.place.inspection_id not in words
    assert "P-0" not in words
    assert "scratch-seg" not in words
    page.leave()


def test_a_log_that_refuses_an_answer_says_so_and_the_part_stays(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled, model=False)
    page = study_screen.study
    page.judge()
    settled(study_screen)
    place = page.course.place
    studies.refuse = LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")
    hands.turn(1.0)
    QTest.keyClick(study_screen.window, Qt.Key.Key_A)
    settled(study_screen)
    assert page.course.place == place
    assert "The disk is full." in study_screen.window.notice.sentence
    studies.refuse = None
    QTest.keyClick(study_screen.window, Qt.Key.Key_A)
    settled(study_screen)
    assert page.course.place != place
    page.leave()


def test_a_model_that_fails_says_so_and_can_be_asked_again(study_screen, studies, settled):
    plan_a_study(study_screen, settled, appraisers="")
    page = study_screen.study
    studies.model_fault = StudyFault("The model gave no answer.")
    page.judge()
    settled(study_screen)
    assert "no answer" in study_screen.window.notice.sentence
    assert page.judge_button.isEnabled()


def test_too_few_bad_parts_are_one_sentence(study_screen, studies, settled):
    plan_a_study(study_screen, settled, parts=6, appraisers="Ana")
    assert len(studies.kept) == 1
    plan_a_study(study_screen, settled, parts=8, appraisers="Ana")
    assert len(studies.kept) == 1
    assert "known to be" in study_screen.window.notice.sentence


def test_export_names_the_file(study_screen, studies, hands, settled):
    plan_a_study(study_screen, settled, model=False)
    page = study_screen.study
    assert not page.export_button.isEnabled()
    page.judge()
    settled(study_screen)
    judge_all(study_screen, settled, hands, lambda _part: Qt.Key.Key_A, most=1)
    page.leave()
    settled(study_screen)
    QTest.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    settled(study_screen)
    assert "study.csv" in study_screen.window.notice.sentence


def test_the_table_model_keeps_qts_rules(study_screen, settled):
    plan_a_study(study_screen, settled)
    QAbstractItemModelTester(
        study_screen.study.studies_table_model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
