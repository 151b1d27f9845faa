"""Bring a database to this program's schema, by Alembic migrations packaged in ``db/migrations``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.engine import Database
from db.faults import unavailable
from db.schema import HEAD
from inspector_app.domain.errors import LogProblem

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION_TABLE = "alembic_version"
_LOCK = 7_302_115_846
"""PostgreSQL advisory lock that stations take in turn to migrate; any number that nobody else uses."""


def upgrade(database: Database, to: str = "head") -> None:
    """Migrate to a revision if the database is not there already; several programs may do so at once.

    Raises
    ------
    LogUnavailable
        ``NEWER_SCHEMA`` if a newer program has migrated it; nothing is changed then.
    """
    with database.reading() as connection:
        if to == "head" and revision(connection) == HEAD:
            return
    with _migrating(database) as connection:
        # Alembic takes a while to import, and a station that is up to date does without.
        from alembic import command

        found = revision(connection)
        if found is not None and found not in _known():
            raise unavailable(LogProblem.NEWER_SCHEMA, database.where, found)
        if found != HEAD or to != "head":
            command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Migrate back to an older revision, ``"base"`` for an empty database; what it cannot hold is lost."""
    with _migrating(database) as connection:
        from alembic import command

        command.downgrade(_config(connection), to)


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, ``None`` for one without a log."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    return found


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """Open the one transaction of a migration, alone on the database."""
    with database.migrating() as connection:
        if connection.dialect.name == "postgresql":
            # A station that starts meanwhile waits for it, longer than for a lock of the line's work.
            connection.execute(text("SET LOCAL lock_timeout TO '10min'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
        yield connection


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _known() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())
