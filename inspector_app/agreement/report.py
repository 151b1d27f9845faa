"""The content of the agreement report: every figure once, as values, for page, JSON and CSV alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector_app.agreement.audits import AuditResult, audit_results
from inspector_app.agreement.estimates import Estimates, estimates
from inspector_app.agreement.flow import Flow, flow
from inspector_app.agreement.groups import Condition, Dimension, Group, import_groups, part_groups, verdict_groups
from inspector_app.agreement.sentence import plain_sentence
from inspector_app.agreement.truth import AgainstTruth, human_against_truth, model_against_truth
from inspector_app.agreement.twoway import Agreement, Judged, TwoWay, agreement, two_way
from inspector_app.domain.control import Level
from inspector_app.domain.logquery import ImportedCount, LogFilter, LookCounts, PartCount, VerdictCount
from inspector_app.domain.verdict import Answer, VerdictKind

SELECTED_BY_MODEL = (
    "In partial and full the model chooses which parts a human sees: figures from there describe those parts, not all."
)

READING = (
    "Positive is reject: a miss accepts a bad part, a false alarm rejects a good one.",
    "An escape is a bad part that left as accepted.",
    "The model's judgement is its probability at the cut; what it decided by itself is under flows and audits.",
    "Every standing verdict counts once, and verdicts are taken as independent; unsure ones are counted apart.",
    "Intervals hold for one look at a fixed log, not for figures watched while they grow.",
)
"""What a reader of any such report has to know."""


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """What is needed to make the same report again.

    Attributes
    ----------
    generated_at : datetime
        UTC.
    program_version : str
        Of the station.
    which : LogFilter
        The parts that the counts were taken over.
    confidence : float
        Level of every interval, above 0 and below 1.
    facts : tuple of (str, str)
        Anything else a reader needs (station, database, decider), name and value.
    """

    generated_at: datetime
    program_version: str
    which: LogFilter
    confidence: float = 0.95
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Standing verdicts of one kind by answer."""

    kind: VerdictKind
    accept: int
    reject: int
    unsure: int


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """Human against model in one group, under one condition.

    Attributes
    ----------
    group : Group
        Which verdicts.
    condition : Condition
        Under which conditions they were given.
    table : TwoWay
        The counts.
    agreement : Agreement
        The figures of the table.
    human, model : AgainstTruth
        Both against known truth on the parts of these verdicts; parts that one did not judge are undecided for it.
    sentence : str
        What the table means.
    notes : tuple of str
        What to bear in mind.
    """

    group: Group
    condition: Condition
    table: TwoWay
    agreement: Agreement
    human: AgainstTruth
    model: AgainstTruth
    sentence: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """The whole report.

    Attributes
    ----------
    header : ReportHeader
        As given.
    provenance : tuple of Provenance
        One for each kind of verdict.
    tables : tuple of AgreementTable
        The headline (overall, blind) first; then by dimension, value and condition.
    flows : tuple of Flow
        What became of the parts: overall, by level, by model version.
    audits : tuple of AuditResult
        Audited accepts and rejects of the model: overall, by level, by model version.
    imported : tuple of AgreementTable
        One for each import of decisions from outside; never counted among the station's own.
    estimates : Estimates
        What audits, third looks and second looks say about all parts.
    """

    header: ReportHeader
    provenance: tuple[Provenance, ...]
    tables: tuple[AgreementTable, ...]
    flows: tuple[Flow, ...]
    audits: tuple[AuditResult, ...]
    estimates: Estimates
    imported: tuple[AgreementTable, ...] = ()

    @property
    def headline(self) -> AgreementTable:
        """All blind verdicts: unaided ones and audits."""
        return self.tables[0]

    def tables_by(self, dimension: Dimension, condition: Condition = Condition.BLIND) -> tuple[AgreementTable, ...]:
        """Return the tables along one dimension under one condition, in the report's order."""
        return tuple(t for t in self.tables if t.group.dimension is dimension and t.condition is condition)


def agreement_report(
    verdict_counts: Iterable[VerdictCount],
    part_counts: Iterable[PartCount],
    header: ReportHeader,
    imported: Sequence[ImportedCount] = (),
    looks: LookCounts = LookCounts(),  # noqa: B008 - frozen
) -> AgreementReport:
    """Return the report on counted verdicts and parts; the order of the rows does not matter.

    Parameters
    ----------
    verdict_counts : iterable of VerdictCount
        Standing verdicts.
    part_counts : iterable of PartCount
        Inspections.
    header : ReportHeader
        With the confidence level of the intervals.
    imported : sequence of ImportedCount
        Decisions from outside.
    looks : LookCounts
        Audits, second looks and third looks.

    Raises
    ------
    ValueError
        If the confidence level is not inside 0 … 1.
    """
    if not 0.0 < header.confidence < 1.0:
        raise ValueError(f"a confidence level is above 0 and below 1, not {header.confidence}")
    verdicts, parts = tuple(verdict_counts), tuple(part_counts)
    return AgreementReport(
        header=header,
        provenance=tuple(_provenance(kind, verdicts) for kind in VerdictKind),
        tables=tuple(_tables(verdicts, header.confidence)),
        flows=tuple(flow(group, rows, header.confidence) for group, rows in part_groups(parts)),
        audits=tuple(audit_results(verdicts, header.confidence)),
        estimates=estimates(verdicts, parts, looks, header.which, header.confidence),
        imported=tuple(
            _table(group, Condition.IMPORTED, rows, (), header.confidence) for group, rows in import_groups(imported)
        ),
    )


def _provenance(kind: VerdictKind, verdicts: Sequence[VerdictCount]) -> Provenance:
    def total(answer: Answer) -> int:
        return sum(row.n for row in verdicts if row.kind is kind and row.answer is answer)

    return Provenance(kind, accept=total(Answer.ACCEPT), reject=total(Answer.REJECT), unsure=total(Answer.UNSURE))


def _tables(verdicts: Sequence[VerdictCount], confidence: float) -> Iterable[AgreementTable]:
    """Yield the blind table of every group, and one of each kind of verdict that the group holds."""
    for group, rows in verdict_groups(verdicts):
        for condition in Condition:
            kinds = condition.kinds
            chosen = [row for row in rows if row.kind in kinds]
            if chosen or condition is Condition.BLIND:
                levels = tuple({row.level for row in chosen})
                yield _table(group, condition, chosen, levels, confidence)


def _table(
    group: Group, condition: Condition, rows: Sequence[Judged], levels: Sequence[Level], confidence: float
) -> AgreementTable:
    table = two_way(rows)
    figures = agreement(table, confidence)
    return AgreementTable(
        group=group,
        condition=condition,
        table=table,
        agreement=figures,
        human=human_against_truth(rows, confidence),
        model=model_against_truth(rows, confidence),
        sentence=plain_sentence(table, figures),
        notes=_notes(condition, levels),
    )


def _notes(condition: Condition, levels: Sequence[Level]) -> tuple[str, ...]:
    notes: list[str] = [] if condition.note is None else [condition.note]
    if {Level.PARTIAL, Level.FULL} & set(levels):
        notes.append(SELECTED_BY_MODEL)
    return tuple(notes)
