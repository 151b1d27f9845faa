"""Fixtures of the window's tests: a station in memory, hands on the clock, and a screen that is always closed."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

os.environ["QT_QPA_PLATFORM"] = "offscreen"

_PATH = Path(__file__).with_name("in_memory_station.py")
_SPEC = importlib.util.spec_from_file_location("in_memory_station", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules["in_memory_station"] = _MODULE
_SPEC.loader.exec_module(_MODULE)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass
class Hands:
    """Both clocks of a screen, turned by hand."""

    now: datetime = NOW
    seconds: float = 1000.0

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """Return pytest-qt's robot with the patience that a busy machine needs: its own waits for 5 s."""
    for wait in ("waitUntil", "waitSignal"):
        monkeypatch.setattr(qtbot, wait, partial(getattr(qtbot, wait), timeout=60_000))
    return qtbot


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(autouse=True)
def _nothing_in_front(qapp: object) -> Iterator[None]:
    """Fail a test that leaves a window open."""
    from PySide6.QtWidgets import QApplication

    yield
    left = [type(widget).__name__ for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for widget in QApplication.topLevelWidgets():
        widget.close()
    assert not left, f"windows left open: {left}"


@dataclass
class Opened:
    """Screens that a test has opened."""

    screens: list[object] = field(default_factory=list)


@pytest.fixture
def open_screen(qtbot, hands: Hands, tmp_path: Path) -> Iterator[Callable[..., object]]:
    """Return a function that opens a screen on a station, with its background at rest."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    from ui.application import Screen
    from ui.window_settings import Records, WindowSettings, no_rollout

    opened = Opened()

    def open_it(
        station,
        *,
        size=(1280, 800),
        show=True,
        studies=None,
        models=None,
        automation=None,
        commissioning=None,
        camera=None,
        ramp_report=no_rollout,
        **settings,
    ):
        room = _MODULE.InMemoryAgreement(station, hands.clock, tmp_path)
        rooms = (
            room,
            studies or _MODULE.InMemoryStudies(),
            models or _MODULE.InMemoryModels(),
            automation or _MODULE.InMemoryAutomation(station),
            commissioning or _MODULE.InMemoryCommissioning(),
        )
        values = {"inspector": "Ada", "scale": 1.0, **settings}
        records = Records(station, station.changes, *rooms, ramp_report, camera)
        screen = Screen(
            QApplication.instance(), station, records, WindowSettings(**values), hands.clock, hands.monotonic
        )
        opened.screens.append(screen)
        screen.window.resize(*size)
        if show:
            screen.window.show()
        qtbot.waitUntil(lambda: not screen.background.busy)
        return screen

    yield open_it
    for screen in opened.screens:
        assert screen.close()
        # Windows that linger are styled again with every screen that follows.
        screen.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def settled(qtbot) -> Callable[[object], None]:
    """Return a function that waits until news and background calls of a screen are through, and the status is shown.

    The window looks at the status once a second by itself: on a busy machine a picture taken without asking would
    show that look or not, as chance has it.
    """

    def idle(screen) -> bool:
        return not screen.background.busy and not screen.bridge._wake_sent

    def wait(screen) -> None:
        qtbot.wait(60)
        qtbot.waitUntil(lambda: idle(screen))
        screen.window.ask_status()
        qtbot.waitUntil(lambda: idle(screen))

    return wait


@pytest.fixture
def pixels_of() -> Callable[[QWidget], bytes]:
    """Return what copies the pixels of a widget; the image is kept meanwhile, because its bytes are gone with it."""

    def copied(widget: QWidget) -> bytes:
        image = widget.grab().toImage()
        return bytes(image.constBits())

    return copied
