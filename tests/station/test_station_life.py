"""Start, pause, resume, stop, start again; and what is found after a crash."""

from __future__ import annotations

import logging
import threading

import pytest

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import KnownFault, LogProblem, VerdictRefused
from inspector_app.domain.events import ControlChanged, FrameArrived, ReviewRequested, StateChanged
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import Answer
from inspector_app.station.recovery import RecoveryReport

S = StationState
ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD


def states(rig):
    return [event.after for event in rig.of(StateChanged)]


def test_a_life_from_start_to_stop(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.run_out()
    assert states(rig) == [S.STARTING, S.RUNNING, S.FINISHED, S.STOPPING, S.STOPPED]
    assert not rig.line.open_now
    assert not rig.camera.open_now


def test_each_command_does_nothing_where_it_has_nothing_to_do(make_rig, kit):
    rig = make_rig(camera=kit.Camera([], hold=True))
    station = rig.station
    for nothing in (station.pause, station.resume, lambda: station.stop(1.0)):
        nothing()
    assert states(rig) == []
    station.start()
    station.start()
    station.resume()
    assert states(rig) == [S.STARTING, S.RUNNING]
    station.pause()
    station.pause()
    station.start()
    assert states(rig)[2:] == [S.PAUSED]
    station.resume()
    station.resume()
    assert states(rig)[3:] == [S.RUNNING]
    station.stop(kit.PATIENCE_S)
    station.stop(kit.PATIENCE_S)
    assert states(rig)[4:] == [S.STOPPING, S.STOPPED]


def test_a_finished_station_is_not_paused(make_rig, kit):
    rig = make_rig([])
    rig.station.start()
    rig.until_state(S.FINISHED)
    rig.station.pause()
    assert rig.station.status().state is S.FINISHED


def test_a_stop_during_a_pause(make_rig, kit):
    rig = make_rig(camera=kit.Camera([], hold=True))
    rig.station.start()
    rig.station.pause()
    rig.station.stop(kit.PATIENCE_S)
    assert states(rig)[-3:] == [S.PAUSED, S.STOPPING, S.STOPPED]
    rig.station.start()
    assert rig.station.status().state is S.RUNNING


@pytest.mark.parametrize(("uri", "reopened"), [("folder:x", 1), ("usb:0", 2)])
def test_a_pause_takes_no_pictures_and_a_live_camera_is_closed(make_rig, kit, uri, reopened):
    camera = kit.Camera([], uri=uri, hold=True)
    rig = make_rig(camera=camera)
    rig.station.start()
    rig.until(lambda: camera.opened == 1)
    rig.station.pause()
    if uri == "usb:0":
        rig.until(lambda: not camera.open_now)
    rig.until(lambda: rig.station._camera._worker is not None)
    camera.script.extend([kit.frame(0), kit.frame(1)])
    rig.station.resume()
    rig.until(lambda: len(rig.line.messages) == 2)
    assert camera.opened == reopened
    assert rig.station.status().counts.reconnects == 0


def test_more_parts_can_be_asked_for_while_it_runs(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(6)])
    rig.station.take(2)
    rig.station.start()
    rig.until_state(S.FINISHED)
    assert len(rig.line.messages) == 2
    rig.station.take(3)
    rig.until(lambda: len(rig.line.messages) == 5)
    rig.until_state(S.FINISHED)
    assert states(rig) == [S.STARTING, S.RUNNING, S.FINISHED, S.RUNNING, S.FINISHED]


def test_every_part_is_stopped_at_or_finished_when_closing_mid_run(make_rig, kit):
    """Close at many moments and count: what the line heard of is in the log, with its picture."""
    for moment in range(0, 40, 4):
        rig = make_rig([kit.frame(n) for n in range(200)])
        rig.station.start()
        rig.until(lambda rig=rig, moment=moment: len(rig.line.messages) >= moment)
        rig.station.stop(kit.PATIENCE_S)
        entries = rig.log.all()
        taken = rig.station.status().counts.captured
        assert [entry.inspection.part_id for entry in entries] == [f"part-{n:04d}" for n in range(taken)]
        assert [m.part_id for m in rig.line.messages] == [f"part-{n:04d}" for n in range(taken)]
        assert all(entry.line_told for entry in entries)
        assert all(entry.stored_picture.state is PictureState.STORED for entry in entries)
        assert rig.station.unrecorded == ()


def test_a_stop_waits_for_the_start_and_both_may_come_from_any_thread(make_rig, kit):
    rig = make_rig(camera=kit.Camera([], hold=True))
    starter = threading.Thread(target=rig.station.start)
    stopper = threading.Thread(target=rig.station.stop, args=(kit.PATIENCE_S,))
    starter.start()
    stopper.start()
    starter.join(kit.PATIENCE_S)
    stopper.join(kit.PATIENCE_S)
    rig.station.stop(kit.PATIENCE_S)
    assert rig.station.status().state is S.STOPPED


def test_a_thread_that_hangs_in_a_driver_is_named_and_the_stop_returns(make_rig, kit, caplog):
    gate = threading.Event()

    def hang(number):
        gate.wait(kit.PATIENCE_S)
        return kit.prediction(0.0)

    rig = make_rig(
        [kit.frame(0)], classifier=kit.Classifier(hang), level=Level.FULL, options={"model_deadline_s": 0.02}
    )
    before = set(threading.enumerate())
    rig.station.start()
    rig.until_state(S.FINISHED)
    with caplog.at_level(logging.CRITICAL):
        rig.station.stop(1.0)
    assert rig.station.status().state is S.STOPPED
    assert ("thread_hangs", "The model thread did not end in time.") in rig.log.incidents
    rig.until(lambda: {thread.name for thread in set(threading.enumerate()) - before} == {"model-blue"})
    with pytest.raises(KnownFault, match="model thread"):
        rig.station.start()
    gate.set()
    rig.until(lambda: set(threading.enumerate()) <= before)
    rig.station.start()
    assert rig.station.status().state is not S.STOPPED


def test_verdicts_are_refused_while_it_is_stopped(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.station.start()
    rig.until(lambda: bool(rig.of(ReviewRequested)))
    item = rig.station.waiting()[0]
    rig.station.stop(kit.PATIENCE_S)
    assert rig.station.waiting() == ()
    with pytest.raises(VerdictRefused, match="stopped"):
        rig.station.submit(item.inspection_id, "anna", Answer.ACCEPT, (), 1.0)


def test_parts_still_waiting_can_be_judged_when_the_pictures_have_ended(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.station.start()
    rig.until_state(S.FINISHED)
    item = rig.station.waiting()[0]
    rig.station.submit(item.inspection_id, "anna", Answer.ACCEPT, (), 1.0)
    rig.until(lambda: rig.line.heard("part-0000") == [HOLD, ACCEPT])


# --- after a crash -----------------------------------------------------------------------------------------------


def test_waiting_parts_wait_again_in_order_and_at_their_stage(make_rig, kit):
    rig = make_rig(
        [kit.frame(n) for n in range(3)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.6)),
        level=Level.ASSIST,
        changes={"style": AssistStyle.SECOND_LOOK},
    )
    rig.station.start()
    rig.until(lambda: len(rig.of(ReviewRequested)) == 3)
    rig.station.submit(rig.station.waiting()[1].inspection_id, "anna", Answer.ACCEPT, (), 1.0)
    rig.station.stop(kit.PATIENCE_S)
    rig.another().start()
    assert rig.station.recovery.waiting == ("part-0000", "part-0001", "part-0002")
    assert [(item.part_id, item.revealed) for item in rig.station.waiting()] == [
        ("part-0000", False),
        ("part-0001", True),
        ("part-0002", False),
    ]
    assert len(rig.line.messages) == 3


def test_pictures_under_way_are_recovered_or_recorded_as_lost(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(2)])
    rig.run_out()
    first, second = rig.log.pictures
    for key in (first, second):
        rig.log.pictures[key] = type(rig.log.pictures[key])(PictureState.PENDING)
    del rig.pictures.kept[second]
    rig.another().start()
    report = rig.station.recovery
    assert (report.pictures_recovered, report.pictures_lost) == ((first,), (second,))
    assert rig.log.pictures[first].state is PictureState.STORED
    assert rig.log.pictures[second].state is PictureState.LOST
    assert "1 picture was recovered, 1 picture was lost in the crash" in report.sentence
    lost = rig.log.part("part-0001")
    assert rig.station.picture(lost.inspection.inspection_id) is None


def test_parts_the_line_may_not_know_are_listed_and_not_told_again(make_rig, kit):
    rig = make_rig(
        [kit.frame(n) for n in range(2)], classifier=kit.Classifier(lambda n: kit.prediction(0.0)), level=Level.FULL
    )
    rig.run_out()
    rig.log.told.clear()
    rig.another().start()
    assert rig.station.recovery.untold == ("part-0000", "part-0001")
    assert "(part-0000, part-0001)" in rig.station.recovery.sentence
    rig.station.stop(kit.PATIENCE_S)
    assert len(rig.line.messages) == 2
    assert ("started", rig.station.recovery.sentence) in rig.log.incidents


def test_held_parts_need_no_line_to_know_of_them(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.run_out()
    rig.log.told.clear()
    rig.another().start()
    assert rig.station.recovery.untold == ()
    assert rig.station.recovery.waiting == ("part-0000",)


def test_recovery_can_be_interrupted_and_goes_on(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(2)])
    rig.run_out()
    for key in rig.log.pictures:
        rig.log.pictures[key] = type(rig.log.pictures[key])(PictureState.PENDING)
    answers = iter([None, LogProblem.LOCKED])
    rig.log.trouble = lambda call: next(answers, None) if call == "record_picture" else None
    rig.another().start()
    rig.until(lambda: rig.station.recovery is not None)
    assert all(picture.state is PictureState.STORED for picture in rig.log.pictures.values())


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (RecoveryReport((), (), (), ()), "The log is complete: nothing was left over from the last run."),
        (RecoveryReport((), (), ("a",), ()), "Found from the last run: 1 part waits for an inspector."),
        (
            RecoveryReport(("x",), ("y", "z"), ("a", "b"), tuple("abcdefg")),
            (
                "Found from the last run: 2 parts wait for an inspector, 1 picture was recovered, 2 pictures were lost "
                "in the crash, 7 parts may be unknown to the line (a, b, c, d, e and 2 more); look after "
                "them, then: inspector-app line settle."
            ),
        ),
    ],
)
def test_the_report_is_one_sentence(report, sentence):
    assert report.sentence == sentence


# --- control, status, live view ----------------------------------------------------------------------------------


def test_a_command_is_in_force_from_the_next_part_on(make_rig, kit):
    rig = make_rig(
        [kit.frame(n) for n in range(6)], classifier=kit.Classifier(lambda n: kit.prediction(0.0)), level=Level.SHADOW
    )
    rig.station.take(3)
    rig.station.start()
    rig.until_state(S.FINISHED)
    rig.station.change_control("boss", "good enough", level="full")
    assert rig.station.control.level is Level.FULL
    rig.station.take(3)
    rig.until(lambda: len(rig.line.messages) == 6)
    assert [m.disposition for m in rig.line.messages] == [HOLD] * 3 + [ACCEPT] * 3
    assert [entry.inspection.control.version for entry in rig.log.all()] == [1, 1, 1, 2, 2, 2]
    assert len(rig.of(ControlChanged)) == 2


def test_the_status_says_what_is_in_use(make_rig, kit):
    rig = make_rig([kit.frame(0)], classifier=kit.Classifier(lambda n: kit.prediction(0.0)))
    rig.station.start()
    rig.until_state(S.FINISHED)
    rig.until(lambda: rig.station.status().disk_free_bytes == 1_000_000)
    status = rig.station.status()
    assert (status.camera, status.model, status.line) == ("scripted", "test 1", "memory")
    assert status.waiting_for_human == 1
    assert status.last_inspection_ms > 0.0


def test_the_live_view_shows_the_newest_picture(make_rig, kit):
    rig = make_rig([kit.frame(0), kit.frame(1), kit.unusable(2)])
    assert rig.station.latest_frame() is None
    rig.run_out()
    assert rig.station.latest_frame().sequence == 1
    assert len(rig.of(FrameArrived)) == 2


def test_parts_without_a_name_are_numbered_and_the_numbers_do_not_return(make_rig, kit):
    frames = [kit.frame(n, name=None) for n in range(4)]
    rig = make_rig(frames, options={"part_prefix": "A-"})
    rig.station.take(2)
    rig.run_out()
    rig.station.take(2)
    rig.run_out()
    names = [entry.inspection.part_id for entry in rig.log.all()]
    assert len(set(names)) == 4
    assert names[0] == f"A-{frames[0].captured_at:%Y%m%d-%H%M%S}-00001"


def test_identities_sort_in_the_order_of_inspection(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(50)])
    rig.run_out()
    keys = [entry.inspection.inspection_id for entry in rig.log.all()]
    assert keys == sorted(keys)
