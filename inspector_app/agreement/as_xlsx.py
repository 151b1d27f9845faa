"""The document as an Excel workbook: one sheet for each table, typed cells, frozen headings, no formulas."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from inspector_app.agreement.document import Cell, Document, Share, Table
from inspector_app.agreement.values import NotMeasurable

_LONGEST_NAME = 31
_WIDEST = 60
_FORMATS = {
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "text": {"text_wrap": True, "valign": "top"},
    "share": {"num_format": "0.00%"},
    "number": {"num_format": "0.0000"},
    "count": {"num_format": "#,##0"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "none": {"italic": True},
}


def xlsx_bytes(document: Document) -> bytes:
    """Return the workbook; the same document gives the same bytes."""
    target = io.BytesIO()
    # Text stays text: nothing in a name becomes a formula, a link or a number.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        made = document.made_at.replace(tzinfo=None)
        book.set_properties({"title": document.title, "subject": document.subject, "created": made})
        formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}
        _cover(book.add_worksheet("Cover"), document, formats)
        for name, table in sheet_names(document):
            _sheet(book.add_worksheet(name), table, formats)
    return target.getvalue()


def sheet_names(document: Document) -> Iterator[tuple[str, Table]]:
    """Yield each table with the name of its sheet: its key, cut to what Excel allows."""
    for table in document.tables():
        yield table.key[:_LONGEST_NAME], table


def _cover(sheet: Worksheet, document: Document, formats: dict[str, Format]) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, document.title, formats["title"])
    sheet.write_string(1, 0, document.subject)
    for at, (name, value) in enumerate(document.cover, start=3):
        sheet.write_string(at, 0, name, formats["text"])
        sheet.write_string(at, 1, value, formats["text"])


def _sheet(sheet: Worksheet, table: Table, formats: dict[str, Format]) -> None:
    """Write headings in the first row, then the rows, then the notes below an empty line."""
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.key, formats["head"])
        longest = max((len(_text(row[at])) for row in table.rows), default=0)
        sheet.set_column(at, at, min(_WIDEST, max(len(column.key), longest) + 2))
    for line, row in enumerate(table.rows, start=1):
        for at, cell in enumerate(row):
            _write(sheet, line, at, cell, formats)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for line, note in enumerate(table.notes, start=len(table.rows) + 2):
        sheet.write_string(line, 0, note)


def _write(sheet: Worksheet, line: int, at: int, cell: Cell, formats: dict[str, Format]) -> None:
    match cell:
        case None:
            return
        case Share():
            sheet.write_number(line, at, cell.value, formats["share"])
        case datetime():
            sheet.write_datetime(line, at, cell.replace(tzinfo=None), formats["time"])
        case float():
            sheet.write_number(line, at, cell, formats["number"])
        case int():
            sheet.write_number(line, at, cell, formats["count"])
        case _:
            sheet.write_string(line, at, _text(cell), formats["none" if isinstance(cell, NotMeasurable) else "text"])


def _text(cell: Any) -> str:
    """Return a text cell's words, and roughly the room that any other takes."""
    return f"not measurable: {cell.why}" if isinstance(cell, NotMeasurable) else str(cell)
