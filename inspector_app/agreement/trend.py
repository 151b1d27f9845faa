"""How agreement went over time: one point for each stretch, and what changed in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inspector_app.agreement.groups import Condition
from inspector_app.agreement.intervals import proportion, specific_agreement
from inspector_app.agreement.twoway import two_way
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.logquery import StationChange, TrendCount, VerdictCount
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
        Levels at the time of the command; models at the start of the first stretch in which they judged.
    """

    stretch: timedelta
    points: tuple[TrendPoint, ...]
    changes: tuple[Change, ...]


def stretch_for(length: timedelta) -> timedelta:
    """Return how long the stretches of a trend over so much time are: an hour, a day, a week or four."""
    return next((stretch for longest, stretch in _STRETCHES if length <= longest), _LONGEST)


def trend_of(
    rows: Iterable[TrendCount], steps: Sequence[StationChange], stretch: timedelta, confidence: float
) -> Trend:
    """Return the trend of counted blind verdicts.

    Parameters
    ----------
    rows : iterable of TrendCount
        Verdicts of `BLIND_KINDS`; their order does not matter.
    steps : sequence of StationChange
        Supervisor commands; those that change the level become changes of the trend.
    stretch : timedelta
        Length of a stretch, as the rows were counted.
    confidence : float
        Level of the intervals, 0 … 1.
    """
    by_start: defaultdict[datetime, list[TrendCount]] = defaultdict(list)
    for row in rows:
        by_start[row.start].append(row)
    starts = sorted(by_start)
    points = tuple(_point(start, by_start[start], confidence) for start in starts)
    changes = [*_level_changes(steps, starts, stretch), *_model_changes(by_start)]
    return Trend(stretch, points, tuple(sorted(changes, key=lambda change: (change.at, change.kind, change.name))))


def _point(start: datetime, rows: Sequence[TrendCount], confidence: float) -> TrendPoint:
    table = two_way(
        VerdictCount(
            row.level, row.model_version, "", VerdictKind.UNAIDED, row.answer, row.model_judgement, None, row.n
        )
        for row in rows
    )
    nothing = "no part was judged by both"
    both, apart = table.both_reject, table.discordant
    return TrendPoint(
        start=start,
        n=table.n,
        differing=proportion(apart, table.n, confidence, nothing),
        on_rejects=specific_agreement(both, apart, confidence, "nobody rejected any part that both judged"),
        human_rejects=proportion(table.rejects_by_human, table.n, confidence, nothing),
        model_rejects=proportion(table.rejects_by_model, table.n, confidence, nothing),
    )


def _level_changes(steps: Sequence[StationChange], starts: Sequence[datetime], stretch: timedelta) -> Iterable[Change]:
    if not starts:
        return
    for step in steps:
        change = step.change
        moved = change.before is None or change.before.level is not change.after.level
        if moved and starts[0] <= change.at < starts[-1] + stretch:
            yield Change(change.at, ChangeKind.LEVEL, change.after.level.value)


def _model_changes(by_start: dict[datetime, list[TrendCount]]) -> Iterable[Change]:
    seen: set[str] = set()
    for start in sorted(by_start):
        for version in sorted({row.model_version for row in by_start[start] if row.model_version is not None} - seen):
            seen.add(version)
            yield Change(start, ChangeKind.MODEL, version)
