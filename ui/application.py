"""The window as the composition root sees it: one call that opens it and returns when it is closed."""

from __future__ import annotations

import gc
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from inspector_app.domain.commissioning import CommissioningRoom
from inspector_app.domain.ports import OnEvent, StationPort
from ui.agreement.drill import ChosenParts
from ui.background import Background
from ui.bridge import EventBridge
from ui.commissioning.first_start import FirstStart
from ui.look.appearance import Appearance
from ui.look.theme import ThemeName, scale_for_screen
from ui.pages.agreement import AgreementPage
from ui.pages.automation import AutomationPage
from ui.pages.camera import CameraPage
from ui.pages.history import HistoryPage
from ui.pages.inspect import InspectPage
from ui.pages.models import ModelsPage
from ui.pages.page import Page
from ui.pages.study import StudyPage
from ui.pages.system import SystemPage
from ui.review.desk import ReviewDesk
from ui.review.live import LivePicture
from ui.texts import tr
from ui.window import StationWindow, show_window
from ui.window_settings import Records, WindowSettings

_BACKGROUND_S = 5.0
SWITCH_S = 0.001
"""Longest time that another Python thread may keep the window waiting for the interpreter."""


class ObservedStation(StationPort, Protocol):
    """A station that tells listeners what has happened."""

    def subscribe(self, listener: OnEvent) -> Callable[[], None]:
        """Add a listener; the returned call removes it."""
        ...


class Screen:
    """Everything that belongs to one open window, in the order in which it is closed.

    Parameters
    ----------
    application : QApplication
        The process's one application object.
    station : ObservedStation
        What is shown and asked; the screen neither starts nor stops it by itself.
    records : Records
        What the window reads.
    settings : WindowSettings
        How the window opens.
    clock : callable
        Time now, UTC.
    monotonic : callable
        Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        application: QApplication,
        station: ObservedStation,
        records: Records,
        settings: WindowSettings,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        scale = settings.scale or scale_for_screen(QGuiApplication.primaryScreen().availableSize().height())
        self.appearance = Appearance(application, settings.theme, scale)
        self.background = Background()
        self.bridge = EventBridge()
        self.desk = ReviewDesk(station, self.background, clock, monotonic, settings.guard_s)
        self.live = LivePicture(station, self.background, monotonic)
        self.inspect = InspectPage(self.appearance, station, self.desk, self.live, settings.defect_classes, clock)
        self.history = HistoryPage(self.appearance, station, records.reader, self.background, clock)
        self.automation = AutomationPage(
            self.appearance,
            station,
            records.control_changes,
            self.background,
            settings.supervisors,
            settings.signatures,
            records.ramp_report,
            records.automation,
            clock,
        )
        self.agreement = AgreementPage(
            self.appearance,
            station,
            records.agreement,
            self.background,
            clock,
            monotonic,
            self.desk,
            settings.defect_classes,
            settings.guard_s,
        )
        self.study = StudyPage(
            self.appearance,
            station,
            records.studies,
            self.background,
            clock,
            monotonic,
            lambda: secrets.token_hex(16),
            settings.guard_s,
        )
        self.models = ModelsPage(self.appearance, records.models, self.background)
        self.system = SystemPage(self.appearance, station, records.commissioning, self.background)
        self.camera = (
            None
            if records.camera is None
            else CameraPage(self.appearance, records.camera, self.background, settings.supervisors, settings.signatures)
        )
        pages: tuple[tuple[str, str, Page], ...] = (
            ("inspect", tr("Inspect"), self.inspect),
            ("history", tr("History"), self.history),
            ("agreement", tr("Agreement"), self.agreement),
            ("automation", tr("Automation"), self.automation),
            ("checked", tr("Study"), self.study),
            ("model", tr("Models"), self.models),
            ("info", tr("System"), self.system),
            *(() if self.camera is None else (("camera", tr("Camera"), self.camera),)),
        )
        self.window = StationWindow(
            self.appearance,
            station,
            self.background,
            self.desk,
            pages,
            settings,
            clock,
            lambda: records.agreement.contents().inspectors,
        )
        self.inspect.sign_in_asked.connect(self.window.ask_user)
        self.agreement.noticed.connect(self.window.say)
        self.agreement.sign_in_asked.connect(self.window.ask_user)
        self.agreement.parts_asked.connect(self._show_parts)
        self.automation.noticed.connect(self.window.say)
        self.study.noticed.connect(self.window.say)
        self.models.noticed.connect(self.window.say)
        if self.camera is not None:
            self.camera.noticed.connect(self.window.say)
        self.bridge.news.connect(self.window.on_news)
        self._unsubscribe = station.subscribe(self.bridge.on_event)
        self._is_open = True
        if settings.inspector:
            self.window.sign_in(settings.inspector)

    def _show_parts(self, chosen: ChosenParts) -> None:
        """Go from a figure to its parts."""
        self.window.show_page(1)
        self.history.show_chosen(chosen)

    def close(self, deadline_s: float = _BACKGROUND_S) -> bool:
        """Close in stages: no more events, no more window, no more background calls; idempotent.

        Returns
        -------
        bool
            True if every background call has ended within ``deadline_s``.
        """
        if self._is_open:
            self._is_open = False
            self._unsubscribe()
            self.bridge.close()
            self.study.close_studies()
            self.models.close_work()
            if self.camera is not None:
                self.camera.close_work()
            self.system.close_examination()
            self.window.close()
        return self.background.close(deadline_s)


def favour_the_window() -> None:
    """Let this process's other threads give way to the window; call before it is built.

    A station thread that computes in Python gives way after 1 ms instead of 5, so that the window answers at once.
    """
    sys.setswitchinterval(SWITCH_S)


def spare_the_collector() -> None:
    """Take what was made so far out of garbage collection; call once the window is built.

    A full collection would walk all of it, 40 ms and more with the window standing still. It lives as long as the
    window, so there is nothing to find in it.
    """
    gc.collect()
    gc.freeze()


def _application() -> QApplication:
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("inspection-station")
    return application


def run_first_start(room: CommissioningRoom, theme: ThemeName) -> bool:
    """Ask what a new station must know; blocks until that is answered or skipped.

    Returns
    -------
    bool
        True: go on and open the station; False: the window was closed, and so is the program.
    """
    application = _application()
    scale = scale_for_screen(QGuiApplication.primaryScreen().availableSize().height())
    first = FirstStart(Appearance(application, theme, scale), room, Background())
    answers: list[bool] = []
    first.finished.connect(answers.append)
    first.finished.connect(application.quit)
    show_window(first, full=False)
    # Closing the last window would end the program before the station's own window is there.
    application.setQuitOnLastWindowClosed(False)
    application.exec()
    application.setQuitOnLastWindowClosed(True)
    first.close()
    return answers == [True]


def run_window(
    station: ObservedStation,
    records: Records,
    settings: WindowSettings,
    stop_deadline_s: float = 10.0,
) -> int:
    """Open the window, start the station, and return when the window is closed and the station has stopped.

    Parameters
    ----------
    station : ObservedStation
        Started in the background once the window is open; stopped after it is closed.
    records, settings
        As of `Screen`.
    stop_deadline_s : float
        How long the station may take to stop.

    Returns
    -------
    int
        The exit code of the process.
    """
    application = _application()
    favour_the_window()
    screen = Screen(application, station, records, settings, lambda: datetime.now(UTC))
    spare_the_collector()
    show_window(screen.window, full=settings.full_screen)
    screen.window.command(station.start)
    code = application.exec()
    screen.close()
    station.stop(stop_deadline_s)
    return code
