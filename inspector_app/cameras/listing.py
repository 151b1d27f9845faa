"""Which files of a folder are parts, in which order, and under which names."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PICTURE_SUFFIXES: Final = frozenset({".bmp", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""What a part's file may be called; the content decides whether it can be used."""

NaturalKey = tuple[tuple[int, int, str], ...]
"""Sorts ``part2`` before ``part10``."""

_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A part's file and the part's natural name."""

    path: Path
    name: str
    key: NaturalKey


def natural_key(text: str) -> NaturalKey:
    """Return a sort key that takes digits as numbers and ignores case, with the text itself as the last word."""
    pieces = [piece for piece in _DIGITS.split(text.casefold()) if piece]
    numbered = ((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)
    return (*numbered, (-1, 0, text))


def picture_files(root: Path) -> tuple[PictureFile, ...]:
    """List the parts of a folder in natural order.

    A data set with ``annotations.json`` and ``images/`` gives the pictures of ``images/``; the MVTec layout (``train/``
    beside ``test/``) those of ``test/``; both at any depth. Any other folder gives the pictures that lie in it. Names
    are paths relative to that folder without the suffix (``scratch/000``), with the suffix where two files differ only
    there. Hidden files and files that are not called like pictures are no parts.

    Raises
    ------
    OSError
        If the folder is not there or may not be listed.
    """
    base, deep = picture_root(root)
    names = sorted(_names(base, "", deep), key=natural_key)
    stems = Counter(_stem(name) for name in names)
    return tuple(
        PictureFile(base / name, _stem(name) if stems[_stem(name)] == 1 else name, natural_key(name)) for name in names
    )


def picture_root(root: Path) -> tuple[Path, bool]:
    """Return the folder that holds the pictures, and whether its sub-folders count too."""
    if (root / "annotations.json").is_file() and (root / "images").is_dir():
        return root / "images", True
    if (root / "test").is_dir() and (root / "train").is_dir():
        return root / "test", True
    return root, False


def round_name(name: str, number: int) -> str:
    """Return a part's name in a round of a loop, counted from 1: ``name``, then ``name~2`` and so on."""
    return name if number == 1 else f"{name}~{number}"


def _names(folder: Path, prefix: str, deep: bool) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if deep and entry.is_dir():
                yield from _names(folder / entry.name, f"{prefix}{entry.name}/", deep)
            elif Path(entry.name).suffix.lower() in PICTURE_SUFFIXES and entry.is_file():
                yield prefix + entry.name


def _stem(name: str) -> str:
    return name[: -len(Path(name).suffix)]
