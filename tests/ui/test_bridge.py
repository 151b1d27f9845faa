"""The meeting point with the station's threads."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from in_memory_station import FIRST, InMemoryStation
from PySide6.QtCore import QThread

from inspector_app.domain.control import ControlChange
from inspector_app.domain.events import (
    ControlChanged,
    FaultRaised,
    FrameArrived,
    InspectionRecorded,
    PictureLost,
    PictureStored,
    ReviewRequested,
    StateChanged,
)
from inspector_app.domain.status import Fault, FaultKind, StationState
from ui.bridge import EventBridge, News, folded


def test_each_event_leaves_its_trace() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    inspection = InMemoryStation().part()
    change = ControlChange("Sup", "because", at, None, FIRST)
    assert folded(News(), InspectionRecorded(inspection)) == News(recorded=1, log_changed=True)
    assert folded(News(), ReviewRequested("i")).queue_changed
    assert folded(News(), FrameArrived()) == News(frame_arrived=True)
    assert folded(News(), ControlChanged(change)).control is change
    assert folded(News(), FaultRaised(Fault(FaultKind.BUG, "x", at))).status_changed
    assert folded(News(), StateChanged(StationState.RUNNING, StationState.PAUSED)).status_changed
    assert folded(News(), PictureLost("ab", "Gone.")).lost == "Gone."
    assert folded(News(), PictureStored("ab")) == News(log_changed=True)


def test_a_burst_from_another_thread_costs_few_calls_and_loses_nothing(qtbot) -> None:
    bridge = EventBridge(interval_ms=20)
    inspection = InMemoryStation().part()
    seen: list[News] = []
    threads: set[int] = set()

    def take(news: News) -> None:
        seen.append(news)
        threads.add(int(QThread.currentThread() is bridge.thread()))

    bridge.news.connect(take)
    worker = threading.Thread(target=lambda: [bridge.on_event(InspectionRecorded(inspection)) for _ in range(5000)])
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: sum(news.recorded for news in seen) == 5000)
    assert len(seen) < 50
    assert threads == {1}
    bridge.close()


def test_a_closed_bridge_says_nothing(qtbot) -> None:
    bridge = EventBridge(interval_ms=1)
    seen: list[News] = []
    bridge.news.connect(seen.append)
    bridge.on_event(FrameArrived())
    bridge.close()
    bridge.close()
    bridge.on_event(FrameArrived())
    qtbot.wait(30)
    assert seen == []
