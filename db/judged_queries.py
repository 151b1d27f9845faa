"""The parts whose truth somebody has given without having seen the model, with all that says how they were drawn."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, FromClause, Select, select

from db import mapping
from db.filters import part_clauses
from db.judged_ways import nobody_in_charge
from db.loading import ControlStates
from db.schema import comparisons, inspections, models, verdicts
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import TRUTH_KINDS, JudgedPart
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.verdict import Answer, VerdictKind

_MODEL = ("name", "version", "sha256", "preprocessing_sha256")
_PART = (
    "number",
    "station_id",
    "inspection_id",
    "part_id",
    "captured_us",
    "source",
    "control_version",
    "seeded",
    "route",
    "audit_drawn",
    "audit_probability",
    "audit_u",
    "first_look_drawn",
    "first_look_probability",
    "first_look_u",
)


def _query(answered: Any, source: FromClause) -> Select[Any]:
    """Return the query for judged parts with the answers of one table, oldest first."""
    return (
        select(
            *(inspections.c[name] for name in _PART),
            answered.c.probability,
            *(models.c[name].label(f"model_{name}") for name in _MODEL),
            verdicts.c.kind,
            verdicts.c.answer,
        )
        .select_from(source.join(models, models.c.model_id == answered.c.model_id))
        .where(
            verdicts.c.retracted.is_(False),
            verdicts.c.kind.in_([kind.value for kind in TRUTH_KINDS]),
            answered.c.prediction_status == PredictionStatus.OK.value,
        )
        .order_by(inspections.c.captured_us, inspections.c.number, verdicts.c.turn)
    )


_LOOKS = verdicts.join(inspections, inspections.c.inspection_id == verdicts.c.inspection_id)
_IN_CHARGE = _query(inspections, _LOOKS)
_BESIDE = _query(
    comparisons, _LOOKS.join(comparisons, comparisons.c.inspection_id == inspections.c.inspection_id)
).where(inspections.c.model_id.is_(None))


def judged_parts(connection: Connection, which: LogFilter, states: ControlStates) -> tuple[JudgedPart, ...]:
    """Return the judged parts among those meant, oldest first.

    Where no model is in charge, as with a new product, the answer counts that the new model gave beside.
    """
    parts = []
    for beside, query in ((False, _IN_CHARGE), (True, _BESIDE)):
        rows = connection.execute(query.where(*part_clauses(which))).mappings().all()
        for _, looks in groupby(rows, key=lambda row: row["number"]):
            verdicts_of_part = list(looks)
            first = verdicts_of_part[0]
            control = states.get(connection, first["station_id"], first["control_version"])
            if not beside or nobody_in_charge(control):
                parts.append(_judged(first, verdicts_of_part, control, beside=beside))
    # Both are sorted already, and merging them costs next to nothing where there is only one.
    return tuple(sorted(parts, key=lambda part: part.captured_at))


def _judged(row: Any, looks: list[Any], control: ControlState, *, beside: bool) -> JudgedPart:
    return JudgedPart(
        inspection_id=row["inspection_id"],
        part_id=row["part_id"],
        captured_at=mapping.from_us(row["captured_us"]),
        station=row["station_id"],
        source=row["source"],
        probability=row["probability"],
        model=mapping.model_identity({name: row[f"model_{name}"] for name in _MODEL}),
        level=control.level,
        style=control.style,
        audit_share=control.audit_share,
        unaided_share=control.unaided_share,
        route=Route(row["route"]),
        audit=mapping.draw_of(row, "audit"),
        first_look=mapping.draw_of(row, "first_look"),
        seeded=bool(row["seeded"]),
        answers=tuple((VerdictKind(look["kind"]), Answer(look["answer"])) for look in looks),
        beside=beside,
    )
