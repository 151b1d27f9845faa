"""Every fault path: named, told, over by itself where it can be, and never an accept."""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector_app.automation.policy import decide
from inspector_app.automation.replay import replay_differences
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Presentation, Reason, Route
from inspector_app.domain.errors import CameraLost, CameraSettingError, LineError, LogProblem
from inspector_app.domain.events import FaultCleared, FaultRaised, InspectionRecorded, StateChanged
from inspector_app.domain.frame import PictureFlaw, PictureProblem, UnusableFrame
from inspector_app.domain.inspection import PictureFault, PictureState
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.domain.verdict import Answer
from inspector_app.station.looks import first_item
from inspector_app.station.pipeline import check_safe

ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD


def kinds(rig, event):
    return [each.fault.kind for each in rig.of(event)]


def accepting(kit):
    """A model that would accept everything: whatever is held below is held because of the fault."""
    return kit.Classifier(lambda n: kit.prediction(0.0))


# --- the model ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.ASSIST, Level.PARTIAL, Level.FULL, Level.SHADOW])
def test_a_failing_model_sends_parts_to_humans(make_rig, kit, caplog, level):
    def boom(number):
        raise ValueError("boom")

    rig = make_rig([kit.frame(n) for n in range(4)], classifier=kit.Classifier(boom), level=level)
    with caplog.at_level(logging.CRITICAL):
        rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [HOLD] * 4
    assert all(Reason.PREDICTION_FAILED in entry.inspection.decision.reasons for entry in rig.log.all())
    assert kinds(rig, FaultRaised) == [FaultKind.MODEL_FAILING]
    assert rig.station.status().counts.failed_predictions == 4


def test_a_failing_model_is_over_with_the_next_good_answer(make_rig, kit, caplog):
    def answer(number):
        if number < 3:
            raise ValueError("boom")
        return kit.prediction(0.0)

    rig = make_rig([kit.frame(n) for n in range(5)], classifier=kit.Classifier(answer), level=Level.FULL)
    with caplog.at_level(logging.CRITICAL):
        rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [HOLD, HOLD, HOLD, ACCEPT, ACCEPT]
    assert (kinds(rig, FaultRaised), kinds(rig, FaultCleared)) == ([FaultKind.MODEL_FAILING],) * 2


def test_without_a_model_parts_go_to_humans_and_the_fault_has_a_name(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(3)], level=Level.FULL)
    rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [HOLD] * 3
    assert kinds(rig, FaultRaised) == [FaultKind.MODEL_MISSING]
    assert rig.station.status().model == "none"


def test_human_only_needs_no_model(make_rig, kit):
    classifier = accepting(kit)
    rig = make_rig([kit.frame(n) for n in range(3)], classifier=classifier)
    rig.run_out()
    assert classifier.asked == []
    assert rig.of(FaultRaised) == []
    assert all(entry.inspection.prediction is None for entry in rig.log.all())


def test_a_late_model_is_recorded_as_late_and_its_answer_never_used(make_rig, kit):
    gate = threading.Event()

    def slow(number):
        if number == 0:
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(0.0)

    rig = make_rig(
        [kit.frame(n) for n in range(3)],
        classifier=kit.Classifier(slow),
        level=Level.FULL,
        options={"model_deadline_s": 0.05, "model_failures_to_fault": 2},
    )
    rig.station.start()
    rig.until_state(StationState.FINISHED)
    statuses = [entry.inspection.prediction.status for entry in rig.log.all()]
    assert statuses == [PredictionStatus.LATE, PredictionStatus.FAILED, PredictionStatus.FAILED]
    gate.set()
    rig.station.stop(kit.PATIENCE_S)
    assert [m.disposition for m in rig.line.messages] == [HOLD] * 3
    assert kinds(rig, FaultRaised) == [FaultKind.MODEL_FAILING]
    assert rig.station.status().counts.late_predictions == 1


# --- pictures and camera -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", Level)
def test_unusable_pictures_go_to_humans(make_rig, kit, level):
    rig = make_rig([kit.unusable(0), kit.frame(1)], classifier=accepting(kit), level=level)
    rig.run_out()
    first = rig.log.part("part-0000")
    assert first.disposition is HOLD
    assert isinstance(first.inspection.picture, PictureFault)
    assert first.stored_picture is None
    assert rig.station.status().counts.unusable == 1
    assert rig.station.picture(first.inspection.inspection_id) is None


@pytest.mark.parametrize("level", Level)
def test_a_picture_that_is_not_fit_is_kept_and_shown_and_the_model_is_not_asked(make_rig, kit, level):
    model = accepting(kit)
    rig = make_rig([kit.unfit(0), kit.frame(1)], classifier=model, level=level)
    rig.run_out()
    first = rig.log.part("part-0000")
    assert first.disposition is HOLD
    assert first.inspection.picture.unfit.flaw is PictureFlaw.BLURRED
    assert first.stored_picture.state is PictureState.STORED
    assert first.inspection.decision.presentation is Presentation.BLIND
    assert Reason.PICTURE_UNUSABLE in first.inspection.decision.reasons
    assert not replay_differences(first.inspection)
    assert model.asked == ([] if level is Level.HUMAN_ONLY else [1])
    assert rig.station.picture(first.inspection.inspection_id) is not None
    item = first_item(first.inspection)
    assert item.picture_fault == "The picture is out of focus."
    assert item.model_view is None
    counts = rig.station.status().counts
    assert (counts.unusable, counts.unfit) == (1, 1)


def test_many_unfit_pictures_are_a_fault_until_they_are_few_again(make_rig, kit):
    script = [kit.frame(n) for n in range(5)] + [kit.unfit(n) for n in range(5, 12)]
    rig = make_rig([*script, *(kit.frame(n) for n in range(12, 112))], classifier=accepting(kit), level=Level.FULL)
    rig.run_out()
    raised = [event.fault for event in rig.of(FaultRaised)]
    assert [fault.kind for fault in raised] == [FaultKind.PICTURES_UNFIT]
    assert "5 of the last 10 pictures could not be judged (5 blurred)" in raised[0].sentence
    assert kinds(rig, FaultCleared) == [FaultKind.PICTURES_UNFIT]
    assert rig.log.part("part-0111").disposition is ACCEPT


def test_one_unfit_picture_is_no_fault(make_rig, kit):
    rig = make_rig([kit.unfit(0), kit.unfit(1), *(kit.frame(n) for n in range(2, 20))], classifier=accepting(kit))
    rig.run_out()
    assert rig.of(FaultRaised) == []


def test_the_last_gate_lets_no_unfit_picture_pass(kit):
    control = kit.control(Level.FULL)
    sound = kit.prediction(0.01)
    accepts = decide(control, "part-0000", True, sound)
    check_safe(accepts, kit.frame(0), sound)
    with pytest.raises(RuntimeError, match="without a usable picture"):
        check_safe(accepts, kit.unfit(0), sound)


def test_pictures_that_find_no_room_are_recorded_as_overflow_in_their_place(make_rig, kit):
    gate, in_hand = threading.Event(), threading.Event()

    def slow(number):
        in_hand.set()
        gate.wait(kit.PATIENCE_S)
        return kit.prediction(0.0)

    frames = [kit.frame(n, source="usb:0") for n in range(8)]
    camera = kit.Camera([frames[0], in_hand, *frames[1:]], uri="usb:0")
    rig = make_rig(
        camera=camera,
        classifier=kit.Classifier(slow),
        level=Level.FULL,
        options={"frames_queued": 2, "overflow_wait_s": 0.0, "model_deadline_s": 60.0},
    )
    rig.station.start()
    rig.until(lambda: rig.station.status().counts.captured == 8 and rig.station.status().frames_queued == 7)
    gate.set()
    rig.until_state(StationState.FINISHED)
    rig.station.stop(kit.PATIENCE_S)
    entries = rig.log.all()
    assert [entry.inspection.part_id for entry in entries] == [f"part-{n:04d}" for n in range(8)]
    problems = [getattr(entry.inspection.picture, "problem", None) for entry in entries]
    # The part in hand and the two that wait have pictures.
    assert problems == [None] * 3 + [PictureProblem.OVERFLOW] * 5
    assert rig.station.status().counts.overflowed == 5
    assert [m.disposition for m in rig.line.messages] == [HOLD if problem else ACCEPT for problem in problems]
    assert (kinds(rig, FaultRaised), kinds(rig, FaultCleared)) == ([FaultKind.QUEUE_OVERFLOW],) * 2


def test_a_source_at_our_pace_waits_and_never_overflows(make_rig, kit):
    slow = kit.Classifier(lambda n: (threading.Event().wait(0.005), kit.prediction(0.0))[1])
    rig = make_rig(
        [kit.frame(n) for n in range(12)],
        classifier=slow,
        level=Level.FULL,
        options={"frames_queued": 1, "overflow_wait_s": 0.0},
    )
    rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [ACCEPT] * 12
    assert rig.station.status().counts.overflowed == 0


def test_a_camera_that_is_missing_at_the_start_is_waited_for(make_rig, kit):
    camera = kit.Camera([kit.frame(0)])
    camera.refuse_opens = 3
    rig = make_rig(camera=camera)
    rig.run_out()
    assert kinds(rig, FaultRaised) == kinds(rig, FaultCleared) == [FaultKind.CAMERA_LOST]
    assert StationState.FAULTED not in [event.after for event in rig.of(StateChanged)]
    assert rig.station.status().counts.reconnects == 0
    assert len(rig.line.messages) == 1


def test_parts_that_pass_a_lost_camera_are_recorded_at_once_and_counted(make_rig, kit):
    at = datetime.now(UTC)
    missed = [UnusableFrame(PictureProblem.MISSED_TRIGGER, "The camera is lost.", at, "usb:0", 1, name="missed")]

    class Watched(kit.Camera):
        def missed_parts(self):
            return (missed.pop(),) if missed else ()

    camera = Watched([kit.frame(0)])
    camera.refuse_opens = 3
    rig = make_rig(camera=camera)
    rig.run_out()
    assert [message.part_id for message in rig.line.messages] == ["missed", "part-0000"]
    assert rig.line.heard("missed") == [Disposition.HOLD]
    assert rig.station.status().counts.missed_triggers == 1
    assert ("missed_trigger", "Part missed: The camera is lost.") in rig.log.incidents


@pytest.mark.parametrize("ends", ["stop", "pause"])
def test_parts_that_a_camera_knows_of_at_its_end_are_recorded(make_rig, kit, ends):
    at = datetime.now(UTC)
    left = []

    class Watched(kit.Camera):
        def missed_parts(self):
            return (left.pop(),) if left else ()

    rig = make_rig(camera=Watched([replace(kit.frame(0), source="usb:0")], uri="usb:0", hold=True))
    rig.station.start()
    rig.until(lambda: len(rig.line.messages) == 1)
    left.append(UnusableFrame(PictureProblem.MISSED_TRIGGER, "Nobody asked.", at, "usb:0", 1, name="left"))
    if ends == "pause":
        rig.station.pause()
        rig.until(lambda: len(rig.line.messages) == 2)
    rig.station.stop(kit.PATIENCE_S)
    assert rig.line.heard("left") == [Disposition.HOLD]
    assert not rig.station.unrecorded


@pytest.mark.parametrize("error", [CameraLost("gone"), CameraSettingError("no such exposure")])
def test_camera_faults_are_named_and_end_with_the_next_picture(make_rig, kit, error):
    rig = make_rig([kit.frame(0), error, error, kit.frame(1)])
    rig.run_out()
    assert [m.part_id for m in rig.line.messages] == ["part-0000", "part-0001"]
    assert kinds(rig, FaultRaised) == kinds(rig, FaultCleared) == [FaultKind.CAMERA_LOST]
    assert rig.station.status().counts.reconnects == 2


def test_a_bug_in_the_cameras_driver_is_reported_and_survived(make_rig, kit):
    rig = make_rig([kit.frame(0), ZeroDivisionError("driver"), kit.frame(1)], expects_bug=True)
    rig.run_out()
    assert [m.part_id for m in rig.line.messages] == ["part-0000", "part-0001"]
    assert kinds(rig, FaultRaised) == kinds(rig, FaultCleared) == [FaultKind.CAMERA_BUG]
    ((thread, bug),) = rig.bugs
    assert thread == "camera"
    assert bug.__traceback__ is not None


# --- the line ----------------------------------------------------------------------------------------------------


def test_a_line_that_takes_no_message_is_named_and_opened_again(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(30)], classifier=accepting(kit), level=Level.FULL)
    failing = {"part-0003", "part-0004"}

    def check(message):
        if message.part_id in failing:
            raise LineError("cable cut")

    rig.line.check = check
    rig.line.refuse_opens = 1
    rig.run_out()
    entries = rig.log.all()
    assert len(entries) == 30
    heard = {message.part_id for message in rig.line.messages}
    assert not heard & failing
    for entry in entries:
        assert entry.line_told == (entry.inspection.part_id in heard)
    assert set(kinds(rig, FaultRaised)) == {FaultKind.LINE_LOST}
    assert len(kinds(rig, FaultRaised)) == len(kinds(rig, FaultCleared))
    assert rig.station.status().counts.line_failures == 30 - len(heard)
    assert rig.station.status().counts.accepted == len(heard)
    assert [event.inspection.part_id for event in rig.of(InspectionRecorded)] == [f"part-{n:04d}" for n in range(30)]


def test_an_idle_station_gets_its_line_back(make_rig, kit):
    rig = make_rig(camera=kit.Camera([], hold=True))
    rig.line.refuse_opens = 4
    rig.station.start()
    rig.until(lambda: kinds(rig, FaultCleared) == [FaultKind.LINE_LOST])


def test_a_line_that_takes_long_to_open_again_holds_up_neither_parts_nor_verdicts(make_rig, kit):
    rig = make_rig(camera=kit.Camera([kit.frame(n) for n in range(8)], hold=True), level=Level.HUMAN_ONLY)
    go_on, opens = threading.Event(), []
    really_open = rig.line.open

    def slow_open():
        opens.append(None)
        if len(opens) > 1:
            go_on.wait(kit.PATIENCE_S)
        really_open()

    def check(message):
        if message.part_id == "part-0002":
            raise LineError("cable cut")

    def untold():
        return {entry.inspection.part_id for entry in rig.log.all() if not entry.line_told}

    rig.line.open, rig.line.check = slow_open, check
    try:
        rig.station.start()
        rig.until(lambda: len(rig.log.all()) == 8)
        rig.until(lambda: len(rig.station.waiting()) == 8)
        rig.until(lambda: untold() == {f"part-{n:04d}" for n in range(2, 8)})
        rig.station.submit(rig.station.waiting()[0].inspection_id, "Erika", Answer.ACCEPT, (), 1.0)
        assert not go_on.is_set()
        assert [message.part_id for message in rig.line.messages] == ["part-0000", "part-0001"]
        assert kinds(rig, FaultRaised) == [FaultKind.LINE_LOST]
    finally:
        go_on.set()
    # Back again: the verdict that the line could not hear is told now, and it is told that the part was on hold.
    rig.until(lambda: rig.line.heard("part-0000") == [HOLD, ACCEPT])
    assert rig.line.messages[-1].was_held
    rig.station.stop(kit.PATIENCE_S)
    assert not rig.line.open_now


def test_a_station_can_be_stopped_while_its_line_opens(make_rig, kit, caplog):
    rig = make_rig(camera=kit.Camera([], hold=True))
    go_on, in_open = threading.Event(), threading.Event()
    really_open = rig.line.open

    def slow_open():
        in_open.set()
        go_on.wait(kit.PATIENCE_S)
        really_open()

    rig.station.start()

    def refuse(_message):
        raise LineError("cable cut")

    rig.line.check = refuse
    rig.line.open = slow_open
    rig.station._teller.tell("id", "part", HOLD)
    in_open.wait(kit.PATIENCE_S)
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(0.2)
    assert any(kind == "thread_hangs" and "line" in sentence for kind, sentence in rig.log.incidents)
    go_on.set()
    rig.until(lambda: not rig.line.open_now and not any(thread.name == "line" for thread in threading.enumerate()))


@pytest.mark.parametrize("way", ["stop", "cancelled"])
def test_a_station_can_be_stopped_while_it_waits_for_its_line_at_the_start(make_rig, kit, caplog, way):
    rig = make_rig(camera=kit.Camera([kit.frame(0)], hold=True))
    go_on, in_open, cancelled, opened = threading.Event(), threading.Event(), threading.Event(), []
    really_open = rig.line.open

    def slow_open():
        in_open.set()
        go_on.wait(kit.PATIENCE_S)
        opened.append(None)
        really_open()

    rig.line.open = slow_open
    before = set(threading.enumerate())
    starter = threading.Thread(target=rig.station.start, args=(cancelled.is_set,))
    starter.start()
    try:
        assert in_open.wait(kit.PATIENCE_S)
        if way == "cancelled":
            cancelled.set()
            starter.join(kit.PATIENCE_S)
        with caplog.at_level(logging.CRITICAL):
            rig.station.stop(0.2)
        assert (opened, rig.camera.opened, rig.station.status().state) == ([], 0, StationState.STOPPED)
    finally:
        go_on.set()
        starter.join(kit.PATIENCE_S)
    rig.until(lambda: opened and not rig.line.open_now)
    rig.line.open = really_open
    rig.until(lambda: set(threading.enumerate()) <= before)
    rig.station.start()
    rig.until(lambda: rig.line.heard("part-0000") == [HOLD])


def test_a_line_that_fails_as_nobody_expects_is_closed_at_the_stop(make_rig, kit):
    rig = make_rig(camera=kit.Camera([], hold=True), expects_bug=True)
    really_open = rig.line.open

    def half_open():
        really_open()
        raise TypeError("a bug of the adapter")

    rig.line.open = half_open
    rig.station.start()
    rig.until(lambda: FaultKind.BUG in kinds(rig, FaultRaised))
    rig.station.stop(kit.PATIENCE_S)
    assert not rig.line.open_now


# --- the log -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "fault"),
    [
        (LogProblem.DISK_FULL, FaultKind.DISK_FULL),
        (LogProblem.READ_ONLY, FaultKind.LOG_READ_ONLY),
        (LogProblem.LOCKED, FaultKind.LOG_UNAVAILABLE),
        (LogProblem.UNREACHABLE, FaultKind.LOG_UNAVAILABLE),
        (LogProblem.CORRUPT, FaultKind.LOG_UNAVAILABLE),
    ],
)
@pytest.mark.parametrize("call", ["record_inspection", "control"])
def test_a_log_that_is_away_holds_parts_and_nothing_is_lost(make_rig, kit, problem, fault, call):
    rig = make_rig(
        [kit.frame(n) for n in range(12)],
        classifier=accepting(kit),
        level=Level.FULL,
        options={"frames_queued": 3},
    )
    away = threading.Event()

    def trouble(name):
        if name == call and len(rig.line.messages) == 4:
            away.set()
        return problem if away.is_set() else None

    rig.log.trouble = trouble
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    rig.until(lambda: rig.station.status().frames_queued == 3)
    assert [each.kind for each in rig.station.status().faults] == [fault]
    assert len(rig.line.messages) == 4
    assert rig.station.status().counts.captured == 8
    rig.log.trouble = lambda name: None
    rig.until_state(StationState.FINISHED)
    rig.station.stop(kit.PATIENCE_S)
    assert [m.part_id for m in rig.line.messages] == [f"part-{n:04d}" for n in range(12)]
    assert len(rig.log.all()) == 12
    assert kinds(rig, FaultRaised) == kinds(rig, FaultCleared) == [fault]
    assert [kind for kind, _ in rig.log.incidents] == ["started", "fault_raised", "fault_cleared", "stopped"]


def test_a_log_that_is_away_until_the_stop_leaves_a_list_of_held_parts(make_rig, kit, caplog):
    rig = make_rig([kit.frame(n) for n in range(9)], options={"frames_queued": 2})

    def trouble(name):
        return LogProblem.DISK_FULL if len(rig.line.messages) >= 3 else None

    rig.log.trouble = trouble
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    rig.until(lambda: rig.station.status().frames_queued == 2)
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(kit.PATIENCE_S)
    recorded = {entry.inspection.part_id for entry in rig.log.all()}
    assert {message.part_id for message in rig.line.messages} == recorded
    held = [capture.name for capture in rig.station.unrecorded]
    assert held == ["part-0003", "part-0004", "part-0005"]
    assert rig.station.status().counts.captured == 6


def test_a_log_that_is_away_at_the_start_is_waited_for(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.log.trouble = lambda name: LogProblem.READ_ONLY
    rig.station.start()
    assert rig.station.status().state is StationState.FAULTED
    assert rig.station.recovery is None
    assert rig.line.messages == []
    rig.log.trouble = lambda name: None
    rig.until_state(StationState.FINISHED)
    assert rig.station.recovery.clean
    states = [event.after for event in rig.of(StateChanged)]
    assert states[:2] == [StationState.STARTING, StationState.FAULTED]
    assert states[-2:] == [StationState.RUNNING, StationState.FINISHED]


def test_pictures_that_the_disk_refuses_are_kept_and_stored_later(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(3)])
    rig.pictures.trouble = lambda: LogProblem.DISK_FULL
    rig.station.start()
    rig.until_state(StationState.FINISHED)
    rig.until(lambda: FaultKind.PICTURES_NOT_STORED in kinds(rig, FaultRaised))
    assert rig.station.status().pictures_queued == 3
    rig.pictures.trouble = lambda: None
    rig.until(lambda: rig.station.status().counts.pictures_stored == 3)
    assert kinds(rig, FaultCleared) == [FaultKind.PICTURES_NOT_STORED]
    assert len(rig.pictures.kept) == 3


# --- bugs and listeners ------------------------------------------------------------------------------------------


def test_a_bug_holds_all_parts_until_the_station_is_started_again(make_rig, kit, caplog):
    rig = make_rig([kit.frame(n) for n in range(9)], classifier=accepting(kit), level=Level.FULL, expects_bug=True)
    broken = {"part-0003"}

    def check(message):
        if message.part_id in broken:
            raise ZeroDivisionError("bug")

    rig.line.check = check
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(kit.PATIENCE_S)
    assert [m.part_id for m in rig.line.messages] == ["part-0000", "part-0001", "part-0002"]
    ((thread, bug),) = rig.bugs
    assert (thread, type(bug)) == ("inspection", ZeroDivisionError)
    assert FaultKind.BUG in kinds(rig, FaultRaised)
    # The part whose message failed is in the log and listed as unheard of; those behind it are named at the stop.
    assert rig.log.part("part-0003").line_told is False
    unrecorded = [capture.name for capture in rig.station.unrecorded]
    assert unrecorded == [f"part-{n:04d}" for n in range(4, 4 + len(unrecorded))]
    broken.clear()
    rig.run_out()
    assert rig.station.recovery.untold == ("part-0003",)
    done = 3 + 1 + len(unrecorded)
    assert [m.part_id for m in rig.line.messages[3:]] == [f"part-{n:04d}" for n in range(done, 9)]


def test_an_unsafe_decision_is_a_bug_and_never_reaches_the_line(make_rig, kit, monkeypatch):
    from inspector_app.station import pipeline

    real = pipeline.decide
    monkeypatch.setattr(
        pipeline, "decide", lambda control, part, usable, answer: real(control, part, True, kit.prediction(0.0))
    )
    rig = make_rig([kit.unusable(0)], classifier=accepting(kit), level=Level.FULL, expects_bug=True)
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    rig.station.stop(kit.PATIENCE_S)
    assert rig.line.messages == []
    assert rig.log.all() == ()


def test_a_listener_that_fails_is_logged_and_harms_nobody(make_rig, kit, caplog):
    rig = make_rig([kit.frame(n) for n in range(3)])

    def broken(event):
        raise ZeroDivisionError("listener")

    rig.station.subscribe(broken)
    after = []
    rig.station.subscribe(after.append)
    with caplog.at_level(logging.ERROR):
        rig.run_out()
    assert len(rig.line.messages) == 3
    assert len([event for event in after if isinstance(event, InspectionRecorded)]) == 3
    assert any("a listener failed on InspectionRecorded" in record.message for record in caplog.records)
    assert rig.of(FaultRaised) == []


# --- all of it at random -----------------------------------------------------------------------------------------

_TROUBLES = st.sampled_from(LogProblem)
_PLAN = st.fixed_dictionaries(
    {
        "level": st.sampled_from(Level),
        "camera": st.lists(
            st.sampled_from(["frame", "frame", "frame", "unusable", "unfit", "lost", "bug", "none"]), max_size=16
        ),
        "model": st.lists(st.sampled_from(["accept", "reject", "unsure", "raise", "garbage", "late"]), min_size=1),
        "log": st.lists(st.one_of(st.none(), st.none(), _TROUBLES), max_size=40),
        "line": st.lists(st.booleans(), max_size=20),
        "disk": st.lists(st.one_of(st.none(), _TROUBLES), max_size=10),
        "seed": st.integers(0, 99),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=_PLAN)
def test_no_fault_accepts_and_no_part_is_lost_or_doubled(kit, plan):
    logging.disable(logging.CRITICAL)
    try:
        rig, last_call = played(kit, plan)
    finally:
        logging.disable(logging.NOTSET)
    expected = names(plan)
    entries = rig.log.all()
    assert [entry.inspection.part_id for entry in entries] == expected
    heard = [message.part_id for message in rig.line.messages]
    assert len(heard) == len(set(heard))
    assert set(heard) <= set(expected)
    dispositions = {message.part_id: message.disposition for message in rig.line.messages}
    for entry in entries:
        inspection, decision = entry.inspection, entry.inspection.decision
        sound = inspection.prediction is not None and inspection.prediction.status is PredictionStatus.OK
        if not sound or not inspection.picture_usable:
            assert decision.route is Route.HUMAN
            assert dispositions.get(inspection.part_id, HOLD) is HOLD
        assert dispositions.get(inspection.part_id, entry.disposition) is entry.disposition
        assert entry.line_told == (inspection.part_id in dispositions)
        if dispositions.get(inspection.part_id) is ACCEPT:
            assert inspection.prediction.probability < inspection.control.accept_below
        assert entry.stored_picture is None or entry.stored_picture.state is PictureState.STORED
    lasting = {
        FaultKind.PICTURES_UNFIT,
        FaultKind.LINE_LOST,
        FaultKind.MODEL_FAILING,
        FaultKind.CAMERA_LOST,
        FaultKind.CAMERA_BUG,
    }
    if last_call is not None:  # nothing was written after it that could have cleared its fault
        lasting |= {FaultKind.DISK_FULL, FaultKind.LOG_READ_ONLY, FaultKind.LOG_UNAVAILABLE}
    assert {fault.kind for fault in rig.station.status().faults} <= lasting


def names(plan):
    captures = [step for step in plan["camera"] if step in {"frame", "unusable", "unfit"}]
    return [f"part-{n:04d}" for n in range(len(captures))]


def played(kit, plan):
    """Run a plan of faults to its end and stop; with the trouble that the log's last call met."""
    rig = kit.Rig(
        kit.Camera(script(kit, plan)),
        classifier=kit.Classifier(model(kit, plan["model"])),
        level=plan["level"],
        options={"frames_queued": 2, "model_deadline_s": 0.005},
    )
    # The first calls of a start are spared, so that every plan gets as far as its parts.
    log, disk, line = iter(plan["log"]), iter(plan["disk"]), iter(plan["line"])
    lock = threading.Lock()
    latest = None

    def log_trouble(call):
        nonlocal latest
        with lock:
            latest = next(log, None)
            return latest

    def line_trouble(message):
        if next(line, False):
            raise LineError("cable cut")

    rig.log.trouble = log_trouble
    rig.pictures.trouble = lambda: next(disk, None)
    rig.line.check = line_trouble
    station = rig.station
    station.start()
    rig.until_state(StationState.FINISHED)
    rig.until(
        lambda: not (station._pictures.queued or station._housekeeping._ledger.oldest_at() or station._incidents.noted)
    )
    station.stop(kit.PATIENCE_S)
    assert {thread for thread, _ in rig.bugs} <= {"camera"}
    return rig, latest


def script(kit, plan):
    numbers = iter(range(1000))
    steps = {
        "frame": lambda: kit.frame(next(numbers)),
        "unusable": lambda: kit.unusable(next(numbers)),
        "unfit": lambda: kit.unfit(next(numbers)),
        "lost": lambda: CameraLost("unplugged"),
        "bug": lambda: ZeroDivisionError("driver"),
        "none": lambda: None,
    }
    return [steps[step]() for step in plan["camera"]]


def model(kit, plan):
    def answer(number):
        step = plan[number % len(plan)]
        if step == "raise":
            raise ValueError("boom")
        if step == "late":
            threading.Event().wait(0.02)
        probabilities = {"accept": 0.01, "reject": 0.99, "unsure": 0.5, "late": 0.01}
        return kit.prediction(probabilities[step]) if step in probabilities else random.Random(number)

    return answer


# --- stopping in the middle of a fault ---------------------------------------------------------------------------


def test_a_verdict_that_could_not_be_recorded_before_the_stop_leaves_the_part_waiting(make_rig, kit, caplog):
    from inspector_app.station.deciders import TruthDecider

    rig = make_rig([kit.frame(0, defect=False)], deciders=(TruthDecider(),))
    rig.log.trouble = lambda call: LogProblem.LOCKED if call == "record_verdict" else None
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(kit.PATIENCE_S)
    assert rig.line.messages == []
    assert rig.station.unrecorded == ()
    (entry,) = rig.log.waiting()
    assert (entry.disposition, entry.verdicts, entry.line_told) == (HOLD, (), False)


@pytest.fixture
def held_loop(kit):
    """A live camera's loop while a fault stops parts, with room for one picture."""
    from inspector_app.station.board import StateBoard, Tally
    from inspector_app.station.buffers import FrameQueue, LatestSlot
    from inspector_app.station.camera_loop import CameraLoop
    from inspector_app.station.options import StationOptions

    board = StateBoard(kit.now, lambda event: None, lambda kind, sentence: None)
    board.raise_fault(FaultKind.DISK_FULL, "full")
    frames = FrameQueue(1, 9)
    loop = CameraLoop(
        kit.Camera([], uri="usb:0"),
        frames,
        LatestSlot(),
        board,
        Tally(),
        lambda event: None,
        StationOptions(overflow_wait_s=0.001),
        lambda controls: None,
        lambda: None,
        lambda name, bug: None,
        lambda name, bug: None,
    )
    return loop, frames


def test_a_picture_in_the_cameras_hand_is_not_dropped_at_the_stop(held_loop, kit):
    loop, frames = held_loop
    stop = threading.Event()
    stop.set()
    for number in range(2):
        loop._accept(kit.frame(number, source="usb:0"), stop)
    assert [capture.sequence for capture in frames.remove_all()] == [0, 1]


def test_a_picture_in_the_cameras_hand_waits_out_a_fault_without_overflow(held_loop, kit):
    loop, frames = held_loop
    first, second = (kit.frame(number, source="usb:0") for number in range(2))
    loop._accept(first, threading.Event())
    waiting = threading.Thread(target=loop._accept, args=(second, threading.Event()))
    waiting.start()
    waiting.join(0.02)
    assert waiting.is_alive()
    assert frames.take(kit.PATIENCE_S) is first
    waiting.join(kit.PATIENCE_S)
    assert frames.take(0.0) is second


def test_what_the_line_has_taken_is_kept_when_the_log_refuses_it(kit):
    from inspector_app.domain.ports import LineTold
    from inspector_app.station.log_keeper import ToldLedger

    ledger, told = ToldLedger(), [LineTold(f"id-{n}", HOLD, kit.now()) for n in range(3)]
    ledger.add(told[0])
    ledger.add(told[1])

    def refuse(kept):
        ledger.add(told[2])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.commit_with(refuse)
    written = []
    ledger.commit_with(written.extend)
    assert written == told
    assert ledger.oldest_at() is None


def test_a_station_that_never_got_its_log_can_be_stopped(make_rig, kit, caplog):
    rig = make_rig([kit.frame(0)])
    rig.log.trouble = lambda call: LogProblem.UNREACHABLE
    rig.station.start()
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(kit.PATIENCE_S)
    assert rig.station.status().state is StationState.STOPPED
    assert rig.line.messages == []


def test_a_bug_beside_the_inspection_holds_the_parts_behind_it(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(50)], classifier=accepting(kit), level=Level.FULL, expects_bug=True)

    def broken():
        raise ZeroDivisionError("bug in the picture store")

    rig.pictures.trouble = broken
    rig.station.start()
    rig.until_state(StationState.FAULTED)
    rig.until(lambda: not rig.station._inspection._worker._thread.is_alive())
    heard = len(rig.line.messages)
    assert heard < 50
    assert [thread for thread, _ in rig.bugs] == ["pictures"]
    assert "ZeroDivisionError" in rig.station.status().faults[0].sentence
