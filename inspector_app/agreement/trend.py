"""How agreement went over time: one point for each stretch, and what changed in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inspector_app.agreement.groups import Condition
from inspector_app.agreement.intervals import proportion, specific_agreement
from inspector_app.agreement.twoway import TwoWay
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.logquery import ModelUse, StationChange, TrendCount
from inspector_app.domain.verdict import VerdictKind

BLIND_KINDS: tuple[VerdictKind, ...] = tuple(sorted(Condition.BLIND.kinds))
"""Kinds of verdict that a trend is made of: those given without the model in view."""

_STRETCHES = (
    (timedelta(days=2), timedelta(hours=1)),
    (timedelta(days=92), timedelta(days=1)),
    (timedelta(days=732), timedelta(days=7)),
)
_LONGEST = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The blind verdicts on parts captured in one stretch of time.

    Attributes
    ----------
    start : datetime
        UTC, where the stretch begins.
    n : int
        Verdicts on parts that the model judged too.
    differing : Proportion or NotMeasurable
        Share of these judged differently by human and model.
    on_rejects : Proportion or NotMeasurable
        Specific agreement on rejects.
    human_rejects, model_rejects : Proportion or NotMeasurable
        Share of these that each of the two rejected.
    """

    start: datetime
    n: int
    differing: Proportion | NotMeasurable
    on_rejects: Proportion | NotMeasurable
    human_rejects: Proportion | NotMeasurable
    model_rejects: Proportion | NotMeasurable


class ChangeKind(StrEnum):
    """What changed."""

    LEVEL = "level"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed while time went on; ``name`` is the new level or the new model version."""

    at: datetime
    kind: ChangeKind
    name: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The points of a trend and the changes between them, oldest first.

    Attributes
    ----------
    stretch : timedelta
        Length of each point's stretch.
    points : tuple of TrendPoint
        Only stretches with verdicts.
    changes : tuple of Change
        Levels at the time of the command; models at the time of the first part that they judged.
    """

    stretch: timedelta
    points: tuple[TrendPoint, ...]
    changes: tuple[Change, ...]


def stretch_for(length: timedelta) -> timedelta:
    """Return how long the stretches of a trend over so much time are: an hour, a day, a week or four."""
    return next((stretch for longest, stretch in _STRETCHES if length <= longest), _LONGEST)


def trend_of(
    rows: Iterable[TrendCount],
    steps: Sequence[StationChange],
    models: Sequence[ModelUse],
    stretch: timedelta,
    confidence: float,
) -> Trend:
    """Return the trend of counted blind verdicts.

    Parameters
    ----------
    rows : iterable of TrendCount
        Verdicts of `BLIND_KINDS`, one row a stretch; their order does not matter.
    steps : sequence of StationChange
        Supervisor commands; those that change the level become changes of the trend.
    models : sequence of ModelUse
        Models at work; the first part of each becomes a change.
    stretch : timedelta
        Length of a stretch, as the rows were counted.
    confidence : float
        Level of the intervals, 0 … 1.
    """
    points = tuple(_point(row, confidence) for row in sorted(rows, key=lambda row: row.start))
    if not points:
        return Trend(stretch, (), ())
    first, end = points[0].start, points[-1].start + stretch
    changes = [change for change in (*_level_changes(steps), *_model_changes(models)) if first <= change.at < end]
    return Trend(stretch, points, tuple(sorted(changes, key=lambda change: (change.at, change.kind, change.name))))


def _point(row: TrendCount, confidence: float) -> TrendPoint:
    table = TwoWay(row.both_reject, row.human_rejects, row.model_rejects, row.both_accept)
    nothing = "no part was judged by both"
    both, apart = table.both_reject, table.discordant
    return TrendPoint(
        start=row.start,
        n=table.n,
        differing=proportion(apart, table.n, confidence, nothing),
        on_rejects=specific_agreement(both, apart, confidence, "nobody rejected any part that both judged"),
        human_rejects=proportion(table.rejects_by_human, table.n, confidence, nothing),
        model_rejects=proportion(table.rejects_by_model, table.n, confidence, nothing),
    )


def _level_changes(steps: Sequence[StationChange]) -> Iterable[Change]:
    for step in steps:
        change = step.change
        if change.before is None or change.before.level is not change.after.level:
            yield Change(change.at, ChangeKind.LEVEL, change.after.level.value)


def _model_changes(models: Sequence[ModelUse]) -> Iterable[Change]:
    for use in models:
        yield Change(use.first, ChangeKind.MODEL, f"{use.model.name} {use.model.version}")
