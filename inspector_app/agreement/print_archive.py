"""What makes a PDF one for the archive: PDF/A-1b (ISO 19005-1, level B), which the printing library does not know.

Every font is embedded and nothing is transparent, encrypted or active by the way the document is printed; here come the
colour profile of its output intent, its XMP metadata, and the line ends that the standard asks for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from inspector_app.agreement.document import Document

_D50: Final = (0.9642, 1.0, 0.8249)
_PRIMARIES: Final = (
    (b"rXYZ", (0.4360747, 0.2225045, 0.0139322)),
    (b"gXYZ", (0.3850649, 0.7168786, 0.0971045)),
    (b"bXYZ", (0.1430804, 0.0606169, 0.7141733)),
)
"""Red, green and blue of sRGB (IEC 61966-2-1), adapted to D50 by Bradford (Lindbloom, *RGB/XYZ matrices*)."""
_CURVE_STEPS: Final = 1024
_HEADER: Final = 128
_STREAM_END: Final = b"endstream\nendobj\n"


def describe(canvas: Canvas, document: Document) -> None:
    """Give the file its time, its XMP metadata and its output intent; on the first page."""
    stamp = f"D:{document.made_at:%Y%m%d%H%M%S}+00'00'"
    canvas.setDateFormatter(lambda *_: stamp)
    # The library has no public way to add an object to the file.
    file: Any = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
    canvas.setCatalogEntry("Metadata", file.Reference(_PlainStream(_xmp(document))))
    profile = pdfdoc.PDFStream(content=srgb_profile())
    profile.dictionary["N"] = 3
    intent = pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("OutputIntent"),
            "S": pdfdoc.PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": pdfdoc.PDFString("sRGB IEC61966-2.1"),
            "DestOutputProfile": file.Reference(profile),
        }
    )
    # WORKAROUND: the library writes only the catalog entries that it has a list of, and this one is not on it.
    file.Catalog.__NoDefault__ = [*file.Catalog.__NoDefault__, "OutputIntents"]
    canvas.setCatalogEntry("OutputIntents", pdfdoc.PDFArray([intent]))


def keywords(document: Document) -> list[str]:
    """Return the keywords of the document information, which the XMP metadata repeat."""
    return [f"content {document.fingerprint}"]


def with_line_ends(pdf: bytes) -> bytes:
    """Return a PDF with a line end before each ``endstream`` (ISO 19005-1, 6.1.7), which the library leaves out.

    Parameters
    ----------
    pdf : bytes
        As the library writes it: one cross-reference section, objects one after the other.
    """
    table = int(pdf[pdf.rindex(b"startxref\n") + 10 :].split()[0])
    entries = re.findall(rb"(\d{10}) (\d{5}) n \n", pdf[table:])
    starts = [int(offset) for offset, _ in entries]
    ends = dict(zip(sorted(starts), [*sorted(starts)[1:], table], strict=True))
    written = bytearray(pdf[: min(starts)])
    moved = {}
    for start in sorted(starts):
        moved[start] = len(written)
        written += _ended(pdf[start : ends[start]])
    rows = b"".join(b"%010d %b n \n" % (moved[int(offset)], generation) for offset, generation in entries)
    head, rest = pdf[table:].split(b" f \n", 1)
    trailer = rest[rest.index(b"trailer") :].replace(b"startxref\n%d" % table, b"startxref\n%d" % len(written))
    return bytes(written) + head + b" f \n" + rows + trailer


def srgb_profile() -> bytes:
    """Return an sRGB colour profile of ICC version 2, which PDF/A-1 asks for: a matrix and a table of the curve."""
    tags = [
        (b"desc", _text_description("sRGB IEC61966-2.1")),
        (b"cprt", b"text\0\0\0\0No copyright, use freely\0"),
        (b"wtpt", _xyz(_D50)),
        *((name, _xyz(primary)) for name, primary in _PRIMARIES),
        *((name, _curve()) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, data = b"", b""
    begin = _HEADER + 4 + 12 * len(tags)
    for name, content in tags:
        table += struct.pack(">4sII", name, begin + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = begin + len(data)
    header = struct.pack(">I4xI4s4s4s12x4s", size, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + _numbers(_D50)
    return header.ljust(_HEADER, b"\0") + struct.pack(">I", len(tags)) + table + data


class _PlainStream(pdfdoc.PDFObject):
    """XMP metadata, which PDF/A wants readable for programs that know no PDF: no filter."""

    __RefOnly__ = 1

    def __init__(self, content: bytes) -> None:
        self._content = content

    def format(self, document: Any) -> bytes:
        """Return the object."""
        del document
        head = b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n" % len(self._content)
        return head + self._content + b"endstream\n"


def _ended(item: bytes) -> bytes:
    return item[: -len(_STREAM_END)] + b"\n" + _STREAM_END if item.endswith(_STREAM_END) else item


def _numbers(values: Sequence[float]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def _curve() -> bytes:
    """Return sRGB's curve from value to light (IEC 61966-2-1)."""
    steps = [step / (_CURVE_STEPS - 1) for step in range(_CURVE_STEPS)]
    light = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in steps]
    return struct.pack(f">4s4xI{_CURVE_STEPS}H", b"curv", _CURVE_STEPS, *(round(65535 * each) for each in light))


def _text_description(text: str) -> bytes:
    plain = text.encode("ascii") + b"\0"
    return struct.pack(">4s4xI", b"desc", len(plain)) + plain + bytes(4 + 4 + 2 + 1 + 67)


def _xmp(document: Document) -> bytes:
    made = f"{document.made_at:%Y-%m-%dT%H:%M:%S}+00:00"
    title, subject, producer = (escape(text) for text in (document.title, document.subject, document.producer))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
        'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>'
        f"<dc:creator><rdf:Seq><rdf:li>{producer}</rdf:li></rdf:Seq></dc:creator>"
        f"<xmp:CreateDate>{made}</xmp:CreateDate><xmp:ModifyDate>{made}</xmp:ModifyDate>"
        f"<xmp:CreatorTool>{producer}</xmp:CreatorTool><pdf:Producer>{producer}</pdf:Producer>"
        f"<pdf:Keywords>{escape(', '.join(keywords(document)))}</pdf:Keywords>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    ).encode()
