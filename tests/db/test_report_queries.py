"""What reports ask of the log, on every kind of database, against the same questions asked of a plain list."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem, Unfit
from inspector_app.domain.logquery import LogFilter, PictureCount
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

MODELS = (ModelIdentity("m", "1", "a" * 64, "b" * 64), ModelIdentity("m", "2", "c" * 64, "b" * 64))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def entries(log, make):
    """Return a log of 60 parts at two levels, judged by two people."""
    made = []
    for level in (Level.SHADOW, Level.ASSIST):
        make.begin(log, level=level)
        for number in range(30):
            reference = Judgement.REJECT if number % 10 == 0 else None
            part = make.part((0.1, 0.9)[number % 2], model=MODELS[number % 3 == 0], reference=reference)
            log.inspections.record_inspection(part)
            verdict = make.verdict(part, tuple(Answer)[number % 3], tuple(VerdictKind)[number % 2], "ab"[number % 2])
            log.inspections.record_verdict(verdict, verdict.answer.disposition)
            made.append(part)
    return [log.reader.entry(part.inspection_id) for part in made]


def test_span_and_models(log, entries):
    span = log.reports.counted_parts(LogFilter()).span
    times = [entry.inspection.captured_at for entry in entries]
    assert (span.parts, span.first, span.last) == (60, min(times), max(times))
    uses = log.reports.counted_parts(LogFilter(level=Level.SHADOW)).models
    by_model = Counter(e.inspection.prediction.model for e in entries if e.inspection.control.level is Level.SHADOW)
    assert {use.model: use.parts for use in uses} == by_model
    assert [use.first for use in uses] == sorted(use.first for use in uses)
    assert all(use.first <= use.last for use in uses)


def test_an_empty_log_has_no_span_and_no_models(log):
    assert log.reports.counted_parts(LogFilter()).span.first is None
    assert log.reports.counted_parts(LogFilter()).models == ()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert log.reports.trend(LogFilter(), moment, moment, timedelta(days=1)) == ()


@pytest.mark.parametrize("inspector", [None, "a"])
def test_a_trend_counts_every_standing_verdict_once(log, entries, inspector):
    stretch = timedelta(seconds=20)
    span = log.reports.counted_parts(LogFilter()).span
    which = LogFilter(kinds=(VerdictKind.UNAIDED,), inspector=inspector)
    found = log.reports.trend(which, span.first, span.last, stretch)
    assert all((count.start - EPOCH) % stretch == timedelta(0) for count in found)
    cells = {"both_reject": "rr", "human_rejects": "ra", "model_rejects": "ar", "both_accept": "aa"}
    counted = Counter({(c.start, cell): getattr(c, name) for c in found for name, cell in cells.items()})
    expected: Counter[tuple[object, ...]] = Counter()
    for entry in entries:
        part = entry.inspection
        for verdict in entry.verdicts:
            mine = verdict.kind is VerdictKind.UNAIDED and inspector in {None, verdict.by}
            if mine and verdict.answer is not Answer.UNSURE:
                start = part.captured_at - (part.captured_at - EPOCH) % stretch
                expected[start, verdict.answer.value[0] + part.decision.model_judgement.value[0]] += 1
    assert +counted == expected
    assert expected


def test_commands_and_chains_of_all_stations(log, entries, open_station, log_url, make):
    if log_url != "sqlite://":  # each memory is a database of its own
        other = open_station(log_url, "station-2")
        make.begin(other)
    changes = log.reports.control_changes()
    own = [step.change for step in changes if step.station == "station-1"]
    assert tuple(own) == log.control.changes()
    assert [step.station for step in log.reports.control_changes("station-1")] == ["station-1"] * len(own)
    ends = {end.station: end for end in log.reports.chain_ends()}
    assert (ends["station-1"].links, ends["station-1"].digest) == (log.head().seq, log.head().digest)
    if log_url != "sqlite://":
        assert {step.station for step in changes} == set(ends) == {"station-1", "station-2"}


FILTERS = [
    LogFilter(answer=Answer.ACCEPT, judgement=Judgement.REJECT),
    LogFilter(answer=Answer.REJECT, judgement=Judgement.REJECT, kinds=(VerdictKind.UNAIDED, VerdictKind.AUDIT)),
    LogFilter(answer=Answer.UNSURE, judgement=Judgement.REJECT),
    LogFilter(inspector="a", answer=Answer.ACCEPT),
    LogFilter(reference=Judgement.REJECT),
    LogFilter(station="station-1"),
    LogFilter(station="elsewhere"),
]


@pytest.mark.parametrize("which", FILTERS)
def test_a_cell_of_the_table_leads_to_its_parts(log, entries, which):
    found = {entry.inspection.inspection_id for entry in log.reader.search(which, 1000)}
    expected = {
        entry.inspection.inspection_id
        for entry in entries
        if which.station in {None, "station-1"}
        and (which.judgement is None or entry.inspection.decision.model_judgement is which.judgement)
        and (which.reference is None or entry.inspection.reference is not None)
        and any(
            not v.retracted
            and (which.answer is None or v.answer is which.answer)
            and (not which.kinds or v.kind in which.kinds)
            and (which.inspector is None or v.by == which.inspector)
            for v in entry.verdicts
        )
    }
    assert found == expected
    assert log.reader.count(which) == len(expected)
    verdicts = sum(count.n for count in log.reader.verdict_counts(which))
    assert verdicts == len(expected)  # one verdict a part here
    assert which.tells_of_the_model == (which.judgement is not None)


def test_unusable_pictures_are_counted_by_their_reason(log, make):
    blurred = Unfit(PictureFlaw.BLURRED, "The picture is out of focus.")
    parts = [make.part(), make.part(unfit=blurred), make.part(unfit=blurred), make.part(unusable=True)]
    for part in parts:
        log.inspections.record_inspection(part)
    assert log.reports.unusable_pictures(LogFilter()) == (
        PictureCount(PictureFlaw.BLURRED, 2),
        PictureCount(PictureProblem.TRUNCATED, 1),
    )
    assert log.reports.unusable_pictures(LogFilter(since=parts[2].captured_at)) == (
        PictureCount(PictureFlaw.BLURRED, 1),
        PictureCount(PictureProblem.TRUNCATED, 1),
    )


def test_parts_and_verdicts_of_one_product(log, make):
    make.begin(log)
    made = (("glass A", Answer.ACCEPT), ("glass A", Answer.REJECT), ("glass B", Answer.ACCEPT), (None, Answer.ACCEPT))
    for product, answer in made:
        part = dataclasses.replace(make.part(), product=product)
        log.inspections.record_inspection(part)
        log.inspections.record_verdict(make.verdict(part, answer), answer.disposition)
        assert log.reader.entry(part.inspection_id).inspection == part
    which = LogFilter(product="glass A")
    assert log.reports.counted_parts(which).span.parts == 2
    assert sum(row.n for row in log.reader.verdict_counts(which)) == 2
    assert log.reader.count(LogFilter(product="glass B")) == 1
    assert log.reader.count(LogFilter()) == 4
    assert log.imports.counts(which) == ()
    assert not log.verify().findings
