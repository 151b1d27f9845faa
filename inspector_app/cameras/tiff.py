"""The tags of a TIFF's first directory; EXIF blocks have the same layout (TIFF 6.0, section 2)."""

from __future__ import annotations

import io
import struct
from collections.abc import Collection
from typing import BinaryIO, Final

_LAYOUTS: Final = {1: "B", 3: "H", 4: "I"}
"""Field types that hold whole numbers: byte, short, long."""
_MOST_VALUES: Final = 1 << 20
"""A directory that claims more values than this for one tag is damaged; nothing is allocated for it."""


def read_tags(source: bytes | BinaryIO, wanted: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return the values of the wanted whole-number tags of the first directory.

    Parameters
    ----------
    source : bytes or seekable binary stream
        Starts with the byte order mark (``II`` or ``MM``).
    wanted : collection of int
        Tag numbers.

    Raises
    ------
    struct.error
        If the data end within the directory or the byte order mark is wrong.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    start = stream.tell()
    order = {b"II": "<", b"MM": ">"}.get(stream.read(2))
    if order is None:
        raise struct.error("no byte order mark")
    _magic, directory = struct.unpack(order + "HI", stream.read(6))
    stream.seek(start + directory)
    (count,) = struct.unpack(order + "H", stream.read(2))
    entries = [struct.unpack(order + "HHI4s", stream.read(12)) for _ in range(count)]
    return {
        tag: _values(stream, start, order, _LAYOUTS[kind], length, inline)
        for tag, kind, length, inline in entries
        if tag in wanted and kind in _LAYOUTS and 0 < length <= _MOST_VALUES
    }


def _values(stream: BinaryIO, start: int, order: str, kind: str, length: int, inline: bytes) -> tuple[int, ...]:
    """Return a tag's values, which stand in the entry itself when they fit into its four bytes."""
    layout = f"{order}{length}{kind}"
    size = struct.calcsize(layout)
    if size <= len(inline):
        return struct.unpack(layout, inline[:size])
    (offset,) = struct.unpack(order + "I", inline)
    stream.seek(start + offset)
    return struct.unpack(layout, stream.read(size))
