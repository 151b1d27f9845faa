"""A table of the document on paper: headings repeated on every page, columns joined where they read as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from reportlab.platypus import Flowable, LongTable, Paragraph, TableStyle

from inspector_app.agreement.document import RANGE, Cell, Column, Share, Table, cell_text
from inspector_app.agreement.print_style import BODY, FAINT, RULE, STRIPE, marked_up, style
from inspector_app.agreement.values import NotMeasurable

NOT_MEASURABLE = "n/m"
_SPAN_AT_LEAST = 3
_PADDING = 2.5


class CellText(Paragraph):
    """A paragraph that breaks its lines once for a width: a table asks each of its cells about four times."""

    _broken: tuple[float, tuple[float, float]] | None = None

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:  # noqa: N803
        """Return width and height, in points."""
        if self._broken is None or self._broken[0] != availWidth:
            self._broken = (availWidth, super().wrap(availWidth, availHeight))
        return self._broken[1]


def table_flowables(table: Table, width: float) -> list[Flowable]:
    """Return title, table and notes; the table breaks between rows.

    Parameters
    ----------
    table : Table
        To be printed.
    width : float
        Of the page's frame, in points.
    """
    made: list[Flowable] = [Paragraph(marked_up(table.title), style("h2"))]
    notes = list(table.notes)
    if table.rows:
        shown, short = _shown(table, width)
        made.append(shown)
        if short:
            notes.append(f"{NOT_MEASURABLE}: not measurable; the reason stands in the other formats.")
    made += [Paragraph(marked_up(note), style("small")) for note in notes]
    return made


def printed_row(columns: Sequence[Column], row: Sequence[Cell]) -> list[str | NotMeasurable]:
    """Return the texts of a row as printed, joined columns in one; a figure that cannot be measured as itself."""
    texts: list[str | NotMeasurable] = []
    for column, cell in zip(columns, row, strict=True):
        if not column.join or not texts:
            texts.append(cell if isinstance(cell, NotMeasurable) else cell_text(cell))
        elif cell is not None and isinstance(before := texts[-1], str):
            texts[-1] = _joined(before, column.join, cell)
    return texts


def _joined(before: str, join: str, cell: Cell) -> str:
    """Return both in one; between two shares of a range the unit is said once."""
    if join == RANGE and isinstance(cell, Share):
        before = before.removesuffix(" %")
    return f"{before}{join}{cell_text(cell)}"


def _shown(table: Table, width: float) -> tuple[LongTable, bool]:
    """Return the table, and True if a figure's reason had no room in it."""
    printed = [column for column in table.columns if not column.join]
    numeric = _numeric(table, printed)
    whole = sum(column.width for column in printed)
    commands: list[Any] = list(_LOOK)
    cells = [_head(table.columns, numeric)]
    short = False
    for line, row in enumerate(table.rows, start=1):
        texts = printed_row(table.columns, row)
        at = _reason_at(texts)
        if at is not None:
            commands.append(("SPAN", (at, line), (-1, line)))
        short |= any(isinstance(text, NotMeasurable) for text in texts[:at])
        cells.append([_cell(text, numeric[place], whole=place == at) for place, text in enumerate(texts)])
    wanted = [width * column.width / whole for column in printed]
    least = [_longest_word(column) for column in zip(*cells, strict=True)]
    widths = fitted_widths(wanted, least)
    return LongTable(cells, colWidths=widths, repeatRows=1, style=TableStyle(commands)), short


_LOOK: tuple[Any, ...] = (
    ("FONT", (0, 0), (-1, -1), BODY),  # of empty cells too: the library's own font would not be embedded
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, FAINT),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
    ("ROWBACKGROUNDS", (0, 1), (-1, -1), (None, STRIPE)),
    ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), _PADDING),
    ("BOTTOMPADDING", (0, 0), (-1, -1), _PADDING),
)


def fitted_widths(wanted: Sequence[float], least: Sequence[float]) -> list[float]:
    """Return widths of the same sum in which no word breaks, if there is room for that.

    Parameters
    ----------
    wanted : sequence of float
        Widths as the table asks for them, points.
    least : sequence of float
        Width of the longest word in each column.
    """
    lacking = sum(max(0.0, need - width) for width, need in zip(wanted, least, strict=True))
    spare = sum(max(0.0, width - need) for width, need in zip(wanted, least, strict=True))
    if lacking > spare or not lacking:
        return list(wanted)
    kept = 1.0 - lacking / spare
    return [need if width < need else need + kept * (width - need) for width, need in zip(wanted, least, strict=True)]


def _longest_word(column: Sequence[Paragraph | str]) -> float:
    """Return the width of a column's longest word with its padding, in points."""
    widest = max((cell.minWidth() for cell in column if isinstance(cell, Paragraph)), default=0.0)
    return float(widest) + 2 * _PADDING


def _reason_at(texts: Sequence[str | NotMeasurable]) -> int | None:
    """Return where a reason may take the rest of the row: nothing stands behind it and there is room enough."""
    for at, text in enumerate(texts):
        if isinstance(text, NotMeasurable) and len(texts) - at >= _SPAN_AT_LEAST and not any(texts[at + 1 :]):
            return at
    return None


def _cell(text: str | NotMeasurable, numeric: bool, *, whole: bool) -> Paragraph | str:
    if isinstance(text, NotMeasurable):
        shown = cell_text(text) if whole else NOT_MEASURABLE
        return CellText(marked_up(shown), style("cell" if whole else "number"))
    return CellText(marked_up(text), style("number" if numeric else "cell")) if text else ""


def _head(columns: Sequence[Column], numeric: Sequence[bool]) -> list[Paragraph | str]:
    titles: list[str] = []
    for column in columns:
        if column.join and titles:
            titles[-1] += f"{column.join}{column.title}"
        else:
            titles.append(column.title)
    return [
        CellText(marked_up(title), style("head_number" if right else "head"))
        for title, right in zip(titles, numeric, strict=True)
    ]


def _numeric(table: Table, printed: Sequence[Column]) -> list[bool]:
    """Return for each printed column whether it holds numbers, to be set to the right."""
    numeric = []
    for column in printed:
        first = table.columns.index(column)
        joined = takewhile(lambda other: other.join, table.columns[first + 1 :])
        cells = [cell for row in table.rows for cell in row[first : first + 1 + len(list(joined))]]
        told = [cell for cell in cells if cell is not None and not isinstance(cell, NotMeasurable)]
        numeric.append(bool(told) and not any(isinstance(cell, str) for cell in told))
    return numeric
