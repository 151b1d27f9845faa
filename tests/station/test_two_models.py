"""Two models at work on one station: no part is lost, judged by both, or touched by the model beside."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from inspector_app.automation.assignment import assignment
from inspector_app.automation.replay import replay_differences
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.events import ComparisonRecorded, ModelReady
from inspector_app.domain.prediction import ModelIdentity, PredictionStatus
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.domain.verdict import Answer, VerdictKind

NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)


@pytest.fixture
def two(make_rig, kit):
    """A rig with an old model that says 0.1 and a new one that says what it is told to."""

    def make(count, *, phase=RolloutPhase.SHADOW, share=0.0, audits=0.0, new=lambda n: 0.1, slots=None, **more):
        slots = slots or Slots(Slot.BLUE, kit.MODEL, NEW)
        changes = {"slots": slots, "rollout": Rollout("exp", phase, share, audits)} | more.pop("changes", {})
        return make_rig(
            [kit.frame(n) for n in range(count)],
            classifier=kit.Classifier(lambda n: kit.prediction(0.1)),
            others=(kit.Classifier(lambda n: kit.prediction(new(n)), NEW),),
            level=more.pop("level", Level.FULL),
            changes=changes,
            **more,
        )

    return make


def test_the_challenger_in_shadow_touches_nothing_and_every_answer_is_recorded(two, kit):
    rig = two(20, new=lambda n: 0.9 if n % 5 == 0 else 0.1)
    rig.run_out()
    entries = rig.log.all()
    assert len(entries) == 20
    for number, entry in enumerate(entries):
        assert entry.inspection.prediction.model == kit.MODEL
        assert entry.inspection.decision.route is Route.MODEL_ACCEPT
        assert entry.beside.prediction.model == NEW
        assert entry.beside.differs is (number % 5 == 0)
        assert rig.line.heard(entry.inspection.part_id) == [Disposition.ACCEPT]
        assert not replay_differences(entry.inspection)
    assert len(rig.of(ComparisonRecorded)) == 20


def test_only_differences_are_adjudicated_and_nothing_follows_for_the_part(two):
    rig = two(10, new=lambda n: 0.9 if n == 3 else 0.1)
    rig.station.start()
    rig.until(lambda: len(rig.of(ComparisonRecorded)) == 10 and rig.station.waiting())
    (item,) = rig.station.waiting()
    assert (item.part_id, item.model_view) == ("part-0003", None)
    outcome = rig.station.submit(item.inspection_id, "anna", Answer.REJECT, ("scratch",), 1.0)
    assert outcome.disposition is Disposition.ACCEPT
    entry = rig.log.part("part-0003")
    assert [verdict.kind for verdict in entry.verdicts] == [VerdictKind.ADJUDICATION]
    assert entry.disposition is Disposition.ACCEPT
    assert rig.line.heard("part-0003") == [Disposition.ACCEPT]


def test_a_difference_that_waited_when_the_program_ended_waits_again(two):
    rig = two(6, new=lambda n: 0.9 if n == 2 else 0.1)
    rig.run_out()
    rig.another().start()
    rig.until_state(StationState.FINISHED)
    assert [item.part_id for item in rig.station.waiting()] == ["part-0002"]


def test_stand_ins_adjudicate_in_headless_runs(two):
    from inspector_app.station.deciders import parse_decider

    rig = two(4, new=lambda n: 0.9 if n == 1 else 0.1, deciders=(parse_decider("simulated:se=1,sp=1"),))
    rig.run_out()
    assert [v.kind for v in rig.log.part("part-0001").verdicts] == [VerdictKind.ADJUDICATION]
    assert rig.log.part("part-0002").verdicts == ()


def test_in_the_canary_each_part_is_decided_by_the_model_that_its_draw_says(two, kit):
    rig = two(60, phase=RolloutPhase.CANARY, share=0.3)
    rig.run_out()
    seen = set()
    for entry in rig.log.all():
        inspection = entry.inspection
        expected = assignment(inspection.control, inspection.part_id)
        assert inspection.prediction.model == (NEW if expected.in_charge is Slot.GREEN else kit.MODEL)
        assert entry.beside.prediction.model == (kit.MODEL if expected.in_charge is Slot.GREEN else NEW)
        assert inspection.decision.challenger.drawn is (expected.in_charge is Slot.GREEN)
        assert not replay_differences(inspection)
        seen.add(expected.in_charge)
    assert seen == set(Slot)
    assert len(rig.line.messages) == 60


def test_the_switch_is_one_pointer_between_two_parts(two, kit):
    """Both are loaded: parts before the recorded change are the old model's, parts after it the new one's, no gap."""
    gate = threading.Event()
    rig = two(0)
    rig.camera.script.extend(kit.frame(n) for n in range(15))
    rig.camera.script.append(gate)
    rig.camera.script.extend(kit.frame(n) for n in range(15, 30))
    rig.station.start()
    rig.until(lambda: len(rig.of(ComparisonRecorded)) == 15)
    switched = Slots(Slot.GREEN, kit.MODEL, NEW)
    loads = list(rig.loads)
    state = rig.station.change_control("boss", "go", slots=switched, rollout=Rollout("exp", RolloutPhase.WATCH))
    assert rig.loads == loads
    gate.set()
    rig.until_state(StationState.FINISHED)
    rig.station.stop(kit.PATIENCE_S)
    models = [(e.inspection.control.version, e.inspection.prediction.model) for e in rig.log.all()]
    assert models == [(1, kit.MODEL)] * 15 + [(state.version, NEW)] * 15
    assert all(e.inspection.prediction.status is PredictionStatus.OK for e in rig.log.all())
    assert [e.beside.prediction.model for e in rig.log.all()] == [NEW] * 15 + [kit.MODEL] * 15


def test_a_hanging_challenger_delays_no_part(two, kit):
    hang = threading.Event()

    def never(number):
        hang.wait(kit.PATIENCE_S)
        return 0.1

    live = {"patient_schemes": frozenset(), "overflow_wait_s": kit.PATIENCE_S}
    rig = two(0, new=never, options={"comparisons_queued": 2, **live})
    rig.camera.script.extend(kit.frame(n) for n in range(12))
    rig.station.start()
    rig.until(lambda: len(rig.line.messages) == 12)
    assert len(rig.of(ComparisonRecorded)) == 0
    hang.set()
    rig.until(lambda: len(rig.of(ComparisonRecorded)) == 12)
    rig.until_state(StationState.FINISHED)
    statuses = [entry.beside.prediction.status for entry in rig.log.all()]
    assert PredictionStatus.ABSENT in statuses
    assert all(entry.inspection.prediction.model == kit.MODEL for entry in rig.log.all())


def test_a_failing_challenger_in_charge_accepts_nothing(two):
    def broken(number):
        raise RuntimeError("no")

    rig = two(20, phase=RolloutPhase.CANARY, share=1.0, new=broken)
    rig.run_out()
    assert {entry.disposition for entry in rig.log.all()} == {Disposition.HOLD}
    assert {entry.inspection.prediction.status for entry in rig.log.all()} == {PredictionStatus.FAILED}


def test_a_model_that_is_not_here_sends_its_parts_to_inspectors_and_says_why(two, kit):
    missing = ModelIdentity("gone", "9", "e" * 64, "f" * 64)
    slots = Slots(Slot.BLUE, kit.MODEL, missing)
    rig = two(6, phase=RolloutPhase.CANARY, share=1.0, slots=slots)
    rig.run_out()
    assert {entry.disposition for entry in rig.log.all()} == {Disposition.HOLD}
    (fault,) = [f for f in rig.station.status().faults if f.kind is FaultKind.MODEL_MISSING]
    assert "gone 9" in fault.sentence
    assert any(kind == "model_not_loaded" for kind, _ in rig.log.incidents)


def test_a_model_of_the_right_name_but_another_hash_is_not_used(two, kit):
    forged = replace(NEW, sha256="0" * 64)
    rig = two(6, phase=RolloutPhase.CANARY, share=1.0, slots=Slots(Slot.BLUE, kit.MODEL, forged))
    rig.run_out()
    assert {entry.inspection.prediction.status for entry in rig.log.all()} == {PredictionStatus.ABSENT}
    assert any("is not the one that was put" in sentence for _, sentence in rig.log.incidents)
    assert rig.others[0].closed


def test_a_new_product_begins_with_inspectors_and_the_model_beside_them(two):
    rig = two(10, slots=Slots(Slot.BLUE, None, NEW), level=Level.SHADOW)
    rig.run_out()
    for entry in rig.log.all():
        assert entry.inspection.prediction is None
        assert entry.disposition is Disposition.HOLD
        assert entry.beside.prediction.model == NEW
        assert not replay_differences(entry.inspection)


def test_a_second_model_is_loaded_while_parts_go_on_and_freed_when_it_is_let_go(make_rig, kit):
    other = kit.Classifier(lambda n: kit.prediction(0.1), NEW)
    slow = threading.Event()
    other.warming = lambda: slow.wait(kit.PATIENCE_S)
    rig = make_rig(
        [kit.frame(n) for n in range(3)],
        camera=kit.Camera([kit.frame(n) for n in range(3)], hold=True),
        classifier=kit.Classifier(lambda n: kit.prediction(0.1)),
        others=(other,),
        level=Level.FULL,
    )
    rig.station.start()
    rig.until(lambda: len(rig.line.messages) == 3)
    both = {"slots": Slots(Slot.BLUE, kit.MODEL, NEW), "rollout": Rollout("exp", RolloutPhase.SHADOW)}
    rig.station.change_control("boss", "try it", **both)
    rig.camera.script.extend(kit.frame(n) for n in range(3, 6))
    rig.until(lambda: len(rig.line.messages) == 6)
    loading = [(Slot.BLUE, True), (Slot.GREEN, False)]
    rig.until(lambda: [(s.slot, s.ready) for s in rig.station.status().slots] == loading)
    slow.set()
    rig.until(lambda: len(rig.of(ModelReady)) == 2)
    assert [s.ready for s in rig.station.status().slots] == [True, True]
    rig.station.change_control("boss", "enough", slots=Slots(Slot.BLUE, kit.MODEL, None), rollout=None)
    rig.camera.script.append(kit.frame(6))
    rig.until(lambda: other.closed)
    assert not rig.classifier.closed
