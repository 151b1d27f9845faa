"""Seeded parts, certificates and unusable pictures as tables of the document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from inspector_app.agreement.course import Course
from inspector_app.agreement.document import Cell, Column, Share, Table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.figure_tables import figure_table
from inspector_app.agreement.intervals import proportion
from inspector_app.agreement.reliance import RELIABLE_EVENTS, seed_hits
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.automation.seed_hits import BLIND
from inspector_app.automation.seed_hits import Share as Hits
from inspector_app.automation.seed_hits import seed_hits as automation_hits
from inspector_app.domain.verdict import Answer


def seed_tables(evidence: Evidence, level: float) -> Iterator[Table]:
    """Yield how many seeded defects people and model have found, and what each inspector found by himself."""
    if not evidence.seeded:
        yield figure_table("seeded", "Seeded defects", (), "None in this period.")
        return
    hits = automation_hits(evidence.seeded)
    lines = (
        ("Found by inspectors without the model", _rate(hits.unaided, level)),
        ("Found by inspectors with the model's answer in view", _rate(hits.assisted, level)),
        ("Found by the model at the cut", _rate(hits.model, level)),
        ("Accepted by the model, of those that it decided", _rate(hits.accepted, level)),
        ("Probes: defects found at first and given up for wrong advice", _rate(hits.misled, level)),
        ("Probes: defects accepted with wrong advice in view from the beginning", _rate(hits.missed_with_probe, level)),
    )
    note = "Known defects shown again, blind. The line heard of none, and they are in no other figure of this report."
    yield figure_table("seeded", "Seeded defects", lines, note)
    blind = (
        (by, answer is Answer.REJECT) for part in evidence.seeded for by, kind, answer in part.answers if kind in BLIND
    )
    note = f"Below {RELIABLE_EVENTS} seeded parts each, the order of inspectors means nothing."
    each = [(one.inspector, one.hits) for one in seed_hits(blind, level)]
    yield figure_table("seed_hits", "Seeded defects found without the model, by inspector", each, note)


def _rate(share: Hits, level: float) -> Proportion | NotMeasurable:
    return proportion(share.k, share.n, level, "there was none")


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
