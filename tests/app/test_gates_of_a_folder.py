"""The gates of a data folder see the studies held in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inspector_app.automation.gate_inputs import Tally
from inspector_app.bootstrap.agreement_room import FolderAgreementRoom
from inspector_app.bootstrap.certifying import from_log, parts_of_log
from inspector_app.bootstrap.commanding import desk_of
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.gating import gates_now, takt_s
from inspector_app.domain.control import Command, Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan
from inspector_app.domain.verdict import Answer
from inspector_app.settings import LogSection, Settings, StationSection
from tests.db.conftest import Maker

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PARTS = tuple(StudyPart(f"{number:032x}", Judgement.REJECT if number % 2 else Judgement.ACCEPT) for number in range(60))
PLAN = StudyPlan("1" * 32, "first", "Q. Mora", NOW, PARTS, ("Ana", "Ben", "Chi"), None, 0.5, 3, 7)


@pytest.fixture
def two_stations(tmp_path):
    """Two data folders, stations "first" and "second", with one log."""
    shared = LogSection(url=f"sqlite:///{tmp_path / 'shared.db'}")
    with (
        open_data(tmp_path / "1", Settings(station=StationSection(id="first"), log=shared)) as first,
        open_data(tmp_path / "2", Settings(station=StationSection(id="second"), log=shared)) as second,
    ):
        yield first, second


def hold(folder, plan, careless=()):
    folder.log.studies.begin(plan)
    for who in plan.appraisers:
        for trial in range(1, plan.trials + 1):
            for part in plan.parts:
                answer = Judgement.ACCEPT if who in careless else part.reference
                folder.log.studies.record(
                    StudyAnswer(plan.study_id, who, part.inspection_id, trial, 1, answer, NOW, 1.0)
                )


def shown(folder):
    to_shadow = gates_now(folder)[0].gates[0]
    return {condition.name: condition.holds for condition in to_shadow.conditions}


def test_the_newest_large_study_opens_or_closes_the_gate(tmp_path):
    with open_data(tmp_path) as folder:
        assert shown(folder) == {"attribute_study": False, "study_bands": False, "golden_answers": False}
        hold(folder, PLAN)
        assert shown(folder) == {"attribute_study": True, "study_bands": True, "golden_answers": False}
        # A small one later changes nothing.
        hold(folder, replace(PLAN, study_id="2" * 32, trials=1, appraisers=("Ben",)), careless=("Ben",))
        assert shown(folder)["study_bands"]
        hold(folder, replace(PLAN, study_id="3" * 32), careless=("Ben",))
        report, evidence, _ = gates_now(folder)
        assert report.recommended is Level.HUMAN_ONLY
        assert "the miss rate of Ben is unacceptable" in evidence.study_faults
        desk_of(folder).order(Command("Q. Mora", "trial", {"level": Level.SHADOW}))
        assert "the miss rate of Ben is unacceptable" in folder.log.control.changes()[-1].against


def test_without_a_large_study_the_newest_finished_one_counts(tmp_path):
    with open_data(tmp_path) as folder:
        hold(folder, replace(PLAN, parts=PARTS[:20]))
        folder.log.studies.begin(replace(PLAN, study_id="2" * 32))
        evidence = gates_now(folder)[1]
        assert (evidence.study_parts, evidence.study_trials, evidence.study_appraisers) == (20, 3, 3)


def record_judged(folder, scores, minutes, make):
    """Record parts of one camera judged blind in shadow, the good ones below 0.5."""
    make.begin(folder.log)
    model = folder.model_identity()
    for number, score in enumerate(scores):
        part = make.part(score, model=model)
        part = replace(part, captured_at=NOW + timedelta(minutes=number * minutes))
        folder.log.inspections.record_inspection(part)
        answer = Answer.ACCEPT if score < 0.5 else Answer.REJECT
        folder.log.inspections.record_verdict(make.verdict(part, answer), answer.disposition)


def test_stations_with_one_log_and_cameras_of_one_name_count_apart(two_stations):
    """Two computers call their first camera alike, and each shows its own light and its own parts."""
    ours, theirs = two_stations
    make = Maker()
    record_judged(ours, [0.2, 0.9], 1, make)
    record_judged(theirs, [0.1, 0.2, 0.3, 0.4, 0.6], 7, make)
    for folder, defective, good, takt in ((ours, 1, 1, 60.0), (theirs, 1, 4, 420.0)):
        evidence = gates_now(folder)[1]
        assert (evidence.misses, evidence.false_alarms) == (Tally(0, defective), Tally(0, good))
        assert takt_s(folder) == takt
        assert from_log(folder, LogFilter()).origin.left_out == {}
    assert [part.score for part in parts_of_log(ours, LogFilter())] == [0.2, 0.9]
    assert [part.score for part in parts_of_log(theirs, LogFilter())] == [0.1, 0.2, 0.3, 0.4, 0.6]


def test_third_looks_are_offered_where_the_pictures_lie(two_stations):
    ours, theirs = two_stations
    make = Maker()
    make.begin(theirs.log)
    part = make.part(0.9)
    theirs.log.inspections.record_inspection(part)
    theirs.log.inspections.record_verdict(make.verdict(part, Answer.ACCEPT), Answer.ACCEPT.disposition)
    found = [
        [item.inspection_id for item in FolderAgreementRoom(folder).third_looks("Bob", which)]
        for folder in (theirs, ours)
        for which in (LogFilter(), LogFilter(station="second"))
    ]
    assert found == [[part.inspection_id], [part.inspection_id], [], []]
