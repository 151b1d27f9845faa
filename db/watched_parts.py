"""What guards remember, read again from the log: narrow rows, so that a start after a million parts takes seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, literal, select

from db import mapping
from db.engine import Database
from db.rollout_counts import rollout_counts
from db.schema import incidents, inspections, models, verdicts
from db.seed_queries import accepted_seeds
from inspector_app.domain.decision import Route
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import RolloutCount
from inspector_app.domain.verdict import Answer, VerdictKind
from inspector_app.domain.watched import CAMERA_CONFIGURED, WatchedPart

_PAGE = 2000
_ACCEPT = Route.MODEL_ACCEPT.value
_KEY = inspections.c.number

_LOOKS = verdicts.alias("looks")
_SETTLED = (
    select(_LOOKS.c.answer)
    .where(
        _LOOKS.c.inspection_id == inspections.c.inspection_id,
        _LOOKS.c.retracted.is_(False),
        _LOOKS.c.kind == literal(VerdictKind.ADJUDICATION.value, literal_execute=True),
        _LOOKS.c.answer != Answer.UNSURE.value,
    )
    .order_by(_LOOKS.c.turn.desc())
    .limit(1)
    .correlate(inspections)
    .scalar_subquery()
)

_FACTS = ("inspection_id", "part_id", "probability", "model_id", "challenger_drawn", "route", "seed")
_PARTS = select(
    _KEY,
    *(inspections.c[name] for name in (*_FACTS, "audit_drawn", "targeted_drawn")),
    *(verdicts.c[name] for name in ("answer", "classes", "at_us")),
    # Asked of audits alone: other parts have no verdict of that kind here.
    case((verdicts.c.answer.is_not(None), _SETTLED)).label("settled"),
).select_from(
    inspections.outerjoin(
        verdicts,
        and_(
            verdicts.c.inspection_id == inspections.c.inspection_id,
            verdicts.c.kind == VerdictKind.AUDIT.value,
            verdicts.c.retracted.is_(False),
        ),
    )
)


def watched_parts(database: Database, station_id: str, since_version: int) -> Iterator[WatchedPart]:
    """Yield a station's parts from a control state on, in the order in which they were recorded."""
    base = _PARTS.where(inspections.c.station_id == station_id, inspections.c.control_version >= since_version)
    after = 0
    while True:
        with database.reading() as connection:
            rows = connection.execute(base.where(after < _KEY).order_by(_KEY).limit(_PAGE)).all()
            # One value for all parts of a model; read with each page, since new models come while parts do.
            known = {
                row["model_id"]: mapping.model_identity(row) for row in connection.execute(select(models)).mappings()
            }
        yield from (_part(row, known) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def reference_scores(database: Database, station_id: str, before_version: int, most: int) -> tuple[float, ...]:
    """Return the newest probabilities that one model gave before a control state, sorted; that of the newest part."""
    mine = (inspections.c.station_id == station_id, inspections.c.control_version < before_version)
    usable = (
        inspections.c.probability.is_not(None),
        inspections.c.challenger_drawn.is_not(True),
        inspections.c.seeded.is_(None),
    )
    newest = select(inspections.c.probability, inspections.c.model_id).where(*mine, *usable)
    with database.reading() as connection:
        rows = connection.execute(newest.order_by(_KEY.desc()).limit(most)).all()
    return tuple(sorted(row.probability for row in rows if row.model_id == rows[0].model_id))


def _part(row: Any, known: Mapping[int, ModelIdentity]) -> WatchedPart:
    """Return a part from a row of `_PARTS`; taken apart by place, which on a million rows is half the time."""
    _, name, part_id, probability, model, challenger, route, seeded, drawn, targeted, answer, classes, at, settled = row
    seed = None if seeded is None else mapping.seed(seeded)
    return WatchedPart(
        inspection_id=name,
        part_id=part_id,
        probability=probability,
        model=None if model is None else known[model],
        challenger=bool(challenger),
        accepted=route == _ACCEPT,
        audited=bool(drawn or targeted),
        uniform=bool(drawn),
        seed=None if seed is None else seed.defect.name,
        verdict=None if answer is None else Answer(answer),
        classes=() if answer is None else tuple(json.loads(classes)),
        verdict_at=None if answer is None else mapping.from_us(at),
        settled=None if settled is None else Answer(settled),
    )


class SqlGuardHistory:
    """`inspector_app.station.guard_orders.GuardHistory` on a database.

    Parameters
    ----------
    database, station_id
        Whose records are read.
    """

    def __init__(self, database: Database, station_id: str) -> None:
        self._database = database
        self._station_id = station_id

    def watched_parts(self, since_version: int) -> Iterator[WatchedPart]:
        """Yield this station's parts from a control state on, in the order in which they were recorded."""
        return watched_parts(self._database, self._station_id, since_version)

    def reference_scores(self, before_version: int, most: int) -> tuple[float, ...]:
        """Return the newest probabilities of the model in charge before a control state, sorted."""
        return reference_scores(self._database, self._station_id, before_version, most)

    def accepted_seeds(self, before_version: int) -> frozenset[tuple[str, str]]:
        """Return the model files (SHA-256) and the archived defects that they accepted before a control state."""
        return accepted_seeds(self._database, self._station_id, before_version)

    def rollout_counts(self, since_version: int, slow_ms: float) -> tuple[RolloutCount, ...]:
        """Count this station's parts from a control state on."""
        return rollout_counts(self._database, self._station_id, since_version, slow_ms)

    def cameras(self) -> tuple[tuple[datetime, str], ...]:
        """Return when this station's camera was configured (UTC) and the digests noted then, oldest first."""
        mine = (incidents.c.station_id == self._station_id, incidents.c.kind == CAMERA_CONFIGURED)
        query = select(incidents.c.at_us, incidents.c.sentence).where(*mine).order_by(incidents.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple((mapping.from_us(row.at_us), row.sentence.partition(" ")[0]) for row in rows)
