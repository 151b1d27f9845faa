"""An examination that runs beside the window and can be stopped; its findings come one by one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from inspector_app.domain.commissioning import CommissioningRoom, Finding, FirstAnswers
from inspector_app.domain.errors import KnownFault
from ui.background import Background
from ui.bridge import Wake


class Examination(QObject):
    """Runs one examination at a time.

    Parameters
    ----------
    room : CommissioningRoom
        Who examines.
    background : Background
        Where it runs.

    Signals
    -------
    found()
        A finding came; `take` gives it.
    ended(str)
        It is over; the sentence of the fault that ended it, empty if it came to its end.
    """

    found = Signal()
    ended = Signal(str)

    def __init__(self, room: CommissioningRoom, background: Background) -> None:
        super().__init__()
        self._room = room
        self._background = background
        self._findings: queue.SimpleQueue[Finding] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._wake = Wake()
        self._wake.woken.connect(self._on_found)
        self.running = False

    def begin(self, answers: FirstAnswers | None) -> bool:
        """Begin; False while another one runs."""
        if self.running:
            return False
        self.running = True
        self._stopped.clear()
        room, stopped = self._room, self._stopped

        def on_finding(finding: Finding) -> None:
            self._findings.put(finding)
            self._wake.call()

        def work() -> None:
            room.examine(answers, on_finding, stopped.is_set)

        self._background.run(work, lambda _none: self._end(""), self._on_fault)
        return True

    def stop(self) -> None:
        """Ask it to end after the check in hand; idempotent."""
        self._stopped.set()

    def take(self, use: Callable[[Finding], None]) -> None:
        """Give all findings that have come to ``use``."""
        while not self._findings.empty():
            use(self._findings.get_nowait())

    @Slot()
    def _on_found(self) -> None:
        self.found.emit()

    def _on_fault(self, fault: KnownFault) -> None:
        self._end(str(fault))

    def _end(self, sentence: str) -> None:
        self.running = False
        self.found.emit()
        self.ended.emit(sentence)
