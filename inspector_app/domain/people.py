"""Names of people: one person, however the name was typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def spelled_alike(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of names that differ in capitals, blanks or Unicode form alone, two and more of a kind."""
    kinds: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        kinds.setdefault(_key(name), []).append(name)
    return tuple(tuple(sorted(kind)) for _, kind in sorted(kinds.items()) if len(kind) > 1)


def known_spelling(name: str, known: Sequence[str]) -> str:
    """Return a name as it is known, so that one person is not counted as two.

    Parameters
    ----------
    name : str
        As typed.
    known : sequence of str
        Names on record, those to prefer first.

    Returns
    -------
    str
        The name itself if it is known as it is; else the first known one that differs in capitals, blanks or Unicode
        form alone; else the name with single blanks.
    """
    plain = " ".join(name.split())
    if name in known or plain in known:
        return name if name in known else plain
    return next((each for each in known if _key(each) == _key(name)), plain)


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
