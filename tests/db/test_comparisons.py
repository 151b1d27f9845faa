"""What the model that is not in charge says: recorded beside the part, part of the chain, there to be adjudicated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from db.faults import RecordRefused
from inspector_app.automation.assignment import compared
from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import Answerer, Asked, ModelIdentity, PredictionStatus, unusable_prediction
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.verdict import VerdictKind

OLD = ModelIdentity("scratches", "1.0", "a" * 64, "b" * 64)
NEW = ModelIdentity("scratches", "2.0", "c" * 64, "d" * 64)


@pytest.fixture
def rollout(log, make):
    return make.begin(
        log,
        level=Level.FULL,
        accept_below=0.5,
        reject_above=0.5,
        slots=Slots(Slot.BLUE, OLD, NEW),
        rollout=Rollout("exp-2", RolloutPhase.SHADOW),
    )


def beside(part, make, probability):
    prediction = make.prediction(probability, NEW)
    return compared(part, Slot.GREEN, prediction, make.now())


def test_a_control_state_with_a_rollout_comes_back_as_it_was(log, make, rollout):
    assert log.control.current() == rollout
    stage = replace(
        rollout,
        version=rollout.version + 1,
        rollout=Rollout("exp-2", RolloutPhase.CANARY, 0.1 + 0.2, 0.05),
        latched=("harm", "score_drift"),
    )
    log.control.append(ControlChange("erika", "go", make.now(), rollout, stage, signed=True))
    last = log.control.changes()[-1]
    assert (last.after, last.signed) == (stage, True)
    assert log.control.changes()[0].signed is False
    assert log.verify().intact


def test_a_comparison_comes_back_with_its_part(log, make, rollout):
    part = make.part(0.1)
    log.inspections.record_inspection(part)
    found = beside(part, make, 0.9)
    asked = Asked(Answerer.LOCAL, "grpc://edge:8001", "raw", "It had no answer within 200 ms.", 200.0)
    found = replace(found, prediction=replace(found.prediction, asked=asked))
    log.inspections.record_comparison(found)
    assert log.reader.entry(part.inspection_id).beside == found
    assert found.differs
    failed = make.part(0.1)
    log.inspections.record_inspection(failed)
    nothing = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "no time")
    log.inspections.record_comparison(compared(failed, Slot.GREEN, nothing, make.now()))
    assert log.reader.entry(failed.inspection_id).beside.prediction == nothing
    assert log.verify().intact


def test_the_draw_of_the_canary_comes_back(log, make):
    make.begin(log, level=Level.FULL, slots=Slots(Slot.BLUE, OLD, NEW), rollout=Rollout("e", RolloutPhase.CANARY, 0.5))
    part = make.part(0.1)
    log.inspections.record_inspection(part)
    assert log.reader.entry(part.inspection_id).inspection == part
    assert part.decision.challenger.probability == 0.5


def test_a_part_is_compared_once_and_repeating_the_same_is_no_fault(log, make, rollout):
    part = make.part(0.1)
    log.inspections.record_inspection(part)
    found = beside(part, make, 0.9)
    log.inspections.record_comparison(found)
    log.inspections.record_comparison(found)
    with pytest.raises(RecordRefused):
        log.inspections.record_comparison(beside(part, make, 0.2))


def test_a_changed_comparison_is_found(log, make, rollout):
    part = make.part(0.1)
    log.inspections.record_inspection(part)
    log.inspections.record_comparison(beside(part, make, 0.9))
    with log.database.writing() as connection:
        connection.execute(text("UPDATE comparisons SET probability = 0.2"))
    (finding,) = log.verify().findings
    assert "comparison" in finding.sentence


def test_only_unanswered_differences_of_the_experiment_wait_for_adjudication(log, make, rollout):
    parts = [make.part(probability) for probability in (0.1, 0.1, 0.9)]
    for part, said in zip(parts, (0.9, 0.9, 0.95), strict=True):
        log.inspections.record_inspection(part)
        log.inspections.record_comparison(beside(part, make, said))
    differing = [entry.inspection.inspection_id for entry in log.inspections.to_adjudicate(rollout.version)]
    assert differing == [part.inspection_id for part in parts[:2] if not part.decision.asks_human]
    log.inspections.record_verdict(make.verdict(parts[0], kind=VerdictKind.ADJUDICATION), parts[0].decision.disposition)
    assert len(log.inspections.to_adjudicate(rollout.version)) == len(differing) - 1
    assert log.inspections.to_adjudicate(rollout.version + 1) == ()
    assert log.reader.count(LogFilter()) == 3


def test_where_no_model_is_in_charge_the_answers_beside_are_judged(log, make, rollout):
    """A new product's model earns its certificate beside the inspectors; beside a champion its answers stay out."""
    before = make.part(0.1)
    log.inspections.record_inspection(before)
    log.inspections.record_comparison(beside(before, make, 0.9))
    alone = make.begin(
        log, level=Level.SHADOW, slots=Slots(Slot.BLUE, None, NEW), rollout=Rollout("first", RolloutPhase.SHADOW)
    )
    part, unanswered = (replace(make.part(None), prediction=None) for _ in range(2))
    for each in (part, unanswered):
        log.inspections.record_inspection(each)
    log.inspections.record_comparison(beside(part, make, 0.9))
    late = unusable_prediction(PredictionStatus.LATE, NEW, 1.0, "late")
    log.inspections.record_comparison(compared(unanswered, Slot.GREEN, late, make.now()))
    for each in (before, part, unanswered):
        log.inspections.record_verdict(make.verdict(each), Disposition.REJECT)
    # On the part that it would accept as well as the inspector nobody looks again; where it contradicts somebody does.
    agrees, differs = (replace(make.part(None), prediction=None) for _ in range(2))
    for each, probability in ((agrees, 0.9), (differs, 0.01)):
        log.inspections.record_inspection(each)
        log.inspections.record_comparison(beside(each, make, probability))
        log.inspections.record_verdict(make.verdict(each), Disposition.REJECT)
    waiting = {entry.inspection.inspection_id for entry in log.third_looks.waiting(None, make.now(), LogFilter(), 10)}
    assert waiting == {before.inspection_id, differs.inspection_id}
    found = {judged.inspection_id: judged for judged in log.reader.judged_parts(LogFilter())}
    found = {name: found[name] for name in found if name not in {agrees.inspection_id, differs.inspection_id}}
    assert set(found) == {before.inspection_id, part.inspection_id}
    mine = found[part.inspection_id]
    assert (mine.probability, mine.model, mine.beside, mine.level) == (0.9, NEW, True, alone.level)
    assert (found[before.inspection_id].model, found[before.inspection_id].beside) == (OLD, False)
