"""The ways to be judged: by the model in charge, or by the one beside while nobody is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, literal, select, tuple_

from db import mapping
from db.loading import ControlStates
from db.schema import comparisons, control_changes, inspections, models
from inspector_app.domain.control import ControlState
from inspector_app.domain.prediction import ModelIdentity

Alone = Sequence[tuple[str, int]]
"""Stations and versions of the control states with no model in charge; usually none."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Attributes
    ----------
    part : FromClause
        The inspection.
    probability, model_id : ColumnElement
        The score that counts, and whose it is.
    source : FromClause
        What all of it is read from.
    judged : tuple of ColumnElement
        Parts with a score that somebody has judged without seeing it; spelled as in the index that holds them.
    place : tuple of ColumnElement
        By what the parts of all ways are ordered, oldest first; no two are alike.
    """

    part: FromClause
    probability: ColumnElement[float]
    model_id: ColumnElement[int]
    source: FromClause
    judged: tuple[ColumnElement[bool], ...]
    place: tuple[ColumnElement[Any], ...]

    @property
    def beside(self) -> bool:
        """True where the score is of the model beside."""
        return self.source is not self.part


def ways(alone: Alone) -> tuple[Way, ...]:
    """Return all ways; without control states in which nobody was in charge no answer beside counts."""
    part, score, model_id = inspections, inspections.c.probability, inspections.c.model_id
    judged = (part.c.truth.is_not(None), score.is_not(None))
    in_charge = Way(part, score, model_id, part, judged, _place(part, 0))
    return (in_charge, _beside(alone, part)) if alone else (in_charge,)


def _beside(alone: Alone, part: FromClause) -> Way:
    answered = comparisons.alias()
    judged = (
        part.c.truth.is_not(None),
        answered.c.probability.is_not(None),
        part.c.model_id.is_(None),
        tuple_(part.c.station_id, part.c.control_version).in_(alone),
    )
    joined = answered.join(part, part.c.inspection_id == answered.c.inspection_id)
    return Way(part, answered.c.probability, answered.c.model_id, joined, judged, _place(part, 1))


def _place(part: FromClause, way: int) -> tuple[ColumnElement[Any], ...]:
    return part.c.captured_us, literal(way), part.c.number


def alone(connection: Connection, states: ControlStates, station: str | None = None) -> Alone:
    """Return the control states in which no model is in charge, of one station or of all."""
    place = (control_changes.c.station_id, control_changes.c.version)
    query = select(*place).where(control_changes.c.slots.is_not(None))
    if station is not None:
        query = query.where(control_changes.c.station_id == station)
    rows = connection.execute(query).all()
    return [(row[0], row[1]) for row in rows if nobody_in_charge(states.get(connection, row[0], row[1]))]


def answered_alone(connection: Connection, model: int, where: Alone) -> bool:
    """Return True if a model has answered beside in one of these control states; ``model`` is its row."""
    if not where:
        return False
    way = _beside(where, inspections)
    query = select(literal(1)).select_from(way.source).where(*way.judged, way.model_id == model)
    return connection.execute(query.limit(1)).first() is not None


def nobody_in_charge(control: ControlState) -> bool:
    """Return True where a product has no model in charge yet."""
    return control.slots is not None and control.slots.model(control.slots.in_charge) is None


def model_id(connection: Connection, model: ModelIdentity) -> int | None:
    """Return a model's row, ``None`` where the log knows nothing of it."""
    same = (models.c[name] == value for name, value in mapping.model_row(model).items())
    found: int | None = connection.execute(select(models.c.model_id).where(*same)).scalar()
    return found
