"""Every figure of the report as one tidy list of typed rows: what the CSV file, the sheet and the page draw from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from inspector_app.agreement.as_json import (
    Figure,
    agreement_figures,
    escape_figures,
    leaning_figures,
    rate_figures,
    table_counts,
    unseen_figures,
)
from inspector_app.agreement.audits import AuditResult
from inspector_app.agreement.estimates import GroupEstimates, Leaning
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.groups import Group
from inspector_app.agreement.report import AgreementReport, AgreementTable, Provenance
from inspector_app.agreement.truth import AgainstTruth
from inspector_app.agreement.values import Coefficient, Count, Estimate, Interval, NotMeasurable, Proportion


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with one of its intervals.

    Attributes
    ----------
    section, group, quantity : str
        What is measured, of what.
    k, n : int or None
        The counts it rests on.
    estimate : float or None
        The figure, ``None`` for plain counts and where it is not measurable.
    interval : Interval or None
        One of its intervals.
    note : str
        Why it is not measurable, or a sentence.
    """

    section: str
    group: str
    quantity: str
    k: int | None = None
    n: int | None = None
    estimate: float | None = None
    interval: Interval | None = None
    note: str = ""


def figure_rows(report: AgreementReport) -> Iterator[FigureRow]:
    """Yield every figure, in the order of the report; one with two intervals takes two rows."""
    yield from _provenance_rows(report.provenance)
    for table in (*report.tables, *report.imported):
        yield from _table_rows(table)
    for flow in report.flows:
        yield from _flow_rows(flow)
    for audit in report.audits:
        yield from _audit_rows(audit)
    for each in report.estimates.groups:
        yield from _estimate_rows(each)
    for leaning in report.estimates.leaning:
        yield from _leaning_rows(leaning)


def group_label(group: Group) -> str:
    """Return a group's name in lists, for example ``"level=shadow"``."""
    return f"{group.dimension.value}={group.value}"


def _provenance_rows(provenance: Iterable[Provenance]) -> Iterator[FigureRow]:
    for source in provenance:
        total = source.accept + source.reject + source.unsure
        for name, k in (("accept", source.accept), ("reject", source.reject), ("unsure", source.unsure)):
            yield FigureRow("provenance", source.kind.value, name, k, total)


def _table_rows(table: AgreementTable) -> Iterator[FigureRow]:
    section, group = f"agreement.{table.condition.value}", group_label(table.group)
    for name, k in table_counts(table.table).items():
        yield FigureRow(section, group, name, k)
    yield FigureRow(section, group, "n", table.table.n)
    for name, figure in agreement_figures(table.agreement).items():
        yield from rows_of_figure(section, group, name, figure)
    yield from _truth_rows(section, group, "human", table.human)
    yield from _truth_rows(section, group, "model", table.model)
    yield FigureRow(section, group, "sentence", note=table.sentence)
    for note in table.notes:
        yield FigureRow(section, group, "note", note=note)


def _truth_rows(section: str, group: str, who: str, rates: AgainstTruth) -> Iterator[FigureRow]:
    for name, k in table_counts(rates.table).items():
        yield FigureRow(section, group, f"{who}.{name}", k)
    yield from rows_of_figure(section, group, f"{who}.miss", rates.miss)
    yield from rows_of_figure(section, group, f"{who}.false_alarm", rates.false_alarm)


def _flow_rows(flow: Flow) -> Iterator[FigureRow]:
    group = group_label(flow.group)
    for cell in flow.cells:
        yield FigureRow("flow", group, f"{cell.route.value}.{cell.disposition.value}", cell.n, flow.parts)
    yield from rows_of_figure("flow", group, "decided_by_model", flow.decided_by_model)
    yield from _truth_rows("flow", group, "model", flow.model)
    yield from _truth_rows("flow", group, "outcome", flow.outcome.against_truth)
    yield from rows_of_figure("flow", group, "outcome.escapes", flow.outcome.escapes)
    yield from rows_of_figure("flow", group, "outcome.overkill", flow.outcome.overkill)


def _audit_rows(audit: AuditResult) -> Iterator[FigureRow]:
    group, route = group_label(audit.group), audit.route.value
    yield FigureRow("audit", group, f"{route}.audited", audit.audited)
    yield FigureRow("audit", group, f"{route}.unsure", audit.unsure)
    yield from rows_of_figure("audit", group, f"{route}.disagreements", audit.disagreements)


def _estimate_rows(each: GroupEstimates) -> Iterator[FigureRow]:
    group, escapes, pairs = group_label(each.group), each.escapes, each.blind_pairs
    for name in ("accepts", "drawn", "answered", "found"):
        yield FigureRow("estimate.escapes", group, name, getattr(escapes, name))
    for name in ("human_only", "model_only", "both", "open"):
        yield FigureRow("estimate.blind_pairs", group, name, getattr(pairs, name))
    sections = (("escapes", escape_figures), ("corrected", rate_figures), ("blind_pairs", unseen_figures))
    for section, figures in sections:
        for name, figure in figures(each).items():
            yield from rows_of_figure(f"estimate.{section}", group, name, figure)


def _leaning_rows(each: Leaning) -> Iterator[FigureRow]:
    group = "overall=all" if each.inspector is None else f"inspector={each.inspector}"
    yield FigureRow("reliance", group, "looks", each.looks)
    for name, figure in leaning_figures(each).items():
        yield from rows_of_figure("reliance", group, name, figure)


def rows_of_figure(section: str, group: str, quantity: str, figure: Figure | Interval) -> Sequence[FigureRow]:
    """Return one row for each interval of a figure, or one row where it has none."""
    match figure:
        case NotMeasurable():
            return (FigureRow(section, group, quantity, note=f"not measurable: {figure.why}"),)
        case Proportion():
            return tuple(
                FigureRow(section, group, quantity, figure.k, figure.n, figure.estimate, interval)
                for interval in (figure.display, figure.contract)
            )
        case Coefficient() | Estimate():
            return (_estimate_row(section, group, quantity, figure),)
        case Count():
            return (FigureRow(section, group, quantity, figure.k, figure.n, figure.share),)
        case Interval():
            return (FigureRow(section, group, quantity, interval=figure),)
        case _:
            return (FigureRow(section, group, quantity, estimate=figure),)


def _estimate_row(section: str, group: str, quantity: str, figure: Coefficient | Estimate) -> FigureRow:
    interval, error = figure.interval, figure.standard_error
    note = f"standard error {f'not measurable: {error.why}' if isinstance(error, NotMeasurable) else repr(error)}"
    if isinstance(interval, NotMeasurable):
        note = f"{note}; interval not measurable: {interval.why}"
        return FigureRow(section, group, quantity, n=figure.n, estimate=figure.estimate, note=note)
    return FigureRow(section, group, quantity, None, figure.n, figure.estimate, interval, note)
