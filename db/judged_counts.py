"""Judged parts counted in the database for the gates: what `inspector_app.automation.gate_counts` counts in memory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Subquery,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from db import mapping
from db.judged_queries import judged_parts
from db.judged_ways import alone, answered_alone, model_id
from db.loading import ControlStates
from db.schema import inspections, verdicts
from inspector_app.automation import gate_counts
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import JudgedCount, JudgedCounts, JudgedQuestion, Setting, ShadowDefects
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind

_PLACE = ("captured_us", "number")
_GROUP = ("audit_drawn", "route", "level", "truth")


def judged_counts(connection: Connection, question: JudgedQuestion, states: ControlStates) -> JudgedCounts:
    """Return the counts of the log's judged parts."""
    setting = question.setting
    model = None if setting.model is None else model_id(connection, setting.model)
    if model is None:
        return JudgedCounts()
    if answered_alone(connection, model, alone(connection, states, setting.station)):
        # First looks of two kinds held against one another would take SQLite hours; such a log is counted part by part.
        mine = LogFilter(station=setting.station)
        return gate_counts.judged_counts(judged_parts(connection, mine, states), question)
    parts = _first_looks(setting, model)
    audits = (parts.c.audit_drawn.is_(True), *_not_before(parts, question.thresholds_since))
    return JudgedCounts(
        _counts(connection, parts, question),
        _counts(connection, parts, question, *audits),
        _clean(connection, parts, *audits, parts.c.route == Route.MODEL_ACCEPT.value),
        _shadow_defects(connection, parts, question.cut),
    )


def _first_looks(setting: Setting, model: int) -> Subquery:
    """Return the parts that count, each at its first look; ``model`` is the row of the model."""
    part, earlier = inspections.alias(), inspections.alias()

    def meant(each: FromClause) -> tuple[ColumnElement[bool], ...]:
        judged = (each.c.truth.is_not(None), each.c.probability.is_not(None), each.c.seeded.is_(None))
        camera = (each.c.station_id == setting.station, each.c.source == setting.source)
        return *judged, each.c.model_id == model, *camera, *_not_before(each, setting.since)

    place, before = (tuple_(*(each.c[name] for name in _PLACE)) for each in (part, earlier))
    seen = exists().where(*meant(earlier), earlier.c.part_id == part.c.part_id, before < place).correlate(part)
    columns = (part.c[name] for name in ("inspection_id", *_GROUP, "probability", *_PLACE))
    return select(*columns).where(*meant(part), ~seen).subquery()


def _not_before(parts: FromClause, since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    return () if since is None else (parts.c.captured_us >= mapping.to_us(since),)


def _counts(
    connection: Connection, parts: Subquery, question: JudgedQuestion, *clauses: ColumnElement[bool]
) -> tuple[JudgedCount, ...]:
    at, group = parts.c.captured_us, [parts.c[name] for name in _GROUP]
    n, below_cut = func.count(), func.count().filter(parts.c.probability < question.cut)
    since = _not_before(parts, question.drift_since)
    counted = n.filter(*since) if since else n
    columns = (n.label("n"), below_cut.label("below"), counted.label("since"), func.min(at).label("a"))
    query = select(*group, *columns, func.max(at).label("z")).where(*clauses).group_by(*group)
    return tuple(
        JudgedCount(
            Level(row["level"]),
            Route(row["route"]),
            bool(row["audit_drawn"]),
            Answer(row["truth"]),
            row["n"],
            row["below"],
            row["since"],
            mapping.from_us(row["a"]),
            mapping.from_us(row["z"]),
        )
        for row in connection.execute(query).mappings()
    )


def _clean(connection: Connection, parts: Subquery, *accepts: ColumnElement[bool]) -> int:
    """Return how many of the newest audited accepts were good."""
    place = [parts.c[name] for name in _PLACE]
    bad = select(*place).where(*accepts, parts.c.truth != Answer.ACCEPT.value)
    last: Any = connection.execute(bad.order_by(*(each.desc() for each in place)).limit(1)).first()
    query = select(func.count()).select_from(parts).where(*accepts)
    if last is not None:
        query = query.where(tuple_(*place) > tuple_(*(literal(each) for each in last)))
    return int(connection.execute(query).scalar_one())


def _shadow_defects(connection: Connection, parts: Subquery, cut: float) -> tuple[ShadowDefects, ...]:
    first = (
        select(verdicts.c.answer)
        .where(
            verdicts.c.inspection_id == parts.c.inspection_id,
            verdicts.c.retracted.is_(False),
            verdicts.c.kind == VerdictKind.UNAIDED.value,
        )
        .order_by(verdicts.c.turn)
        .limit(1)
        .correlate(parts)
        .scalar_subquery()
    )
    columns = (func.coalesce(first, Answer.UNSURE.value).label("first"), (parts.c.probability < cut).label("below"))
    defective = (parts.c.level == Level.SHADOW.value, parts.c.truth == Answer.REJECT.value)
    each = select(*columns).where(*defective).subquery()
    query: Any = select(*each.c, func.count()).group_by(*each.c)
    return tuple(ShadowDefects(Answer(said), bool(below), n) for said, below, n in connection.execute(query))
