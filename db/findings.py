"""What a verification of the log finds, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from db.audit_chain import ChainHead

PAGE = 1000
"""Rows of a table held in memory at once; the caller is told of progress as often."""


class Trouble(StrEnum):
    """What is wrong with a record."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    CHAIN_BROKEN = "chain_broken"
    NOT_UP_TO_DATE = "not_up_to_date"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    trouble : Trouble
        The kind.
    station_id : str
        Whose chain.
    seq : int or None
        The link's number, where there is one.
    subject : str
        The record: an inspection, verdict, control version, picture or table.
    sentence : str
        One sentence for the operator.
    """

    trouble: Trouble
    station_id: str
    seq: int | None
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The outcome of a verification.

    Attributes
    ----------
    heads : tuple of ChainHead
        The chains as far as they were walked; worth keeping outside the database.
    links, parts, pictures : int
        How many of each were checked.
    findings : tuple of Finding
        In the order of the chains; the first is the first bad record. Only so many are kept, see `found`.
    found : int
        How many there are in all.
    complete : bool
        False if it was cancelled.
    """

    heads: tuple[ChainHead, ...]
    links: int
    parts: int
    pictures: int
    findings: tuple[Finding, ...]
    found: int
    complete: bool

    @property
    def intact(self) -> bool:
        """True if everything was checked and nothing is wrong."""
        return self.complete and not self.found


class Cancelled(Exception):
    """The caller of a verification wants no more of it."""


@dataclass(slots=True)
class Watch:
    """The running verification: counts, findings, and the caller's wish to be told and to stop."""

    total: int
    on_progress: Callable[[int, int], None]
    cancelled: Callable[[], bool]
    keep: int = 100
    done: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def report(self, trouble: Trouble, station_id: str, seq: int | None, subject: str, sentence: str) -> None:
        """Take down a finding."""
        self.found += 1
        if len(self.findings) < self.keep:
            self.findings.append(Finding(trouble, station_id, seq, subject, sentence))

    def advance(self, by: int = 1) -> None:
        """Count what has been checked; tells the caller every so often and stops if it wants to."""
        before, self.done = self.done, self.done + by
        if before // PAGE != self.done // PAGE or self.done >= self.total:
            self.on_progress(self.done, max(self.total, self.done))
            if self.cancelled():
                raise Cancelled
