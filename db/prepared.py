"""Statements compiled once, for the few that run for every part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """A Core statement rendered for one database and handed to the driver as it is.

    SQLAlchemy's own way costs several times the processor time of the statement itself: compiling, typing, events,
    results. Here values must be what the driver takes anyway (text, numbers, flags), which is all that the log's rows
    hold. Errors are the driver's; `db.faults.in_operators_words` knows both kinds.

    Parameters
    ----------
    statement : Executable
        An insert, update or select; named parameters are given at each run.
    dialect : Dialect
        Of the engine it will run on.
    columns : iterable of str, optional
        Of an insert: the columns that are given at each run.
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

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> None:
        """Run once for each row of parameters, within the connection's open transaction."""
        cursor = connection.connection.cursor()
        for row in rows:
            cursor.execute(self._sql, self._parameters(row))
        cursor.close()

    def first(self, connection: Connection, **parameters: object) -> tuple[Any, ...] | None:
        """Run a select within the connection's open transaction and return its first row."""
        cursor = connection.connection.cursor()
        cursor.execute(self._sql, self._parameters(parameters))
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else tuple(row)

    def _parameters(self, row: Mapping[str, Any]) -> Any:
        values = {**self._constants, **row}
        return values if self._order is None else tuple([values[name] for name in self._order])
