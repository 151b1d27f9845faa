"""Makes line outputs from their specifications."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector_app.domain.errors import SettingsError
from inspector_app.domain.ports import LineOutput
from inspector_app.line.file import FileLine
from inspector_app.line.none import NoLine
from inspector_app.line.several import SeveralLines


def open_line(spec: str) -> LineOutput:
    """Return the line output that a specification names; it is connected by its `LineOutput.open`.

    Parameters
    ----------
    spec : str
        ``file:PATH`` or ``none``.

    Raises
    ------
    SettingsError
        With one sentence that lists what is allowed.
    """
    scheme, colon, rest = spec.partition(":")
    if scheme == "none" and not rest:
        return NoLine()
    if scheme == "file" and colon and rest:
        return FileLine(Path(rest).expanduser())
    raise SettingsError(f"The line output {spec!r} is not known; allowed are file:PATH and none.")


def open_lines(specs: Sequence[str]) -> LineOutput:
    """Return one line output that tells all the lines named; `NoLine` when none is.

    Raises
    ------
    SettingsError
        As `open_line`, and if one is named twice.
    """
    if len(set(specs)) < len(specs):
        raise SettingsError("A line output is named twice; each may be told only once.")
    lines = [open_line(spec) for spec in specs]
    return lines[0] if len(lines) == 1 else SeveralLines(lines) if lines else NoLine()
