"""The live picture of the line, while nothing waits: newest only, a few times a second."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import StationPort
from ui.background import Background
from ui.picture.conversion import Picture, picture_of


class LivePicture(QObject):
    """Fetches and converts the station's latest picture when there is a new one and the last is done.

    Parameters
    ----------
    station : StationPort
        Where the latest picture lies.
    background : Background
        Where it is converted.
    monotonic : callable
        Seconds of a clock that never goes back.
    interval_s : float
        Least time between two pictures.

    Signals
    -------
    arrived(Picture)
        A converted picture. It is made and consumed on the GUI thread, so no queue of pictures can grow.
    """

    arrived = Signal(object)

    def __init__(
        self, station: StationPort, background: Background, monotonic: Callable[[], float], interval_s: float = 0.2
    ) -> None:
        super().__init__()
        self._station = station
        self._background = background
        self._monotonic = monotonic
        self._interval_s = interval_s
        self._busy = False
        self._asked_at = float("-inf")

    def ask(self) -> None:
        """Fetch the latest picture, unless one is on its way or was only just shown."""
        if self._busy or self._monotonic() - self._asked_at < self._interval_s:
            return
        self._busy = True
        self._asked_at = self._monotonic()
        self._background.run(self._job, self._done, self._failed)

    def _job(self) -> Picture | None:
        frame = self._station.latest_frame()
        return None if frame is None else picture_of(frame.pixels)

    def _done(self, picture: Picture | None) -> None:
        self._busy = False
        if picture is not None:
            self.arrived.emit(picture)

    def _failed(self, _fault: KnownFault) -> None:
        self._busy = False
