"""`LogFilter` as SQL conditions.

A search finds every part. What is counted is production: seeded parts are left out unless a filter asks for them, and
the conditions are spelled as in the indexes that hold production alone.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, Table, exists, func, select

from db.mapping import to_us
from db.schema import inspections, models, verdicts
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer

Clauses = tuple[ColumnElement[bool], ...]


def part_clauses(which: LogFilter) -> Clauses:
    """Return the conditions on ``inspections``."""
    clauses = [*_shared(which, inspections), *_of_the_part(which)]
    spoken = _of_the_verdict(which)
    if spoken:
        of_this_part = verdicts.c.inspection_id == inspections.c.inspection_id
        given = exists().where(of_this_part, verdicts.c.retracted.is_(False), *spoken)
        clauses.append(given.correlate(inspections))  # also where the query around it reads verdicts of its own
    sure = which.answer not in {None, Answer.UNSURE}
    if sure and which.judgement is not None and str(which.answer) != str(which.judgement):
        # Follows from the conditions above; an index holds just these parts.
        clauses.append(inspections.c.disagrees.is_(True))
    return tuple(clauses)


def production(which: LogFilter) -> LogFilter:
    """Return the filter as it is meant where parts are counted: without seeded parts unless it asks for them."""
    return replace(which, seeded=False) if which.seeded is None else which


def counted_clauses(which: LogFilter) -> Clauses:
    """Return the conditions on ``inspections`` where they are counted."""
    return part_clauses(production(which))


def verdict_clauses(which: LogFilter) -> Clauses:
    """Return the conditions on ``verdicts``, counted; they touch ``inspections`` only where there is no copy."""
    which = production(which)
    clauses = [verdicts.c.retracted.is_(False), *_shared(which, verdicts), *_of_the_verdict(which)]
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
    if which.station is not None:
        clauses.append(table.c.station_id == which.station)
    if which.product is not None:
        clauses.append(table.c.product == which.product)
    if which.seeded is not None:
        clauses.append(table.c.seeded.is_(True if which.seeded else None))
    return [*clauses, *_of_the_decision(which, table)]


def _of_the_decision(which: LogFilter, table: Table) -> list[ColumnElement[bool]]:
    """Return the conditions on what was decided and is known, columns of both tables too."""
    clauses = [
        table.c[name] == value.value
        for name, value in (
            ("model_judgement", which.judgement),
            ("reference", which.reference),
            ("route", which.route),
        )
        if value is not None
    ]
    if which.judged is not None:
        judgement = table.c.model_judgement
        clauses.append(judgement.is_not(None) if which.judged else judgement.is_(None))
    return clauses


def _of_the_verdict(which: LogFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on what only verdicts have."""
    clauses: list[ColumnElement[bool]] = []
    if which.inspector is not None:
        clauses.append(verdicts.c.by == which.inspector)
    if which.answer is not None:
        clauses.append(verdicts.c.answer == which.answer.value)
    if which.sure is not None:
        unsure = verdicts.c.answer == Answer.UNSURE.value
        clauses.append(~unsure if which.sure else unsure)
    if which.kinds:
        clauses.append(verdicts.c.kind.in_([kind.value for kind in which.kinds]))
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
