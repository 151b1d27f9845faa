"""Counts of one rollout's parts, made in the database: what `inspector_app.automation.ramp` judges."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select

from db.engine import Database
from db.schema import comparisons, inspections, verdicts
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.rollout import RolloutCount, Said
from inspector_app.domain.verdict import Answer, VerdictKind

_TRUTH = (VerdictKind.UNAIDED, VerdictKind.AUDIT, VerdictKind.ADJUDICATION)
_AIDED = (VerdictKind.AIDED, VerdictKind.SECOND_LOOK)


def rollout_counts(database: Database, station_id: str, since_version: int, slow_ms: float) -> tuple[RolloutCount, ...]:
    """Count a station's parts from a control state on.

    Parameters
    ----------
    database, station_id
        Whose.
    since_version : int
        The control state with which the experiment began.
    slow_ms : float
        An answer that took longer counts as slow.
    """
    group = (
        inspections.c.control_version.label("version"),
        inspections.c.challenger_drawn.label("drawn"),
        inspections.c.prediction_status.label("status"),
        inspections.c.model_judgement.label("judgement"),
        _slow(inspections.c.elapsed_ms, slow_ms).label("slow"),
        comparisons.c.prediction_status.label("other_status"),
        comparisons.c.judgement.label("other_judgement"),
        _slow(comparisons.c.elapsed_ms, slow_ms).label("other_slow"),
        and_(inspections.c.route == Route.MODEL_ACCEPT.value, inspections.c.audit_drawn.is_(True)).label("audited"),
        _newest(_TRUTH).label("truth"),
        _newest(_AIDED).label("aided"),
    )
    each = (
        select(*group)
        .select_from(inspections.outerjoin(comparisons, comparisons.c.inspection_id == inspections.c.inspection_id))
        .where(
            inspections.c.station_id == station_id,
            inspections.c.control_version >= since_version,
            inspections.c.seeded.is_(None),
        )
        .subquery()
    )
    query = select(*each.c, func.count().label("n")).group_by(*each.c)
    with database.reading() as connection:
        return tuple(_count(row) for row in connection.execute(query).mappings())


def _slow(elapsed_ms: ColumnElement[float], limit_ms: float) -> ColumnElement[bool]:
    return func.coalesce(elapsed_ms, 0.0) > limit_ms


def _newest(kinds: tuple[VerdictKind, ...]) -> ScalarSelect[str]:
    """Return the newest standing accept or reject of some kinds on the part at hand."""
    return (
        select(verdicts.c.answer)
        .where(
            verdicts.c.inspection_id == inspections.c.inspection_id,
            verdicts.c.retracted.is_(False),
            verdicts.c.kind.in_([kind.value for kind in kinds]),
            verdicts.c.answer != Answer.UNSURE.value,
        )
        .order_by(verdicts.c.turn.desc())
        .limit(1)
        .correlate(inspections)
        .scalar_subquery()
    )


def _count(row: Any) -> RolloutCount:
    return RolloutCount(
        version=row["version"],
        drawn=None if row["drawn"] is None else bool(row["drawn"]),
        in_charge=_said(row["status"], row["judgement"], row["slow"]),
        beside=_said(row["other_status"], row["other_judgement"], row["other_slow"]),
        audited=bool(row["audited"]),
        truth=_judgement(row["truth"]),
        aided=_judgement(row["aided"]),
        n=row["n"],
    )


def _said(status: str | None, judgement: str | None, slow: object) -> Said | None:
    return None if status is None else Said(PredictionStatus(status), _judgement(judgement), bool(slow))


def _judgement(text: str | None) -> Judgement | None:
    return None if text is None else Judgement(text)
