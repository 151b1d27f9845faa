"""What the window expects of a page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector_app.domain.status import StationStatus
from ui.bridge import News


class Page(QWidget):
    """One task of the window; hidden pages do no work.

    Attributes
    ----------
    top : QVBoxLayout
        Where messages of the window go while the page is in view: above what they may push down.
    decides : bool
        True while parts are judged here: nothing moves when there is something to say, and Enter presses no button.

    Signals
    -------
    rearranged()
        ``top`` or ``decides`` has changed.
    """

    top: QVBoxLayout
    decides: bool = False
    rearranged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")

    def entered(self) -> None:
        """Act on coming into view."""

    def on_news(self, news: News) -> None:
        """Take what has happened in the station, in view or not."""

    def on_status(self, status: StationStatus) -> None:
        """Take the station's snapshot, about once a second."""

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Use a key that no widget wanted; False if it means nothing here."""
        del event, pressed
        return False
