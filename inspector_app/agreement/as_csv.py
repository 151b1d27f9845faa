"""The agreement report as one long, tidy table: RFC 4180, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from inspector_app.agreement.as_json import Figure, agreement_figures, filter_record, table_counts
from inspector_app.agreement.audits import AuditResult
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.groups import Group
from inspector_app.agreement.report import READING, AgreementReport, AgreementTable, ReportHeader
from inspector_app.agreement.truth import AgainstTruth
from inspector_app.agreement.values import Coefficient, Count, Estimate, Interval, NotMeasurable, Proportion
from inspector_app.domain.records import utc_text

COLUMNS = ("section", "group", "quantity", "k", "n", "estimate", "low", "high", "method", "note")
"""Header of the table."""

Row = tuple[str, ...]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv_rows(report: AgreementReport) -> tuple[Row, ...]:
    """Return the rows of the table, header first, every cell as text.

    A figure with two intervals takes two rows, one for each method. Numbers are written so that they read back
    exactly, a minus sign included. Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    return (COLUMNS, *_header_rows(report.header), *_provenance_rows(report), *_body_rows(report))


def csv_text(report: AgreementReport) -> str:
    """Return the table as RFC 4180 text, lines ending in CR LF."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(to_csv_rows(report))
    return text.getvalue()


def safe_cell(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet would read it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _header_rows(header: ReportHeader) -> Iterator[Row]:
    facts = (
        ("generated_at", utc_text(header.generated_at)),
        ("program_version", header.program_version),
        ("confidence", repr(header.confidence)),
        ("positive", "reject"),
        *((f"filter.{name}", str(value)) for name, value in filter_record(header.which).items() if value is not None),
        *header.facts,
        *(("reading", sentence) for sentence in READING),
    )
    for name, value in facts:
        yield _row("header", "report", name, note=value)


def _provenance_rows(report: AgreementReport) -> Iterator[Row]:
    for source in report.provenance:
        total = source.accept + source.reject + source.unsure
        for name, k in (("accept", source.accept), ("reject", source.reject), ("unsure", source.unsure)):
            yield _row("provenance", source.kind.value, name, k, total)


def _body_rows(report: AgreementReport) -> Iterator[Row]:
    for table in report.tables:
        yield from _table_rows(table)
    for flow in report.flows:
        yield from _flow_rows(flow)
    for audit in report.audits:
        yield from _audit_rows(audit)


def _table_rows(table: AgreementTable) -> Iterator[Row]:
    section, group = f"agreement.{table.condition.value}", _name(table.group)
    for name, k in table_counts(table.table).items():
        yield _row(section, group, name, k)
    yield _row(section, group, "n", table.table.n)
    for name, figure in agreement_figures(table.agreement).items():
        yield from _figure_rows(section, group, name, figure)
    yield from _truth_rows(section, group, "human", table.human)
    yield from _truth_rows(section, group, "model", table.model)
    yield _row(section, group, "sentence", note=table.sentence)
    for note in table.notes:
        yield _row(section, group, "note", note=note)


def _truth_rows(section: str, group: str, who: str, rates: AgainstTruth) -> Iterator[Row]:
    for name, k in table_counts(rates.table).items():
        yield _row(section, group, f"{who}.{name}", k)
    yield from _figure_rows(section, group, f"{who}.miss", rates.miss)
    yield from _figure_rows(section, group, f"{who}.false_alarm", rates.false_alarm)


def _flow_rows(flow: Flow) -> Iterator[Row]:
    group = _name(flow.group)
    for cell in flow.cells:
        yield _row("flow", group, f"{cell.route.value}.{cell.disposition.value}", cell.n, flow.parts)
    yield from _figure_rows("flow", group, "decided_by_model", flow.decided_by_model)
    yield from _truth_rows("flow", group, "model", flow.model)
    yield from _truth_rows("flow", group, "outcome", flow.outcome.against_truth)
    yield from _figure_rows("flow", group, "outcome.escapes", flow.outcome.escapes)
    yield from _figure_rows("flow", group, "outcome.overkill", flow.outcome.overkill)


def _audit_rows(audit: AuditResult) -> Iterator[Row]:
    group, route = _name(audit.group), audit.route.value
    yield _row("audit", group, f"{route}.audited", audit.audited)
    yield _row("audit", group, f"{route}.unsure", audit.unsure)
    yield from _figure_rows("audit", group, f"{route}.disagreements", audit.disagreements)


def _figure_rows(section: str, group: str, quantity: str, figure: Figure) -> Iterator[Row]:
    """Yield one row for each interval of a figure, or one row where it has none."""
    match figure:
        case NotMeasurable():
            yield _row(section, group, quantity, note=f"not measurable: {figure.why}")
        case Proportion():
            for interval in (figure.display, figure.contract):
                yield _row(section, group, quantity, figure.k, figure.n, figure.estimate, interval)
        case Coefficient() | Estimate():
            yield _estimate_row(section, group, quantity, figure)
        case Count():
            yield _row(section, group, quantity, figure.k, figure.n, figure.share)
        case _:
            yield _row(section, group, quantity, estimate=figure)


def _estimate_row(section: str, group: str, quantity: str, figure: Coefficient | Estimate) -> Row:
    interval, error = figure.interval, figure.standard_error
    note = f"standard error {f'not measurable: {error.why}' if isinstance(error, NotMeasurable) else repr(error)}"
    if isinstance(interval, NotMeasurable):
        note = f"{note}; interval not measurable: {interval.why}"
        return _row(section, group, quantity, n=figure.n, estimate=figure.estimate, note=note)
    return _row(section, group, quantity, None, figure.n, figure.estimate, interval, note)


def _name(group: Group) -> str:
    return f"{group.dimension.value}={group.value}"


def _row(
    section: str,
    group: str,
    quantity: str,
    k: int | None = None,
    n: int | None = None,
    estimate: float | None = None,
    interval: Interval | None = None,
    note: str = "",
) -> Row:
    bounds = ("", "", "") if interval is None else (repr(interval.low), repr(interval.high), _method(interval))
    numbers = ("" if value is None else repr(value) for value in (k, n, estimate))
    return (safe_cell(section), safe_cell(group), safe_cell(quantity), *numbers, *bounds, safe_cell(note))


def _method(interval: Interval) -> str:
    return f"{interval.method.value} {interval.level:g}"
