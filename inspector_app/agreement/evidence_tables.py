"""Seeded parts and certificates as tables of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspector_app.agreement.document import Cell, Column, Table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.figure_tables import figure_table
from inspector_app.agreement.reliance import RELIABLE_EVENTS, seed_hits


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
