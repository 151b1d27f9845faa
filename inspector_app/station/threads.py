"""One named thread with one owner."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Final

ReportBug = Callable[[str, BaseException], None]
"""Told the thread's name and the exception that nobody expected, on the thread that met it."""

STEP_ASIDE: Final = 10
"""Niceness added to a thread that computes without a break: it gets what is left of the cores, which is nearly all."""


class Worker:
    """A thread that runs ``body(stop)`` once and reports what escapes it.

    Parameters
    ----------
    name : str
        Name of the thread, as tracebacks and debuggers show it.
    body : callable
        Gets the event that asks it to end.
    on_bug : ReportBug
        The thread's top boundary: every exception that escapes ``body`` ends here.
    wake : callable or None
        Called after the stop event is set, to end a wait on something else.
    steps_aside : bool
        True for a thread that computes without a break: the others (window, camera, inspection) get a core first,
        and so do threads that it starts. Linux only, where niceness belongs to a thread.
    """

    def __init__(
        self,
        name: str,
        body: Callable[[threading.Event], None],
        on_bug: ReportBug,
        wake: Callable[[], None] | None = None,
        *,
        steps_aside: bool = False,
    ) -> None:
        self.name = name
        self._body = body
        self._on_bug = on_bug
        self._wake = wake
        self._steps_aside = steps_aside
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_stop(self) -> None:
        """Ask the body to end; returns at once."""
        self._stop.set()
        if self._wake is not None:
            self._wake()

    def stop(self, deadline_s: float) -> bool:
        """Ask the body to end and wait for it; True if it has ended (or never began) within ``deadline_s``."""
        self.ask_stop()
        if self._thread.ident is not None:
            self._thread.join(max(0.0, deadline_s))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            if self._steps_aside:
                step_aside()
            self._body(self._stop)
        except Exception as bug:  # noqa: BLE001  the top boundary of a thread: reported, never swallowed
            self._on_bug(self.name, bug)


def step_aside() -> None:
    """Let all other threads of the process go first from now on; Linux only, elsewhere nothing happens."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, me, min(os.getpriority(os.PRIO_PROCESS, me) + STEP_ASIDE, 19))
