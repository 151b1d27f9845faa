"""The kinds of column that the log's tables are made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Double, Integer, Text


def number() -> Column[int]:
    """Return the row number; SQLite counts up only in a column typed INTEGER."""
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def placed() -> tuple[Column[Any], Column[Any]]:
    """Return the columns that tie a record to its link in the audit chain."""
    return Column("station_id", Text, nullable=False), Column("seq", BigInteger, nullable=False)


def text(name: str, optional: bool = False) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, nullable=optional)


def whole(name: str, optional: bool = False) -> Column[int]:
    """Return a column of whole numbers, 64 bits."""
    return Column(name, BigInteger, nullable=optional)


def real(name: str, optional: bool = False) -> Column[float]:
    """Return a column of double-precision numbers, exact there and back."""
    return Column(name, Double, nullable=optional)


def flag(name: str, optional: bool = False) -> Column[bool]:
    """Return a column of yes or no."""
    return Column(name, Boolean, nullable=optional)


def one_of(name: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Return the CHECK that a text column holds one of an enum's values (or null where the column may be null)."""
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{name} IN ({allowed})", name=name)


def draw(name: str) -> tuple[Column[Any], ...]:
    """Return the three columns of a recorded sticky draw; all null when nothing was drawn."""
    return flag(f"{name}_drawn", True), real(f"{name}_probability", True), real(f"{name}_u", True)
