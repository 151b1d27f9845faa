"""What is needed to make the report again, laid out as tables of the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from inspector_app.agreement.as_json import filter_record
from inspector_app.agreement.document import Cell, Column, Table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.report import Provenance, ReportHeader
from inspector_app.domain.logquery import ChainEnd, ModelUse
from inspector_app.domain.records import utc_text
from inspector_app.domain.verdict import Answer


def header_table(header: ReportHeader) -> Table:
    """Return program, filter, confidence and the further facts of the header."""
    rows: list[tuple[Cell, ...]] = [
        ("generated_at", utc_text(header.generated_at)),
        ("program_version", header.program_version),
        ("confidence", repr(header.confidence)),
        ("positive", "reject"),
    ]
    chosen = [
        (f"filter.{name}", str(value)) for name, value in filter_record(header.which).items() if value is not None
    ]
    rows += chosen or [("filter", "none: all parts")]
    rows += header.facts
    columns = (Column("name", "Name", 1.2), Column("value", "Value", 4.0))
    return Table("header", "To make this report again", columns, tuple(rows))


def provenance_table(provenance: Sequence[Provenance], evidence: Evidence) -> Table:
    """Return standing verdicts by kind and answer; those on seeded parts apart."""
    columns = (Column("kind", "Verdicts", 3.0), *(Column(n, n, 1.0) for n in ("accept", "reject", "unsure", "sum")))
    rows: list[tuple[Cell, ...]] = [
        (p.kind.value.replace("_", " "), p.accept, p.reject, p.unsure, p.accept + p.reject + p.unsure)
        for p in provenance
    ]
    given = Counter(answer for part in evidence.seeded for _, _, answer in part.answers)
    rows.append(("seeded (in no other figure)", *(given[answer] for answer in Answer), given.total()))
    note = "Only unaided verdicts, audits and adjudications count as truth; retracted verdicts count for nothing."
    return Table("provenance", "Verdicts by how they were given", columns, tuple(rows), (note,))


def model_table(models: Sequence[ModelUse]) -> Table:
    """Return one row for each model file at work."""
    columns = (
        Column("name", "Model", 1.6),
        Column("version", "Version", 1.0),
        Column("sha256", "SHA-256 of the file", 4.2),
        Column("preprocessing_sha256", "SHA-256 of the preprocessing", 4.2),
        Column("parts", "Parts", 0.9),
        Column("first", "First (UTC)", 1.7),
        Column("last", "Last (UTC)", 1.7),
    )
    rows = tuple(
        (u.model.name, u.model.version, u.model.sha256, u.model.preprocessing_sha256, u.parts, u.first, u.last)
        for u in models
    )
    return Table("models", "Models at work", columns, rows, () if rows else ("None in this period.",))


def chain_table(chains: Sequence[ChainEnd]) -> Table:
    """Return the newest link of each audit chain."""
    columns = (Column("station", "Station", 1.2), Column("links", "Links", 0.8), Column("digest", "Digest", 5.0))
    rows = tuple((end.station, end.links, end.digest) for end in chains)
    note = "Kept outside the log, a digest shows whether the chain was rewritten later."
    return Table("chains", "Audit chains when the report was made", columns, rows, (note,))
