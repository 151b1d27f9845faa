"""From the bytes that a GenICam camera sends to a picture: pixel formats by their names in the PFNC.

Names and layouts follow the Pixel Format Naming Convention (GenICam, PFNC 2.1) and, for those that end in ``Packed``,
GigE Vision 1.x.
"""

from __future__ import annotations

import re
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_ONE_CHANNEL: Final = re.compile(r"(?P<kind>Mono|Bayer(?P<tile>RG|GR|GB|BG))(?P<bits>8|10|12|14|16)(?P<pack>p|Packed)?")
_TILES: Final = {
    "RG": cv2.COLOR_BayerRGGB2BGR,
    "GR": cv2.COLOR_BayerGRBG2BGR,
    "GB": cv2.COLOR_BayerGBRG2BGR,
    "BG": cv2.COLOR_BayerBGGR2BGR,
}
_COLOURS: Final[dict[str, tuple[int, int | None]]] = {
    "BGR8": (3, None),
    "RGB8": (3, cv2.COLOR_RGB2BGR),
    "BGRa8": (4, cv2.COLOR_BGRA2BGR),
    "RGBa8": (4, cv2.COLOR_RGBA2BGR),
    "YUV422_8_UYVY": (2, cv2.COLOR_YUV2BGR_UYVY),
    "YUV422_8": (2, cv2.COLOR_YUV2BGR_YUYV),
    "YCbCr422_8": (2, cv2.COLOR_YUV2BGR_YUYV),
}
"""Bytes a pixel, and how OpenCV makes BGR of it."""


class UnknownFormat(Exception):
    """A pixel format that is not understood, or data that do not fit it; the text is a clause."""


def decode(data: Bytes, width: int, height: int, name: str) -> tuple[NDArray[np.uint8], str | None]:
    """Return a picture of its own, and what was converted (one clause, ``None`` if nothing was).

    More than 8 bits are scaled over their full range: the greatest value becomes 255 in every format. Colours from a
    Bayer pattern are interpolated linearly.

    Parameters
    ----------
    data : ndarray of uint8, shape (n,)
        As sent, rows without padding; copied.
    width, height : int
        In px.
    name : str
        Pixel format, for example ``"BayerRG12p"``; ``"RGB8Packed"``, as older cameras write it, is ``"RGB8"``.

    Returns
    -------
    ndarray of uint8, shape (height, width) or (height, width, 3)
        Grey or BGR.

    Raises
    ------
    UnknownFormat
        If the name is unknown or there are too few bytes.
    """
    found = _ONE_CHANNEL.fullmatch(name)
    if found is not None:
        grey = _scaled(data, width * height, int(found["bits"]), found["pack"], name).reshape(height, width)
        if found["tile"] is None:
            return grey, None if found["bits"] == "8" else f"{name} scaled to 8-bit grey"
        return _array(cv2.cvtColor(grey, _TILES[found["tile"]])), f"{name} converted to 8-bit BGR"
    channels, conversion = _colour(name)
    pixels = _enough(data, width * height * channels, name).reshape(height, width, channels)
    if conversion is None:
        return pixels.copy(), None
    return _array(cv2.cvtColor(pixels, conversion)), f"{name} converted to 8-bit BGR"


def _colour(name: str) -> tuple[int, int | None]:
    for candidate in (name, name.removesuffix("Packed")):
        if candidate in _COLOURS:
            return _COLOURS[candidate]
    known = ", ".join(_COLOURS)
    raise UnknownFormat(f"the pixel format {name} is not supported; Mono8…16, Bayer…8…16, {known} are")


def _scaled(data: Bytes, count: int, bits: int, pack: str | None, name: str) -> NDArray[np.uint8]:
    """Return ``count`` values as 8 bits, a copy."""
    if bits == 8:
        return _enough(data, count, name).copy()
    if pack is None:
        values = _enough(data, 2 * count, name).view("<u2")
    elif pack == "p":
        values = _bit_stream(_enough(data, -(-count * bits // 8), name), bits)[:count]
    else:
        values = _gige_packed(_enough(data, 3 * -(-count // 2), name), bits)[:count]
    return _array(cv2.convertScaleAbs(values, alpha=255.0 / (2**bits - 1))).ravel()


def _bit_stream(data: Bytes, bits: int) -> NDArray[np.uint16]:
    """Return the values of a stream of bits, lowest bit first, as in ``Mono10p`` and ``Mono12p``."""
    group, of = (5, 4) if bits == 10 else (3, 2)
    padded = np.concatenate([data, np.zeros(-len(data) % group, np.uint8)]).reshape(-1, group)
    word = np.zeros(len(padded), np.uint64)
    for place in range(group):
        word |= padded[:, place].astype(np.uint64) << np.uint64(8 * place)
    mask = np.uint64(2**bits - 1)
    return np.stack([(word >> np.uint64(bits * place)) & mask for place in range(of)], axis=1).ravel().astype(np.uint16)


def _gige_packed(data: Bytes, bits: int) -> NDArray[np.uint16]:
    """Return the values of ``Mono10Packed`` and ``Mono12Packed``: two in three bytes, their low bits in the middle."""
    first, low, second = data.reshape(-1, 3).astype(np.uint16).T
    more, mask = bits - 8, np.uint16(2 ** (bits - 8) - 1)
    return np.stack([(first << more) | (low & mask), (second << more) | ((low >> 4) & mask)], axis=1).ravel()


def _enough(data: Bytes, wanted: int, name: str) -> Bytes:
    if len(data) < wanted:
        raise UnknownFormat(f"{len(data)} bytes came where {name} needs {wanted}")
    return data[:wanted]


def _array(picture: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.asarray(picture, np.uint8)
