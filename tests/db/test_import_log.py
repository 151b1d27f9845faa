"""Decisions from outside: whole or not at all, once, counted apart, and bound to the audit chain."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from inspector_app.domain.control import Level
from inspector_app.domain.errors import ImportRefused
from inspector_app.domain.frame import Judgement
from inspector_app.domain.imports import ImportedDecision, ImportedFile
from inspector_app.domain.logquery import ImportedCount, LogFilter
from inspector_app.domain.verdict import Answer

AT = datetime(2025, 1, 1, tzinfo=UTC)
FILE = ImportedFile("old.csv", "12345678" + "a" * 56, 0, "", (("part", "Teil"),), "Ana", AT)
DECISIONS = [
    ImportedDecision(2, "P1", Answer.ACCEPT, Judgement.REJECT, Judgement.ACCEPT, "王小明", "m 1", AT),
    ImportedDecision(
        3, "P2", Answer.REJECT, Judgement.REJECT, Judgement.REJECT, "王小明", "m 1", AT + timedelta(days=9)
    ),
    ImportedDecision(4, "P3", Answer.UNSURE, None),
    ImportedDecision(5, "P4", Answer.ACCEPT, Judgement.REJECT, Judgement.ACCEPT, "王小明", "m 1", AT),
]


@pytest.fixture
def made(log):
    return log.imports.add(FILE, iter(DECISIONS))


def test_a_file_is_kept_with_its_count_and_digest(log, made):
    assert made.rows == 4
    assert len(made.rows_sha256) == 64
    assert log.imports.files() == (made,)
    assert made.label == "old.csv #12345678"


def test_decisions_are_counted_by_combination(log, made):
    source = made.label
    assert set(log.imports.counts(LogFilter())) == {
        ImportedCount(source, "m 1", "王小明", Answer.ACCEPT, Judgement.REJECT, Judgement.ACCEPT, 2),
        ImportedCount(source, "m 1", "王小明", Answer.REJECT, Judgement.REJECT, Judgement.REJECT, 1),
        ImportedCount(source, None, None, Answer.UNSURE, None, None, 1),
    }


@pytest.mark.parametrize(
    ("which", "n"),
    [
        (LogFilter(since=AT + timedelta(days=1)), 2),  # the one without a time belongs to every period
        (LogFilter(until=AT + timedelta(days=1)), 3),
        (LogFilter(inspector="王小明"), 3),
        (LogFilter(model_version="m 2"), 0),
        (LogFilter(answer=Answer.ACCEPT, judgement=Judgement.REJECT), 2),
        (LogFilter(reference=Judgement.REJECT), 1),
        (LogFilter(level=Level.SHADOW), 0),
        (LogFilter(station="station-1"), 0),
    ],
)
def test_filters_apply_where_they_can(log, made, which, n):
    assert sum(count.n for count in log.imports.counts(which)) == n


def test_the_same_file_is_refused_and_changes_nothing(log, made):
    again = dataclasses.replace(FILE, name="copy.csv")
    with pytest.raises(ImportRefused, match=r"copy\.csv was brought in already, as old\.csv on 2025-01-01 00:00 UTC"):
        log.imports.add(again, iter(DECISIONS))
    assert sum(count.n for count in log.imports.counts(LogFilter())) == 4
    assert log.verify().intact


def test_an_import_that_fails_half_way_leaves_nothing(log):
    def decisions():
        yield DECISIONS[0]
        raise ImportRefused("line 3 is wrong")

    with pytest.raises(ImportRefused, match="line 3"):
        log.imports.add(FILE, decisions())
    assert log.imports.files() == ()
    assert log.verify().intact


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE imported_decisions SET answer = 'reject' WHERE line = 2",
        "DELETE FROM imported_decisions WHERE line = 3",
        "INSERT INTO imported_decisions (file, line, part, answer) SELECT sha256, 9, 'X', 'accept' FROM imported_files",
        "UPDATE imported_files SET by = 'Eve'",
    ],
)
def test_what_is_changed_later_is_found(log, made, change):
    assert log.verify().intact
    with log.database.writing() as connection:
        connection.execute(text(change))
    assert not log.verify().intact
