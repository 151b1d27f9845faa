"""Judged parts counted for the gates, from the parts themselves; a database may count the same without them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import (
    JudgedCount,
    JudgedCounts,
    JudgedPart,
    JudgedQuestion,
    Setting,
    ShadowDefects,
    truth_of,
)
from inspector_app.domain.verdict import Answer, VerdictKind


def judged_counts(judged: Iterable[JudgedPart], question: JudgedQuestion) -> JudgedCounts:
    """Return the counts.

    Parts count as they do for certificates: of one model and one station's camera, not seeded, each at its first look.

    Parameters
    ----------
    judged : iterable of JudgedPart
        Oldest first.
    question : JudgedQuestion
        What is counted.
    """
    parts = _first_looks(judged, question.setting)
    audits = [row for row in parts if _audited(row) and _not_before(row, question.thresholds_since)]
    clean = [_truth(row) is Answer.ACCEPT for row in audits if row.route is Route.MODEL_ACCEPT]
    return JudgedCounts(
        _counts(parts, question),
        _counts(audits, question),
        next((age for age, good in enumerate(reversed(clean)) if not good), len(clean)),
        _shadow_defects(parts, question.cut),
    )


def _first_looks(judged: Iterable[JudgedPart], setting: Setting) -> tuple[JudgedPart, ...]:
    kept: dict[str, JudgedPart] = {}
    for row in judged:
        mine = (row.model, row.station, row.source) == (setting.model, setting.station, setting.source)
        if mine and not row.seeded and _not_before(row, setting.since):
            kept.setdefault(row.part_id, row)
    return tuple(kept.values())


def _counts(rows: Iterable[JudgedPart], question: JudgedQuestion) -> tuple[JudgedCount, ...]:
    groups: defaultdict[tuple[Level, Route, bool, Answer], list[JudgedPart]] = defaultdict(list)
    for row in rows:
        groups[row.level, row.route, _audited(row), _truth(row)].append(row)
    return tuple(
        JudgedCount(
            *group,
            n=len(members),
            below_cut=sum(row.probability < question.cut for row in members),
            since_drift=sum(_not_before(row, question.drift_since) for row in members),
            first=members[0].captured_at,
            last=members[-1].captured_at,
        )
        for group, members in groups.items()
    )


def _shadow_defects(rows: Iterable[JudgedPart], cut: float) -> tuple[ShadowDefects, ...]:
    found = Counter(
        (_first_unaided(row), row.probability < cut)
        for row in rows
        if row.level is Level.SHADOW and _truth(row) is Answer.REJECT
    )
    return tuple(ShadowDefects(first, below_cut, n) for (first, below_cut), n in found.items())


def _first_unaided(row: JudgedPart) -> Answer:
    return next((answer for kind, answer in row.answers if kind is VerdictKind.UNAIDED), Answer.UNSURE)


def _truth(row: JudgedPart) -> Answer:
    return truth_of(row.answers) or Answer.UNSURE


def _audited(row: JudgedPart) -> bool:
    return row.audit is not None and row.audit.drawn


def _not_before(row: JudgedPart, since: datetime | None) -> bool:
    return since is None or row.captured_at >= since
