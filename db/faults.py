"""Database errors in the operator's words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine.interfaces import DBAPIModule
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from inspector_app.domain.errors import LogProblem, LogUnavailable

_FULL_BELOW_BYTES = 1 << 20
"""An I/O error with less than this free is a full disk: SQLite cannot always tell the two apart."""

_SQLITE = {
    "SQLITE_FULL": LogProblem.DISK_FULL,
    "SQLITE_READONLY": LogProblem.READ_ONLY,
    "SQLITE_PERM": LogProblem.READ_ONLY,
    "SQLITE_AUTH": LogProblem.READ_ONLY,
    "SQLITE_BUSY": LogProblem.LOCKED,
    "SQLITE_LOCKED": LogProblem.LOCKED,
    "SQLITE_PROTOCOL": LogProblem.LOCKED,
    "SQLITE_CORRUPT": LogProblem.CORRUPT,
    "SQLITE_NOTADB": LogProblem.CORRUPT,
    "SQLITE_CANTOPEN": LogProblem.UNREACHABLE,
    "SQLITE_IOERR": LogProblem.UNREACHABLE,
}

_POSTGRES = {
    "53100": LogProblem.DISK_FULL,
    "25006": LogProblem.READ_ONLY,
    "42501": LogProblem.READ_ONLY,
    "55P03": LogProblem.LOCKED,
    "40P01": LogProblem.LOCKED,
    "57014": LogProblem.LOCKED,
    "XX001": LogProblem.CORRUPT,
    "XX002": LogProblem.CORRUPT,
}

_SENTENCES = {
    LogProblem.DISK_FULL: "The log {where} cannot grow: the disk is full; free some space on it.",
    LogProblem.READ_ONLY: "The log {where} is read-only; make it writable for this user.",
    LogProblem.LOCKED: "The log {where} is locked by another program; close it or wait.",
    LogProblem.UNREACHABLE: "The log {where} cannot be reached ({why}).",
    LogProblem.CORRUPT: "The log {where} is damaged ({why}); restore it from a backup.",
    LogProblem.NEWER_SCHEMA: "The log {where} was written by a newer version of this program (schema {why}); "
    "update the program.",
}


class RecordRefused(ValueError):
    """A record contradicts the log (known already, or about something unknown): a bug of the caller."""


def unavailable(problem: LogProblem, where: str, why: str = "") -> LogUnavailable:
    """Return the fault with its sentence; ``where`` is the database without its password."""
    return LogUnavailable(problem, _SENTENCES[problem].format(where=where, why=why))


@contextmanager
def in_operators_words(where: str, file: Path | None, driver: DBAPIModule) -> Iterator[None]:
    """Turn database errors raised inside into `LogUnavailable` or `RecordRefused`; other errors are bugs and pass.

    Parameters
    ----------
    where : str
        The database, for the sentence.
    file : Path or None
        SQLite's file, to tell a full disk from a broken one; ``None`` for servers and memory.
    driver : module
        The driver, whose own errors come from `db.prepared`.
    """
    try:
        yield
    except PoolTimeout as error:
        raise unavailable(LogProblem.LOCKED, where) from error
    except (DBAPIError, driver.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, driver.IntegrityError):
            raise RecordRefused(
                f"the log {where} refused a record that contradicts it: {_first_line(cause)}"
            ) from error
        problem = _problem(cause, file)
        if problem is None:
            raise
        raise unavailable(problem, where, _first_line(cause)) from error


def _problem(cause: BaseException | None, file: Path | None) -> LogProblem | None:
    """Return the kind of trouble behind a driver's error; ``None`` for a bug such as wrong SQL."""
    name: str | None = getattr(cause, "sqlite_errorname", None)
    if name is not None:
        return _sqlite_problem(name, file)
    state: str | None = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg's errors carry no SQLSTATE when no server answered, or none any more.
        lost = type(cause).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}
        return LogProblem.UNREACHABLE if lost else None
    if state[:2] in {"08", "28", "3D", "57", "53"} and state not in _POSTGRES:
        return LogProblem.UNREACHABLE
    return _POSTGRES.get(state)


def _sqlite_problem(name: str, file: Path | None) -> LogProblem | None:
    primary = "_".join(name.split("_")[:2])
    problem = _SQLITE.get(primary)
    if file is None or problem is not LogProblem.UNREACHABLE:
        return problem
    folder = file.parent
    if not folder.is_dir():
        return LogProblem.UNREACHABLE
    if shutil.disk_usage(folder).free < _FULL_BELOW_BYTES:
        return LogProblem.DISK_FULL
    return problem if os.access(folder, os.W_OK) else LogProblem.READ_ONLY


def _first_line(cause: BaseException | None) -> str:
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(cause).__name__
