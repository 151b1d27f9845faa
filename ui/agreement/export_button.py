"""The button that writes the report, says how far it is, and stops it."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QTimer, Signal

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.logquery import LogFilter
from ui.agreement.room import AgreementRoom
from ui.background import Background
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton

_PROGRESS_MS = 200


class ExportButton(IconButton):
    """Writes a report in all formats.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : AgreementRoom
        Writes the report.
    background : Background
        Where it does.

    Signals
    -------
    noticed(str)
        What came of it.
    """

    noticed = Signal(str)

    def __init__(self, appearance: Appearance, room: AgreementRoom, background: Background) -> None:
        super().__init__(appearance, "export", tr("Export"))
        self._reports = room
        self._background = background
        self._stop = threading.Event()
        self._so_far = (0, 0)
        self._running = False
        self._timer = QTimer(self, interval=_PROGRESS_MS)
        self._timer.timeout.connect(self._say_progress)

    def begin(self, which: LogFilter) -> None:
        """Write the report of these parts; while one is written, stop it."""
        if self._running:
            self._stop.set()
            return
        self._running = True
        self._stop.clear()
        self._so_far = (0, 0)
        self._say_progress()
        self._timer.start()
        self._background.run(
            lambda: self._reports.export(which, self._note_progress, self._stop.is_set),
            self._written,
            self._not_written,
        )

    def _note_progress(self, done: int, total: int) -> None:
        """Note how far it is; called on its thread, read by the timer."""
        self._so_far = (done, total)

    def _say_progress(self) -> None:
        done, total = self._so_far
        if total:
            self.setText(tr("Stop the export · {done} of {total}").format(done=done, total=total))
        else:
            self.setText(tr("Stop the export"))

    def _end(self, sentence: str) -> None:
        self._running = False
        self._timer.stop()
        self.setText(tr("Export"))
        self.noticed.emit(sentence)

    def _written(self, paths: tuple[Path, ...]) -> None:
        folder = paths[0].parent if paths else Path()
        names = ", ".join(path.name for path in paths if path.parent == folder)
        self._end(tr("Written to {folder}: {names}").format(folder=folder, names=names))

    def _not_written(self, fault: KnownFault) -> None:
        self._end(str(fault))
