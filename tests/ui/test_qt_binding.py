"""The Qt binding itself: a version that loses references to None or True kills a window that runs for a shift."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

CALLS = 500


class Told(QObject):
    told = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from Python 3.12 on")
@pytest.mark.parametrize("immortal", [None, True, False])
def test_calls_and_signals_keep_the_references_of_singletons(qtbot: QtBot, immortal: bool | None) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    told = Told()
    told.told.connect(widget.update)
    calls: tuple[Callable[[], object], ...] = (widget.update, widget.isVisible, widget.repaint, told.told.emit)
    before = sys.getrefcount(immortal)
    for _ in range(CALLS):
        for call in calls:
            call()
    assert sys.getrefcount(immortal) > before - CALLS // 2
