"""From a file on disk to a picture that the station can use, or the typed reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.completeness import check_complete
from inspector_app.cameras.headers import PictureHeader, read_header
from inspector_app.cameras.refusal import Refusal
from inspector_app.domain.frame import PictureProblem, Pixels, frozen_pixels

_DECODE: Final = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
"""Grey stays grey, 16 bits stay 16, alpha is dropped, CMYK becomes BGR, orientation is applied, first page only."""


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What size of picture the station takes.

    Attributes
    ----------
    min_side_px : int
        Shorter side at least, in px.
    max_pixels : int
        Width × height at most; decided from the header, before anything is decoded.
    max_file_bytes : int
        File at most.
    """

    min_side_px: int = 32
    max_pixels: int = 100_000_000
    max_file_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class PictureRead:
    """A picture, and what was converted on the way in (clauses; ``None`` if nothing)."""

    pixels: Pixels
    note: str | None


@dataclass(frozen=True, slots=True)
class PictureRefused:
    """Why a file gives no picture: the kind of trouble, and one sentence that names the file."""

    problem: PictureProblem
    sentence: str


def read_picture(path: Path, limits: PictureLimits) -> PictureRead | PictureRefused:
    """Read a picture file.

    JPEG, PNG, BMP, TIFF and WebP are read, by content and not by name. 16-bit pictures are scaled linearly over their
    full range (value / 257, so that 65535 becomes 255), whatever their brightest pixel: equal parts give equal
    pictures. Never raises for what is in the file or for a file that cannot be opened.
    """
    try:
        header, data = _load(path, limits)
        return _decode(header, data)
    except (Refusal, OSError) as error:
        return _refused(path, error)


def decode_picture(content: bytes, name: str, limits: PictureLimits) -> PictureRead | PictureRefused:
    """Decode a picture file's content as `read_picture` does; ``name`` stands in the sentence where the path would."""
    try:
        header, data = _checked(BytesIO(content), limits)
        return _decode(header, data)
    except Refusal as error:
        return PictureRefused(error.problem, f"{name} {error.clause}.")


def inspect_picture(path: Path, limits: PictureLimits) -> PictureHeader | PictureRefused:
    """Check a picture file as `read_picture` does, at an eighth of its size where its format allows that."""
    try:
        header, data = _load(path, limits)
        _decoded(header, data, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    except (Refusal, OSError) as error:
        return _refused(path, error)
    return header


def _refused(path: Path, error: Refusal | OSError) -> PictureRefused:
    if isinstance(error, Refusal):
        return PictureRefused(error.problem, f"{path} {error.clause}.")
    if isinstance(error, FileNotFoundError):
        return PictureRefused(PictureProblem.UNREADABLE, f"{path} was there a moment ago and is gone.")
    reason = error.strerror or type(error).__name__
    return PictureRefused(PictureProblem.UNREADABLE, f"{path} cannot be read: {reason}.")


def _load(path: Path, limits: PictureLimits) -> tuple[PictureHeader, bytes]:
    with path.open("rb") as stream:
        return _checked(stream, limits)


def _checked(stream: BinaryIO, limits: PictureLimits) -> tuple[PictureHeader, bytes]:
    """Return header and content, complete; the content is read only when the header is within the limits."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if size == 0:
        raise Refusal(PictureProblem.EMPTY_FILE, "is empty (0 bytes)")
    header = read_header(stream)
    _check_size(header, limits)
    if size > limits.max_file_bytes:
        allowed = f"at most {limits.max_file_bytes:,} are taken"
        raise Refusal(PictureProblem.TOO_LARGE, f"has {size:,} bytes; {allowed}")
    stream.seek(0)
    data = stream.read()
    check_complete(header.kind, data)
    return header, data


def _check_size(header: PictureHeader, limits: PictureLimits) -> None:
    found = f"is {header.width}×{header.height} px"
    if header.pixels > limits.max_pixels:
        allowed = f"at most {limits.max_pixels / 1e6:g} megapixels are taken"
        raise Refusal(PictureProblem.TOO_LARGE, f"{found} ({header.pixels / 1e6:.0f} megapixels); {allowed}")
    if min(header.width, header.height) < limits.min_side_px:
        raise Refusal(PictureProblem.TOO_SMALL, f"{found}; each side must have at least {limits.min_side_px} px")


def _decoded(header: PictureHeader, data: bytes, flags: int) -> NDArray[np.generic]:
    try:
        decoded: NDArray[np.generic] | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        decoded = None
    if decoded is None:
        raise Refusal(PictureProblem.UNREADABLE, f"is a damaged {header.kind}: it cannot be decoded")
    return decoded


def _decode(header: PictureHeader, data: bytes) -> PictureRead:
    pixels, depth = to_eight_bits(_decoded(header, data, _DECODE))
    return PictureRead(frozen_pixels(pixels), "; ".join([*header.conversions, *depth]) or None)


def to_eight_bits(array: NDArray[np.generic]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return a picture as uint8 and what was done to it.

    Parameters
    ----------
    array : ndarray of uint8 or uint16, shape (H, W) or (H, W, 3)
        uint16 is taken to use its whole range and divided by 257.

    Raises
    ------
    Refusal
        ``UNSUPPORTED_FORMAT`` for any other kind of number.
    """
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False), ()
    if array.dtype == np.uint16:
        scaled = cv2.convertScaleAbs(array.astype(np.uint16, copy=False), alpha=1 / 257)
        return scaled.astype(np.uint8, copy=False), ("16-bit scaled to 8",)
    raise Refusal(PictureProblem.UNSUPPORTED_FORMAT, f"holds {array.dtype} values; 8-bit and 16-bit are supported")
