"""Pictures of parts on paper: two beside each other, the model's outlines drawn over them as vectors."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from inspector_app.agreement.document import PartCard, Picture
from inspector_app.agreement.print_style import BODY, OUTLINE, marked_up, style

_BESIDE = 2
_GAP = 10.0
_TALLEST = 190.0


class OutlinedPicture(Flowable):
    """A picture scaled to a width, with outlines over it.

    Parameters
    ----------
    picture : Picture
        What to draw.
    width : float
        In points; the height follows, up to a limit that keeps two rows on a page.
    """

    def __init__(self, picture: Picture, width: float) -> None:
        super().__init__()
        self._picture = picture
        scale = min(width / picture.width, _TALLEST / picture.height)
        self._scale = scale
        self.width, self.height = picture.width * scale, picture.height * scale

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - the library's names
        """Return the size in points, whatever room there is."""
        del aW, aH
        return self.width, self.height

    def draw(self) -> None:
        """Draw picture and outlines at the origin."""
        canvas, height = self.canv, self.height
        canvas.drawImage(ImageReader(io.BytesIO(self._picture.jpeg)), 0, 0, self.width, height)
        canvas.setStrokeColor(OUTLINE)
        canvas.setLineWidth(0.7)
        for outline in self._picture.outlines:
            path = canvas.beginPath()
            places = [(x * self._scale, height - y * self._scale) for x, y in outline]
            path.moveTo(*places[0])
            for place in places[1:]:
                path.lineTo(*place)
            path.close()
            canvas.drawPath(path, stroke=1, fill=0)


def card_flowables(cards: Sequence[PartCard], width: float) -> list[Flowable]:
    """Return the cards in rows; a row is never torn apart by the end of a page."""
    each = (width - _GAP * (_BESIDE - 1)) / _BESIDE
    rows = [cards[start : start + _BESIDE] for start in range(0, len(cards), _BESIDE)]
    keep = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), BODY),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), _GAP),
            ("BOTTOMPADDING", (0, 0), (-1, -1), _GAP),
        ]
    )
    made: list[Flowable] = []
    for row in rows:
        cells = [_card(card, each - _GAP) for card in row]
        cells += [[] for _ in range(_BESIDE - len(cells))]
        made.append(Table([cells], colWidths=[each] * _BESIDE, style=keep, hAlign="LEFT"))
    return made


def _card(card: PartCard, width: float) -> list[Flowable]:
    picture = card.picture
    shown: Flowable = (
        Paragraph(marked_up(picture), style("small")) if isinstance(picture, str) else OutlinedPicture(picture, width)
    )
    lines = [Paragraph(marked_up(line), style("cell")) for line in card.lines]
    return [shown, Paragraph(marked_up(card.title), style("h2")), *lines]
