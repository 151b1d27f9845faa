"""Tells listeners what has happened, after it is in the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from inspector_app.domain.events import StationEvent
from inspector_app.domain.ports import OnEvent

_log = logging.getLogger(__name__)


class Announcer:
    """Passes each event to every listener, in the order of subscription, on the thread where it happened.

    A listener that raises is written to the program log and does not harm the station or other listeners.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[OnEvent, ...] = ()

    def subscribe(self, listener: OnEvent) -> Callable[[], None]:
        """Add a listener; the returned call removes it again."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe

    def tell(self, event: StationEvent) -> None:
        """Tell every listener; returns when all have been told."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  whatever a listener does, it must not harm the station
                _log.exception("a listener failed on %s", type(event).__name__)
