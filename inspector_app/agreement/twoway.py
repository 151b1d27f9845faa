"""The two-way table of human and model, and what it says about their agreement.

Positive is reject throughout: ``a`` both reject, ``b`` human alone, ``c`` model alone, ``d`` both accept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from scipy.special import bdtr

from inspector_app.agreement.coefficients import cohen_kappa, gwet_ac1, max_kappa
from inspector_app.agreement.intervals import proportion, specific_agreement
from inspector_app.agreement.values import Coefficient, NotMeasurable, Proportion
from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer


class Judged(Protocol):
    """Counted verdicts beside the model's judgement and known truth, from the log or from outside."""

    @property
    def answer(self) -> Answer:
        """The human's answer."""
        ...

    @property
    def model_judgement(self) -> Judgement | None:
        """The model's judgement at the cut, ``None`` without one."""
        ...

    @property
    def reference(self) -> Judgement | None:
        """Known truth, ``None`` where it is not known."""
        ...

    @property
    def n(self) -> int:
        """How many."""
        ...


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Verdicts by what human and model said about the same part.

    Attributes
    ----------
    both_reject, human_rejects, model_rejects, both_accept : int
        a, b (human alone rejects), c (model alone rejects), d.
    human_unsure : int
        The model judged, the human was unsure; not in the four cells.
    model_absent : int
        The model did not judge (not run, failed, late, no usable picture), whatever the human said; not in the cells.
    """

    both_reject: int = 0
    human_rejects: int = 0
    model_rejects: int = 0
    both_accept: int = 0
    human_unsure: int = 0
    model_absent: int = 0

    @property
    def n(self) -> int:
        """Verdicts in the four cells."""
        return self.both_reject + self.human_rejects + self.model_rejects + self.both_accept

    @property
    def discordant(self) -> int:
        """Verdicts that differ from the model's judgement: b + c."""
        return self.human_rejects + self.model_rejects

    @property
    def rejects_by_human(self) -> int:
        """Parts that the human rejected: a + b."""
        return self.both_reject + self.human_rejects

    @property
    def rejects_by_model(self) -> int:
        """Parts that the model rejected: a + c."""
        return self.both_reject + self.model_rejects

    @property
    def square(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """((a, b), (c, d)): row = human, column = model, reject first."""
        return (self.both_reject, self.human_rejects), (self.model_rejects, self.both_accept)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every figure of one two-way table, in the order in which a report shows them.

    Attributes
    ----------
    on_rejects, on_accepts : Proportion or NotMeasurable
        Specific agreement p_pos = 2a/(2a+b+c) and p_neg = 2d/(2d+b+c): the figures that matter at few defects.
    observed : Proportion or NotMeasurable
        (a+d)/n.
    kappa : Coefficient or NotMeasurable
        Cohen's; never to be shown without `prevalence_index` and `max_kappa`.
    max_kappa : float or NotMeasurable
        What kappa could reach with these shares of rejects.
    prevalence_index, bias_index : float or NotMeasurable
        (a-d)/n and (b-c)/n.
    pabak : float or NotMeasurable
        Prevalence- and bias-adjusted kappa, 2 (a+d)/n - 1.
    ac1 : Coefficient or NotMeasurable
        Gwet's.
    mcnemar_p : float or NotMeasurable
        Exact two-sided p of b against c: does one of the two reject more often? It tests bias, not agreement.
    """

    on_rejects: Proportion | NotMeasurable
    on_accepts: Proportion | NotMeasurable
    observed: Proportion | NotMeasurable
    kappa: Coefficient | NotMeasurable
    max_kappa: float | NotMeasurable
    prevalence_index: float | NotMeasurable
    bias_index: float | NotMeasurable
    pabak: float | NotMeasurable
    ac1: Coefficient | NotMeasurable
    mcnemar_p: float | NotMeasurable


def two_way(rows: Iterable[Judged]) -> TwoWay:
    """Return the table of counted verdicts; the order of the rows does not matter."""
    counts = dict.fromkeys(("both_reject", "human_rejects", "model_rejects", "both_accept"), 0)
    unsure = absent = 0
    for row in rows:
        if row.model_judgement is None:
            absent += row.n
        elif row.answer is Answer.UNSURE:
            unsure += row.n
        else:
            counts[_CELLS[row.answer, row.model_judgement]] += row.n
    return TwoWay(**counts, human_unsure=unsure, model_absent=absent)


_CELLS = {
    (Answer.REJECT, Judgement.REJECT): "both_reject",
    (Answer.REJECT, Judgement.ACCEPT): "human_rejects",
    (Answer.ACCEPT, Judgement.REJECT): "model_rejects",
    (Answer.ACCEPT, Judgement.ACCEPT): "both_accept",
}


def agreement(table: TwoWay, level: float) -> Agreement:
    """Return every figure of a table, with intervals at the given confidence level.

    Byrt, Bishop and Carlin, *J. Clin. Epidemiol.* 46 (1993) 423, for the two indices and PABAK. Verdicts are taken as
    independent; several verdicts on one part make the intervals somewhat too narrow.
    """
    (a, b), (c, d) = table.square
    n, nothing = table.n, "no part was judged by both"
    empty = NotMeasurable(nothing)
    return Agreement(
        on_rejects=specific_agreement(a, b + c, level, "nobody rejected any part that both judged" if n else nothing),
        on_accepts=specific_agreement(d, b + c, level, "nobody accepted any part that both judged" if n else nothing),
        observed=proportion(a + d, n, level, nothing),
        kappa=cohen_kappa(table.square, level),
        max_kappa=max_kappa(table.square),
        prevalence_index=(a - d) / n if n else empty,
        bias_index=(b - c) / n if n else empty,
        pabak=(a + d - b - c) / n if n else empty,
        ac1=gwet_ac1(table.square, level),
        mcnemar_p=mcnemar_exact(b, c),
    )


def mcnemar_exact(b: int, c: int) -> float | NotMeasurable:
    """Return McNemar's exact two-sided p: twice the smaller binomial(b + c, 1/2) tail, at most 1.

    McNemar, *Psychometrika* 12 (1947) 153, in its exact (sign test) form.
    """
    if b + c == 0:
        return NotMeasurable("the two never differ, so there is nothing to test")
    return min(1.0, 2.0 * float(bdtr(min(b, c), b + c, 0.5)))
