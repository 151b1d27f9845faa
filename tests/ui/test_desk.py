"""The inspector's desk: one part after the other, guard time, undo, second looks, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from in_memory_station import FIRST, InMemoryStation, answered, scratch

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.verdict import Answer
from ui.background import Background
from ui.review.desk import DeskState, ReviewDesk

GUARD_S = 0.25


@pytest.fixture
def background():
    pool = Background()
    yield pool
    assert pool.close(60.0)


@pytest.fixture
def make_desk(qtbot, hands, background):
    def make(station: InMemoryStation, inspector: str | None = "Ada") -> ReviewDesk:
        desk = ReviewDesk(station, background, hands.clock, hands.monotonic, GUARD_S)
        desk.sentences = []
        desk.noticed.connect(desk.sentences.append)
        if inspector:
            desk.sign_in(inspector)
        qtbot.waitUntil(lambda: not background.busy)
        return desk

    return make


@pytest.fixture
def answer(qtbot, hands, background):
    def give(desk: ReviewDesk, what: Answer, classes: tuple[str, ...] = ()) -> bool:
        hands.turn(1.0)
        taken = desk.answer(what, classes)
        qtbot.waitUntil(lambda: not background.busy)
        return taken

    return give


def station_with(parts: int, hands, **control: object) -> InMemoryStation:
    station = InMemoryStation(replace(FIRST, **control), clock=hands.clock)
    for _ in range(parts):
        station.part(answered(0.9, scratch(100, 100)))
    return station


def test_nobody_signed_in_sees_no_part_and_cannot_answer(make_desk, hands) -> None:
    station = station_with(1, hands)
    desk = make_desk(station, inspector=None)
    desk.refresh()
    assert desk.state is DeskState.SIGNED_OUT
    assert not desk.answer(Answer.ACCEPT)


def test_parts_come_in_order_and_each_is_judged_once(make_desk, answer, hands) -> None:
    station = station_with(3, hands)
    desk = make_desk(station)
    seen = []
    for _ in range(3):
        seen.append(desk.item.part_id)
        assert answer(desk, Answer.ACCEPT)
    assert seen == ["P-00001", "P-00002", "P-00003"]
    assert desk.state is DeskState.EMPTY
    assert [call for call in station.asked if call.startswith("submit")] == [
        f"submit i-0000{n} accept " for n in (1, 2, 3)
    ]


def test_the_time_from_appearance_to_answer_is_recorded(make_desk, hands, qtbot, background) -> None:
    station = station_with(1, hands)
    desk = make_desk(station)
    hands.turn(3.5)
    desk.answer(Answer.REJECT, ("scratch",))
    qtbot.waitUntil(lambda: not background.busy)
    verdict = station.entry("i-00001").verdicts[0]
    assert verdict.seconds == pytest.approx(3.5)
    assert verdict.classes == ("scratch",)
    assert verdict.by == "Ada"


def test_a_double_press_never_judges_an_unseen_part(make_desk, answer, hands) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    assert answer(desk, Answer.ACCEPT)
    assert desk.item.part_id == "P-00002"
    assert not desk.answer(Answer.ACCEPT)
    hands.turn(GUARD_S / 2)
    assert not desk.answer(Answer.ACCEPT)
    hands.turn(GUARD_S)
    assert desk.answer(Answer.ACCEPT)


def test_nothing_is_taken_while_an_answer_is_being_saved(make_desk, hands, qtbot, background) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    hands.turn(1.0)
    assert desk.answer(Answer.ACCEPT)
    assert desk.state is DeskState.SAVING
    assert not desk.answer(Answer.REJECT)
    assert not desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert len([call for call in station.asked if call.startswith("submit")]) == 1


def test_undo_brings_the_part_back_in_front(make_desk, answer, hands, qtbot, background) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    answer(desk, Answer.ACCEPT)
    assert desk.undo_s == pytest.approx(4.0)
    assert desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.item.part_id == "P-00001"
    assert desk.undo_s == 0.0
    assert station.entry("i-00001").verdicts[0].retracted


def test_undo_is_over_when_its_time_is(make_desk, answer, hands) -> None:
    desk = make_desk(station_with(1, hands))
    answer(desk, Answer.ACCEPT)
    hands.turn(4.1)
    assert desk.undo_s == 0.0
    assert not desk.undo()


def test_a_refused_undo_says_why(make_desk, answer, hands, qtbot, background) -> None:
    station = station_with(1, hands)
    desk = make_desk(station)
    answer(desk, Answer.ACCEPT)
    station._last.clear()
    desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.sentences == ["There is no verdict of Ada to undo."]


def test_an_undo_that_the_log_could_not_take_can_be_tried_again(make_desk, answer, qtbot, background, hands) -> None:
    station = station_with(1, hands)
    desk = make_desk(station)
    answer(desk, Answer.ACCEPT)
    ask = station.undo

    def refuse(*_args):
        raise LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")

    station.undo = refuse
    desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.sentences == ["The disk is full."]
    station.undo = ask
    assert desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert station.entry("i-00001").verdicts[0].retracted


def test_no_answer_is_taken_while_one_is_being_undone(make_desk, answer, qtbot, background, hands) -> None:
    """The station undoes a person's last verdict: one given meanwhile would be undone in its place."""
    station = station_with(2, hands)
    desk = make_desk(station)
    answer(desk, Answer.ACCEPT)
    hands.turn(1.0)
    assert desk.item.part_id == "P-00002"
    assert desk.undo()
    assert not desk.answer(Answer.REJECT)
    assert not desk.undo()
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.item.part_id == "P-00001"
    hands.turn(1.0)
    assert desk.answer(Answer.REJECT)
    qtbot.waitUntil(lambda: not background.busy)


def test_second_look_shows_the_same_part_with_the_marks(make_desk, answer, hands) -> None:
    station = station_with(2, hands, level=Level.ASSIST, style=AssistStyle.SECOND_LOOK, unaided_share=1e-9)
    desk = make_desk(station)
    assert desk.view.marks == ()
    picture = desk.view.picture
    answer(desk, Answer.ACCEPT)
    assert desk.item.part_id == "P-00001"
    assert desk.item.revealed
    assert desk.first_answer is Answer.ACCEPT
    assert len(desk.view.marks) == 1
    assert desk.view.picture is picture
    assert not desk.answer(Answer.REJECT), "the guard time holds for the second stage too"
    answer(desk, Answer.REJECT, ("scratch",))
    assert desk.item.part_id == "P-00002"
    assert [v.answer for v in station.entry("i-00001").verdicts] == [Answer.ACCEPT, Answer.REJECT]


def test_a_part_settled_elsewhere_makes_room(make_desk, hands, qtbot, background) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    station.submit("i-00001", "Bob", Answer.ACCEPT, (), 1.0)
    desk.refresh()
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.item.part_id == "P-00002"
    assert desk.sentences == ["Part P-00001 was settled elsewhere."]


def test_a_refused_verdict_goes_on_to_the_next_part(make_desk, answer, hands) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    station.submit("i-00001", "Bob", Answer.ACCEPT, (), 1.0)
    answer(desk, Answer.REJECT)
    assert desk.item.part_id == "P-00002"
    assert "does not wait" in desk.sentences[0]


def test_a_log_that_is_away_keeps_the_part(make_desk, answer, hands) -> None:
    station = station_with(1, hands)
    desk = make_desk(station)
    station.refuse = LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")
    answer(desk, Answer.ACCEPT)
    assert desk.state is DeskState.READY
    assert desk.item.part_id == "P-00001"
    assert desk.sentences == ["The disk is full."]
    station.refuse = None
    assert answer(desk, Answer.ACCEPT)
    assert desk.state is DeskState.EMPTY


def test_a_part_without_picture_is_still_to_be_judged(make_desk, answer, hands) -> None:
    station = InMemoryStation(clock=hands.clock)
    station.part(usable=False)
    desk = make_desk(station)
    assert desk.view.picture is None
    assert desk.view.sentence == "The picture file is cut short."
    assert answer(desk, Answer.REJECT)


def test_changing_the_inspector_leaves_nothing_of_the_former(make_desk, answer, hands, qtbot, background) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    answer(desk, Answer.ACCEPT)
    desk.sign_in("Bob")
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.undo_s == 0.0
    answer(desk, Answer.ACCEPT)
    assert station.entry("i-00002").verdicts[0].by == "Bob"


@pytest.mark.parametrize("refuse", [None, LogUnavailable(LogProblem.LOCKED, "The log is locked.")])
def test_an_answer_that_is_saved_after_its_inspector_has_left_is_nobodys_to_undo(
    make_desk, answer, hands, qtbot, background, refuse
) -> None:
    station = station_with(2, hands)
    desk = make_desk(station)
    hands.turn(1.0)
    station.refuse = refuse
    assert desk.answer(Answer.ACCEPT)
    desk.sign_out()
    qtbot.waitUntil(lambda: not background.busy)
    station.refuse = None
    assert desk.state is DeskState.SIGNED_OUT
    assert (desk.item, desk.last_answer, desk.undo_s) == (None, None, 0.0)
    assert [item.part_id for item in desk.waiting] == (["P-00002"] if refuse is None else ["P-00001", "P-00002"])
    desk.sign_in("Bob")
    qtbot.waitUntil(lambda: not background.busy)
    assert desk.item is desk.waiting[0]
