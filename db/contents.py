"""What there is to choose from in a log: stations, products, models, inspectors."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from db.loading import model_labels
from db.schema import chain_heads, inspections, verdicts
from inspector_app.domain.logquery import LogContents


def log_contents(connection: Connection) -> LogContents:
    """Return the names that occur, each once and sorted."""
    stations = connection.execute(select(chain_heads.c.station_id)).scalars()
    return LogContents(
        stations=tuple(sorted(stations)),
        products=_distinct(connection, inspections.c.product),
        models=tuple(sorted(set(model_labels(connection).values()))),
        inspectors=_distinct(connection, verdicts.c.by, verdicts.c.retracted.is_(False)),
    )


def _distinct(connection: Connection, column: ColumnElement[str], *clauses: ColumnElement[bool]) -> tuple[str, ...]:
    """Return the values of a column from one to the next.

    Each is one look into an index that begins with the column: SELECT DISTINCT would read all of a million rows.
    """
    following = select(func.min(column)).where(column > bindparam("last"), *clauses)
    found: list[str] = []
    value = connection.execute(select(func.min(column)).where(column.is_not(None), *clauses)).scalar()
    while value is not None:
        found.append(value)
        value = connection.execute(following, {"last": value}).scalar()
    return tuple(sorted(found))
