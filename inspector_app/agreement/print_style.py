"""Fonts, sizes and colours of the printed report."""

from __future__ import annotations

import io
from functools import cache
from html import escape
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from resources.files import resource_bytes

BODY, STRONG, NAMES = "IBMPlexSans", "IBMPlexSans-SemiBold", "DroidSansFallback"
_FILES = {
    BODY: "IBMPlexSans-Regular.ttf",
    STRONG: "IBMPlexSans-SemiBold.ttf",
    NAMES: "DroidSansFallback-Names.ttf",
}

INK = HexColor("#1a1d21")
FAINT = HexColor("#5d6670")
RULE = HexColor("#c4cad1")
STRIPE = HexColor("#f3f5f7")
HUMAN = HexColor("#1f5fa8")
MODEL = HexColor("#b85c00")
OUTLINE: Color = HexColor("#e6007e")
CHANGE = HexColor("#5d6670")


@cache
def font(name: str) -> TTFont:
    """Return one of the bundled fonts, made known to the library when it is first used."""
    made = TTFont(name, io.BytesIO(resource_bytes("fonts", _FILES[name])))
    pdfmetrics.registerFont(made)
    return made


@cache
def style(name: str) -> ParagraphStyle:
    """Return a paragraph style: body, leading, small, lead, title, h1, h2, cell, number, head or head_number."""
    font(BODY)
    font(STRONG)
    base = {"fontName": BODY, "fontSize": 9.0, "leading": 12.5, "textColor": INK, "spaceAfter": 4.0}
    return ParagraphStyle(name, **{**base, **_STYLES[name]})


_CELL: dict[str, Any] = {"fontSize": 7.5, "leading": 9.5, "spaceAfter": 0.0}
_HEAD: dict[str, Any] = {**_CELL, "fontName": STRONG, "textColor": FAINT}
_HEADING: dict[str, Any] = {"fontName": STRONG, "keepWithNext": 1}
_STYLES: dict[str, dict[str, Any]] = {
    "body": {},
    "leading": {"keepWithNext": 1},
    "small": {"fontSize": 7.5, "leading": 10.0, "textColor": FAINT, "spaceBefore": 2.0},
    "lead": {"fontSize": 11.0, "leading": 15.5, "spaceBefore": 6.0, "spaceAfter": 8.0},
    "title": {"fontName": STRONG, "fontSize": 22.0, "leading": 27.0, "spaceAfter": 2.0},
    "h1": {**_HEADING, "fontSize": 13.5, "leading": 17.0, "spaceBefore": 16.0, "spaceAfter": 5.0},
    "h2": {**_HEADING, "fontSize": 9.5, "leading": 13.0, "spaceBefore": 7.0, "spaceAfter": 3.0},
    "cell": _CELL,
    "number": {**_CELL, "alignment": TA_RIGHT},
    "head": _HEAD,
    "head_number": {**_HEAD, "alignment": TA_RIGHT},
}


def marked_up(text: str) -> str:
    """Return text for a paragraph: characters that the body font lacks are set in the other one.

    What neither font holds is printed by its code point, so that nothing vanishes. No line begins with a percent sign.
    """
    body, together = font(BODY).face.charToGlyph, text.replace(" %", "\u00a0%")
    if text.isprintable() and all(ord(char) in body for char in text):
        return escape(together)
    parts: list[str] = []
    for char in together:
        code = ord(char)
        if char == "\n":
            parts.append("<br/>")
        elif code in body or char in {" ", "\u00a0"}:
            parts.append(escape(char))
        elif code in font(NAMES).face.charToGlyph:
            parts.append(f'<font name="{NAMES}">{escape(char)}</font>')
        else:
            parts.append(f"[U+{code:04X}]")
    return "".join(parts).replace(f'</font><font name="{NAMES}">', "")


def marked_plain(text: str) -> str:
    """Return text for a drawing, which has one font: what the body font lacks is printed by its code point."""
    body = font(BODY).face.charToGlyph
    return "".join(char if ord(char) in body or char == " " else f"[U+{ord(char):04X}]" for char in text)
