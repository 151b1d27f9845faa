"""What a picture file says about itself in its first bytes, read before anything is decoded."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from inspector_app.cameras.refusal import Refusal
from inspector_app.cameras.tiff import read_tags
from inspector_app.domain.frame import PictureProblem

_ORIENTATION_TAG: Final = 274
_JPEG_FRAMES: Final = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
"""Start-of-frame markers of the JPEG processes that libjpeg-turbo decodes (ITU-T T.81, table B.1)."""
_JPEG_OTHER_FRAMES: Final = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}
_TIFF_COLOURS: Final = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4}
"""Colour samples per pixel by photometric interpretation (TIFF 6.0, section 8); more are alpha."""
_JPEG_BARE: Final = {0x01, 0xD8, *range(0xD0, 0xD8)}
"""Markers that carry no length."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Kind and size of a picture file.

    Attributes
    ----------
    kind : str
        ``"JPEG"``, ``"PNG"``, ``"BMP"``, ``"TIFF"`` or ``"WebP"``.
    width, height : int
        In px, as stored (before any orientation is applied).
    conversions : tuple of str
        What decoding it to grey or BGR will do, one clause each.
    """

    kind: str
    width: int
    height: int
    conversions: tuple[str, ...] = ()

    @property
    def pixels(self) -> int:
        """Width × height."""
        return self.width * self.height


def read_header(stream: BinaryIO) -> PictureHeader:
    """Read the header of a seekable stream; reads a few kB at most.

    Raises
    ------
    Refusal
        ``NOT_A_PICTURE``, ``UNSUPPORTED_FORMAT`` or ``TRUNCATED``.
    """
    magic = stream.read(16)
    for matches, read in _READERS:
        if matches(magic):
            stream.seek(0)
            try:
                return read(stream)
            except struct.error:
                raise Refusal(PictureProblem.TRUNCATED, "ends within its header") from None
    for foreign, name in _FOREIGN:
        if foreign in magic:
            raise Refusal(
                PictureProblem.UNSUPPORTED_FORMAT,
                f"is a {name} file; pictures may be JPEG, PNG, BMP, TIFF or WebP",
            )
    raise Refusal(PictureProblem.NOT_A_PICTURE, "is not a picture, whatever its name says")


_FOREIGN: Final = (
    (b"GIF8", "GIF"),
    (b"ftypavif", "AVIF"),
    (b"ftypheic", "HEIC"),
    (b"ftypmif1", "HEIF"),
    (b"jP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"JXL \r\n\x87\n", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"II+\x00", "BigTIFF"),
    (b"MM\x00+", "BigTIFF"),
)


def _unpack(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))


def _read_jpeg(stream: BinaryIO) -> PictureHeader:
    stream.seek(2)
    conversions: list[str] = []
    while True:
        marker = _next_marker(stream)
        if marker in _JPEG_BARE:
            continue
        (length,) = _unpack(stream, ">H")
        end = stream.tell() + length - 2
        if marker in _JPEG_FRAMES:
            return _jpeg_frame(stream, conversions)
        if marker in _JPEG_OTHER_FRAMES:
            raise Refusal(
                PictureProblem.UNSUPPORTED_FORMAT, "is a lossless or hierarchical JPEG, which is not supported"
            )
        if marker in {0xDA, 0xD9}:
            raise Refusal(PictureProblem.UNREADABLE, "is a JPEG without a frame header")
        if marker == 0xE1 and _turned(stream.read(length - 2)):
            conversions.append("turned upright by its EXIF orientation")
        stream.seek(end)


def _next_marker(stream: BinaryIO) -> int:
    """Return the next marker's code; skips fill bytes."""
    byte = stream.read(1)
    if byte not in {b"", b"\xff"}:
        raise Refusal(PictureProblem.UNREADABLE, "is a damaged JPEG: a segment has the wrong length")
    while byte == b"\xff":
        byte = stream.read(1)
    (code,) = struct.unpack("B", byte)
    return int(code)


def _jpeg_frame(stream: BinaryIO, conversions: list[str]) -> PictureHeader:
    bits, height, width, components = _unpack(stream, ">BHHB")
    if bits != 8:
        raise Refusal(PictureProblem.UNSUPPORTED_FORMAT, f"is a JPEG of {bits} bits; 8 are supported")
    if components == 4:
        conversions.append("CMYK converted to BGR")
    return PictureHeader("JPEG", width, height, tuple(conversions))


def _turned(exif: bytes) -> bool:
    """Return True if an APP1 segment orders another orientation than upright."""
    if not exif.startswith(b"Exif\0\0"):
        return False
    try:
        orientation = read_tags(exif[6:], {_ORIENTATION_TAG}).get(_ORIENTATION_TAG, (1,))
    except struct.error:
        return False
    return orientation[0] in range(2, 9)


def _read_png(stream: BinaryIO) -> PictureHeader:
    stream.seek(12)
    name, width, height, _bits, colour = struct.unpack(">4sIIBB", stream.read(14))
    if name != b"IHDR":
        raise Refusal(PictureProblem.UNREADABLE, "is a PNG without a header")
    return PictureHeader("PNG", width, height, ("alpha dropped",) if colour & 4 else ())


def _read_bmp(stream: BinaryIO) -> PictureHeader:
    stream.seek(14)
    (size,) = _unpack(stream, "<I")
    width, height = _unpack(stream, "<HH" if size == 12 else "<ii")
    return PictureHeader("BMP", abs(width), abs(height))


def _read_tiff(stream: BinaryIO) -> PictureHeader:
    tags = read_tags(stream, {256, 257, 262, _ORIENTATION_TAG, 277})
    if 256 not in tags or 257 not in tags:
        raise Refusal(PictureProblem.UNREADABLE, "is a TIFF without a picture")
    conversions: list[str] = []
    photometric, samples = tags.get(262, (1,))[0], tags.get(277, (1,))[0]
    if photometric == 5:
        conversions.append("CMYK converted to BGR")
    if samples > _TIFF_COLOURS.get(photometric, samples):
        conversions.append("alpha dropped")
    if tags.get(_ORIENTATION_TAG, (1,))[0] in range(2, 9):
        conversions.append("turned upright by its orientation tag")
    return PictureHeader("TIFF", tags[256][0], tags[257][0], tuple(conversions))


def _read_webp(stream: BinaryIO) -> PictureHeader:
    stream.seek(12)
    chunk = stream.read(4)
    stream.seek(20)
    if chunk == b"VP8X":
        flags, *sizes = _unpack(stream, "<B3xHBHB")
        width, height = 1 + sizes[0] + (sizes[1] << 16), 1 + sizes[2] + (sizes[3] << 16)
        return PictureHeader("WebP", width, height, ("alpha dropped",) if flags & 0x10 else ())
    if chunk == b"VP8L":
        _signature, bits = _unpack(stream, "<BI")
        alpha = ("alpha dropped",) if bits >> 28 & 1 else ()
        return PictureHeader("WebP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), alpha)
    stream.seek(26)
    width, height = _unpack(stream, "<HH")
    return PictureHeader("WebP", width & 0x3FFF, height & 0x3FFF)


_READERS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO], PictureHeader]], ...]] = (
    (lambda magic: magic.startswith(b"\xff\xd8\xff"), _read_jpeg),
    (lambda magic: magic.startswith(b"\x89PNG\r\n\x1a\n"), _read_png),
    (lambda magic: magic.startswith(b"BM") and magic[6:10] == bytes(4), _read_bmp),
    (lambda magic: magic.startswith((b"II*\0", b"MM\0*")), _read_tiff),
    (lambda magic: magic.startswith(b"RIFF") and magic[8:12] == b"WEBP", _read_webp),
)
