"""All texts of the window go through `tr`, so that one catalogue of translations serves them."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication


def tr(text: str, n: int = -1) -> str:
    """Return a text in the inspector's language; the English text is the key.

    Parameters
    ----------
    text : str
        English; may hold ``{names}`` for `str.format`, filled in after translation.
    n : int
        A count that chooses the plural form, put in place of ``%n``; -1 where nothing is counted.
    """
    translated = QCoreApplication.translate("station", text, None, n)
    return translated.replace("(s)", "" if n == 1 else "s") if n >= 0 else translated


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its percent sign."""
    return text.replace(" %", "\u00a0%")


def local_time(at: datetime, *, date: bool = False) -> str:
    """Return a UTC time as local time, ``14:03:22`` or ``2026-03-01 14:03:22``."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")


def duration(seconds: float) -> str:
    """Return a length of time as ``42 s``, ``3:05 min`` or ``1:20 h``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return tr("{n} s").format(n=whole)
    if whole < 3600:
        return tr("{m}:{s:02d} min").format(m=whole // 60, s=whole % 60)
    return tr("{h}:{m:02d} h").format(h=whole // 3600, m=whole % 3600 // 60)


def grouped(count: int) -> str:
    """Return a whole number with narrow spaces between its thousands."""
    return f"{count:,}".replace(",", "\u202f")


def percent(share: float, digits: int = 0) -> str:
    """Return a share 0 … 1 as a percentage with a narrow space."""
    return f"{100.0 * share:.{digits}f}\u202f%"
