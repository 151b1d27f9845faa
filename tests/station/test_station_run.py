"""The first slice: parts go all the way, and a run without a window hears of each exactly once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.errors import CameraLost
from inspector_app.domain.events import InspectionRecorded, ReviewRequested
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import VerdictKind
from inspector_app.station.deciders import SimulatedInspector, TruthDecider
from inspector_app.station.run import RunGivenUp, run


def test_parts_for_humans_are_held_and_wait(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(5)])
    rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [Disposition.HOLD] * 5
    assert [e.inspection.part_id for e in rig.log.all()] == [f"part-{n:04d}" for n in range(5)]
    assert len(rig.log.waiting()) == 5
    assert len(rig.of(ReviewRequested)) == 5
    assert all(entry.line_told and entry.stored_picture.path for entry in rig.log.all())
    assert rig.station.status().state is StationState.STOPPED


def test_the_record_is_committed_before_the_line_hears(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(4)])
    order = []
    rig.log.trouble = lambda call: order.append(call) if call == "record_inspection" else None
    rig.line.check = lambda message: order.append("tell")
    rig.station.subscribe(lambda event: order.append("event") if isinstance(event, InspectionRecorded) else None)
    rig.run_out()
    assert order == ["record_inspection", "tell", "event"] * 4


def test_model_decides_in_full(make_rig, kit):
    rig = make_rig(
        [kit.frame(n) for n in range(6)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.05 if n % 2 else 0.95)),
        level=Level.FULL,
    )
    rig.run_out()
    assert [m.disposition for m in rig.line.messages] == [Disposition.REJECT, Disposition.ACCEPT] * 3
    counts = rig.station.status().counts
    assert (counts.accepted, counts.rejected, counts.recorded, counts.captured) == (3, 3, 6, 6)


@pytest.mark.parametrize("style", AssistStyle)
def test_inline_deciders_speak_before_the_line_hears_once(make_rig, kit, style):
    rig = make_rig(
        [kit.frame(n, defect=n % 3 == 0) for n in range(9)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.6)),
        level=Level.ASSIST,
        changes={"style": style},
        deciders=(TruthDecider(),),
    )
    passed = []
    summary = run(rig.station, rig.log, 7, on_entry=passed.append, cancelled=lambda: False)
    expected = [Disposition.REJECT if n % 3 == 0 else Disposition.ACCEPT for n in range(7)]
    assert [m.disposition for m in rig.line.messages] == expected
    assert [entry.disposition for entry in passed] == expected
    assert all(entry.line_told and entry.stored_picture.file_sha256 for entry in passed)
    kinds = {
        AssistStyle.HIGHLIGHT: [VerdictKind.AIDED],
        AssistStyle.SECOND_LOOK: [VerdictKind.UNAIDED, VerdictKind.SECOND_LOOK],
    }
    assert all([verdict.kind for verdict in entry.verdicts] == kinds[style] for entry in passed)
    assert (summary.parts, summary.cancelled, summary.recovery.clean) == (7, False, True)


def test_run_without_deciders_holds_parts_for_humans(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(3)])
    run(rig.station, rig.log, None, on_entry=lambda entry: None, cancelled=lambda: False)
    assert [m.disposition for m in rig.line.messages] == [Disposition.HOLD] * 3


def test_runs_follow_one_another_on_one_station(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(9)])
    for _ in range(3):
        run(rig.station, rig.log, 3, on_entry=lambda entry: None, cancelled=lambda: False)
    assert [m.part_id for m in rig.line.messages] == [f"part-{n:04d}" for n in range(9)]


def test_a_run_without_a_number_takes_all_that_an_earlier_one_has_left(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(9)])
    run(rig.station, rig.log, 3, on_entry=lambda entry: None, cancelled=lambda: False)
    summary = run(rig.station, rig.log, None, on_entry=lambda entry: None, cancelled=lambda: False)
    assert summary.parts == 6


def test_a_run_ends_at_once_for_a_bug(make_rig, kit):
    rig = make_rig([kit.frame(n) for n in range(3)], expects_bug=True)

    def broken(message):
        raise ZeroDivisionError("bug")

    rig.line.check = broken
    with pytest.raises(RunGivenUp, match="ZeroDivisionError"):
        run(rig.station, rig.log, 3, on_entry=lambda e: None, cancelled=lambda: False)


def test_a_run_can_be_cancelled(make_rig, kit):
    rig = make_rig(camera=kit.Camera([kit.frame(1)], hold=True))
    summary = run(rig.station, rig.log, 5, on_entry=lambda e: None, cancelled=lambda: bool(rig.line.messages))
    assert summary.cancelled
    assert summary.parts == 1


def test_a_run_is_given_up_for_a_lost_camera_with_its_sentence(make_rig, kit):
    camera = kit.Camera([])
    camera.refuse_opens = 10**9
    rig = make_rig(camera=camera)
    with pytest.raises(RunGivenUp, match="not there"):
        run(rig.station, rig.log, 5, on_entry=lambda e: None, cancelled=lambda: False, give_up_after_s=0.05)
    assert rig.station.status().state is StationState.STOPPED


def test_audit_that_is_not_held_keeps_what_the_line_was_told(make_rig, kit):
    rig = make_rig(
        [kit.frame(n, defect=True) for n in range(4)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.01)),
        level=Level.FULL,
        changes={"audit_share": 1.0, "hold_audits": False},
        deciders=(TruthDecider(),),
    )
    rig.run_out()
    for entry in rig.log.all():
        assert entry.inspection.decision.route is Route.MODEL_ACCEPT
        assert [(v.kind, v.answer.value) for v in entry.verdicts] == [(VerdictKind.AUDIT, "reject")]
        assert entry.disposition is Disposition.ACCEPT
    assert [m.disposition for m in rig.line.messages] == [Disposition.ACCEPT] * 4


def test_several_deciders_share_the_parts_the_same_way_each_time(make_rig, kit):
    inspectors = [SimulatedInspector(0.9, 0.9, name=name, seed=name) for name in ("anna", "ben")]
    shares = []
    for _ in range(2):
        rig = make_rig([kit.frame(n, defect=False) for n in range(30)], deciders=inspectors)
        rig.run_out()
        shares.append([entry.verdicts[0].by for entry in rig.log.all()])
    assert shares[0] == shares[1]
    assert set(shares[0]) == {"anna", "ben"}


def test_camera_lost_and_back_loses_and_doubles_nothing(make_rig, kit):
    script = [kit.frame(0), CameraLost("unplugged"), kit.frame(1), CameraLost("unplugged"), kit.frame(2)]
    rig = make_rig(script)
    rig.run_out()
    assert [m.part_id for m in rig.line.messages] == ["part-0000", "part-0001", "part-0002"]
    assert rig.station.status().counts.reconnects == 2
    assert json.dumps([kind for kind, _ in rig.log.incidents]).count("fault_cleared") == 2
    assert rig.camera.users == {"camera"}


def test_times_are_utc(make_rig, kit):
    rig = make_rig([kit.frame(1)])
    rig.run_out()
    assert all(message.at.utcoffset() == timedelta(0) for message in rig.line.messages)
