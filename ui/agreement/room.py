"""What the agreement page asks of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from inspector_app.agreement.report import AgreementReport
from inspector_app.agreement.trend import Trend
from inspector_app.domain.logquery import LogContents, LogFilter
from inspector_app.domain.review import ReviewItem


class AgreementRoom(Protocol):
    """Reads and writes reports; every call may block and is made off the GUI thread."""

    def report(self, which: LogFilter) -> AgreementReport:
        """Return the figures of the chosen parts."""
        ...

    def trend(self, which: LogFilter) -> Trend:
        """Return how agreement went over the period of the chosen parts."""
        ...

    def export(
        self, which: LogFilter, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> tuple[Path, ...]:
        """Write the report of the chosen parts in all formats and return the files; known faults."""
        ...

    def contents(self) -> LogContents:
        """Return what there is to choose from."""
        ...

    def third_looks(self, by: str | None, which: LogFilter) -> tuple[ReviewItem, ...]:
        """Return those of the chosen parts that wait for this person's third look, with nothing of what was said.

        Oldest first.
        """
        ...
