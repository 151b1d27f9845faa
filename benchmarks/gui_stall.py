"""How long the window's event loop stalls while parts arrive at ten per second.

A window is opened offscreen on a station in this process that delivers ten full-HD parts a second: events come from
a station thread, pictures are converted, shown and judged like an inspector would, and every page is looked at. A
heart-beat timer measures how late the event loop is. An empty loop in the same run gives the machine's own share.

Run: ``python benchmarks/gui_stall.py [SECONDS]``; on a machine that others keep busy, behind ``chrt -f 10``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests" / "ui")]

import numpy as np  # noqa: E402
from in_memory_station import FIRST, InMemoryStation, answered, scratch  # noqa: E402
from PySide6.QtCore import QEventLoop, Qt, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report  # noqa: E402
from inspector_app.domain.control import Level  # noqa: E402
from inspector_app.domain.frame import Pixels, frozen_pixels  # noqa: E402
from inspector_app.domain.logquery import LogFilter  # noqa: E402
from inspector_app.domain.verdict import Answer  # noqa: E402
from ui.application import SWITCH_S, Screen  # noqa: E402
from ui.window_settings import Records, WindowSettings  # noqa: E402

RATE_HZ = 10.0
BEAT_MS = 5
LIMIT_MS = 50.0


def full_hd_parts(count: int = 8) -> tuple[Pixels, ...]:
    """Return different pictures, so that nothing can be reused by content."""
    rng = np.random.default_rng(7)
    return tuple(frozen_pixels(rng.integers(0, 255, (1080, 1920, 3), dtype=np.uint8)) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Beats:
    """Per beat of the event loop: how late it came, and how much processor time the GUI thread used before it, ms."""

    late: list[float]
    used: list[float]


def stalls(seconds: float) -> Beats:
    """Run the event loop for so long and listen to its heart."""
    loop = QEventLoop()
    late: list[float] = []
    used: list[float] = []
    last, last_used = time.perf_counter(), time.thread_time()

    def beat() -> None:
        nonlocal last, last_used
        now, now_used = time.perf_counter(), time.thread_time()
        late.append(max(0.0, (now - last) * 1000.0 - BEAT_MS))
        used.append((now_used - last_used) * 1000.0)
        last, last_used = now, now_used

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(BEAT_MS)
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    return Beats(late[1:], used[1:])


def figures(beats: Beats) -> dict[str, dict[str, float]]:
    """Return the spread of both, and how many exceeded the limit.

    ``stall`` is what the inspector feels on this machine now, other programs included; ``work`` is the GUI thread's
    own processor time from one beat to the next, which bounds the stall on a machine that is not overloaded.
    """
    return {"stall": _spread(beats.late), "work": _spread(beats.used)}


def _spread(values: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(values, [50, 99])
    over = sum(value > LIMIT_MS for value in values)
    worst = max(values)
    return {
        "beats": len(values),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "max_ms": round(worst, 2),
        "over_50_ms": over,
    }


def open_screen(application: QApplication, station: InMemoryStation) -> Screen:
    """Return a window on the station."""

    def report(which: LogFilter) -> AgreementReport:
        header = ReportHeader(datetime.now(UTC), "benchmark", which)
        return agreement_report(station.verdict_counts(which), station.part_counts(which), header)

    records = Records(station, station.changes, report, lambda _which: ())
    settings = WindowSettings(inspector="Ada", scale=1.0, guard_s=0.05)
    return Screen(application, station, records, settings, lambda: datetime.now(UTC))


def feed(station: InMemoryStation, parts: tuple[Pixels, ...], ended: threading.Event) -> Callable[[], None]:
    """Return the body of the thread that delivers parts at the rate, as a camera and its pipeline would."""

    def body() -> None:
        started, number = time.perf_counter(), 0
        while not ended.wait(max(0.0, started + number / RATE_HZ - time.perf_counter())):
            station.part(answered(0.6, scratch(300, 300), scratch(900, 500)), parts[number % len(parts)])
            number += 1

    return body


def act(screen: Screen) -> tuple[QTimer, QTimer]:
    """Judge what waits, and turn to another page every two seconds."""
    judging, turning = QTimer(), QTimer()
    answers = [Answer.ACCEPT, Answer.ACCEPT, Answer.REJECT, Answer.UNSURE]
    state = {"judged": 0, "page": 0}

    def judge() -> None:
        answer = answers[state["judged"] % len(answers)]
        if screen.desk.answer(answer, ("scratch",) if answer is Answer.REJECT else ()):
            state["judged"] += 1

    def turn() -> None:
        state["page"] = (state["page"] + 1) % screen.window.pages.count()
        screen.window.show_page(state["page"])

    judging.timeout.connect(judge)
    judging.start(120)
    turning.timeout.connect(turn)
    turning.start(2000)
    screen.window.destroyed.connect(judging.stop)
    return judging, turning


def main() -> None:
    """Measure and print one JSON document."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    application = QApplication([])
    sys.setswitchinterval(SWITCH_S)
    empty = stalls(min(seconds, 10.0))
    station = InMemoryStation(replace(FIRST, level=Level.ASSIST, unaided_share=0.2))
    screen = open_screen(application, station)
    screen.window.resize(1920, 1080)
    screen.window.show()
    ended = threading.Event()
    feeder = threading.Thread(target=feed(station, full_hd_parts(), ended), name="feeder")
    stalls(2.0)
    feeder.start()
    timers = act(screen)
    busy = stalls(seconds)
    for timer in timers:
        timer.stop()
    ended.set()
    feeder.join()
    recorded = station.status().counts.recorded
    judged = sum(call.startswith("submit") for call in station.asked)
    screen.close()
    document = {
        "seconds": seconds,
        "load_average": os.getloadavg()[0],
        "cores": os.cpu_count(),
        "parts": recorded,
        "verdicts": judged,
        "empty_loop": figures(empty),
        "window": figures(busy),
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
