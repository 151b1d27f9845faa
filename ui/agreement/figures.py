"""Figures of the agreement report as lines of text: name, value, interval, count."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.agreement.audits import AuditResult
from inspector_app.agreement.estimates import GroupEstimates
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.report import AgreementReport, AgreementTable
from inspector_app.agreement.values import Coefficient, Count, Estimate, NotMeasurable, Proportion
from inspector_app.agreement.watched import watched_figures
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from ui.texts import percent, tr
from ui.wording import level_name


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One line of a list of figures.

    Attributes
    ----------
    name : str
        What is measured; a heading if the other fields are empty.
    value : str
        The figure with its unit, or "not measurable".
    interval : str
        Its interval, or why it is not measurable.
    count : str
        k of n, where it is a share.
    tip : str
        What it means.
    """

    name: str
    value: str = ""
    interval: str = ""
    count: str = ""
    tip: str = ""


Figure = Proportion | Coefficient | Count | NotMeasurable | float


def figure_line(name: str, figure: Figure, tip: str = "") -> FigureLine:
    """Return a figure as a line."""
    match figure:
        case NotMeasurable():
            return FigureLine(name, tr("not measurable"), figure.why, "", tip)
        case Proportion():
            bounds = f"{percent(figure.display.low, 1)} … {percent(figure.display.high, 1)}"
            return FigureLine(name, percent(figure.estimate, 1), bounds, _count(figure.k, figure.n), tip)
        case Coefficient():
            interval = figure.interval
            if isinstance(interval, NotMeasurable):
                return FigureLine(name, f"{figure.estimate:.2f}", interval.why, tr("n = {n}").format(n=figure.n), tip)
            bounds = f"{interval.low:.2f} … {interval.high:.2f}"
            return FigureLine(name, f"{figure.estimate:.2f}", bounds, tr("n = {n}").format(n=figure.n), tip)
        case Count():
            return FigureLine(name, percent(figure.share, 1), "", _count(figure.k, figure.n), tip)
        case _:
            return FigureLine(name, f"{figure:.2f}", "", "", tip)


def lines_of(table: AgreementTable, report: AgreementReport) -> tuple[FigureLine, ...]:
    """Return every figure of a report on one table's group, under headings, in the report's order; for one look."""
    group = table.group
    audits = tuple(audit for audit in report.audits if audit.group == group)
    flow = next((each for each in report.flows if each.group == group), None)
    estimates = next((each for each in report.estimates.groups if each.group == group), None)
    return (
        *_agreement_lines(table),
        *_truth_lines(table),
        *_audit_lines(audits),
        *_flow_lines(flow),
        *_estimate_lines(estimates),
    )


def watched_lines(table: AgreementTable, level: float) -> tuple[FigureLine, ...]:
    """Return the figures of one table that may be watched while they grow, with intervals that allow it."""
    names = {
        "on_rejects": tr("On rejects"),
        "on_accepts": tr("On accepts"),
        "human.miss": tr("Human: miss"),
        "human.false_alarm": tr("Human: false alarm"),
        "model.miss": tr("Model: miss"),
        "model.false_alarm": tr("Model: false alarm"),
    }
    lines = [FigureLine(tr("Figures that may be watched"))]
    for name, watched in watched_figures(table, level).items():
        if isinstance(watched, NotMeasurable):
            lines.append(figure_line(names[name], watched))
            continue
        share, at = watched.figure, watched.interval
        bounds = f"{percent(at.low, 1)} … {percent(at.high, 1)}"
        lines.append(FigureLine(names[name], percent(share.estimate, 1), bounds, _count(share.k, share.n)))
    return tuple(lines)


def _agreement_lines(table: AgreementTable) -> tuple[FigureLine, ...]:
    figures = table.agreement
    return (
        FigureLine(tr("Agreement")),
        figure_line(tr("On rejects"), figures.on_rejects, tr("If one of the two rejects, how often does the other.")),
        figure_line(tr("On accepts"), figures.on_accepts, tr("If one of the two accepts, how often does the other.")),
        figure_line(tr("Observed"), figures.observed, tr("Share of parts judged alike.")),
        figure_line(tr("Cohen's kappa"), figures.kappa, tr("Agreement beyond chance. Low where one answer is rare.")),
        figure_line(tr("Kappa at most"), figures.max_kappa, tr("With these shares of rejects.")),
        figure_line(
            tr("Prevalence index"), figures.prevalence_index, tr("−1: hardly any rejects; +1: hardly any accepts.")
        ),
        figure_line(tr("Bias index"), figures.bias_index, tr("Above 0: the human rejects more often.")),
        figure_line(tr("Gwet's AC1"), figures.ac1, tr("Agreement beyond chance that bears rare answers.")),
        _p_line(tr("McNemar p"), figures.mcnemar_p, tr("Small: one of the two rejects more often than the other.")),
    )


def _p_line(name: str, p: float | NotMeasurable, tip: str) -> FigureLine:
    """Return a p-value as a line, never rounded to none."""
    if isinstance(p, NotMeasurable):
        return figure_line(name, p, tip)
    return FigureLine(name, "< 0.001" if p < 0.001 else f"{p:.3f}", "", "", tip)


def _truth_lines(table: AgreementTable) -> tuple[FigureLine, ...]:
    return (
        FigureLine(tr("Against known truth")),
        figure_line(tr("Human: miss"), table.human.miss, tr("Bad parts that were accepted.")),
        figure_line(tr("Human: false alarm"), table.human.false_alarm, tr("Good parts that were rejected.")),
        figure_line(tr("Model: miss"), table.model.miss, tr("Bad parts that were accepted, at the cut.")),
        figure_line(
            tr("Model: false alarm"), table.model.false_alarm, tr("Good parts that were rejected, at the cut.")
        ),
    )


def _audit_lines(audits: tuple[AuditResult, ...]) -> tuple[FigureLine, ...]:
    names = {Route.MODEL_ACCEPT: tr("Accepts overruled"), Route.MODEL_REJECT: tr("Rejects overruled")}
    lines = tuple(figure_line(names[audit.route], audit.disagreements) for audit in audits if audit.route in names)
    return (FigureLine(tr("Blind audits of the model")), *lines) if lines else ()


def _flow_lines(flow: Flow | None) -> tuple[FigureLine, ...]:
    if flow is None:
        return ()
    return (
        FigureLine(tr("What became of the parts")),
        figure_line(tr("Decided by the model"), flow.decided_by_model),
        figure_line(tr("Escapes among accepted"), flow.outcome.escapes, tr("Bad parts among those accepted.")),
        figure_line(tr("Good among rejected"), flow.outcome.overkill, tr("Good parts that were thrown away.")),
    )


def _estimate_lines(estimates: GroupEstimates | None) -> tuple[FigureLine, ...]:
    if estimates is None:
        return ()
    escapes, rates, pairs = estimates.escapes, estimates.rates, estimates.blind_pairs
    weighted = escapes.weighted if isinstance(escapes.weighted, NotMeasurable) else escapes.weighted.share
    bound = (
        figure_line(tr("Escapes at most"), escapes.bound)
        if isinstance(escapes.bound, NotMeasurable)
        else FigureLine(tr("Escapes at most"), percent(escapes.bound.high, 1), tr("upper bound, in strata"))
    )
    missed = pairs.missed if isinstance(pairs.missed, NotMeasurable) else pairs.missed.missed_by_both
    counted = _count(escapes.found, escapes.answered)
    corrected = tr("Corrected for who was looked at: audits for what the model decided, unaided looks for the rest.")
    return (
        FigureLine(tr("What the looks say about all parts")),
        _estimated_share(
            tr("Escapes among accepts"), weighted, tr("Each audit weighs as its draw was likely."), counted
        ),
        bound,
        _estimated_share(tr("Bad parts the model rejects"), rates.sensitivity, corrected),
        _estimated_share(tr("Good parts the model accepts"), rates.specificity, corrected),
        _estimated_number(tr("Missed by both, at least"), missed, tr("Defects that neither found, from shadow.")),
    )


def _estimated_share(name: str, figure: Estimate | NotMeasurable, tip: str, count: str = "") -> FigureLine:
    if isinstance(figure, NotMeasurable):
        return figure_line(name, figure, tip)
    at = figure.interval
    bounds = at.why if isinstance(at, NotMeasurable) else f"{percent(at.low, 1)} … {percent(at.high, 1)}"
    return FigureLine(name, percent(figure.estimate, 1), bounds, count or tr("n = {n}").format(n=figure.n), tip)


def _estimated_number(name: str, figure: Estimate | NotMeasurable, tip: str) -> FigureLine:
    if isinstance(figure, NotMeasurable):
        return figure_line(name, figure, tip)
    at = figure.interval
    bounds = at.why if isinstance(at, NotMeasurable) else f"{at.low:.1f} … {at.high:.1f}"
    return FigureLine(name, f"{figure.estimate:.1f}", bounds, tr("n = {n}").format(n=figure.n), tip)


def _count(k: int, n: int) -> str:
    return tr("{k} of {n}").format(k=k, n=n)


def group_name(group: Group) -> str:
    """Return a group's name for a list of choices."""
    if group.dimension is Dimension.OVERALL:
        return tr("All verdicts")
    if group.dimension is Dimension.LEVEL:
        return tr("Level: {name}").format(name=level_name(Level(group.value)))
    if group.dimension is Dimension.MODEL_VERSION:
        return tr("Model: {name}").format(name=group.value)
    if group.dimension is Dimension.IMPORT:
        return tr("From outside: {name}").format(name=group.value)
    return tr("Inspector: {name}").format(name=group.value)


def condition_name(condition: Condition) -> str:
    """Return under which conditions verdicts were given."""
    return {
        Condition.BLIND: tr("Without the model in view"),
        Condition.UNAIDED: tr("Unaided only"),
        Condition.AUDIT: tr("Audits only"),
        Condition.AIDED: tr("With the model's marks"),
        Condition.SECOND_LOOK: tr("Second looks"),
        Condition.ADJUDICATION: tr("Third looks"),
        Condition.IMPORTED: tr("Brought in from a file"),
    }[condition]
