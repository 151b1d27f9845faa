"""Statements compiled once, for the few that run for every part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """A Core statement rendered for one database, run past SQLAlchemy's per-call compilation and typing.

    Values must be what the driver takes as they are: text, numbers, flags. That is all the log's rows hold, and it
    saves two thirds of the processor time of a commit. Errors are SQLAlchemy's all the same.

    Parameters
    ----------
    statement : Executable
        An insert, update or select; named parameters are given at `run`.
    dialect : Dialect
        Of the engine it will run on.
    columns : iterable of str, optional
        Of an insert: the columns that `run` gives.
    """

    def __init__(self, statement: Executable, dialect: Dialect, columns: Iterable[str] = ()) -> None:
        keys = list(columns)
        compiled = cast(
            "SQLCompiler", cast("ClauseElement", statement).compile(dialect=dialect, column_keys=keys or None)
        )
        self._sql = str(compiled)
        constant = {name: bind for name, bind in compiled.binds.items() if not bind.required and name not in keys}
        self._constants = {name: bind.value for name, bind in constant.items()}
        self._order = compiled.positiontup

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
        """Run once for one row of parameters, or for all of several in one call to the driver."""
        given = [self._parameters(row) for row in rows]
        return connection.exec_driver_sql(self._sql, cast("Any", given[0] if len(given) == 1 else given))

    def _parameters(self, row: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        values = {**self._constants, **row}
        return values if self._order is None else tuple([values[name] for name in self._order])
