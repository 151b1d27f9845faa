"""What an examination of the station has found: one finding a check, in plain words, with the way to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from inspector_app.domain.frame import Pixels


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
    SERVER = "server"
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


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera that answers: the URI to use it by, its maker and model, and its address (``""`` if it has none)."""

    uri: str
    title: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """What a new station is told before its first part.

    Attributes
    ----------
    station : str
        What this station is called; it is in every record.
    camera : str
        URI of the camera.
    lines : tuple of str
        Specifications of line outputs; empty: no line is told.
    supervisors : tuple of str
        Who may move the level; empty: anybody.
    """

    station: str
    camera: str
    lines: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()


class CommissioningRoom(Protocol):
    """Where a station is examined, and set up for the first time. All calls may block; call off the GUI thread."""

    @property
    def is_new(self) -> bool:
        """True while nobody has told the station anything."""
        ...

    @property
    def settings_file(self) -> Path:
        """Where its settings stand, or will."""
        ...

    def pin_command(self, name: str) -> str:
        """Return the command with which a supervisor sets a PIN."""
        ...

    def cameras(self) -> tuple[FoundCamera, ...]:
        """Look for cameras on this computer and its network; empty if there is none."""
        ...

    def try_camera(self, uri: str) -> tuple[Finding, Pixels | None]:
        """Take a few pictures with a camera, and return the last one that can be used."""
        ...

    def try_line(self, spec: str) -> Finding:
        """Connect a line output and let go of it; the line is told nothing."""
        ...

    def check(self, answers: FirstAnswers) -> None:
        """Make sure that settings can be made of the answers; `SettingsError` with one sentence."""
        ...

    def examine(
        self,
        answers: FirstAnswers | None,
        on_finding: Callable[[Finding], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Examine the station as the answers would set it, or (``None``) as it is set; tells each finding."""
        ...

    def write(self, answers: FirstAnswers) -> None:
        """Write the settings; `SettingsError` if there are some already, or they cannot be written."""
        ...
