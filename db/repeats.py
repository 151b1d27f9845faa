"""Records that are in the log already.

A connection may be lost while a server commits; the caller is then told that nothing was written and writes again.
These questions let the writer take an identical record for done, and still refuse one that contradicts it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select

from db import mapping
from db.mapping import Row
from db.schema import comparisons, inspections, line_messages, models, retractions, verdicts
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.ports import LineTold
from inspector_app.domain.rollout import Comparison


def has_inspection(connection: Connection, inspection: Inspection) -> bool:
    """Return True if exactly this inspection is in the log."""
    model = None if inspection.prediction is None else inspection.prediction.model
    joined = inspections.outerjoin(models, models.c.model_id == inspections.c.model_id)
    named = [models.c[name].label(f"model_{name}") for name in ("name", "version", "sha256", "preprocessing_sha256")]
    query = select(inspections, *named).select_from(joined)
    found = connection.execute(query.where(inspections.c.inspection_id == inspection.inspection_id)).mappings().first()
    if found is None:
        return False
    wanted = mapping.inspection_row(inspection)
    if model is not None:
        wanted |= {f"model_{name}": value for name, value in mapping.model_row(model).items()}
    return all(found[name] == value for name, value in wanted.items())


def has_verdict(connection: Connection, row: Row) -> bool:
    """Return True if exactly this verdict is in the log."""
    return _has(connection, verdicts, row)


def has_retraction(connection: Connection, row: Row) -> bool:
    """Return True if exactly this retraction is in the log."""
    return _has(connection, retractions, row)


def has_comparison(connection: Connection, comparison: Comparison) -> bool:
    """Return True if exactly this comparison is in the log."""
    return _has(connection, comparisons, mapping.comparison_row(comparison))


def not_yet_told(connection: Connection, told: Sequence[LineTold]) -> tuple[LineTold, ...]:
    """Return the messages that are not in the log."""
    return tuple(message for message in told if not _has(connection, line_messages, mapping.told_row(message)))


def _has(connection: Connection, table: Table, row: Row) -> bool:
    query = select(table.c.number).where(*(table.c[name] == value for name, value in row.items()))
    return connection.execute(query.limit(1)).first() is not None
