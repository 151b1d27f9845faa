"""One named thread with one owner."""

from __future__ import annotations

import threading
from collections.abc import Callable

ReportBug = Callable[[str, BaseException], None]
"""Told the thread's name and the exception that nobody expected, on the thread that met it."""


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
    """

    def __init__(
        self,
        name: str,
        body: Callable[[threading.Event], None],
        on_bug: ReportBug,
        wake: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._body = body
        self._on_bug = on_bug
        self._wake = wake
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
            self._body(self._stop)
        except Exception as bug:  # noqa: BLE001  the top boundary of a thread: reported, never swallowed
            self._on_bug(self.name, bug)
