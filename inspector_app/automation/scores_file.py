"""Reads parts with score and truth from ``part,score,truth``."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.errors import ScoresRefused
from inspector_app.domain.table import table_rows

COLUMNS = ("part", "score", "truth")
TRUTHS = {"good": False, "bad": True}


def read_scores(lines: Iterable[str], name: str) -> tuple[ScoredPart, ...]:
    """Read scored parts; nothing is guessed, dropped or filled in.

    Parameters
    ----------
    lines : iterable of str
        CSV text with a header row.
    name : str
        What the sentences call the file.

    Raises
    ------
    ScoresRefused
        With one sentence that names the file, the line, and what is allowed.
    """
    parts: dict[str, ScoredPart] = {}
    for where, cells in table_rows(lines, name, COLUMNS, (), ScoresRefused):
        part, truth = cells["part"], cells["truth"].lower()
        if not part:
            raise ScoresRefused(f"{where}: part is empty.")
        if part in parts:
            raise ScoresRefused(f"{where}: part {part!r} stands in the file already; each part counts once.")
        if truth not in TRUTHS:
            raise ScoresRefused(f"{where}: truth is {cells['truth']!r}; allowed are {' and '.join(TRUTHS)}.")
        parts[part] = ScoredPart(part, _score(cells["score"], where), TRUTHS[truth])
    if not parts:
        raise ScoresRefused(f"{name}: there are no parts in it.")
    return tuple(parts.values())


def _score(text: str, where: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not 0.0 <= score <= 1.0:
        raise ScoresRefused(f"{where}: score is {text!r}; it is a number from 0 to 1.")
    return score
