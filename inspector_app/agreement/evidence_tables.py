"""Seeded parts, certificates and unusable pictures as tables of the document."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inspector_app.agreement.course import Course
from inspector_app.agreement.document import Cell, Column, Share, Table
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


def unusable_table(evidence: Evidence) -> Table:
    """Return one row for each reason why no model may judge a picture, with its share of all parts."""
    columns = (
        Column("reason", "Reason", 3.0),
        Column("parts", "Parts", 1.0),
        Column("share", "Share of all parts", 1.4),
    )
    parts = evidence.span.parts
    rows = tuple((count.reason.value.replace("_", " "), count.n, count.n / parts) for count in evidence.unusable)
    note = "These parts went to a human at every level; the model was not asked." if rows else "None in this period."
    return Table("unusable_pictures", "Pictures that the model could not judge", columns, rows, (note,))


def course_table(course: Course) -> Table:
    """Return one row for each stretch of time with audits: everything counted up to its end."""
    columns = (
        Column("until", "Until (UTC)", 1.8), Column("audited", "Audited", 1.0), Column("bad", "Found bad", 1.0),
        Column("low", "Escape rate, from", 1.4), Column("high", "to", 1.4),
        Column("log_e_below", "ln E: below the limit", 1.5), Column("log_e_above", "ln E: above the limit", 1.5),
    )  # fmt: skip
    rows = tuple(
        (each.until, each.audited, each.bad, Share(each.low), Share(each.high), each.log_e_below, each.log_e_above)
        for each in course.points
    )
    shown = math.log(1.0 / (1.0 - course.confidence))
    note = (
        f"All uniform audits of accepts up to then, over all models and thresholds of the period. The limit is the "
        f"contract's {100 * course.limit:g} %. The rates are a confidence sequence: all rows hold together with "
        f"{100 * course.confidence:g} %. E is an e-process: ln E of {shown:.2f} shows at that confidence that the rate "
        f"is below, or above, the limit, whenever one looks."
    )
    return Table("audit_course", "How the evidence of audits grew", columns, rows, (note,))


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
