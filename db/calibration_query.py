"""The parts that may certify thresholds, chosen in the database as `automation.calibration` chooses them in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, or_, select, union_all

from db import mapping
from db.filters import part_clauses
from db.judged_ways import Way, alone, ways
from db.loading import ControlStates
from db.schema import control_changes, inspections, models
from inspector_app.automation.calibration import Calibration, LeftOut
from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer


class _Whose(NamedTuple):
    """Row of the model, station, and the station's camera."""

    model_id: int
    station: str
    source: str


_BAD = {Answer.ACCEPT.value: False, Answer.REJECT.value: True, Answer.UNSURE.value: None}


def calibration(connection: Connection, which: LogFilter, states: ControlStates) -> Calibration:
    """Return the parts among those meant, and what is known of where they come from."""
    judged = ways(alone(connection, states, which.station))
    meant = part_clauses(which)
    newest = _newest(connection, judged, meant)
    if newest is None:
        return Calibration((), None, None, None, None, {})
    left_out, mine = _of_others(connection, judged, meant, newest)
    kept: dict[str, ScoredPart] = {}
    looked, first, last = 0, 0, 0
    for part_id, score, truth, at in connection.execute(_drawn_evenly(judged, meant, newest)):
        looked += 1
        if part_id not in kept:
            kept[part_id] = ScoredPart(part_id, score, _BAD[truth])
            first, last = first or at, at
    left_out |= {LeftOut.NOT_DRAWN_EVENLY: mine - looked, LeftOut.SEEN_BEFORE: looked - len(kept)}
    row = connection.execute(select(models).where(models.c.model_id == newest.model_id)).mappings().one()
    return Calibration(
        parts=tuple(kept.values()),
        model=mapping.model_identity(row),
        source=newest.source,
        first=mapping.from_us(first) if kept else None,
        last=mapping.from_us(last) if kept else None,
        left_out={why: left_out[why] for why in LeftOut if left_out[why]},
    )


def _whose(way: Way) -> tuple[ColumnElement[Any], ...]:
    return way.model_id, way.part.c.station_id, way.part.c.source


def _newest(connection: Connection, judged: Sequence[Way], meant: Sequence[ColumnElement[bool]]) -> _Whose | None:
    """Return whose the newest judged part is."""
    found = []
    for way in judged:
        query = select(*way.place, *_whose(way)).select_from(way.source).where(*way.judged, *meant)
        newest_first = (way.part.c.captured_us.desc(), way.part.c.number.desc())
        found += [tuple(row) for row in connection.execute(query.order_by(*newest_first).limit(1))]
    if not found:
        return None
    *_, model, station, source = max(found)
    return _Whose(model, station, source)


def _of_others(
    connection: Connection,
    judged: Sequence[Way],
    meant: Sequence[ColumnElement[bool]],
    newest: _Whose,
) -> tuple[dict[LeftOut, int], int]:
    """Count what is of another model, of another camera or seeded; and what is left."""
    left_out = dict.fromkeys(LeftOut, 0)
    mine = 0
    for way in judged:
        group = _whose(way)
        counted = select(*group, func.count()).select_from(way.source).where(*way.judged, *meant).group_by(*group)
        # Apart, because each is answered by an index of its own.
        for seeded in (None, True):
            rows: Any = connection.execute(counted.where(way.part.c.seeded.is_(seeded)))
            for model, station, source, n in rows:
                if model != newest.model_id:
                    left_out[LeftOut.OTHER_MODEL] += n
                elif (station, source) != (newest.station, newest.source):
                    left_out[LeftOut.OTHER_CAMERA] += n
                elif seeded:
                    left_out[LeftOut.SEEDED] += n
                else:
                    mine += n
    return left_out, mine


def _drawn_evenly(judged: Sequence[Way], meant: Sequence[ColumnElement[bool]], newest: _Whose) -> Any:
    """Return the query for part, score, truth and time of the sample in which every part had the same chance."""
    looks = []
    for way in judged:
        place = (part.label(name) for name, part in zip(("at", "way", "number"), way.place, strict=True))
        mine = (each == value for each, value in zip(_whose(way), newest, strict=True))
        chosen = select(way.part.c.part_id, way.probability.label("score"), way.part.c.truth, *place)
        even = () if way.beside else (_even(),)
        looks.append(
            chosen.select_from(way.source).where(*way.judged, *mine, way.part.c.seeded.is_(None), *meant, *even)
        )
    found = union_all(*looks).subquery() if len(looks) > 1 else looks[0].subquery()
    columns = [found.c[name] for name in ("part_id", "score", "truth", "at")]
    return select(*columns).order_by(found.c.at, found.c.way, found.c.number)


def _even() -> ColumnElement[bool]:
    """Return the condition of `inspector_app.automation.calibration.drawn_evenly` where a model is in charge."""
    state, level = control_changes.c, inspections.c.level
    unaided = case((state.style == AssistStyle.SECOND_LOOK.value, 1.0), else_=state.unaided_share)
    smaller = case((unaided < state.audit_share, unaided), else_=state.audit_share)
    share = (
        select(case((level == Level.ASSIST.value, unaided), else_=smaller))
        .where(state.station_id == inspections.c.station_id, state.version == inspections.c.control_version)
        .correlate(inspections)
        .scalar_subquery()
    )
    return or_(level == Level.SHADOW.value, func.coalesce(inspections.c.audit_u, inspections.c.first_look_u) < share)
