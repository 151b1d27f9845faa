"""What every command shares: options, one-sentence faults, JSON on stdout and nothing else there."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from inspector_app.bootstrap.child_work import STOP_AT_END_OF_INPUT
from inspector_app.domain.errors import KnownFault

P = ParamSpec("P")
R = TypeVar("R")

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder (else $INSPECTOR_DATA, else the user's data folder)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
ProgressLines = Annotated[
    bool,
    typer.Option("--progress-lines", help="Tell progress as JSON lines on standard error, for a program that reads."),
]
Rejects = Annotated[
    list[str] | None,
    typer.Option("--reject", metavar="CLASS", help="A class that makes a part a reject; may be given several times."),
]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="From this UTC time on, ISO 8601.")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before this UTC time, ISO 8601.")]


def known_faults_in_one_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with exit status 1 and one sentence on stderr for a known fault; bugs keep their traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KnownFault as fault:
            say(str(fault))
            raise typer.Exit(1) from fault
        except KeyboardInterrupt:
            say("Stopped by the operator.")
            raise typer.Exit(130) from None

    return wrapped


def collect_rarely() -> None:
    """Look for garbage after 20,000 new objects instead of 700; for a command that reads a large log and ends.

    It makes many objects and hardly any rings of them: a report spends a fifteenth of its time looking, a certificate
    a seventh.
    """
    gc.set_threshold(20_000)


def speak_utf8() -> None:
    """Write UTF-8 into files and pipes whatever the locale is, as JSON demands; what cannot be shown is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def say(sentence: str) -> None:
    """Print one sentence on stderr."""
    sys.stderr.write(sentence.rstrip() + "\n")


class SayOnce:
    """`say`, but each sentence once, however often a fault comes back. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def __call__(self, sentence: str) -> None:
        """Print the sentence on stderr unless it stands there already."""
        with self._lock:
            if sentence not in self._said:
                self._said.add(sentence)
                say(sentence)


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print one JSON document (or one JSON line) on stdout and flush it."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent) + "\n")
    sys.stdout.flush()


def print_text(text: str) -> None:
    """Print a line for people on stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def progress_bar() -> Progress:
    """Return a progress bar on stderr; on something that is no terminal it prints nothing."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _wait_for_end_of_input(asked: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    asked.set()


@contextmanager
def told_progress(stage: str, *, as_lines: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield what is told stage, steps done and all steps: a bar on a terminal, or a JSON line on stderr each time."""
    if as_lines:

        def write(stage: str, done: int, total: int) -> None:
            say(json.dumps({"event": "Progress", "stage": stage, "done": done, "total": total}, ensure_ascii=False))

        yield write
        return
    with progress_bar() as bar:
        task = bar.add_task(stage, total=None)
        yield lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total)


def utc_option(text: str | None, option: str) -> datetime | None:
    """Return a UTC time given on the command line; without an offset it is UTC.

    Raises
    ------
    typer.BadParameter
        If it is not ISO 8601.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a time in ISO 8601, for example 2026-05-31T14:00:00Z.", param_hint=option
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Yield an event that Ctrl+C and a request to terminate set, so that the part in hand is finished.

    Where `STOP_AT_END_OF_INPUT` is set, the end of standard input sets it too: a program that started this one can
    ask it to stop on every system, and when that program is gone, however it went, this one stops as well.
    """
    asked = threading.Event()
    if os.environ.get(STOP_AT_END_OF_INPUT):
        # A daemon: nothing can end a read that waits, and it holds nothing.
        threading.Thread(target=_wait_for_end_of_input, args=(asked,), name="end-of-input", daemon=True).start()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
