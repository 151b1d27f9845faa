"""Audits, second looks and third looks, counted in the database for the estimates of a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, and_, func, literal, or_, select

from db.engine import Database
from db.filters import counted_clauses, verdict_clauses
from db.loading import model_labels
from db.mapping import from_us
from db.schema import inspections, verdicts
from inspector_app.automation.draws import any_of
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.judged import TRUTH_KINDS
from inspector_app.domain.logquery import (
    AuditCount,
    AuditedStretch,
    LogFilter,
    LookCounts,
    SecondLookCount,
    ThirdLookCount,
)
from inspector_app.domain.verdict import Answer, VerdictKind

_SURE = (Answer.ACCEPT, Answer.REJECT)
# In the words of the index that holds just these.
_AUDITED = or_(inspections.c.audit_drawn.is_(True), inspections.c.targeted_drawn.is_(True))


def look_counts(database: Database, which: LogFilter) -> LookCounts:
    """Count the looks on the parts meant; rows of one combination may come in pieces."""
    with database.reading() as connection:
        labels = model_labels(connection)
        audits = connection.execute(_audits(which)).all()
        third_looks = connection.execute(_third_looks(which)).all()
    return LookCounts(
        audits=tuple(_audit_count(labels, row) for row in audits),
        third_looks=tuple(_third_look_count(labels, row) for row in third_looks),
        second_looks=second_look_counts(database, which),
    )


def audited_stretches(database: Database, which: LogFilter, stretch: timedelta) -> tuple[AuditedStretch, ...]:
    """Count the answered uniform audits of the model's accepts by stretch of time; see `AuditedStretch`."""
    length = stretch // timedelta(microseconds=1)
    columns = (
        (inspections.c.captured_us // length).label("number"),
        _newest(inspections.c.inspection_id, TRUTH_KINDS, _SURE).label("found"),
    )
    accepts = inspections.c.route == Route.MODEL_ACCEPT.value
    query = _counted(
        columns, inspections, _AUDITED, inspections.c.audit_drawn.is_(True), accepts, *counted_clauses(which)
    )
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    with database.reading() as connection:
        for number, answer, n in connection.execute(query):
            if answer is not None:
                found[number][answer] += n
    return tuple(
        AuditedStretch(from_us((number + 1) * length), counts.total(), counts[Answer.REJECT.value])
        for number, counts in sorted(found.items())
    )


def second_look_counts(database: Database, which: LogFilter) -> tuple[SecondLookCount, ...]:
    """Count the second looks on the parts meant."""
    with database.reading() as connection:
        return tuple(_second_look_count(row) for row in connection.execute(_second_looks(which)))


def _counted(columns: Sequence[ColumnElement[Any]], source: Any, *clauses: ColumnElement[bool]) -> Any:
    """Return the query for counts by columns, some of which are looked up for each row."""
    rows = select(*columns).select_from(source).where(*clauses).subquery()
    return select(*rows.c, func.count()).group_by(*rows.c)


def _audits(which: LogFilter) -> Any:
    chances = (inspections.c.audit_probability, inspections.c.targeted_probability)
    columns = (
        inspections.c.model_id,
        inspections.c.route,
        inspections.c.model_judgement,
        *chances,
        _newest(inspections.c.inspection_id, TRUTH_KINDS, _SURE).label("found"),
    )
    return _counted(columns, inspections, _AUDITED, *counted_clauses(which))


def _third_looks(which: LogFilter) -> Any:
    """Return the query for unaided verdicts that a third look settled; the newest of each part."""
    third, later, looks = (verdicts.alias(name) for name in ("third", "later", "looks"))
    newer = (
        select(later.c.number)
        .where(_is(later, VerdictKind.ADJUDICATION), later.c.inspection_id == third.c.inspection_id)
        .where(later.c.answer.in_(_SURE), later.c.turn > third.c.turn)
        .exists()
    )
    first = (
        select(looks.c.number)
        .where(
            looks.c.inspection_id == third.c.inspection_id,
            looks.c.retracted.is_(False),
            looks.c.kind == VerdictKind.UNAIDED.value,
        )
        .order_by(looks.c.turn.desc())
        .limit(1)
        .scalar_subquery()
    )
    settled = select(third.c.answer.label("settled"), first.label("first")).where(
        _is(third, VerdictKind.ADJUDICATION), third.c.answer.in_(_SURE), ~newer
    )
    found = settled.subquery()
    known = ("level", "model_id", "model_judgement", "reference", "answer")
    columns = (*(verdicts.c[name] for name in known), found.c.settled)
    return _counted(columns, found.join(verdicts, verdicts.c.number == found.c.first), *verdict_clauses(which))


def _second_looks(which: LogFilter) -> Any:
    second = verdicts
    before = verdicts.alias("before")
    first = (
        select(before.c.answer)
        .where(
            before.c.inspection_id == second.c.inspection_id,
            before.c.retracted.is_(False),
            before.c.kind == VerdictKind.UNAIDED.value,
            before.c.by == second.c.by,
            before.c.turn < second.c.turn,
        )
        .order_by(before.c.turn.desc())
        .limit(1)
        .correlate(second)
        .scalar_subquery()
    )
    settled = _newest(second.c.inspection_id, (VerdictKind.ADJUDICATION,), _SURE)
    columns = (
        second.c.by,
        first.label("first"),
        second.c.model_judgement,
        second.c.answer,
        func.coalesce(settled, second.c.reference).label("truth"),
    )
    rows = select(*columns).where(
        _is(second, VerdictKind.SECOND_LOOK),
        second.c.answer.in_(_SURE),
        second.c.model_judgement.is_not(None),
        *verdict_clauses(which),
    )
    # Materialised: SQLite would else read all verdicts in the order of their inspectors, to save itself the grouping.
    looked = rows.cte("looked").prefix_with("MATERIALIZED")
    return select(*looked.c, func.count()).where(looked.c.first.in_(_SURE)).group_by(*looked.c)


def _is(looks: FromClause, kind: VerdictKind) -> ColumnElement[bool]:
    """Return the condition for standing verdicts of a kind, in the words of the index that holds just these."""
    return and_(looks.c.retracted.is_(False), looks.c.kind == literal(kind.value, literal_execute=True))


def _newest(
    inspection_id: ColumnElement[str], kinds: Sequence[VerdictKind], answers: Sequence[Answer]
) -> ScalarSelect[str]:
    """Return the newest standing verdict of some kinds and answers on the part at hand."""
    looks = verdicts.alias("looks")
    return (
        select(looks.c.answer)
        .where(
            looks.c.inspection_id == inspection_id,
            looks.c.retracted.is_(False),
            looks.c.kind.in_(kinds),
            looks.c.answer.in_(answers),
        )
        .order_by(looks.c.turn.desc())
        .limit(1)
        .scalar_subquery()
    )


def _judgement(value: str | None) -> Judgement | None:
    return None if value is None else Judgement(value)


def _audit_count(labels: dict[int | None, str], row: Any) -> AuditCount:
    model, route, judgement, audit, targeted, found, n = row
    chance = any_of(share for share in (audit, targeted) if share is not None)
    return AuditCount(labels.get(model), Route(route), _judgement(judgement), chance, _judgement(found), n)


def _third_look_count(labels: dict[int | None, str], row: Any) -> ThirdLookCount:
    level, model, judgement, reference, first, settled, n = row
    known = (_judgement(judgement), _judgement(reference))
    return ThirdLookCount(Level(level), labels.get(model), *known, Answer(first), Judgement(settled), n)


def _second_look_count(row: Any) -> SecondLookCount:
    by, first, advice, second, truth, n = row
    return SecondLookCount(by, Judgement(first), Judgement(advice), Judgement(second), _judgement(truth), n)
