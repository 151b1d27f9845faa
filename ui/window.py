"""The window: header, navigation, pages, banner, status strip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QPushButton, QStackedWidget, QToolButton, QWidget

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import StationPort
from inspector_app.domain.status import StationStatus
from ui.automation.guard_words import guard_sentence
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.dialogs.sign_in import SignInDialog
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.review.desk import ReviewDesk
from ui.review.verdict_panel import oldest_age_s
from ui.texts import tr
from ui.widgets.banner import Messages
from ui.widgets.basics import column, row
from ui.widgets.header import Header
from ui.widgets.rail import Rail
from ui.widgets.status_cells import cells_of
from ui.widgets.status_strip import StatusStrip
from ui.window_settings import WindowSettings

_STATUS_MS = 1000
_STOP_S = 10.0


class StationWindow(QMainWindow):
    """The inspector's window.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        What is shown and asked.
    background : Background
        Where the station is asked.
    desk : ReviewDesk
        Which part is judged.
    pages : tuple of (str, str, Page)
        Icon, name and page, in the order of the navigation.
    settings : WindowSettings
        Names and sizes.
    clock : callable
        Time now, UTC.
    names_on_record : callable
        Returns who has given verdicts; may block.

    Signals
    -------
    closed()
        Once, when the window is gone.
    """

    closed = Signal()

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        background: Background,
        desk: ReviewDesk,
        pages: tuple[tuple[str, str, Page], ...],
        settings: WindowSettings,
        clock: Callable[[], datetime],
        names_on_record: Callable[[], tuple[str, ...]],
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._station = station
        self._background = background
        self._desk = desk
        self._clock = clock
        self._settings = settings
        self._names = list(settings.inspectors)
        self._asking = LatestJob(background)
        self._naming = LatestJob(background)
        self._names_on_record = names_on_record
        self._is_open = True
        self.header = Header(appearance, settings.station_name)
        self.messages = Messages(appearance)
        self.banner, self.notice = self.messages.banner, self.messages.notice
        self.strip = StatusStrip(appearance)
        self.rail = Rail(appearance, tuple((icon, name) for icon, name, _ in pages))
        self.pages = QStackedWidget()
        for _, _, page in pages:
            self.pages.addWidget(page)
            page.rearranged.connect(self._place_messages)
        for index in range(len(pages)):
            # Not the button's own shortcut: that one waits for the animation of a click.
            QShortcut(QKeySequence(Qt.Key(Qt.Key.Key_F1 + index)), self, lambda at=index: self.show_page(at))
        self._lay_out()
        self._connect()
        self.show_page(0)
        self._timer = QTimer(self, interval=_STATUS_MS)
        self._timer.timeout.connect(self.ask_status)
        self._timer.start()
        self.ask_status()

    def _lay_out(self) -> None:
        self.setWindowTitle(tr("Inspection station {name}").format(name=self._settings.station_name))
        self.setMinimumSize(1024, 720)
        across = row(0)
        across.addWidget(self.rail)
        across.addWidget(self.pages, 1)
        whole = QWidget()
        body = column(0, whole)
        body.addWidget(self.header)
        body.addLayout(across, 1)
        body.addWidget(self.strip)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.header.user_asked.connect(self.ask_user)
        self.header.theme_asked.connect(self._appearance.next_theme)
        self.header.pause_asked.connect(lambda: self.command(self._station.pause))
        self.header.resume_asked.connect(lambda: self.command(self._station.resume))
        self.banner.restart_asked.connect(lambda: self.command(self._restart_station))
        self._desk.noticed.connect(self.say)
        self.header.show_level(self._station.control.level)

    @property
    def page(self) -> Page:
        """The page in view."""
        page = self.pages.currentWidget()
        assert isinstance(page, Page)  # noqa: S101 - nothing else is put into the stack
        return page

    @Slot(int)
    def show_page(self, index: int) -> None:
        """Bring a page into view."""
        self.pages.setCurrentIndex(index)
        self.rail.show_chosen(index)
        self._place_messages()
        self.page.entered()

    @Slot()
    def _place_messages(self) -> None:
        """Put messages where the page in view has room for them."""
        self.page.top.insertWidget(0, self.messages)
        self.messages.keep_place(kept=self.page.decides)

    @Slot(object)
    def on_news(self, news: News) -> None:
        """Pass what has happened on to the pages."""
        if news.status_changed:
            self.ask_status()
        if news.control is not None:
            self.header.show_level(news.control.after.level)
            by_itself = guard_sentence(news.control)
            if by_itself is not None:
                self.say(by_itself)
        if news.lost is not None:
            self.say(news.lost)
        for index in range(self.pages.count()):
            page = self.pages.widget(index)
            if isinstance(page, Page):
                page.on_news(news)

    def say(self, sentence: str) -> None:
        """Tell the inspector one sentence."""
        self.messages.say(sentence)

    def command(self, action: Callable[[], None]) -> None:
        """Ask the station to do something, off the GUI thread, and look at its state afterwards."""
        self._background.run(action, lambda _none: self.ask_status(), self._on_fault)

    def ask_user(self) -> None:
        """Ask who judges."""
        signed_in = self._desk.inspector is not None
        dialog = SignInDialog(self._appearance, self, tuple(self._names), signed_in)
        dialog.accepted.connect(lambda: self.sign_in(dialog.name))
        dialog.sign_out_asked.connect(self.sign_out)
        dialog.rejected.connect(self._naming.forget)
        self._naming.run(self._names_on_record, lambda names: self._offer(dialog, names), self._on_fault)
        dialog.open()

    def _offer(self, dialog: SignInDialog, names: tuple[str, ...]) -> None:
        """Offer names on record; a name that was entered before they were known is set right."""
        entered = dialog.name
        dialog.offer(names)
        name = dialog.name
        if dialog.result() and name != entered == self._desk.inspector:
            self._names.remove(entered)
            self.sign_in(name)
            self.say(tr("On record as {name}, and so is every verdict now.").format(name=name))

    def sign_in(self, name: str) -> None:
        """Sign an inspector in."""
        self._names = [name, *(other for other in self._names if other != name)]
        self.header.show_inspector(name)
        self._desk.sign_in(name)
        self.page.entered()

    def sign_out(self) -> None:
        """Sign the inspector out: nobody judges until somebody signs in."""
        self.header.show_inspector(None)
        self._desk.sign_out()
        self.page.entered()

    def ask_status(self) -> None:
        """Ask for the station's snapshot."""
        self._asking.run(self._station.status, self._on_status, self._on_fault)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer keys that no widget wanted to the page; Enter then presses the button with the focus."""
        if not (self.page.handle_key(event, pressed=True) or self._press_focused(event)):
            super().keyPressEvent(event)

    def _press_focused(self, event: QKeyEvent) -> bool:
        """Press the button with the focus as Space does, but never where a key decides a part."""
        button = self.focusWidget()
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat()
        if not enter or not isinstance(button, QPushButton | QToolButton):
            return False
        if self.page.decides and self.page.isAncestorOf(button):
            return False
        button.click()
        return True

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Offer released keys to the page."""
        if not self.page.handle_key(event, pressed=False):
            super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go; the second time is a no-op."""
        if self._is_open:
            self._is_open = False
            self._timer.stop()
            self.closed.emit()
        event.accept()

    def _restart_station(self) -> None:
        self._station.stop(_STOP_S)
        self._station.start()

    def _on_status(self, status: StationStatus) -> None:
        self.header.show_status(status)
        self.header.show_level(self._station.control.level)  # a station that starts takes over what is recorded
        self.header.show_time(self._clock())
        self.messages.show_status(status)
        self.strip.show_cells(cells_of(status, oldest_age_s(self._desk.waiting, self._clock())))
        for index in range(self.pages.count()):
            page = self.pages.widget(index)
            if isinstance(page, Page):
                page.on_status(status)

    def _on_fault(self, fault: KnownFault) -> None:
        self.say(str(fault))


def show_window(window: QWidget, *, full: bool) -> None:
    """Show a window as large as the desktop allows, or over all of the screen."""
    if full:
        window.showFullScreen()
    else:
        window.showMaximized()
