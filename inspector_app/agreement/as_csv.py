"""The agreement report as CSV: RFC 4180, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from inspector_app.agreement.as_json import filter_record
from inspector_app.agreement.document import Cell, Share, Table
from inspector_app.agreement.figure_rows import FigureRow, figure_rows
from inspector_app.agreement.report import READING, AgreementReport, ReportHeader
from inspector_app.agreement.values import NotMeasurable
from inspector_app.domain.records import utc_text

COLUMNS = ("section", "group", "quantity", "k", "n", "estimate", "low", "high", "method", "note")
"""Header of the long table of all figures."""

Row = tuple[str, ...]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv_rows(report: AgreementReport) -> tuple[Row, ...]:
    """Return the rows of the long table, header first, every cell as text.

    A figure with two intervals takes two rows, one for each method. Numbers are written so that they read back
    exactly, a minus sign included. Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    return (COLUMNS, *_header_rows(report.header), *(_figure_row(row) for row in figure_rows(report)))


def csv_text(report: AgreementReport) -> str:
    """Return the long table of all figures as RFC 4180 text, lines ending in CR LF."""
    return _text(to_csv_rows(report))


def table_csv(table: Table) -> str:
    """Return one table of the document as RFC 4180 text: keys of the columns, then the rows; numbers read back."""
    head = tuple(safe_cell(column.key) for column in table.columns)
    return _text((head, *(tuple(map(cell_csv, row)) for row in table.rows)))


def cell_csv(cell: Cell) -> str:
    """Return a cell of the document as text."""
    match cell:
        case None:
            return ""
        case NotMeasurable():
            return f"not measurable: {cell.why}"
        case Share():
            return repr(cell.value)
        case datetime():
            return utc_text(cell)
        case str():
            return safe_cell(cell)
        case _:
            return repr(cell)


def safe_cell(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet would read it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _text(rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _header_rows(header: ReportHeader) -> Iterator[Row]:
    facts = (
        ("generated_at", utc_text(header.generated_at)),
        ("program_version", header.program_version),
        ("confidence", repr(header.confidence)),
        ("positive", "reject"),
        *((f"filter.{name}", str(value)) for name, value in filter_record(header.which).items() if value is not None),
        *header.facts,
        *(("reading", sentence) for sentence in READING),
    )
    for name, value in facts:
        yield _figure_row(FigureRow("header", "report", name, note=value))


def _figure_row(row: FigureRow) -> Row:
    interval = row.interval
    bounds: Row = ("", "", "")
    if interval is not None:
        bounds = (repr(interval.low), repr(interval.high), f"{interval.method.value} {interval.level:g}")
    numbers = ("" if value is None else repr(value) for value in (row.k, row.n, row.estimate))
    return (
        safe_cell(row.section),
        safe_cell(row.group),
        safe_cell(row.quantity),
        *numbers,
        *bounds,
        safe_cell(row.note),
    )
