"""`LogFilter` as SQL conditions."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, exists, func, select

from db.mapping import to_us
from db.schema import inspections, models, verdicts
from inspector_app.domain.logquery import LogFilter

Clauses = tuple[ColumnElement[bool], ...]


def part_clauses(which: LogFilter) -> Clauses:
    """Return the conditions on ``inspections``."""
    clauses = [*_shared(which, inspections), *_of_the_part(which)]
    if which.inspector is not None:
        spoken = exists().where(
            verdicts.c.inspection_id == inspections.c.inspection_id,
            verdicts.c.by == which.inspector,
            verdicts.c.retracted.is_(False),
        )
        clauses.append(spoken)
    return tuple(clauses)


def verdict_clauses(which: LogFilter) -> Clauses:
    """Return the conditions on ``verdicts``; they touch ``inspections`` only where the verdict has no copy."""
    clauses = [verdicts.c.retracted.is_(False), *_shared(which, verdicts)]
    if which.inspector is not None:
        clauses.append(verdicts.c.by == which.inspector)
    of_the_part = _of_the_part(which)
    if of_the_part:
        meant = select(inspections.c.inspection_id).where(*of_the_part)
        clauses.append(verdicts.c.inspection_id.in_(meant))
    return tuple(clauses)


def _shared(which: LogFilter, table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions on columns that inspections and verdicts both have."""
    clauses: list[ColumnElement[bool]] = []
    if which.since is not None:
        clauses.append(table.c.captured_us >= to_us(which.since))
    if which.until is not None:
        clauses.append(table.c.captured_us < to_us(which.until))
    if which.level is not None:
        clauses.append(table.c.level == which.level.value)
    if which.model_version is not None:
        label = models.c.name + " " + models.c.version
        clauses.append(table.c.model_id.in_(select(models.c.model_id).where(label == which.model_version)))
    return clauses


def _of_the_part(which: LogFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on what only inspections have."""
    clauses: list[ColumnElement[bool]] = []
    if which.part is not None:
        clauses.append(func.lower(inspections.c.part_id).contains(which.part.lower(), autoescape=True))
    if which.disposition is not None:
        clauses.append(inspections.c.disposition == which.disposition.value)
    if which.disagreement is not None:
        clauses.append(inspections.c.disagrees.is_(which.disagreement))
    return clauses
