"""CSV files with a header row, whose columns are known by name and may stand in any order."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from inspector_app.domain.errors import KnownFault


def table_rows(
    lines: Iterable[str], name: str, required: Sequence[str], optional: Sequence[str], refuse: type[KnownFault]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row's place (``"FILE, line N"``) and its cells by column, blanks around them removed.

    Parameters
    ----------
    lines : iterable of str
        The CSV text; other columns are ignored.
    name : str
        What the sentences call the file.
    required, optional : sequence of str
        Column names, lower case.
    refuse : type of KnownFault
        Raised with one sentence if the header or a row is not as it must be.
    """
    reader = csv.DictReader(lines, skipinitialspace=True, strict=True)
    try:
        columns = _columns(reader.fieldnames, name, required, optional, refuse)
        for cells in reader:
            where = f"{name}, line {reader.line_num}"
            if None in cells or None in cells.values():
                raise refuse(f"{where}: the row has more or fewer cells than the header.")
            yield where, {column: cells[own].strip() for column, own in columns.items()}
    except csv.Error as error:
        raise refuse(f"{name}, line {reader.line_num}: this is no CSV ({error}).") from error


def _columns(
    given: Iterable[str] | None, name: str, required: Sequence[str], optional: Sequence[str], refuse: type[KnownFault]
) -> dict[str, str]:
    """Return the file's own column name of each known column."""
    found: dict[str, str] = {}
    for column in given or ():
        plain = (column or "").strip().lstrip("\ufeff").lower()
        if plain in found:
            raise refuse(f"{name}: the column {plain!r} stands in it twice.")
        found[plain] = column
    missing = [column for column in required if column not in found]
    if missing:
        also = f", and {' and '.join(optional)} may be there" if optional else ""
        raise refuse(f"{name}: the column {missing[0]!r} is missing; needed are {', '.join(required)}{also}.")
    return {column: found[column] for column in (*required, *optional) if column in found}
