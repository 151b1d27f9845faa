"""Whether a picture file is all there: decoders fill what is missing with grey and say nothing."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from inspector_app.cameras.refusal import Refusal
from inspector_app.cameras.tiff import read_tags
from inspector_app.domain.frame import PictureProblem

_JPEG_MARKER: Final = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""A marker within entropy-coded data: 0xFF and neither a stuffed zero nor a restart (ITU-T T.81, B.1.1)."""
_JPEG_WITHIN_SCANS: Final = {0xC4, 0xCC, *range(0xD9, 0xDE), *range(0xE0, 0xF0), 0xFE}
"""Tables, scans, end, application data, comment: all that may stand between two scans (ITU-T T.81, B.2.1)."""


def check_complete(kind: str, data: bytes) -> None:
    """Check that a picture file goes on to its own end.

    Parameters
    ----------
    kind : str
        As in `PictureHeader.kind`.
    data : bytes
        The whole file.

    Raises
    ------
    Refusal
        ``TRUNCATED`` if the end is missing, ``UNREADABLE`` if a checksum does not fit.
    """
    try:
        complete = _CHECKS[kind](data)
    except struct.error:
        complete = False
    if not complete:
        raise Refusal(PictureProblem.TRUNCATED, f"is a truncated {kind}: its end is missing")


def single_scan_jpeg(data: bytes) -> bool:
    """Return True for a complete JPEG of the plainest kind: one Huffman-coded scan and nothing behind it."""
    try:
        codes = list(_jpeg_markers(data))
    except (struct.error, Refusal):
        return False
    return codes[-2:] == [0xDA, 0xD9] and codes.count(0xDA) == 1 and bool({0xC0, 0xC1} & set(codes))


def _jpeg_complete(data: bytes) -> bool:
    """Walk all segments and scans to the end-of-image marker; what follows it (a preview, say) does not count."""
    return 0xDA in list(_jpeg_markers(data))


def _jpeg_markers(data: bytes) -> Iterator[int]:
    """Yield the markers up to the end-of-image marker, without restarts; `struct.error` if the data end before it."""
    position, in_scan = 2, False
    while True:
        found = _JPEG_MARKER.search(data, position)
        if found is None:
            raise struct.error("no end-of-image marker")
        code = found.group(1)[0]
        if in_scan and code not in _JPEG_WITHIN_SCANS:
            raise Refusal(
                PictureProblem.UNREADABLE, f"is a damaged JPEG: marker {code:02X} stands within its picture data"
            )
        yield code
        if code == 0xD9:
            return
        in_scan = in_scan or code == 0xDA
        (length,) = struct.unpack_from(">H", data, found.end())
        position = found.end() + max(length, 2)


def _png_complete(data: bytes) -> bool:
    """Walk all chunks to IEND and compare their checksums (PNG, 5.3)."""
    view, position = memoryview(data), 8
    while True:
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(view[position + 4 : end]) != checksum:
            raise Refusal(PictureProblem.UNREADABLE, "is a damaged PNG: a checksum does not fit")
        if name == b"IEND":
            return True
        position = end + 4


def _bmp_complete(data: bytes) -> bool:
    """Compare the file's length with the pixel rows (padded to 4 bytes) of an uncompressed BMP."""
    offset, size = struct.unpack_from("<II", data, 10)
    if size < 40:
        width, height, _planes, bits = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    else:
        width, height, _planes, bits, compression, _size = struct.unpack_from("<iiHHII", data, 18)
    if compression not in {0, 3}:
        (claimed,) = struct.unpack_from("<I", data, 2)
        return bool(len(data) >= claimed)
    return bool(len(data) >= offset + (abs(width) * bits + 31) // 32 * 4 * abs(height))


def _tiff_complete(data: bytes) -> bool:
    """Check that all strips or tiles of the first page lie within the file."""
    tags = read_tags(data, {273, 279, 324, 325})
    offsets, lengths = tags.get(273) or tags.get(324, ()), tags.get(279) or tags.get(325, ())
    ends = [offset + length for offset, length in zip(offsets, lengths, strict=False)]
    return bool(offsets) and max(ends, default=offsets[-1] + 1) <= len(data)


def _webp_complete(data: bytes) -> bool:
    (length,) = struct.unpack_from("<I", data, 4)
    return bool(len(data) >= length + 8)


_CHECKS: Final[dict[str, Callable[[bytes], bool]]] = {
    "JPEG": _jpeg_complete,
    "PNG": _png_complete,
    "BMP": _bmp_complete,
    "TIFF": _tiff_complete,
    "WebP": _webp_complete,
}
