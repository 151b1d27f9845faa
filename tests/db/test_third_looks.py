"""The queue of third looks, on every kind of database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Presentation
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind


@pytest.fixture
def say(log, make):
    def record(part, answer, by="anna", kind=VerdictKind.UNAIDED, disposition=None):
        verdict = make.verdict(part, answer, kind, by)
        log.inspections.record_verdict(verdict, disposition or answer.disposition)
        return verdict

    return record


@pytest.fixture
def part(log, make):
    def record(probability=0.9):
        made = make.part(probability)
        log.inspections.record_inspection(made)
        return made

    return record


def waiting(log, make, by=None, limit=100):
    after_all = make.now() + timedelta(days=1)
    found = [entry.inspection.inspection_id for entry in log.third_looks.waiting(by, after_all, LogFilter(), limit)]
    assert log.third_looks.count(by, after_all, LogFilter()) == len(found) or len(found) == limit
    return found


def test_parts_on_which_they_differ_or_nobody_was_sure_wait(log, make, part, say):
    agreed, differing, unsure, open_ = part(), part(), part(), part()
    say(agreed, Answer.REJECT)
    say(differing, Answer.ACCEPT)
    say(unsure, Answer.UNSURE)
    assert waiting(log, make) == [differing.inspection_id, unsure.inspection_id]
    assert open_.inspection_id not in waiting(log, make)
    assert waiting(log, make, limit=1) == [differing.inspection_id]


def test_nobody_takes_a_third_look_at_a_part_that_they_have_judged(log, make, part, say):
    first, second = part(), part()
    say(first, Answer.ACCEPT, by="anna")
    say(second, Answer.ACCEPT, by="bo")
    assert waiting(log, make, "anna") == [second.inspection_id]
    assert waiting(log, make, "cy") == [first.inspection_id, second.inspection_id]


def test_a_sure_third_look_ends_it_and_an_unsure_one_does_not(log, make, part, say):
    one = part()
    say(one, Answer.ACCEPT)
    say(one, Answer.UNSURE, "bo", VerdictKind.ADJUDICATION, Disposition.ACCEPT)
    assert waiting(log, make, "cy") == [one.inspection_id]
    say(one, Answer.REJECT, "cy", VerdictKind.ADJUDICATION, Disposition.ACCEPT)
    assert waiting(log, make, "dee") == []


def test_what_may_still_be_undone_or_was_undone_does_not_wait(log, make, part, say):
    one = part()
    verdict = say(one, Answer.ACCEPT)
    assert log.third_looks.count(None, verdict.at - timedelta(seconds=1), LogFilter()) == 0
    assert log.third_looks.count(None, verdict.at, LogFilter()) == 1
    log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), Disposition.HOLD)
    assert waiting(log, make) == []


def test_a_second_look_that_was_unsure_waits_and_one_still_to_come_does_not(log, make, part, say):
    make.begin(log, level=Level.ASSIST, style=AssistStyle.SECOND_LOOK, unaided_share=1e-9)
    one = part()
    assert one.decision.presentation is Presentation.SECOND_LOOK
    say(one, Answer.ACCEPT, disposition=Disposition.HOLD)
    assert waiting(log, make) == []
    say(one, Answer.UNSURE, kind=VerdictKind.SECOND_LOOK)
    assert waiting(log, make) == [one.inspection_id]
