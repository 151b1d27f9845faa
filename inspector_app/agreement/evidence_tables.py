"""Audits with their weights, reliance on the model, seeded parts and certificates, as tables of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspector_app.agreement.audit_sampling import weighted_escapes
from inspector_app.agreement.document import Cell, Column, Table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.figure_tables import figure_table
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.reliance import RELIABLE_EVENTS, reliance, seed_hits
from inspector_app.agreement.values import NotMeasurable
from inspector_app.domain.decision import Route

_NEVER = NotMeasurable("no accept of the model was audited with an answer, or the report is of one inspector alone")


def weighted_table(evidence: Evidence, overall: Flow, level: float) -> Table:
    """Return escapes among the model's accepts, each audit weighted by the inverse of its probability."""
    accepts = sum(cell.n for cell in overall.cells if cell.route is Route.MODEL_ACCEPT)
    note = (
        "Horvitz-Thompson over both streams of audits. Where no audit found an escape, the interval is that of the "
        "blind audits above; the audits' own misses are not corrected for."
    )
    if not evidence.audits:
        lines = [("Escapes in all", _NEVER), ("Escapes among the accepts", _NEVER)]
        return figure_table("weighted_escapes", "Weighted by the draw", lines, note)
    found = weighted_escapes(evidence.audits, accepts, level)
    figures = (
        ("Escapes in all", found.total),
        ("Escapes, share of the accepts", found.share),
        ("Escapes, share by Hájek's ratio", found.ratio),
    )
    return figure_table("weighted_escapes", "Weighted by the draw", figures, note)


def reliance_table(evidence: Evidence, level: float) -> Table:
    """Return how inspectors leaned on the model in second looks."""
    found = reliance(evidence.second_looks, level)
    figures = (
        ("Followed wrong advice although right before", found.over),
        ("Stayed wrong although rightly advised", found.under),
        ("Changed to the model's answer where they differed", found.switched),
    )
    note = "Second looks on parts with known truth, where the first answer differed from the model's."
    return figure_table("reliance", "Reliance on the model", figures, note)


def seed_table(evidence: Evidence, level: float) -> Table:
    """Return the hit rates on seeded defective parts by inspector."""
    hits = seed_hits(evidence.seeded_answers, level)
    note = f"Below {RELIABLE_EVENTS} seeded parts each, the order of inspectors means nothing."
    lines = [(each.inspector, each.hits) for each in hits]
    return figure_table("seed_hits", "Seeded parts that were rejected", lines, note if hits else "None in this period.")


def certificate_table(records: Sequence[Mapping[str, object]]) -> Table:
    """Return one row for each certificate."""
    columns = tuple(Column(key, title, width) for key, title, width in _CERTIFICATE)
    rows = tuple(tuple(_cell(record.get(key)) for key, _, _ in _CERTIFICATE) for record in records)
    return Table("certificates", "Certificates of thresholds", columns, rows, () if rows else ("None so far.",))


_CERTIFICATE = (
    ("certificate_id", "Certificate", 3.2),
    ("made_at", "Made (UTC)", 1.8),
    ("certified", "Certified", 0.9),
    ("accept_below", "Accept below", 1.1),
    ("reject_above", "Reject above", 1.1),
    ("n", "n", 0.9),
    ("k", "k", 0.6),
    ("alpha", "Escapes at most", 1.2),
    ("delta", "Chance of error", 1.2),
)


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float | str) or value is None else str(value)
