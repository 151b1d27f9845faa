"""The schema: migrations and tables agree, go up and down, and stations that start at once do not collide."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from db.engine import Database
from db.schema import HEAD, metadata
from db.upgrade import _config, downgrade, revision, upgrade
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.verdict import Answer, VerdictKind

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def database(log_url):
    opened = Database(log_url)
    yield opened
    opened.close()


def tables(database):
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_the_newest_migration_is_the_one_the_program_expects():
    assert ScriptDirectory.from_config(_config()).get_heads() == [HEAD]


def shape(connection):
    """Return every CHECK and index as the database spells it; Alembic compares neither CHECKs nor conditions."""
    if connection.dialect.name == "postgresql":
        checks = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 'n'"
        indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        rows = [*connection.execute(text(checks)), *connection.execute(text(indexes))]
        return {name: definition for name, definition in rows if "alembic" not in name}
    made = inspect(connection)
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    found = {row[0]: row[1] for row in connection.execute(query)}
    for table in metadata.tables:
        found |= {check["name"]: check["sqltext"] for check in made.get_check_constraints(table)}
        found |= {f"columns of {table}": [(c["name"], c["nullable"]) for c in made.get_columns(table)]}
    return found


def test_migrations_make_the_tables_that_the_program_uses(database):
    upgrade(database)
    with database.reading() as connection:
        assert revision(connection) == HEAD
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        migrated = shape(connection)
    downgrade(database, "base")
    with database.writing() as connection:
        metadata.create_all(connection)
    with database.reading() as connection:
        assert migrated == shape(connection)
    assert len(migrated) > 50


def test_down_and_up_again(database):
    upgrade(database)
    downgrade(database, "base")
    assert tables(database) <= {"alembic_version"}
    upgrade(database)
    assert set(metadata.tables) <= tables(database)


def test_upgrading_twice_changes_nothing(log, log_url, make):
    part = make.part()
    log.inspections.record_inspection(part)
    upgrade(log.database)
    assert log.reader.entry(part.inspection_id).inspection == part


def test_an_older_log_is_told_what_counts_as_truth(log, make):
    """Adjudication before a single look, the newest of those, the first of these; undone ones never."""
    looks = {
        (): None,
        (("aided", "reject"),): None,
        (("unaided", "unsure"),): "unsure",
        (("unaided", "accept"), ("second_look", "reject"), ("unaided", "reject")): "accept",
        (("unaided", "unsure"), ("audit", "reject")): "reject",
        (("unaided", "accept"), ("adjudication", "reject")): "reject",
        (("adjudication", "reject"), ("adjudication", "accept"), ("adjudication", "unsure")): "accept",
        (("audit", "reject"), ("adjudication", "undone")): "reject",
        (("unaided", "undone"),): None,
    }
    expected = {}
    for said, truth in looks.items():
        part = make.part()
        log.inspections.record_inspection(part)
        expected[part.inspection_id] = truth
        for kind, answer in said:
            verdict = make.verdict(part, Answer("reject" if answer == "undone" else answer), VerdictKind(kind))
            log.inspections.record_verdict(verdict, part.decision.disposition)
            if answer == "undone":
                log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), part.decision.disposition)
    with log.database.writing() as connection:
        # Long gaps, so that the parts are filled in by several statements.
        connection.execute(text("UPDATE inspections SET number = number + 50000 WHERE number > 3"))
    downgrade(log.database, "0019")
    upgrade(log.database)
    with log.database.reading() as connection:
        rows = connection.execute(text("SELECT inspection_id, truth FROM inspections"))
        assert {row[0]: row[1] for row in rows} == expected
    assert log.verify().intact


def test_a_log_of_a_newer_program_is_left_alone(open_station, log_url, tmp_path, make):
    if log_url == "sqlite://":
        pytest.skip("a database in memory is always new")
    opened = open_station(log_url)
    with opened.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LogUnavailable, match=r"newer version of this program \(schema 9999\)") as caught:
        open_station(log_url)
    assert caught.value.problem is LogProblem.NEWER_SCHEMA
    assert set(metadata.tables) <= tables(opened.database)


@pytest.mark.slow
def test_stations_that_start_at_once_migrate_once(log_url, tmp_path):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one program")
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from db.log import open_log\n"
        "sys.stdin.readline()\n"
        "open_log(sys.argv[1], Path(sys.argv[2]), sys.argv[3], lambda: datetime.now(UTC)).close()\n"
        "print('open')"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    stations = [
        subprocess.Popen(
            [sys.executable, "-c", script, log_url, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in ("station-1", "station-2", "station-1")
    ]
    for station in stations:
        station.stdin.write("go\n")
        station.stdin.flush()
    for station in stations:
        out, error = station.communicate(timeout=240)
        assert (out.strip(), station.returncode) == ("open", 0), error
    database = Database(log_url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM chain_heads")).scalar() == 2
    database.close()
