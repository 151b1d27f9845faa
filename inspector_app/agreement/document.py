"""The report as a document: a frozen tree of sections, tables with typed cells, plots and pictures.

PDF, XLSX, CSV and JSON are all written from this one tree, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from inspector_app.agreement.course import Course
from inspector_app.agreement.trend import Trend
from inspector_app.agreement.values import NotMeasurable


@dataclass(frozen=True, slots=True)
class Share:
    """A share, 0 … 1, that people read as a percentage."""

    value: float


Cell = str | int | float | Share | datetime | NotMeasurable | None
"""What a cell may hold: text, a whole number, a number, a share, a UTC time, why there is no figure, or nothing."""


RANGE = " … "
"""Joins the two ends of an interval in print."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    key : str
        Stable name for programs.
    title : str
        Heading for people.
    width : float
        Relative width in print.
    join : str
        Not empty: in print this column stands in the cell of the one before, with this text between them.
    """

    key: str
    title: str
    width: float = 1.0
    join: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings.

    Attributes
    ----------
    key : str
        Stable name for programs: name of the file and of the sheet; no two tables of a document share one.
    title : str
        For people.
    columns : tuple of Column
        Headings.
    rows : tuple of tuple of Cell
        One cell for each column.
    notes : tuple of str
        Printed below.
    in_print : bool
        False: too long for paper; the other formats hold it.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    in_print: bool = True

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of the table {self.key} has not one cell for each column")


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a ``lead`` is set larger."""

    text: str
    lead: bool = False


@dataclass(frozen=True, slots=True)
class TrendPlot:
    """A trend to be drawn; its numbers are in the table of the same section."""

    trend: Trend


@dataclass(frozen=True, slots=True)
class CoursePlot:
    """The course of audits to be drawn; its numbers are in the table of the same section."""

    course: Course


@dataclass(frozen=True, slots=True)
class Picture:
    """A part's picture, small enough to print.

    Attributes
    ----------
    jpeg : bytes
        The picture.
    width, height : int
        Of the original in px: the outlines' unit.
    outlines : tuple of tuple of (int, int)
        The model's regions, as polygons in px of the original.
    """

    jpeg: bytes
    width: int
    height: int
    outlines: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class PartCard:
    """A part with its picture and both decisions in words; ``picture`` is why there is none, if there is none."""

    title: str
    lines: tuple[str, ...]
    picture: Picture | str


@dataclass(frozen=True, slots=True)
class PartSheet:
    """Pictures of parts; their decisions are in the table of the same section."""

    cards: tuple[PartCard, ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, one for each role."""

    roles: tuple[str, ...]


Block = Table | Text | TrendPlot | CoursePlot | PartSheet | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of the document."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole document.

    Attributes
    ----------
    title, subject : str
        On the cover and in the file's properties.
    made_at : datetime
        UTC.
    producer : str
        Program and version.
    cover : tuple of (str, str)
        Facts on the cover.
    fingerprint : str
        SHA-256 of the content, 64 hex digits: the same in every format of one report.
    sections : tuple of Section
        In reading order.
    """

    title: str
    subject: str
    made_at: datetime
    producer: str
    cover: tuple[tuple[str, str], ...]
    fingerprint: str
    sections: tuple[Section, ...]

    def tables(self) -> Iterator[Table]:
        """Yield every table, in reading order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block


def cell_text(cell: Cell) -> str:
    """Return a cell as people read it in print."""
    if isinstance(cell, str) or cell is None:
        return cell or ""
    match cell:
        case NotMeasurable():
            return f"not measurable: {cell.why}"
        case Share():
            return _percent(cell.value)
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case float():
            return "< 0.001" if 0.0 < cell < 0.0005 else f"{cell + 0.0:.3f}"
        case _:
            return f"{cell:,}".replace(",", "\u202f")


def _percent(value: float) -> str:
    """Return a share with two decimals, never rounded to none or all when it is not."""
    text = f"{100.0 * value:.2f}"
    if text == "100.00" and value < 1.0:
        return "> 99.99 %"
    if text == "0.00" and value > 0.0:
        return "< 0.01 %"
    return f"{text} %"
