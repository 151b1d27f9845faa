"""Pictures of the window without a display: each page, as an inspector would see it, in a theme."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from inspector_app.domain.commissioning import CommissioningRoom
from inspector_app.domain.errors import LogProblem, LogUnavailable
from ui.application import ObservedStation, Screen
from ui.background import Background
from ui.commissioning.first_start import FirstStart
from ui.look.appearance import Appearance
from ui.look.theme import ThemeName
from ui.window_settings import Records, WindowSettings

PAGES = ("inspect", "history", "part", "agreement", "automation", "study", "models", "system", "camera")
_PLACES = {
    "inspect": 0,
    "history": 1,
    "part": 1,
    "agreement": 2,
    "automation": 3,
    "study": 4,
    "models": 5,
    "system": 6,
    "camera": 7,
}
_LOOK_MS = 20


class ScreenshotStudio:
    """A window that is never shown to anybody and can be photographed.

    Call from the main thread; where no display is wanted, before anything else makes a QApplication.

    Parameters
    ----------
    station : ObservedStation
        Running; pictures show its state at the moment.
    records : Records
        What the window reads.
    settings : WindowSettings
        How the window opens; ``inspector`` should be set, or the inspect page asks for a name.
    size : (int, int)
        Width and height of the window, px.
    """

    def __init__(
        self,
        station: ObservedStation,
        records: Records,
        settings: WindowSettings,
        size: tuple[int, int] = (1280, 800),
    ) -> None:
        self._application = offscreen_application()
        self._screen = Screen(self._application, station, records, settings, lambda: datetime.now(UTC))
        self._screen.window.resize(*size)
        self._screen.window.show()

    def take(
        self,
        folder: Path,
        name: str,
        themes: tuple[ThemeName, ...] = (ThemeName.LIGHT, ThemeName.DARK),
        pages: tuple[str, ...] = PAGES,
        patience_s: float = 5.0,
    ) -> tuple[Path, ...]:
        """Photograph pages and return the files ``NAME-PAGE-THEME.png``.

        Parameters
        ----------
        folder : Path
            Made if need be.
        name : str
            Begins every file name, for example the level.
        themes, pages
            Which; ``part`` is the newest part of the history; it and ``camera`` are left out if there is none.
        patience_s : float
            How long a page may take to read what it shows.

        Raises
        ------
        LogUnavailable
            If the folder cannot be written.
        """
        written = []
        for page in pages:
            if not self._turn_to(page, patience_s):
                continue
            for theme in themes:
                self._screen.appearance.switch(theme)
                self._settle(patience_s)
                written.append(self._save(folder, f"{name}-{page}-{theme.value}.png"))
        return tuple(written)

    def close(self) -> None:
        """Close the window; idempotent. The station goes on."""
        self._screen.close()

    def _turn_to(self, page: str, patience_s: float) -> bool:
        screen = self._screen
        if page == "camera" and screen.camera is None:
            return False
        screen.history.show_list()
        screen.window.show_page(_PLACES[page])
        self._settle(patience_s)
        if page != "part":
            return True
        opened = screen.history.open_newest()
        self._settle(patience_s)
        return opened

    def _settle(self, patience_s: float) -> None:
        _settle(self._screen.background, patience_s)

    def _save(self, folder: Path, name: str) -> Path:
        return _save(self._screen.window, folder, name)


def photograph_first_start(room: CommissioningRoom, folder: Path, patience_s: float = 60.0) -> tuple[Path, ...]:
    """Photograph the questions of a first start: the camera, tried, and the examination at the end.

    Nothing is written to the data folder's settings.

    Parameters
    ----------
    room : CommissioningRoom
        Of a new data folder.
    folder : Path
        Gets ``first-start-camera.png`` and ``first-start-check.png``.
    patience_s : float
        How long a step may take.

    Raises
    ------
    LogUnavailable
        If the folder cannot be written.
    """
    background = Background()
    first = FirstStart(Appearance(offscreen_application(), ThemeName.LIGHT, 1.0), room, background)
    first.resize(1280, 800)
    first.show()
    written = []
    for step in first.steps:
        first.show_step(first.steps.index(step))
        _settle(background, patience_s)
        if step is first.camera_step:
            first.camera_step.try_it()
            _settle(background, patience_s)
            written.append(_save(first, folder, "first-start-camera.png"))
    written.append(_save(first, folder, "first-start-check.png"))
    first.close()
    return tuple(written)


def _settle(background: Background, patience_s: float) -> None:
    """Let a window work until nothing is under way, or patience ends."""
    deadline = time.monotonic() + patience_s
    _run_until(lambda: time.monotonic() > deadline - patience_s + 0.15)
    _run_until(lambda: not background.busy or time.monotonic() > deadline)


def _run_until(done: Callable[[], bool]) -> None:
    loop = QEventLoop()
    timer = QTimer(interval=_LOOK_MS)
    timer.timeout.connect(lambda: loop.quit() if done() else None)
    timer.start()
    loop.exec()
    timer.stop()


def _save(window: QWidget, folder: Path, name: str) -> Path:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogUnavailable(LogProblem.READ_ONLY, f"{folder} cannot be made: {error.strerror}.") from error
    if not window.grab().save(str(path), "PNG"):
        raise LogUnavailable(LogProblem.READ_ONLY, f"The screenshot {path} cannot be written.")
    return path


def offscreen_application() -> QApplication:
    """Return the process's QApplication; a new one is made without a display."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QApplication(sys.argv[:1])
