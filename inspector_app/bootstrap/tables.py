"""Flat tables for other programs, as CSV or Parquet."""

from __future__ import annotations

import csv
import importlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from inspector_app.agreement.as_csv import safe_cell
from inspector_app.domain.errors import KnownFault

TABLE_FORMATS: Final = ("csv", "parquet")

Row = dict[str, Any]


class TableWriter(Protocol):
    """Takes rows of one table."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        ...


def check_table(kind: str) -> None:
    """Raise `KnownFault` if tables of a kind cannot be written here; long work asks before it begins."""
    if kind == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise KnownFault("Parquet needs pyarrow: pip install 'inspection-station[parquet]', or use csv.")


def open_table(path: Path, kind: str, columns: Mapping[str, str]) -> AbstractContextManager[TableWriter]:
    """Open a table for writing.

    Parameters
    ----------
    path : Path
        Its file, written anew.
    kind : str
        One of `TABLE_FORMATS`.
    columns : mapping
        ``"text"``, ``"whole"``, ``"real"`` or ``"flag"`` by name, in order.

    Raises
    ------
    KnownFault
        On entering, if Parquet was asked for and pyarrow is not installed.
    """
    return _OPENERS[kind](path, columns)


class _CsvTable:
    """Rows as RFC 4180, safe to open in a spreadsheet."""

    def __init__(self, columns: Mapping[str, str], writer: Any) -> None:
        self._columns, self._writer = columns, writer
        writer.writerow(columns)

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self._writer.writerows([[_csv_cell(row[name]) for name in self._columns] for row in rows])


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return safe_cell(value) if isinstance(value, str) else repr(value)


class _ParquetTable:
    """Rows as Apache Parquet."""

    def __init__(self, schema: Any, writer: Any, arrow: Any) -> None:
        self._schema, self._writer, self._arrow = schema, writer, arrow

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self._writer.write_table(self._arrow.Table.from_pylist(list(rows), schema=self._schema))


@contextmanager
def _csv_table(path: Path, columns: Mapping[str, str]) -> Iterator[TableWriter]:
    with path.open("w", encoding="utf-8", newline="") as file:
        yield _CsvTable(columns, csv.writer(file, lineterminator="\r\n"))


@contextmanager
def _parquet_table(path: Path, columns: Mapping[str, str]) -> Iterator[TableWriter]:
    check_table("parquet")
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    kinds = {"text": arrow.string(), "whole": arrow.int64(), "real": arrow.float64(), "flag": arrow.bool_()}
    schema = arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        yield _ParquetTable(schema, writer, arrow)


_OPENERS: Final = {"csv": _csv_table, "parquet": _parquet_table}
