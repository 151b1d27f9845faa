"""Every count of the two-way table, and what it leads to: as many verdicts as it says, and these alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.log import open_log
from inspector_app.agreement.drill import TableCell, cell_counts, narrowed, verdicts_behind
from inspector_app.agreement.groups import Condition
from inspector_app.agreement.report import ReportHeader, agreement_report
from inspector_app.domain.control import Level
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind

SAID = st.tuples(st.sampled_from(Answer), st.sampled_from(VerdictKind), st.sampled_from(["anna", "bo"]), st.booleans())
PARTS = st.tuples(
    st.sampled_from([Level.SHADOW, Level.PARTIAL]),
    st.sampled_from([0.02, 0.7, 0.97, None]),
    st.booleans(),
    st.lists(SAID, max_size=3),
)


@pytest.fixture
def log(make, tmp_path: Path):
    opened = open_log("sqlite://", tmp_path, "station-1", make.now)
    yield opened
    opened.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(PARTS, min_size=1, max_size=8))
def test_every_count_leads_to_just_as_many_verdicts(log, make, parts) -> None:
    since = make.now()  # the log keeps the parts of the examples before
    for part in parts:
        record(log, make, *part)
    for chosen in (LogFilter(since=since), LogFilter(since=since, level=Level.PARTIAL, inspector="anna")):
        counts = log.reader.verdict_counts(chosen)
        tables = agreement_report(counts, (), ReportHeader(make.now(), "0", chosen)).tables
        for table in tables:
            if not any(cell_counts(table.table).values()):
                continue
            of_group = narrowed(chosen, table.group)
            for cell, count in cell_counts(table.table).items():
                which = verdicts_behind(of_group, table.condition, cell)
                listed = log.reader.search_verdicts(which, 1000)
                assert len(listed) == count, (table.group, table.condition, cell)
                assert sum(each.n for each in log.reader.verdict_counts(which)) == count
                assert all(stands_in(cell, each, table.condition) for each in listed)
                judged_parts = {each.entry.inspection.inspection_id for each in listed}
                assert log.reader.count(which) == len(judged_parts)


def record(log, make, level, probability, seeded, said) -> None:
    """Put a part and what was said of it into the log."""
    if log.control.current() is None or level is not make.control.level:
        make.begin(log, level=level)
    part = make.seeded("d1", probability) if seeded else make.part(probability)
    log.inspections.record_inspection(part)
    for answer, kind, by, undone in said:
        verdict = make.verdict(part, answer, kind, by)
        log.inspections.record_verdict(verdict, answer.disposition)
        if undone:
            log.inspections.record_retraction(verdict.verdict_id, by, make.now(), answer.disposition)


def stands_in(cell: TableCell, given_verdict, condition: Condition) -> bool:
    """The cell, in plain words."""
    part, verdict = given_verdict.entry.inspection, given_verdict.verdict
    judgement = part.decision.model_judgement
    right = not verdict.retracted and part.seed is None and verdict.kind in condition.kinds
    if not cell.judged:
        return right and judgement is None
    row = verdict.answer is cell.answer if cell.answer else verdict.answer is not Answer.UNSURE
    return right and row and judgement is not None and cell.judgement in {None, judgement}


def test_pages_of_verdicts_follow_one_another_newest_part_first(log, make) -> None:
    make.begin(log)
    for number in range(5):
        part = make.part()
        log.inspections.record_inspection(part)
        for by in ("anna", "bo")[: 1 + number % 2]:
            log.inspections.record_verdict(make.verdict(part, by=by), part.decision.disposition)
    pages = [log.reader.search_verdicts(LogFilter(), 3, offset) for offset in (0, 3, 6)]
    times = [each.entry.inspection.captured_at for page in pages for each in page]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert times == sorted(times, reverse=True)
    assert len({each.verdict.verdict_id for page in pages for each in page}) == 7
