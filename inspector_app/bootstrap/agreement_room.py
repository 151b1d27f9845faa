"""What the agreement page asks of an open data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from inspector_app.agreement.report import AgreementReport
from inspector_app.agreement.trend import Trend
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.reporting import (
    REPORT_FORMATS,
    agreement_content,
    agreement_figures,
    agreement_trend,
    write_agreement,
)
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.logquery import LogContents, LogFilter
from inspector_app.domain.review import ReviewItem
from inspector_app.station.looks import first_item

AT_ONCE: Final = 200
"""Third looks offered at once; the rest comes when these are done."""
_LONGEST_UNDO: Final = timedelta(seconds=60)
"""The longest undo window that settings allow."""


class FolderAgreementRoom:
    """`ui.agreement.room.AgreementRoom` on a data folder.

    Parameters
    ----------
    folder : DataFolder
        Open for as long as the room is used.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def report(self, which: LogFilter) -> AgreementReport:
        """Return the figures of the chosen parts."""
        return agreement_figures(self._folder, which)

    def trend(self, which: LogFilter) -> Trend:
        """Return how agreement went over the period of the chosen parts."""
        return agreement_trend(self._folder, which)

    def export(
        self, which: LogFilter, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> tuple[Path, ...]:
        """Write the report of the chosen parts in all formats and return the files."""
        content = agreement_content(self._folder, which, on_progress, cancelled, REPORT_FORMATS)
        return write_agreement(content, self._folder.path / "exports", REPORT_FORMATS)

    def contents(self) -> LogContents:
        """Return what there is to choose from."""
        return self._folder.log.reports.contents()

    def third_looks(self, by: str | None, which: LogFilter) -> tuple[ReviewItem, ...]:
        """Return those of the chosen parts that wait for this person's third look, oldest first, blind.

        Parts of other stations do not: their pictures lie with them.
        """
        mine = self._folder.of_station(which)
        if which.station not in {None, mine.station}:
            return ()
        entries = self._folder.log.third_looks.waiting(by, utc_now() - _LONGEST_UNDO, mine, AT_ONCE)
        return tuple(replace(first_item(entry.inspection), model_view=None) for entry in entries)
