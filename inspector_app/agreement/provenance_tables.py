"""What is needed to make the report again, laid out as tables of the document."""

from __future__ import annotations

from collections.abc import Sequence

from inspector_app.agreement.as_json import filter_record
from inspector_app.agreement.document import Cell, Column, Table
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.report import Provenance, ReportHeader
from inspector_app.domain.control import ControlState
from inspector_app.domain.logquery import ChainEnd, LogFilter, ModelUse, StationChange
from inspector_app.domain.records import utc_text


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
    """Return standing verdicts by kind and answer; those on seeded parts once more, apart."""
    columns = (Column("kind", "Verdicts", 3.0), *(Column(n, n, 1.0) for n in ("accept", "reject", "unsure", "sum")))
    rows: list[tuple[Cell, ...]] = [
        (p.kind.value.replace("_", " "), p.accept, p.reject, p.unsure, p.accept + p.reject + p.unsure)
        for p in provenance
    ]
    seeded = [n for _, n in evidence.seeded]
    rows.append(("on seeded parts (among the above)", *seeded, sum(seeded)))
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


def steps_table(steps: Sequence[StationChange], which: LogFilter) -> Table:
    """Return every supervisor command of the period, led by the state in force when it began."""
    columns = (
        Column("at", "At (UTC)", 1.7), Column("station", "Station", 1.1), Column("version", "No.", 0.6),
        Column("level", "Level", 1.1), Column("direction", "Step", 1.0), Column("by", "Signed by", 1.5),
        Column("because", "Reason", 3.2), Column("settings", "In force from then on", 3.8),
    )  # fmt: skip
    rows = tuple(_step_row(step) for step in _steps_of(steps, which))
    note = "The first row of a station is the state in force when the period began, where there was one."
    return Table("steps", "Supervisor commands", columns, rows, (note,) if rows else ("None in this period.",))


def _steps_of(steps: Sequence[StationChange], which: LogFilter) -> Sequence[StationChange]:
    if which.since is None:
        return steps
    before = {step.station: step for step in steps if step.change.at < which.since}
    return [*before.values(), *(step for step in steps if step.change.at >= which.since)]


def _step_row(step: StationChange) -> tuple[Cell, ...]:
    change = step.change
    after = change.after
    level, number = after.level.value.replace("_", " "), after.version
    return (
        change.at, step.station, number, level, _direction(change.before, after), change.by, change.because,
        settings_text(after),
    )  # fmt: skip


def _direction(before: ControlState | None, after: ControlState) -> str:
    moved = 0 if before is None else after.level.rank - before.level.rank
    if before is None:
        return "start"
    return "same level" if moved == 0 else f"{abs(moved)} to the {'right' if moved > 0 else 'left'}"


def settings_text(state: ControlState) -> str:
    """Return everything that the policy used besides the part, salts included."""
    salts = state.salts
    return (
        f"accept below {state.accept_below:g}, cut {state.cut:g}, reject above {state.reject_above:g}; canary "
        f"{state.canary_share:g}, audit {state.audit_share:g}, unaided {state.unaided_share:g}; style "
        f"{state.style.value.replace('_', ' ')}; audits {'held' if state.hold_audits else 'released'}; salts "
        f"{salts.canary}, {salts.audit}, {salts.first_look}"
    )
