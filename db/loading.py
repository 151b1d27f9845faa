"""Rows of the log put together again: a part with its model, control state, picture and verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from db import mapping
from db.faults import RecordRefused
from db.mapping import Read
from db.schema import comparisons, control_changes, inspections, models, pictures, verdicts
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Disposition
from inspector_app.domain.inspection import LogEntry, StoredPicture
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.verdict import Verdict

_MODEL = ("name", "version", "sha256", "preprocessing_sha256")
_PICTURE = ("state", "path", "file_sha256", "detail")
_IDS_AT_ONCE = 500
"""Bound parameters in one IN list; SQLite allows 32766, older builds 999."""

_PARTS = select(
    inspections,
    *(models.c[name].label(f"model_{name}") for name in _MODEL),
    *(pictures.c[name].label(f"stored_{name}") for name in _PICTURE),
).select_from(
    inspections.outerjoin(models, models.c.model_id == inspections.c.model_id).outerjoin(
        pictures,
        and_(
            pictures.c.station_id == inspections.c.station_id,
            pictures.c.pixels_sha256 == inspections.c.pixels_sha256,
        ),
    )
)

_CONTROL = select(control_changes).where(
    control_changes.c.station_id == bindparam("station"), control_changes.c.version == bindparam("version")
)


class ControlStates:
    """Control states by station and version; they never change, so each is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], ControlState] = {}

    def get(self, connection: Connection, station_id: str, version: int) -> ControlState:
        """Return a state; `RecordRefused` if the log has no such version."""
        known = self._known.get((station_id, version))
        if known is not None:
            return known
        row = connection.execute(_CONTROL, {"station": station_id, "version": version}).mappings().first()
        if row is None:
            raise RecordRefused(f"control state {version} of station {station_id!r} is not in the log")
        return self._known.setdefault((station_id, version), mapping.control_state(row))


def parts(*clauses: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Return the query for whole parts; order and limit are the caller's."""
    return _PARTS.where(*clauses)


def load_entries(
    connection: Connection, query: Select[tuple[object, ...]], states: ControlStates
) -> tuple[LogEntry, ...]:
    """Run a query made by `parts` and return its parts in its order."""
    rows = connection.execute(query).mappings().all()
    ids = [row["inspection_id"] for row in rows]
    spoken, beside = verdicts_of(connection, ids), _comparisons_of(connection, ids)
    return tuple(
        _entry(
            row,
            states.get(connection, row["station_id"], row["control_version"]),
            spoken[row["inspection_id"]],
            beside.get(row["inspection_id"]),
        )
        for row in rows
    )


def verdicts_of(connection: Connection, inspection_ids: Sequence[str]) -> dict[str, list[Verdict]]:
    """Return the verdicts of some parts, oldest first, retracted ones included."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for ids in _chunks(inspection_ids):
        query = select(verdicts).where(verdicts.c.inspection_id.in_(ids))
        for row in connection.execute(query.order_by(verdicts.c.inspection_id, verdicts.c.turn)).mappings():
            found[row["inspection_id"]].append(mapping.verdict(row))
    return found


def _comparisons_of(connection: Connection, inspection_ids: Sequence[str]) -> dict[str, Comparison]:
    found: dict[str, Comparison] = {}
    named = (models.c[name].label(f"model_{name}") for name in _MODEL)
    joined = comparisons.outerjoin(models, models.c.model_id == comparisons.c.model_id)
    query = select(comparisons, *named).select_from(joined)
    for ids in _chunks(inspection_ids):
        for row in connection.execute(query.where(comparisons.c.inspection_id.in_(ids))).mappings():
            found[row["inspection_id"]] = mapping.comparison(row, model_of(row))
    return found


def model_of(row: Read) -> ModelIdentity | None:
    """Return the model of a row of `parts`."""
    return mapping.model_identity({name: row[f"model_{name}"] for name in _MODEL}) if row["model_name"] else None


def _entry(row: Read, control: ControlState, spoken: list[Verdict], beside: Comparison | None) -> LogEntry:
    return LogEntry(
        inspection=mapping.inspection(row, control, model_of(row)),
        stored_picture=_stored(row),
        verdicts=tuple(spoken),
        disposition=Disposition(row["disposition"]),
        line_told=not row["untold"],
        beside=beside,
    )


def _stored(row: Read) -> StoredPicture | None:
    if row["stored_state"] is None:
        return None
    return mapping.stored_picture({name: row[f"stored_{name}"] for name in _PICTURE})


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))


def model_labels(connection: Connection) -> dict[int | None, str]:
    """Return ``"name version"`` by model row; files that differ under one label are counted together."""
    rows = connection.execute(select(models.c.model_id, models.c.name, models.c.version)).all()
    return {row[0]: f"{row[1]} {row[2]}" for row in rows}
