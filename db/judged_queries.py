"""The parts whose truth somebody has given without having seen the model, with all that says how they were drawn."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from db import mapping
from db.filters import part_clauses
from db.loading import ControlStates
from db.schema import inspections, models, verdicts
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import ReferenceSource
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
    "probability",
    "control_version",
    "reference_source",
    "route",
    "audit_drawn",
    "audit_probability",
    "audit_u",
    "first_look_drawn",
    "first_look_probability",
    "first_look_u",
)
_QUERY = (
    select(
        *(inspections.c[name] for name in _PART),
        *(models.c[name].label(f"model_{name}") for name in _MODEL),
        verdicts.c.kind,
        verdicts.c.answer,
    )
    .select_from(
        verdicts.join(inspections, inspections.c.inspection_id == verdicts.c.inspection_id).join(
            models, models.c.model_id == inspections.c.model_id
        )
    )
    .where(
        verdicts.c.retracted.is_(False),
        verdicts.c.kind.in_([kind.value for kind in TRUTH_KINDS]),
        inspections.c.prediction_status == PredictionStatus.OK.value,
    )
    .order_by(inspections.c.captured_us, inspections.c.number, verdicts.c.turn)
)


def judged_parts(connection: Connection, which: LogFilter, states: ControlStates) -> tuple[JudgedPart, ...]:
    """Return the judged parts among those meant, oldest first."""
    rows = connection.execute(_QUERY.where(*part_clauses(which))).mappings().all()
    parts = []
    for _, looks in groupby(rows, key=lambda row: row["number"]):
        verdicts_of_part = list(looks)
        parts.append(_judged(connection, verdicts_of_part[0], verdicts_of_part, states))
    return tuple(parts)


def _judged(connection: Connection, row: Any, looks: list[Any], states: ControlStates) -> JudgedPart:
    control = states.get(connection, row["station_id"], row["control_version"])
    return JudgedPart(
        inspection_id=row["inspection_id"],
        part_id=row["part_id"],
        captured_at=mapping.from_us(row["captured_us"]),
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
        seeded=row["reference_source"] == ReferenceSource.SEEDED.value,
        answers=tuple((VerdictKind(look["kind"]), Answer(look["answer"])) for look in looks),
    )
