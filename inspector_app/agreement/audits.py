"""Audits: how often a blind human overrules what the model had decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspector_app.agreement.groups import Dimension, Group, verdict_groups
from inspector_app.agreement.intervals import proportion
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.decision import Route
from inspector_app.domain.logquery import VerdictCount
from inspector_app.domain.verdict import Answer, VerdictKind


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Audits of the model's accepts, or of its rejects, in one group.

    Attributes
    ----------
    group : Group
        Which audits.
    route : Route
        ``MODEL_ACCEPT`` or ``MODEL_REJECT``: what the model had decided.
    audited : int
        Audit verdicts on such parts, unsure ones included.
    unsure : int
        Of these, those that were neither accept nor reject.
    disagreements : Proportion or NotMeasurable
        Verdicts against the model among the sure ones: on accepts the suspected escapes, on rejects the suspected
        false rejects.
    """

    group: Group
    route: Route
    audited: int
    unsure: int
    disagreements: Proportion | NotMeasurable


_AGAINST = {Route.MODEL_ACCEPT: Answer.REJECT, Route.MODEL_REJECT: Answer.ACCEPT}


def audit_results(rows: Sequence[VerdictCount], level: float) -> Iterator[AuditResult]:
    """Yield the audits of accepts and of rejects, overall, by level and by model version.

    Parameters
    ----------
    rows : sequence of VerdictCount
        Of any kind; only audits count.
    level : float
        Confidence level of the intervals.
    """
    audits = [row for row in rows if row.kind is VerdictKind.AUDIT]
    for group, chosen in verdict_groups(audits):
        if group.dimension is not Dimension.INSPECTOR:
            for route in _AGAINST:
                yield _result(group, route, chosen, level)


def _result(group: Group, route: Route, audits: Sequence[VerdictCount], level: float) -> AuditResult:
    chosen = [row for row in audits if row.route is route]
    audited = sum(row.n for row in chosen)
    unsure = sum(row.n for row in chosen if row.answer is Answer.UNSURE)
    against = sum(row.n for row in chosen if row.answer is _AGAINST[route])
    if any(row.route is None for row in audits):
        disagreements: Proportion | NotMeasurable = NotMeasurable("the counts do not say what the model had decided")
    else:
        disagreements = proportion(against, audited - unsure, level, "no such part has been audited with an answer")
    return AuditResult(group, route, audited, unsure, disagreements)
