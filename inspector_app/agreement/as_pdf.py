"""The document as a PDF that can be filed: cover, signatures, numbered pages, all fonts embedded.

It is a PDF/A-1b (see `print_archive`), which says how it looks; it is not tagged, as level A would ask.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from reportlab.graphics import renderPDF  # noqa: F401 - drawings are flowables once this is loaded
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from inspector_app.agreement.document import (
    Block,
    CoursePlot,
    Document,
    PartSheet,
    Section,
    Signatures,
    Text,
    TrendPlot,
)
from inspector_app.agreement.document import Table as DocumentTable
from inspector_app.agreement.print_archive import describe, keywords, with_line_ends
from inspector_app.agreement.print_cards import card_flowables
from inspector_app.agreement.print_plots import course_drawing, trend_drawing
from inspector_app.agreement.print_style import BODY, FAINT, INK, RULE, font, marked_plain, marked_up, style
from inspector_app.agreement.print_tables import table_flowables

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_TOTAL = "total-of-pages"


class _PageTotal(Flowable):
    """Takes no room; on the last page, notes how many there are, for the line "page x of y" of all of them."""

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - the library's names
        """Return no size."""
        del aW, aH
        return 0.0, 0.0

    def draw(self) -> None:
        """Draw the number where every page's line has left room for it."""
        canvas = self.canv
        canvas.beginForm(_TOTAL)
        canvas.setFont(BODY, 7.5)
        canvas.setFillColor(FAINT)
        canvas.drawString(0, 0, str(canvas.getPageNumber()))
        canvas.endForm()


def pdf_bytes(document: Document) -> bytes:
    """Return the PDF; the same document gives the same bytes."""
    font(BODY)
    target = io.BytesIO()
    frame = Frame(_MARGIN, _MARGIN + 6 * mm, _WIDTH, A4[1] - 2 * _MARGIN - 14 * mm, 0, 0, 0, 0)
    template = BaseDocTemplate(
        target,
        pagesize=A4,
        title=document.title,
        subject=document.subject,
        author=document.producer,
        creator=document.producer,
        producer=document.producer,
        keywords=keywords(document),
        invariant=1,
        pageCompression=1,
        initialFontName=BODY,
        lang="en",
    )
    furniture = _furniture(document)
    template.addPageTemplates([PageTemplate("page", [frame], onPage=furniture)])
    template.build(_story(document))
    return with_line_ends(target.getvalue())


def _story(document: Document) -> list[Flowable]:
    first, *others = document.sections
    story: list[Flowable] = [
        Paragraph(marked_up(document.title), style("title")),
        Paragraph(marked_up(document.subject), style("body")),
        Spacer(0, 10),
        _cover(document),
        *_section(first),
    ]
    for section in others:
        story += _section(section)
    return [*story, _PageTotal()]


def _cover(document: Document) -> Table:
    rows = [
        [Paragraph(marked_up(name), style("head")), Paragraph(marked_up(value), style("cell"))]
        for name, value in document.cover
    ]
    look: list[Any] = [
        ("FONT", (0, 0), (-1, -1), BODY),
        ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table(rows, colWidths=[_WIDTH * 0.26, _WIDTH * 0.74], style=TableStyle(look))


def _section(section: Section) -> list[Flowable]:
    heading = Paragraph(marked_up(section.title), style("h1"))
    printed = [block for block in section.blocks if not isinstance(block, DocumentTable) or block.in_print]
    if not printed:
        return []
    flowables: list[Flowable] = [heading]
    for block in printed:
        flowables += _block(block, leads=block is printed[0] and len(printed) > 1)
    return flowables


def _block(block: Block, *, leads: bool) -> list[Flowable]:
    """Return a block's flowables; a text that leads its section stays with what follows."""
    match block:
        case Text():
            name = "lead" if block.lead else "leading" if leads else "body"
            return [Paragraph(marked_up(block.text), style(name))]
        case TrendPlot():
            return [trend_drawing(block.trend, _WIDTH)]
        case CoursePlot():
            return [course_drawing(block.course, _WIDTH)]
        case PartSheet():
            return card_flowables(block.cards, _WIDTH)
        case Signatures():
            return [_signatures(block)]
        case _:
            return table_flowables(block, _WIDTH)


def _signatures(block: Signatures) -> KeepTogether:
    head = [Paragraph(name, style("head")) for name in ("", "Name", "Date", "Signature")]
    rows: list[list[Any]] = [head, *([Paragraph(marked_up(role), style("cell")), "", "", ""] for role in block.roles)]
    lines: list[Any] = [
        ("FONT", (0, 0), (-1, -1), BODY),
        ("LINEBELOW", (1, 1), (-1, -1), 0.6, INK),
        ("VALIGN", (0, 1), (-1, -1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]
    widths = [_WIDTH * share for share in (0.25, 0.3, 0.15, 0.3)]
    table = Table(rows, colWidths=widths, rowHeights=[14, *[30] * len(block.roles)], style=TableStyle(lines))
    return KeepTogether([Spacer(0, 8), table])


def _furniture(document: Document) -> Callable[[Canvas, BaseDocTemplate], None]:
    """Return what draws the lines above and below every page."""

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        del template
        if canvas.getPageNumber() == 1:
            describe(canvas, document)
        top, bottom, right = A4[1] - _MARGIN + 2 * mm, _MARGIN - 4 * mm, A4[0] - _MARGIN
        canvas.saveState()
        canvas.setFont(BODY, 7.5)
        canvas.setFillColor(FAINT)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.4)
        canvas.line(_MARGIN, top - 5, right, top - 5)
        canvas.line(_MARGIN, bottom + 10, right, bottom + 10)
        canvas.drawString(_MARGIN, top, marked_plain(document.title))
        canvas.drawRightString(right, top, marked_plain(document.subject))
        canvas.drawString(_MARGIN, bottom, f"{document.producer} · content {document.fingerprint[:16]}")
        room = canvas.stringWidth("0000", BODY, 7.5)
        canvas.drawRightString(right - room, bottom, f"page {canvas.getPageNumber()} of ")
        canvas.translate(right - room, bottom)
        canvas.doForm(_TOTAL)
        canvas.restoreState()

    return draw
