"""The agreement report as plain JSON values: stable keys, integer counts, every interval with method and level."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from inspector_app.agreement.audit_sampling import WeightedEscapes
from inspector_app.agreement.audits import AuditResult
from inspector_app.agreement.document import Cell, Document, Share
from inspector_app.agreement.estimates import Estimates, GroupEstimates, Leaning
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.groups import Group
from inspector_app.agreement.report import READING, AgreementReport, AgreementTable, ReportHeader
from inspector_app.agreement.truth import AgainstTruth, TruthTable
from inspector_app.agreement.twoway import Agreement, TwoWay
from inspector_app.agreement.values import (
    Coefficient,
    Count,
    Estimate,
    Interval,
    IntervalMethod,
    NotMeasurable,
    Proportion,
)
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.records import utc_text

FORMAT = "inspection-station/agreement/1"
"""Named in every report; the number rises when a key changes its meaning or goes."""

Figure = Proportion | Coefficient | Estimate | Count | NotMeasurable | float | int
"""Anything a report can hold as one figure."""


def to_json(report: AgreementReport) -> dict[str, Any]:
    """Return the report as JSON values; the same report gives the same document, key order included.

    A figure that is not measurable is ``{"not_measurable": why}``; there is never a NaN or a null in its place.
    """
    return {
        "format": FORMAT,
        "header": _header(report.header),
        "provenance": {
            p.kind.value: {"accept": p.accept, "reject": p.reject, "unsure": p.unsure} for p in report.provenance
        },
        "headline": report.headline.sentence,
        "tables": [_table(table) for table in report.tables],
        "flows": [_flow(flow) for flow in report.flows],
        "audits": [_audit(audit) for audit in report.audits],
        "estimates": _estimates(report.estimates),
        "imported": [_table(table) for table in report.imported],
        "reading": list(READING),
        "methods": {method.value: method.description for method in IntervalMethod},
    }


def document_record(document: Document) -> dict[str, Any]:
    """Return the document's tables as JSON values, by key: columns, rows, notes.

    A share is a number 0 … 1, a time ISO 8601 UTC, and a figure that cannot be measured ``{"not_measurable": why}``.
    """
    return {
        "title": document.title,
        "subject": document.subject,
        "fingerprint": document.fingerprint,
        "cover": dict(document.cover),
        "tables": {
            table.key: {
                "title": table.title,
                "columns": [column.key for column in table.columns],
                "rows": [[cell_record(cell) for cell in row] for row in table.rows],
                "notes": list(table.notes),
            }
            for table in document.tables()
        },
    }


def cell_record(cell: Cell) -> Any:
    """Return a cell of the document as a JSON value."""
    match cell:
        case NotMeasurable():
            return {"not_measurable": cell.why}
        case Share():
            return cell.value
        case datetime():
            return utc_text(cell)
        case _:
            return cell


def figure_record(figure: Figure | Interval) -> Any:
    """Return one figure as JSON values."""
    match figure:
        case NotMeasurable():
            return {"not_measurable": figure.why}
        case Interval():
            return _interval(figure)
        case Proportion():
            intervals = [_interval(figure.display), _interval(figure.contract)]
            return {"k": figure.k, "n": figure.n, "estimate": figure.estimate, "intervals": intervals}
        case Coefficient() | Estimate():
            interval = figure.interval
            shown = figure_record(interval) if isinstance(interval, NotMeasurable) else _interval(interval)
            error = {"standard_error": figure_record(figure.standard_error), "interval": shown}
            return {"estimate": figure.estimate, "n": figure.n, **error}
        case Count():
            return {"k": figure.k, "n": figure.n, "share": figure.share}
        case _:
            return figure


def table_counts(table: TwoWay | TruthTable) -> dict[str, int]:
    """Return the counts of a table by name."""
    return {field.name: getattr(table, field.name) for field in fields(table)}


def agreement_figures(figures: Agreement) -> dict[str, Figure]:
    """Return the figures of a two-way table by name, in the order of a report."""
    return {field.name: getattr(figures, field.name) for field in fields(figures)}


def escape_figures(each: GroupEstimates) -> dict[str, Figure | Interval]:
    """Return the estimates of escapes by name."""
    escapes, found = each.escapes, each.escapes.weighted
    if isinstance(found, WeightedEscapes):
        weighted: dict[str, Figure] = {"total": found.total, "share": found.share, "ratio": found.ratio}
    else:
        weighted = dict.fromkeys(("total", "share", "ratio"), found)
    return {**weighted, "stratified": escapes.stratified, "bound": escapes.bound}


def rate_figures(each: GroupEstimates) -> dict[str, Figure | Interval]:
    """Return the corrected rates by name."""
    return {"sensitivity": each.rates.sensitivity, "specificity": each.rates.specificity}


def unseen_figures(each: GroupEstimates) -> dict[str, Figure | Interval]:
    """Return what both missed, and all defects, by name."""
    missed = each.blind_pairs.missed
    if isinstance(missed, NotMeasurable):
        return dict.fromkeys(("missed_by_both", "defects"), missed)
    return {"missed_by_both": missed.missed_by_both, "defects": missed.defects}


def leaning_figures(each: Leaning) -> dict[str, Figure]:
    """Return the rates of reliance by name."""
    return {name: getattr(each.rates, name) for name in ("over", "under", "switched")}


def filter_record(which: LogFilter) -> dict[str, Any]:
    """Return a filter as JSON values; ``None`` means any."""
    return {field.name: _plain(getattr(which, field.name)) for field in fields(which)}


def _header(header: ReportHeader) -> dict[str, Any]:
    return {
        "generated_at": utc_text(header.generated_at),
        "program_version": header.program_version,
        "confidence": header.confidence,
        "filter": filter_record(header.which),
        "facts": dict(header.facts),
        "positive": "reject",
    }


def _plain(value: object) -> object:
    """Return a filter's value as a JSON value."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value] or None
    return value.value if isinstance(value, StrEnum) else value


def _interval(interval: Interval) -> dict[str, Any]:
    bounds = {"low": interval.low, "high": interval.high}
    return {"method": interval.method.value, "level": interval.level, **bounds}


def _group(group: Group) -> dict[str, str]:
    return {"dimension": group.dimension.value, "value": group.value}


def _table(table: AgreementTable) -> dict[str, Any]:
    return {
        **_group(table.group),
        "condition": table.condition.value,
        "counts": {"n": table.table.n, **table_counts(table.table)},
        "agreement": {name: figure_record(figure) for name, figure in agreement_figures(table.agreement).items()},
        "human_against_truth": _against_truth(table.human),
        "model_against_truth": _against_truth(table.model),
        "sentence": table.sentence,
        "notes": list(table.notes),
    }


def _against_truth(rates: AgainstTruth) -> dict[str, Any]:
    return {
        "counts": table_counts(rates.table),
        "miss": figure_record(rates.miss),
        "false_alarm": figure_record(rates.false_alarm),
    }


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        **_group(flow.group),
        "parts": flow.parts,
        "routes": [{"route": c.route.value, "disposition": c.disposition.value, "n": c.n} for c in flow.cells],
        "decided_by_model": figure_record(flow.decided_by_model),
        "model_against_truth": _against_truth(flow.model),
        "outcome": {
            **_against_truth(flow.outcome.against_truth),
            "escapes": figure_record(flow.outcome.escapes),
            "overkill": figure_record(flow.outcome.overkill),
        },
    }


def _audit(audit: AuditResult) -> dict[str, Any]:
    return {
        **_group(audit.group),
        "route": audit.route.value,
        "audited": audit.audited,
        "unsure": audit.unsure,
        "disagreements": figure_record(audit.disagreements),
    }


def _estimates(found: Estimates) -> dict[str, Any]:
    return {
        "groups": [_group_estimates(each) for each in found.groups],
        "reliance": [_leaning(each) for each in found.leaning],
    }


def _group_estimates(each: GroupEstimates) -> dict[str, Any]:
    escapes, pairs = each.escapes, each.blind_pairs
    return {
        **_group(each.group),
        "escapes": {
            **{name: getattr(escapes, name) for name in ("accepts", "drawn", "answered", "found")},
            **{name: figure_record(figure) for name, figure in escape_figures(each).items()},
        },
        "corrected": {name: figure_record(figure) for name, figure in rate_figures(each).items()},
        "blind_pairs": {
            **{name: getattr(pairs, name) for name in ("human_only", "model_only", "both", "open")},
            **{name: figure_record(figure) for name, figure in unseen_figures(each).items()},
        },
    }


def _leaning(each: Leaning) -> dict[str, Any]:
    rates = {name: figure_record(figure) for name, figure in leaning_figures(each).items()}
    return {"inspector": each.inspector, "looks": each.looks, **rates}
