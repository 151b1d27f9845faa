"""What guards are given of a log at a start is what they would have been given part by part."""

from __future__ import annotations

from dataclasses import replace

from inspector_app.domain.control import Level
from inspector_app.domain.verdict import Answer, VerdictKind
from inspector_app.station.guarding import watched
from tests.db.conftest import MODEL, OTHER_MODEL


def test_parts_come_back_with_their_models_audits_and_what_settled_them(log, make):
    control = make.begin(log, level=Level.FULL, accept_below=0.5, reject_above=0.5, audit_share=0.9)
    expected = []
    for number in range(12):
        seeded = number == 5
        maker = make.seeded if seeded else make.part
        args = ("scratch-1",) if seeded else ()
        part = maker(*args, probability=(0.1, 0.9, None)[number % 3], model=(MODEL, OTHER_MODEL)[number % 2])
        if number == 7:
            part = replace(part, prediction=None)
        log.inspections.record_inspection(part)
        seen = watched(part)
        if part.decision.audited:
            verdict = make.verdict(part, (Answer.REJECT, Answer.ACCEPT)[number % 2], VerdictKind.AUDIT)
            log.inspections.record_verdict(verdict, verdict.answer.disposition)
            seen = replace(seen, verdict=verdict.answer, classes=verdict.classes, verdict_at=verdict.at)
            if number % 4 == 0:
                third = make.verdict(part, Answer.ACCEPT, VerdictKind.ADJUDICATION, "bo")
                log.inspections.record_verdict(third, third.answer.disposition)
                seen = replace(seen, settled=Answer.ACCEPT)
        expected.append(seen)
    assert list(log.guards.watched_parts(control.version)) == expected
    assert {each.model for each in expected} == {None, MODEL, OTHER_MODEL}
    assert {each.settled for each in expected} == {None, Answer.ACCEPT}
    assert [each.seed for each in expected].count("folder:scratch-1") == 1
    assert list(log.guards.watched_parts(control.version + 1)) == []
