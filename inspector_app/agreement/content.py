"""The report as a document: which sections, in which order, with which tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from inspector_app.agreement.as_json import document_record, filter_record, to_json
from inspector_app.agreement.disagreements import disagreement_cards, disagreement_table
from inspector_app.agreement.document import (
    Block,
    Cell,
    Column,
    CoursePlot,
    Document,
    PartSheet,
    Section,
    Signatures,
    Table,
    Text,
    TrendPlot,
    cell_text,
)
from inspector_app.agreement.estimate_tables import escape_tables, leaning_table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.evidence_tables import certificate_table, course_table, seed_tables, unusable_table
from inspector_app.agreement.figure_rows import figure_rows
from inspector_app.agreement.figure_tables import (
    group_tables,
    headline_tables,
    imported_tables,
    watched_table,
)
from inspector_app.agreement.groups import Dimension
from inspector_app.agreement.intervals import count
from inspector_app.agreement.outcome_tables import audit_table, decided_table, flow_table, trend_table
from inspector_app.agreement.provenance_tables import (
    chain_table,
    header_table,
    model_table,
    provenance_table,
)
from inspector_app.agreement.report import READING, AgreementReport
from inspector_app.agreement.step_tables import guard_table, schedule_table, steps_table
from inspector_app.agreement.values import Count, IntervalMethod, NotMeasurable
from inspector_app.domain.decision import Route
from inspector_app.domain.people import spelled_alike
from inspector_app.domain.records import utc_text

TITLE = "Agreement of human and model"
ROLES = ("Prepared by", "Reviewed by (quality)", "Approved by (production)")

_DIMENSIONS = (
    (Dimension.LEVEL, "By level"),
    (Dimension.MODEL_VERSION, "By model version"),
    (Dimension.INSPECTOR, "By inspector"),
)
_PEOPLE = (
    "Shown with counts and interval only: a difference between people whose intervals overlap is no difference, and "
    "each has seen other parts."
)


def agreement_document(report: AgreementReport, evidence: Evidence) -> Document:
    """Return the whole document.

    Parameters
    ----------
    report : AgreementReport
        The figures.
    evidence : Evidence
        Where they come from.
    """
    sections = tuple(_sections(report, evidence))
    document = Document(
        title=TITLE,
        subject=f"Period {period_text(report, evidence)}",
        made_at=report.header.generated_at,
        producer=f"inspection-station {report.header.program_version}",
        cover=(),
        fingerprint="",
        sections=sections,
    )
    fingerprint = _fingerprint(report, document)
    return replace(document, fingerprint=fingerprint, cover=tuple(_cover(report, evidence, fingerprint)))


def period_text(report: AgreementReport, evidence: Evidence) -> str:
    """Return the period that was asked for; where an end is open, the time of the first or last part."""
    which, span = report.header.which, evidence.span
    since, until = which.since or span.first, which.until or span.last
    if since is None or until is None:
        return "without parts"
    return f"{cell_text(since)} to {cell_text(until)} UTC"


def _fingerprint(report: AgreementReport, document: Document) -> str:
    """Return the SHA-256 of every figure and every table as canonical JSON."""
    content = {"report": to_json(report), "tables": document_record(document)["tables"]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _cover(report: AgreementReport, evidence: Evidence, fingerprint: str) -> Iterator[tuple[str, str]]:
    stations = ", ".join(end.station for end in evidence.chains if end.links) or "none"
    yield "Stations in the log", stations
    yield "Period", period_text(report, evidence)
    chosen = [f"{name} {value}" for name, value in filter_record(report.header.which).items() if value is not None]
    yield "Chosen parts", "; ".join(chosen) or "all"
    yield "Parts", cell_text(evidence.span.parts)
    yield "Verdicts", cell_text(sum(p.accept + p.reject + p.unsure for p in report.provenance))
    yield "Made", f"{utc_text(report.header.generated_at)} by inspection-station {report.header.program_version}"
    yield "Fingerprint of the content", fingerprint
    for end in filter(lambda chain: chain.links, evidence.chains):
        yield f"Audit chain of {end.station}", f"link {end.links}, {end.digest}"


def _sections(report: AgreementReport, evidence: Evidence) -> Iterator[Section]:
    yield Section("Result", tuple(_result(report)))
    yield Section("Human against model", tuple(headline_tables(report.headline)))
    yield Section("Figures that may be watched", tuple(_watched(report, evidence)))
    yield Section("Agreement over time", tuple(_trend(evidence)))
    for dimension, title in _DIMENSIONS:
        yield Section(title, tuple(_groups(report, dimension)))
    yield Section("Verdicts under other conditions", tuple(_conditions(report)))
    yield Section(
        "What became of the parts", (flow_table(report.flows), decided_table(report.flows), unusable_table(evidence))
    )
    yield Section("Audits of what the model decided", (audit_table(report.audits),))
    yield Section("What the looks say about all parts", tuple(escape_tables(report.estimates)))
    yield Section("Decisions from outside", tuple(_imported(report)))
    yield Section("Inspectors and the model", tuple(_people(report, evidence)))
    yield Section("Steps of automation", tuple(_steps(report, evidence)))
    yield Section("Where the figures come from", tuple(_origin(report, evidence)))
    yield Section("Parts on which human and model differ", tuple(_differing(evidence)))
    yield Section("How to read this", tuple(_reading(report)))
    yield Section("All figures", (_all_figures(report),))


def _people(report: AgreementReport, evidence: Evidence) -> Iterator[Block]:
    yield leaning_table(report.estimates)
    yield from seed_tables(evidence, report.header.confidence)


def _watched(report: AgreementReport, evidence: Evidence) -> Iterator[Block]:
    yield watched_table(report.headline, report.header.confidence)
    course = evidence.course
    if course is not None and course.points:
        if len(course.points) > 1:
            yield CoursePlot(course)
        yield course_table(course)


def _steps(report: AgreementReport, evidence: Evidence) -> Iterator[Block]:
    which, promises = report.header.which, evidence.promises
    yield steps_table(evidence.steps, which)
    yield guard_table(evidence.steps, which, promises)
    yield schedule_table(evidence.steps, which, promises, _inspected(report))
    yield certificate_table(evidence.certificates)


def _inspected(report: AgreementReport) -> Count | NotMeasurable:
    """Return how many of the model's accepts were audited."""
    overall = (each for each in report.audits if each.group.dimension is Dimension.OVERALL)
    audited = sum(each.audited for each in overall if each.route is Route.MODEL_ACCEPT)
    flows = (each for each in report.flows if each.group.dimension is Dimension.OVERALL)
    accepted = sum(cell.n for each in flows for cell in each.cells if cell.route is Route.MODEL_ACCEPT)
    return count(audited, accepted, "the model has accepted no part")


def _result(report: AgreementReport) -> Iterator[Block]:
    yield Text(report.headline.sentence, lead=True)
    for note in report.headline.notes:
        yield Text(note)
    yield Signatures(ROLES)


def _trend(evidence: Evidence) -> Iterator[Block]:
    if evidence.trend.points:
        yield TrendPlot(evidence.trend)
        yield trend_table(evidence.trend)
    else:
        yield Text("None in this period.")


def _groups(report: AgreementReport, dimension: Dimension) -> Iterator[Block]:
    tables = [table for table in report.tables_by(dimension) if table.table.n or table.table.human_unsure]
    if not tables:
        yield Text("None in this period.")
        return
    if dimension is Dimension.INSPECTOR:
        yield Text(_PEOPLE)
        for alike in spelled_alike(table.group.value for table in tables):
            yield Text(f"Spelled almost alike, and counted apart: {', '.join(alike)}.")
    yield from group_tables(dimension.value, tables)


def _conditions(report: AgreementReport) -> Iterator[Block]:
    tables = [t for t in report.tables if t.group.dimension is Dimension.OVERALL and t is not report.headline]
    if not tables:
        yield Text("None in this period.")
        return
    yield from group_tables("condition", tables)
    for note in dict.fromkeys(note for table in tables for note in table.notes):
        yield Text(note)


def _imported(report: AgreementReport) -> Iterator[Block]:
    if not report.imported:
        yield Text("None in this period.")
        return
    yield Text(report.imported[0].notes[0])
    yield from imported_tables(report.imported)


def _origin(report: AgreementReport, evidence: Evidence) -> Iterator[Block]:
    yield header_table(report.header)
    yield provenance_table(report.provenance, evidence)
    yield model_table(evidence.models)
    yield chain_table(evidence.chains)


def _differing(evidence: Evidence) -> Iterator[Block]:
    found = evidence.disagreements
    if not found.count:
        yield Text("None in this period.")
        return
    shown, looks = len(found.newest), evidence.third_looks
    waits = f" {looks} wait for a third look." if looks else ""
    yield Text(f"{cell_text(found.count)} in all; the newest {cell_text(shown)} are listed.{waits}")
    yield disagreement_table(found)
    cards = disagreement_cards(found)
    if cards:
        yield PartSheet(cards)


def _reading(report: AgreementReport) -> Iterator[Block]:
    yield from (Text(sentence) for sentence in READING)
    used = {row.interval.method for row in figure_rows(report) if row.interval is not None}
    columns = (Column("method", "Method", 1.2), Column("holds", "Holds for", 0.8), Column("meaning", "What it is", 5.0))
    rows = tuple(
        (method.value.replace("_", " "), "any time" if method.any_time else "one look", method.description)
        for method in IntervalMethod
        if method in used or method.any_time
    )
    yield Table("methods", "Intervals", columns, rows)


def _all_figures(report: AgreementReport) -> Table:
    """Return the long list that programs read; too long for paper."""
    keys = ("section", "group", "quantity", "k", "n", "estimate", "low", "high", "method", "level", "note")
    return Table("figures", "All figures", _columns(keys), tuple(_figure_cells(report)), in_print=False)


def _columns(keys: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(key, key) for key in keys)


def _figure_cells(report: AgreementReport) -> Iterator[tuple[Cell, ...]]:
    for row in figure_rows(report):
        at = row.interval
        bounds: tuple[Cell, ...] = (None,) * 4 if at is None else (at.low, at.high, at.method.value, at.level)
        yield (row.section, row.group, row.quantity, row.k, row.n, row.estimate, *bounds, row.note)
