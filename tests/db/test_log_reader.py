"""The read side, on every kind of database, against the same questions asked of a plain list."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from inspector_app.automation.draws import audit_probability
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Judgement
from inspector_app.domain.judged import TRUTH_KINDS
from inspector_app.domain.logquery import LogFilter, PartCount, VerdictCount
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

OLD = ModelIdentity("scratches", "1.0", "a" * 64, "b" * 64)
REBUILT = ModelIdentity("scratches", "1.0", "9" * 64, "b" * 64)
NEW = ModelIdentity("scratches", "1.1", "c" * 64, "b" * 64)
PEOPLE = ("anna", "berta", "Cem")


@pytest.fixture(params=["memory", "postgresql"])
def log_url(request):
    """Leave SQLite's file out: reading does not depend on it, and each commit would wait for the disk."""
    return "sqlite://" if request.param == "memory" else request.getfixturevalue("postgres_url")


@pytest.fixture
def entries(log, make):
    """Return everything in a log of some 90 parts, as the log tells it part by part."""
    made = []
    for level in Level:
        make.begin(log, level=level, style=AssistStyle.HIGHLIGHT, audit_share=0.5, canary_share=0.5)
        for number in range(18):
            probability = (0.01, 0.2, 0.5, 0.8, 0.99, None)[number % 6]
            reference = (None, Judgement.ACCEPT, Judgement.REJECT)[number % 3]
            model = (OLD, NEW, REBUILT)[number % 5 % 3]
            name = f"Pane_{level.value}%{number}"
            unusable = number == 17
            part = make.part(probability, part_id=name, model=model, reference=reference, unusable=unusable)
            log.inspections.record_inspection(part)
            made.append(part)
    for number, entry in enumerate(log.inspections.waiting()):
        if number % 7 == 0:
            continue
        verdict = make.verdict(
            entry.inspection, list(Answer)[number % 3], list(VerdictKind)[number % 2], PEOPLE[number % 3]
        )
        log.inspections.record_verdict(verdict, verdict.answer.disposition)
        if number % 5 == 0:
            log.inspections.record_retraction(verdict.verdict_id, verdict.by, make.now(), Disposition.HOLD)
        if number % 10 == 0:
            again = make.verdict(entry.inspection, Answer.ACCEPT, VerdictKind.UNAIDED, "Cem")
            log.inspections.record_verdict(again, Disposition.ACCEPT)
    return [log.reader.entry(part.inspection_id) for part in made]


def label(entry):
    prediction = entry.inspection.prediction
    return None if prediction is None else f"{prediction.model.name} {prediction.model.version}"


def standing(entry):
    return [verdict for verdict in entry.verdicts if not verdict.retracted]


def disagrees(entry):
    judgement = entry.inspection.decision.model_judgement
    answers = {verdict.answer.value for verdict in standing(entry)} - {"unsure"}
    return judgement is not None and bool(answers - {judgement.value})


def matches(entry, which):
    """The filter, in plain words."""
    inspection = entry.inspection
    checks = [
        which.since is None or inspection.captured_at >= which.since,
        which.until is None or inspection.captured_at < which.until,
        which.part is None or which.part.lower() in inspection.part_id.lower(),
        which.level is None or inspection.control.level is which.level,
        which.disposition is None or entry.disposition is which.disposition,
        which.model_version is None or label(entry) == which.model_version,
        which.inspector is None or which.inspector in {verdict.by for verdict in standing(entry)},
        which.disagreement is None or disagrees(entry) is which.disagreement,
    ]
    return all(checks)


def filters(entries):
    times = [entry.inspection.captured_at for entry in entries]
    return [
        LogFilter(),
        LogFilter(since=times[20], until=times[60]),
        LogFilter(since=times[20] + timedelta(microseconds=1)),
        LogFilter(part="pane_s"),
        LogFilter(part="%1"),
        LogFilter(part="_"),
        LogFilter(part="nobody's"),
        LogFilter(level=Level.FULL),
        LogFilter(disposition=Disposition.HOLD),
        LogFilter(model_version="scratches 1.0"),
        LogFilter(model_version="scratches 1.1", level=Level.ASSIST),
        LogFilter(inspector="anna"),
        LogFilter(inspector="Cem", disposition=Disposition.ACCEPT),
        LogFilter(disagreement=True),
        LogFilter(disagreement=False, level=Level.PARTIAL),
        LogFilter(inspector="berta", disagreement=True, part="7", since=times[3]),
    ]


def test_search_count_and_export_agree_with_a_plain_list(log, entries):
    for which in filters(entries):
        expected = [entry for entry in entries if matches(entry, which)]
        assert list(log.reader.entries(which)) == expected, which
        assert log.reader.count(which) == len(expected), which
        assert list(log.reader.search(which, 1000)) == expected[::-1], which


def test_pages_follow_one_another(log, entries):
    pages = [log.reader.search(LogFilter(), 20, offset) for offset in range(0, 100, 20)]
    assert [entry for page in pages for entry in page] == entries[::-1]
    assert log.reader.search(LogFilter(), 0) == ()


def test_export_pages_lose_and_double_nothing(log, entries, monkeypatch):
    for size in (1, 7, len(entries), len(entries) + 1):
        monkeypatch.setattr("db.queries._PAGE", size)
        assert list(log.reader.entries(LogFilter())) == entries


def test_export_ends_although_parts_keep_coming(log, entries, make, monkeypatch):
    monkeypatch.setattr("db.queries._PAGE", 10)
    seen = []
    for entry in log.reader.entries(LogFilter()):
        seen.append(entry)
        log.inspections.record_inspection(make.part())
    assert seen == entries


def test_export_of_parts_taken_at_the_same_moment(log, make, monkeypatch):
    from dataclasses import replace

    monkeypatch.setattr("db.queries._PAGE", 2)
    moment = make.now()
    parts = [replace(make.part(), captured_at=moment) for _ in range(7)]
    for part in parts:
        log.inspections.record_inspection(part)
    assert [entry.inspection for entry in log.reader.entries(LogFilter())] == parts


def reference_of(entry):
    return None if entry.inspection.reference is None else entry.inspection.reference.judgement


def test_verdict_counts_agree_with_a_plain_list(log, entries):
    for which in filters(entries):
        expected = Counter(
            (
                entry.inspection.control.level,
                label(entry),
                verdict.by,
                verdict.kind,
                verdict.answer,
                entry.inspection.decision.model_judgement,
                reference_of(entry),
                entry.inspection.decision.route,
            )
            for entry in entries
            if matches(entry, which)
            for verdict in standing(entry)
            if which.inspector is None or verdict.by == which.inspector
        )
        counts = log.reader.verdict_counts(which)
        assert set(counts) == {VerdictCount(*key[:-1], n, key[-1]) for key, n in expected.items()}, which
        assert len(counts) == len(expected)


def test_part_counts_agree_with_a_plain_list(log, entries):
    for which in filters(entries):
        expected = Counter(
            (
                entry.inspection.control.level,
                label(entry),
                entry.inspection.decision.route,
                entry.disposition,
                entry.inspection.decision.model_judgement,
                reference_of(entry),
                audit_probability(entry.inspection.decision),
            )
            for entry in entries
            if matches(entry, which)
        )
        counts = log.reports.counted_parts(which).counts
        assert set(counts) == {PartCount(*key[:-1], n, key[-1]) for key, n in expected.items()}, which
        assert len(counts) == len(expected)


def test_an_unknown_part_and_an_empty_log(log):
    assert log.reader.entry("nobody's") is None
    assert log.reader.search(LogFilter(), 10) == ()
    assert list(log.reader.entries(LogFilter())) == []
    assert log.reader.verdict_counts(LogFilter()) == ()
    assert log.reader.incidents(5) == ()


def test_the_first_parts_of_a_search_are_the_newest(log, entries):
    found = log.reader.search(LogFilter(level=Level.SHADOW), 5)
    assert all(newer.inspection.captured_at > older.inspection.captured_at for newer, older in pairwise(found))


def test_judged_parts_are_those_with_truth_and_a_usable_prediction(log, entries, make):
    twice = next(e for e in entries if e.inspection.prediction and e.verdicts and not e.verdicts[0].retracted)
    again = make.verdict(twice.inspection, Answer.REJECT, VerdictKind.ADJUDICATION, "dora")
    log.inspections.record_verdict(again, Disposition.REJECT)
    entries = [log.reader.entry(entry.inspection.inspection_id) for entry in entries]
    expected = []
    for entry in entries:
        inspection, prediction = entry.inspection, entry.inspection.prediction
        answers = tuple((v.kind, v.answer) for v in entry.verdicts if not v.retracted and v.kind in TRUTH_KINDS)
        if answers and prediction is not None and prediction.probability is not None:
            decision = inspection.decision
            drawn = (inspection.inspection_id, prediction.probability, prediction.model, decision.audit)
            expected.append((*drawn, decision.first_look, inspection.control.level, answers))
    found = log.reader.judged_parts(LogFilter())
    assert len(found) > 10
    assert [
        (p.inspection_id, p.probability, p.model, p.audit, p.first_look, p.level, p.answers) for p in found
    ] == expected
    adjudicated = next(part for part in found if part.inspection_id == twice.inspection.inspection_id)
    assert adjudicated.answers[-1] == (VerdictKind.ADJUDICATION, Answer.REJECT)
    assert {(part.audit_share, part.seeded, part.source) for part in found} == {(0.5, False, "folder:/parts")}
    only = log.reader.judged_parts(LogFilter(level=Level.SHADOW))
    assert only == tuple(part for part in found if part.level is Level.SHADOW)
