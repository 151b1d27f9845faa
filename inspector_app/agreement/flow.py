"""What became of the parts: who decided them, what the line was told, and how that compares with known truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inspector_app.agreement.groups import Group
from inspector_app.agreement.intervals import count
from inspector_app.agreement.truth import AgainstTruth, Outcome, model_against_truth, outcome_against_truth
from inspector_app.agreement.values import Count, NotMeasurable
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.logquery import PartCount


@dataclass(frozen=True, slots=True)
class FlowCell:
    """Number of parts that took a route and have a disposition now."""

    route: Route
    disposition: Disposition
    n: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The parts of one group.

    Attributes
    ----------
    group : Group
        Which parts.
    parts : int
        How many.
    cells : tuple of FlowCell
        Every route with every disposition, zeros included.
    decided_by_model : Count or NotMeasurable
        Parts with a model route among all.
    model : AgainstTruth
        The model's judgement at the cut against known truth, over all parts, whoever decided them.
    outcome : Outcome
        What the station did against known truth.
    """

    group: Group
    parts: int
    cells: tuple[FlowCell, ...]
    decided_by_model: Count | NotMeasurable
    model: AgainstTruth
    outcome: Outcome


def flow(group: Group, rows: Sequence[PartCount], level: float) -> Flow:
    """Return what became of the counted parts, with intervals at the given confidence level."""
    tally: Counter[tuple[Route, Disposition]] = Counter()
    for row in rows:
        tally[row.route, row.disposition] += row.n
    parts = tally.total()
    by_model = parts - sum(n for (route, _), n in tally.items() if route is Route.HUMAN)
    return Flow(
        group=group,
        parts=parts,
        cells=tuple(FlowCell(r, d, tally[r, d]) for r in Route for d in Disposition),
        decided_by_model=count(by_model, parts, "there are no parts"),
        model=model_against_truth(rows, level),
        outcome=outcome_against_truth(rows, level),
    )
