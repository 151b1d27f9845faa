"""Looks that a report counts, on every kind of database, against the same counts taken from a plain list."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from inspector_app.automation.draws import audit_probability
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.judged import TRUTH_KINDS
from inspector_app.domain.logquery import AuditCount, LogFilter, SecondLookCount, ThirdLookCount
from inspector_app.domain.verdict import Answer, VerdictKind

UNAIDED, SECOND, THIRD = VerdictKind.UNAIDED, VerdictKind.SECOND_LOOK, VerdictKind.ADJUDICATION


@pytest.fixture
def entries(log, make):
    """Return a log in which every kind of look occurs, undone ones and unsure ones too."""
    chance = random.Random(7)
    made = []
    for level, shares in ((Level.SHADOW, {}), (Level.ASSIST, {}), (Level.PARTIAL, {"audit_share": 0.4})):
        extra = {"targeted_share": 0.5, "targeted_above": 0.05} if level is Level.PARTIAL else {}
        make.begin(log, level=level, canary_share=1.0, **shares, **extra)
        for number in range(40):
            reference = chance.choice((None, None, Judgement.REJECT, Judgement.ACCEPT))
            part = make.part(None if number == 5 else chance.choice((0.02, 0.08, 0.5, 0.97)), reference=reference)
            log.inspections.record_inspection(part)
            made.append(part.inspection_id)
            kinds = (VerdictKind.AUDIT,) if level is Level.PARTIAL else (UNAIDED, SECOND)
            for kind in (*kinds, THIRD)[: chance.randrange(1, 4)]:
                for by in ("anna", "bo")[: chance.randrange(1, 3)]:
                    verdict = make.verdict(part, chance.choice(tuple(Answer)), kind, by)
                    log.inspections.record_verdict(verdict, verdict.answer.disposition)
                    if chance.random() < 0.15:
                        log.inspections.record_retraction(verdict.verdict_id, by, make.now(), part.decision.disposition)
    return [log.reader.entry(each) for each in made]


def newest(entry, kinds, *, sure=True, by=None, before=None):
    answers = []
    for verdict in entry.verdicts:
        if verdict is before:
            break
        fits = verdict.kind in kinds and not verdict.retracted and by in {None, verdict.by}
        if fits and not (sure and verdict.answer is Answer.UNSURE):
            answers.append(verdict.answer)
    return answers[-1] if answers else None


def facts(entry):
    part = entry.inspection
    model = None if part.prediction is None else f"{part.prediction.model.name} {part.prediction.model.version}"
    return part, model, None if part.reference is None else part.reference.judgement


def counted(rows):
    """Return rows by everything but their number."""
    counts = Counter()
    for row in rows:
        values = {name: getattr(row, name) for name in row.__slots__ if name != "n"}
        counts[type(row)(**values, n=1)] += row.n
    return counts


def test_audits_with_their_probability_and_what_they_found(log, entries):
    expected = Counter()
    for entry in entries:
        part, model, _ = facts(entry)
        if part.decision.audited:
            answer = newest(entry, TRUTH_KINDS)
            found = None if answer is None else Judgement(answer)
            chance = audit_probability(part.decision)
            expected[AuditCount(model, part.decision.route, part.decision.model_judgement, chance, found, 1)] += 1
    assert counted(log.reports.look_counts(LogFilter()).audits) == expected
    assert {row.found for row in expected} == {None, *Judgement}
    assert len({row.audit_probability for row in expected}) == 2


def test_third_looks_on_unaided_verdicts(log, entries):
    expected = Counter()
    for entry in entries:
        part, model, reference = facts(entry)
        first, settled = newest(entry, {UNAIDED}, sure=False), newest(entry, {THIRD})
        if first is not None and settled is not None:
            judgement = part.decision.model_judgement
            level = part.control.level
            expected[ThirdLookCount(level, model, judgement, reference, first, Judgement(settled), 1)] += 1
    assert counted(log.reports.look_counts(LogFilter()).third_looks) == expected
    assert sum(expected.values()) > 10


def test_second_looks_of_the_same_inspector(log, entries):
    expected = Counter()
    for entry in entries:
        part, _, reference = facts(entry)
        for second in entry.verdicts:
            advice = part.decision.model_judgement
            if second.kind is not SECOND or second.retracted or second.answer is Answer.UNSURE or advice is None:
                continue
            first = newest(entry, {UNAIDED}, sure=False, by=second.by, before=second)
            settled = newest(entry, {THIRD})
            truth = reference if settled is None else Judgement(settled)
            if first not in {None, Answer.UNSURE}:
                row = SecondLookCount(second.by, Judgement(first), advice, Judgement(second.answer), truth, 1)
                expected[row] += 1
    assert counted(log.reports.look_counts(LogFilter()).second_looks) == expected
    assert {row.inspector for row in expected} == {"anna", "bo"}


def test_looks_under_a_filter_and_in_an_empty_log(log, entries):
    looks = log.reports.look_counts(LogFilter(level=Level.SHADOW, inspector="bo"))
    assert looks.audits == ()
    assert {row.inspector for row in looks.second_looks} == {"bo"}
    nobody = log.reports.look_counts(LogFilter(station="elsewhere"))
    assert (nobody.audits, nobody.third_looks, nobody.second_looks) == ((), (), ())


def test_uniform_audits_of_accepts_by_stretch_of_time(log, entries):
    stretch = timedelta(seconds=90)
    expected: Counter[datetime] = Counter()
    bad: Counter[datetime] = Counter()
    for entry in entries:
        decision = entry.inspection.decision
        if decision.route is Route.MODEL_ACCEPT and decision.audit is not None and decision.audit.drawn:
            answer = newest(entry, TRUTH_KINDS)
            if answer is not None:
                number = int(entry.inspection.captured_at.timestamp() // stretch.total_seconds())
                end = datetime.fromtimestamp((number + 1) * stretch.total_seconds(), UTC)
                expected[end] += 1
                bad[end] += answer is Answer.REJECT
    assert len(expected) > 1
    assert sum(bad.values())
    found = log.reports.audited_stretches(LogFilter(), stretch)
    assert [(row.end, row.audited, row.bad) for row in found] == [
        (end, expected[end], bad[end]) for end in sorted(expected)
    ]
    assert log.reports.audited_stretches(LogFilter(level=Level.SHADOW), stretch) == ()


def test_on_sqlite_few_looks_are_found_by_their_indexes_and_not_among_all_verdicts(log, entries):
    if log.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics")
    plans = []

    def plan(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("SELECT", "WITH")):
            rows = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([row[3] for row in rows])

    event.listen(log.database.engine, "before_cursor_execute", plan)
    log.reports.look_counts(LogFilter())
    log.third_looks.count(None, datetime(2100, 1, 1, tzinfo=UTC), LogFilter())
    event.remove(log.database.engine, "before_cursor_execute", plan)
    steps = [step for steps in plans for step in steps]
    for name in ("ix_inspections_audited", "ix_verdicts_second_look", "ix_verdicts_adjudication", "ix_verdicts_unsure"):
        assert any(step.startswith("SCAN") and name in step for step in steps), name
    assert not [step for step in steps if step.startswith("SCAN") and ("autoindex" in step or "verdicts_by" in step)]
