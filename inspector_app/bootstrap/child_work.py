"""One of the program's own commands in a process of its own: whatever it does, the station goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from inspector_app.domain.errors import KnownFault

STOP_AT_END_OF_INPUT = "INSPECTOR_STOP_AT_END_OF_INPUT"
"""Environment variable that tells a command to stop when its standard input ends."""

NICENESS = 10
"""The command gives way to the station wherever both want a processor."""


class ChildWork:
    """Runs a command of this program, reads what it says line by line, and ends it.

    The command is asked to stop by the end of its standard input, and keeps what it has, as after Ctrl+C; one that does
    not follow is killed. A station that is gone, however it went, leaves no command behind: its input ends then too.

    Parameters
    ----------
    arguments : sequence of str
        After ``inspector-app``.
    log : Path
        Gets every line; an older file is replaced.
    on_line : callable
        Told every line, standard output and error alike, on the thread ``model-work``.
    on_end : callable
        Told the exit status, negative for a signal, as the last thing on that thread.
    """

    def __init__(
        self, arguments: Sequence[str], log: Path, on_line: Callable[[str], None], on_end: Callable[[int], None]
    ) -> None:
        self._arguments = tuple(arguments)
        self._log = log
        self._on_line = on_line
        self._on_end = on_end
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._read, name="model-work")

    def start(self) -> None:
        """Start the command; `KnownFault` if its log cannot be written or the system gives no process."""
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            log = self._log.open("w", encoding="utf-8")
        except OSError as error:
            raise KnownFault(f"{self._log} cannot be written: {error.strerror}.") from error
        try:
            self._process = _started([sys.executable, "-P", "-m", "inspector_app", *self._arguments])
        except OSError as error:
            log.close()
            raise KnownFault(f"No process can be started for this: {error.strerror}.") from error
        self._writing = log
        self._thread.start()

    @property
    def process_id(self) -> int | None:
        """Of the command, ``None`` before `start`."""
        return None if self._process is None else self._process.pid

    def ask_to_stop(self) -> None:
        """Ask the command to stop after the step in hand; idempotent."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def stop(self, deadline_s: float) -> bool:
        """Ask the command to stop, kill it after the deadline, and wait for the thread; idempotent.

        Returns
        -------
        bool
            True if it has ended without being killed.
        """
        if self._process is None:
            return True
        self.ask_to_stop()
        self._thread.join(deadline_s)
        gentle = not self._thread.is_alive()
        if not gentle:
            _kill(self._process)
            self._thread.join()
        return gentle

    def _read(self) -> None:
        process, log = self._process, self._writing
        assert process is not None  # noqa: S101 - the thread starts with the process
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with log, process.stdout as said:
            self._pass_on(said, log)
        self.ask_to_stop()
        self._on_end(process.wait())

    def _pass_on(self, said: Iterable[str], log: TextIO) -> None:
        for line in said:
            # a full disk: the work itself is worth more than its log, and will say so if it cannot write either
            with contextlib.suppress(OSError):
                log.write(line)
                log.flush()
            self._on_line(line.rstrip("\n"))


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a process below the station's priority, in a group of its own: Ctrl+C at the station is not for it."""
    below = 0 if os.name != "nt" else _windows_flags()
    process = subprocess.Popen(  # noqa: S603 - this program's own interpreter and commands, no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        bufsize=1,
        env=os.environ | {STOP_AT_END_OF_INPUT: "1"},
        start_new_session=os.name != "nt",
        creationflags=below,
    )
    if os.name != "nt":
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _windows_flags() -> int:
    below: int = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    group: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return below | group


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a process and whatever it has started."""
    if os.name == "nt":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
