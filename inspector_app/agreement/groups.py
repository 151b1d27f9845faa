"""Along which lines the report splits the log, and which verdicts may stand in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.control import Level
from inspector_app.domain.logquery import ImportedCount, PartCount, VerdictCount
from inspector_app.domain.verdict import VerdictKind


class Dimension(StrEnum):
    """Along which line a group is cut out."""

    OVERALL = "overall"
    LEVEL = "level"
    MODEL_VERSION = "model_version"
    INSPECTOR = "inspector"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the log.

    Attributes
    ----------
    dimension : Dimension
        The line.
    value : str
        Level, model version, inspector or import; ``"all"`` overall.
    """

    dimension: Dimension
    value: str


class Condition(StrEnum):
    """Under which conditions the verdicts of one table were given.

    Verdicts given without the model in view measure agreement; the others are shown apart and labelled.
    """

    BLIND = "blind"
    UNAIDED = "unaided"
    AUDIT = "audit"
    AIDED = "aided"
    SECOND_LOOK = "second_look"
    ADJUDICATION = "adjudication"
    IMPORTED = "imported"

    @property
    def kinds(self) -> frozenset[VerdictKind]:
        """Kinds of the station's own verdicts that stand in the table; none for what came from outside."""
        if self is Condition.BLIND:
            return frozenset({VerdictKind.UNAIDED, VerdictKind.AUDIT})
        if self is Condition.IMPORTED:
            return frozenset()
        return frozenset({VerdictKind(self.value)})

    @property
    def note(self) -> str | None:
        """What a reader has to bear in mind, ``None`` if nothing."""
        return _NOTES.get(self)


_NOTES = {
    Condition.BLIND: "Unaided verdicts and audits together: all that were given without the model in view.",
    Condition.AUDIT: "Audits are drawn from the parts that the model decided.",
    Condition.AIDED: "Given with the model in view: not independent of it, so no measure of agreement or of truth.",
    Condition.SECOND_LOOK: "Given after the model was revealed: not independent of it, so no measure of agreement.",
    Condition.IMPORTED: (
        "Decisions brought in from a file: this log does not know under which conditions they were given."
    ),
    Condition.ADJUDICATION: "A third look at parts on which others differed: a selected set.",
}


def verdict_groups(rows: Sequence[VerdictCount]) -> Iterator[tuple[Group, Sequence[VerdictCount]]]:
    """Yield overall, every level, then the model versions and the inspectors that occur, each with its rows."""
    yield Group(Dimension.OVERALL, "all"), rows
    for level in Level:
        yield Group(Dimension.LEVEL, level.value), [row for row in rows if row.level is level]
    for version in sorted({row.model_version for row in rows if row.model_version is not None}):
        yield Group(Dimension.MODEL_VERSION, version), [row for row in rows if row.model_version == version]
    for inspector in sorted({row.inspector for row in rows}):
        yield Group(Dimension.INSPECTOR, inspector), [row for row in rows if row.inspector == inspector]


def part_groups(rows: Sequence[PartCount]) -> Iterator[tuple[Group, Sequence[PartCount]]]:
    """Yield overall, every level, then the model versions that occur, each with its rows."""
    yield Group(Dimension.OVERALL, "all"), rows
    for level in Level:
        yield Group(Dimension.LEVEL, level.value), [row for row in rows if row.level is level]
    for version in sorted({row.model_version for row in rows if row.model_version is not None}):
        yield Group(Dimension.MODEL_VERSION, version), [row for row in rows if row.model_version == version]


def import_groups(rows: Sequence[ImportedCount]) -> Iterator[tuple[Group, Sequence[ImportedCount]]]:
    """Yield every import with its rows; nothing without one."""
    for source in sorted({row.source for row in rows}):
        yield Group(Dimension.IMPORT, source), [row for row in rows if row.source == source]
