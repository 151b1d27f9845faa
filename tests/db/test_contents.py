"""What a log offers for choice, and third looks at a choice of parts, on every kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.logquery import LogContents, LogFilter
from inspector_app.domain.verdict import Answer


@pytest.fixture
def judged(log, make):
    """Return a function that records a part and what people say of it."""

    def record(product, *people, answer=Answer.ACCEPT, probability=0.9):
        part = replace(make.part(probability), product=product)
        log.inspections.record_inspection(part)
        verdicts = [make.verdict(part, answer, by=name) for name in people]
        for verdict in verdicts:
            log.inspections.record_verdict(verdict, answer.disposition)
        return part, verdicts

    return record


def test_an_empty_log_offers_its_station_alone(log) -> None:
    assert log.reports.contents() == LogContents(stations=("station-1",))


def test_every_name_is_offered_once_and_sorted(log, make, judged) -> None:
    for product, people in (("glass 7", ("zoe", "Anna")), (None, ("Anna",)), ("glass 6", ("anna",)), ("glass 7", ())):
        judged(product, *people)
    _, (undone,) = judged("glass 6", "Otto")
    log.inspections.record_retraction(undone.verdict_id, "Otto", make.now(), Disposition.HOLD)
    assert log.reports.contents() == LogContents(
        stations=("station-1",),
        products=("glass 6", "glass 7"),
        models=("scratches 1.0",),
        inspectors=("Anna", "anna", "zoe"),
    )


def test_third_looks_wait_among_the_chosen_parts_alone(log, make, judged) -> None:
    six, _ = judged("glass 6", "anna")
    seven, _ = judged("glass 7", "bo")
    make.begin(log, level=Level.ASSIST)
    later = make.now() + timedelta(days=1)
    for which, expected in (
        (LogFilter(), [six, seven]),
        (LogFilter(product="glass 7"), [seven]),
        (LogFilter(inspector="anna"), [six]),
        (LogFilter(level=Level.ASSIST), []),
        (LogFilter(since=seven.captured_at, station="station-1"), [seven]),
    ):
        found = log.third_looks.waiting("cy", later, which, 10)
        assert [entry.inspection for entry in found] == expected, which
        assert log.third_looks.count("cy", later, which) == len(expected)
