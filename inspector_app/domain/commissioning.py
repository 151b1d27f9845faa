"""What an examination of the station has found: one finding a check, in plain words, with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """What is examined, in the order in which one thing needs the other."""

    SETTINGS = "settings"
    COMPUTER = "computer"
    FOLDER = "folder"
    DISK = "disk"
    CLOCK = "clock"
    LOG = "log"
    PEOPLE = "people"
    CAMERA = "camera"
    MODEL = "model"
    LINE = "line"
    WINDOW = "window"


class Grade(StrEnum):
    """How it stands with one check."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure, for example ``Figure("fsync_p99", 2.6, "ms")``."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found.

    Attributes
    ----------
    check : Check
        Which.
    grade : Grade
        ``BAD`` keeps the station from working as it is set; ``WARNING`` lets it work; ``SKIPPED``: could not be tried.
    sentence : str
        What was seen, for an operator.
    remedy : str
        What to do, one sentence; empty where nothing is to be done.
    figures : tuple of Figure
        What was measured.
    """

    check: Check
    grade: Grade
    sentence: str
    remedy: str = ""
    figures: tuple[Figure, ...] = ()


def ready(findings: tuple[Finding, ...]) -> bool:
    """Return True if nothing keeps the station from working."""
    return all(finding.grade is not Grade.BAD for finding in findings)
