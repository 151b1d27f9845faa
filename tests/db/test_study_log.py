"""Guided studies in the log, on every kind of database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from db.faults import RecordRefused
from db.findings import Trouble
from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan

GOOD, BAD = Judgement.ACCEPT, Judgement.REJECT


def plan(make, name="May", parts=4):
    chosen = tuple(StudyPart(f"part-{number}", BAD if number % 2 else GOOD) for number in range(parts))
    return StudyPlan(
        f"{name:0>32}", name, "erika", make.now(), chosen, ("Ana", "Bo 製造"), "glass 1.0", 0.1 + 0.2, 3, 2**62
    )


def answer(make, study, part=0, turn=1, judgement=BAD):
    return StudyAnswer(study.study_id, "Ana", study.parts[part].inspection_id, 1, turn, judgement, make.now(), 2.5)


def test_studies_come_back_as_they_were_newest_first(log, make):
    first, second = plan(make), plan(make, "June")
    log.studies.begin(first)
    log.studies.begin(second)
    assert log.studies.plans() == (second, first)
    assert log.studies.answers(first.study_id) == ()


def test_answers_come_back_in_order_and_only_of_their_study(log, make):
    first, second = plan(make), plan(make, "June")
    log.studies.begin(first)
    log.studies.begin(second)
    given = [answer(make, first), answer(make, first, part=1, judgement=GOOD), answer(make, first, turn=2)]
    for each in given:
        log.studies.record(each)
    log.studies.record(answer(make, second))
    assert log.studies.answers(first.study_id) == tuple(given)


def test_studies_belong_to_the_audit_chain(log, make):
    study = plan(make)
    log.studies.begin(study)
    log.studies.record(answer(make, study))
    assert log.verify().findings == ()
    with log.database.writing() as connection:
        connection.execute(text("UPDATE study_answers SET judgement = 'accept'"))
    assert [finding.trouble for finding in log.verify().findings] == [Trouble.CHANGED]
    with log.database.writing() as connection:
        connection.execute(text("DELETE FROM study_answers"))
    assert [finding.trouble for finding in log.verify().findings] == [Trouble.REMOVED]


def test_a_link_of_an_unknown_kind_is_found(log):
    with log.database.writing() as connection:
        connection.execute(text("UPDATE chain_links SET kind = 'rumour'"))
    assert Trouble.CHAIN_BROKEN in {finding.trouble for finding in log.verify().findings}


def test_stations_see_their_own_studies(log, log_url, open_station, make):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one station")
    log.studies.begin(plan(make))
    assert open_station(log_url, "station-2").studies.plans() == ()


def test_the_same_study_is_not_begun_twice(log, make):
    study = plan(make)
    log.studies.begin(study)
    with pytest.raises(RecordRefused):
        log.studies.begin(replace(study, name="again"))
    assert len(log.studies.plans()) == 1
    assert log.verify().findings == ()
