"""Which parts wait for a third look: human and model differ, or nobody was sure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union

from db.engine import Database
from db.filters import part_clauses
from db.loading import ControlStates, load_entries, parts
from db.mapping import to_us
from db.schema import comparisons, inspections, verdicts
from inspector_app.domain.decision import Disposition
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind

_STANDING = verdicts.c.retracted.is_(False)
# In the words of the index that holds just these.
_UNSURE = verdicts.c.answer == literal(Answer.UNSURE.value, literal_execute=True)


class SqlThirdLooks:
    """The queue of third looks, on a database; sees the parts of all stations.

    Parameters
    ----------
    database : Database
        Where the log is.
    states : ControlStates
        The control states known so far, shared with the other parts of the log.
    """

    def __init__(self, database: Database, states: ControlStates) -> None:
        self._database = database
        self._states = states

    def count(self, by: str | None, before: datetime, which: LogFilter) -> int:
        """Return how many parts wait for this person's third look; arguments as of `waiting`."""
        query = select(func.count()).select_from(_numbers(by, before, which).subquery())
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def waiting(self, by: str | None, before: datetime, which: LogFilter, limit: int) -> tuple[LogEntry, ...]:
        """Return the parts that wait for a third look, oldest first.

        Parameters
        ----------
        by : str or None
            Who will look: parts that this person has judged are left out.
        before : datetime
            UTC: verdicts that are younger may still be undone, and their parts are left out.
        which : LogFilter
            Only these parts.
        limit : int
            At most so many.
        """
        order = (inspections.c.captured_us, inspections.c.number)
        query = parts(inspections.c.number.in_(_numbers(by, before, which))).order_by(*order).limit(limit)
        with self._database.reading() as connection:
            return load_entries(connection, query, self._states)


def _numbers(by: str | None, before: datetime, which: LogFilter) -> Select[tuple[int]]:
    """Return the query for the parts' numbers.

    Two looks into narrow indexes find the candidates, the few parts that somebody differs on or was unsure about; what
    else must hold is asked of these alone.
    """
    unsure = select(verdicts.c.inspection_id).where(_STANDING, _UNSURE).distinct().subquery()
    candidates = union(
        select(inspections.c.number).where(inspections.c.disagrees.is_(True)),
        _differs_beside(),
        select(inspections.c.number).join(unsure, unsure.c.inspection_id == inspections.c.inspection_id),
    ).subquery()
    undecided = or_(inspections.c.disposition == Disposition.HOLD.value, ~_spoken(~_UNSURE))
    settled = _spoken(verdicts.c.kind == VerdictKind.ADJUDICATION.value, ~_UNSURE)
    query = select(inspections.c.number).where(
        inspections.c.number.in_(select(candidates.c.number)),
        inspections.c.waiting.is_(False),
        or_(inspections.c.disagrees.is_(True), inspections.c.number.in_(_differs_beside()), undecided),
        # What a seeded part is, is known; one that is held goes on like every other.
        or_(inspections.c.seeded.is_(None), inspections.c.disposition == Disposition.HOLD.value),
        ~settled,
        ~_spoken(verdicts.c.at_us > to_us(before)),
        *part_clauses(which),
    )
    return query if by is None else query.where(~_spoken(verdicts.c.by == by))


def _differs_beside() -> Select[tuple[int]]:
    """Return the query for parts on which nobody was in charge and the model beside contradicts the inspector.

    So a new product's model is not held against inspectors' slips, nor they against its.
    """
    part = inspections.alias("part")
    # From the comparisons, which are few, and not from all verdicts, as SQLite would begin without statistics.
    number = (
        select(part.c.number)
        .where(part.c.inspection_id == comparisons.c.inspection_id, part.c.model_id.is_(None))
        .correlate(comparisons)
        .scalar_subquery()
    )
    contradicted = exists().where(
        verdicts.c.inspection_id == comparisons.c.inspection_id,
        _STANDING,
        verdicts.c.kind == VerdictKind.UNAIDED.value,
        verdicts.c.answer != Answer.UNSURE.value,
        verdicts.c.answer != comparisons.c.judgement,
    )
    found = select(number.label("number")).select_from(comparisons).where(contradicted).subquery()
    return select(found.c.number).where(found.c.number.is_not(None))


def _spoken(*clauses: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a standing verdict on the part meets these."""
    return exists().where(and_(verdicts.c.inspection_id == inspections.c.inspection_id, _STANDING, *clauses))
