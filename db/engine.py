"""Connections to the log: durable SQLite (WAL, full synchronisation) or PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIModule
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from db.faults import RecordRefused, in_operators_words
from inspector_app.domain.errors import SettingsError

_BUSY_S = 5.0
"""How long a writer waits for another program before the log counts as locked."""

_CONNECT_S = 5
_CHECKPOINT_PAGES = 4000
"""SQLite folds its write-ahead file back after this many pages (16 MB): rarer pauses than with the default 1000."""

_WRITES = "log_writes"


class Database:
    """An engine with the log's two kinds of transaction.

    Safe to use from several threads. Writers of this process take turns; writers of other processes are waited for.
    Every error of the driver leaves as `LogUnavailable`, or as `db.faults.RecordRefused` where a record is wrong.

    Parameters
    ----------
    url : str or URL
        Any SQLAlchemy URL; ``sqlite:///FILE``, ``sqlite://`` (memory, for tests) and ``postgresql://`` are tested.

    Attributes
    ----------
    where : str
        The database in an operator's words: the file, or the address without its password.
    file : Path or None
        SQLite's file.
    engine : Engine
        SQLAlchemy's.
    """

    def __init__(self, url: str | URL) -> None:
        self._url = _checked(url)
        self.file = sqlite_file(self._url)
        self.where = self._url.render_as_string(hide_password=True) if self.file is None else str(self.file)
        self.engine = _engine(self._url)
        self._readers = _reading(self.engine)
        self._driver = cast("DBAPIModule", self.engine.dialect.dbapi)
        self._turn = threading.RLock()
        # One shared connection holds a database in memory: readers must then take turns with writers too.
        self._one_connection = isinstance(self.engine.pool, StaticPool)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; it is durable when the block has been left without an error."""
        with self._turn, self._in_words(), self._writer() as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, on one consistent state of the log."""
        turn: AbstractContextManager[Any] = self._turn if self._one_connection else nullcontext()
        with turn, self._in_words(), self._readers.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open the transaction of a migration: as `writing`, with SQLite's foreign keys checked at its end only."""
        with (
            self._turn,
            self._in_words(),
            self._writer() as connection,
            _foreign_keys_at_the_end(connection),
            connection.begin(),
        ):
            yield connection
            if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RecordRefused("the migration would leave records that refer to nothing")

    def close(self) -> None:
        """Close all connections; idempotent."""
        with self._turn:
            self.engine.dispose()

    def _writer(self) -> Connection:
        return self.engine.connect().execution_options(**{_WRITES: True})

    def _in_words(self) -> AbstractContextManager[None]:
        return in_operators_words(self.where, self.file, self._driver)


@contextmanager
def _foreign_keys_at_the_end(connection: Connection) -> Iterator[None]:
    """Let SQLite make a table anew under its references; the switch works only between transactions."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def sqlite_file(url: URL) -> Path | None:
    """Return the file behind a URL, ``None`` for a server or a database in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database.removeprefix("file:").split("?")[0])


def in_file(path: Path) -> URL:
    """Return the URL of a SQLite file, whatever characters its name has."""
    return URL.create("sqlite", database=str(path))


def _checked(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect().import_dbapi()
    except ImportError as error:
        raise SettingsError(
            f"The database address {parsed.render_as_string(hide_password=True)!r} needs the Python package "
            f"{error.name}, which is not installed."
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(
            f"The database address {str(url)!r} is not one: write sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from error
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if url.get_backend_name() == "postgresql":
        options = f"-c synchronous_commit=on -c timezone=UTC -c lock_timeout={int(_BUSY_S * 1000)}"
        arguments = {"connect_timeout": _CONNECT_S, "options": options}
        # pre_ping: a connection that died while the station was idle is replaced before a part depends on it.
        return create_engine(url, connect_args=arguments, pool_pre_ping=True)
    return create_engine(url, pool_pre_ping=True)


def _reading(engine: Engine) -> Engine:
    """Return the engine for transactions that only read: SQLite's see one state of the log by themselves."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite_engine(url: URL) -> Engine:
    arguments = {"timeout": _BUSY_S, "check_same_thread": False}
    if sqlite_file(url) is None:
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set what SQLite keeps per connection."""
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in (
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin as a writer at once where writing is meant: a reader that turns writer may be refused half-way."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
