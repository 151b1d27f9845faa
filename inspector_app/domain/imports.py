"""Decisions from before the station: what a file of them holds, and how the log keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.frame import Judgement
from inspector_app.domain.verdict import Answer


@dataclass(frozen=True, slots=True)
class ImportedDecision:
    """One line of a file: a human's answer and the model's judgement about one part.

    Attributes
    ----------
    line : int
        Of the file, from 1, the heading included.
    part : str
        The part.
    human : Answer
        What the human said.
    model : Judgement or None
        What the model said, ``None`` where it said nothing.
    reference : Judgement or None
        Known truth.
    inspector, model_version : str or None
        Who and which model, where the file says so.
    at : datetime or None
        UTC.
    """

    line: int
    part: str
    human: Answer
    model: Judgement | None
    reference: Judgement | None = None
    inspector: str | None = None
    model_version: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was brought in.

    Attributes
    ----------
    name : str
        Of the file, without its folder.
    sha256 : str
        Of the file, 64 hex digits: the same file is taken only once.
    rows : int
        Decisions in it.
    rows_sha256 : str
        Of the decisions as they were read (see `db.import_log`), 64 hex digits.
    mapping : tuple of (str, str)
        What each column was taken for: field, heading.
    by : str
        Who brought it in.
    at : datetime
        UTC, when.
    """

    name: str
    sha256: str
    rows: int
    rows_sha256: str
    mapping: tuple[tuple[str, str], ...]
    by: str
    at: datetime

    @property
    def label(self) -> str:
        """Name and first digits of the fingerprint, as reports call it."""
        return f"{self.name} #{self.sha256[:8]}"
