"""How long the window's event loop stalls while parts arrive at ten per second.

The whole station works in this process: a synthetic camera delivers full-HD parts at a fixed rate like a camera that
waits for nobody, the bundled model judges them, the log is on disk, and the window is open offscreen on it. Somebody
judges what waits all the time, and either stays on the inspect page or turns to another page every two seconds. A
heart-beat timer measures how late the event loop is, and a process that does nothing but beat measures beside it what
the machine does to anybody.

Run: ``python -m benchmarks.gui_stall``, or one case: ``--level assist --pages turn --seconds 60``; on a Linux machine
that others keep busy, in a session of its own with weight: ``setsid -w sh -c 'echo -19 > /proc/self/autogroup; exec
nice -n -19 …'`` (where automatic task groups are on, niceness alone counts only within a session).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.heartbeat import BEAT_MS, LIMIT_MS, bystander, figures, listen
from inspector_app.bootstrap.building import built_station, set_up, station_options
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.bootstrap.devices import make_parts
from inspector_app.bootstrap.settled import utc_now
from inspector_app.bootstrap.window import window_records, window_settings
from inspector_app.cameras.set_up import SetUpCamera
from inspector_app.cameras.synthetic import MakePart, PartRequest, SyntheticCamera
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.frame import Pixels, Reference, frozen_pixels
from inspector_app.domain.verdict import Answer
from inspector_app.settings import AutomationSection, Settings
from inspector_app.station.station import Station
from ui.application import Screen, favour_the_window, spare_the_collector

RATE_HZ = 10.0
PARTS_MADE = 12
SETTLE_S = 3.0
JUDGE_MS = 120
TURN_MS = 2000
LIVE_URI = "usb:prepared"
"""Not ``synthetic:``, whose parts wait until the station has room: these arrive whether it keeps up or not."""

LEVELS = (Level.SHADOW, Level.ASSIST)
PAGES = ("stay", "turn", "camera")


def main() -> int:
    """Measure one case, or each in a process of its own, and print one JSON document a case."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--level", type=Level, choices=list(Level))
    parser.add_argument("--pages", choices=PAGES)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    if asked.level is not None and asked.pages is not None:
        print(json.dumps(measured(asked.level, asked.pages, asked.seconds), indent=2))
        return 0
    levels = LEVELS if asked.level is None else (asked.level,)
    for level, pages in itertools.product(levels, PAGES if asked.pages is None else (asked.pages,)):
        options = ["--level", level.value, "--pages", pages, "--seconds", str(asked.seconds)]
        status = subprocess.run([sys.executable, "-m", "benchmarks.gui_stall", *options], check=False).returncode
        if status:
            return status
    return 0


def measured(level: Level, pages: str, seconds: float) -> dict[str, object]:
    """Open station and window, measure, and return the figures with what they mean."""
    application = QApplication([])
    favour_the_window()
    settings = Settings(automation=AutomationSection(level=level, style=AssistStyle.HIGHLIGHT))
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, open_data(Path(name), settings) as folder:
        classifier = folder.classifier()
        # Without this patience the camera would be held back while the station is behind.
        options = replace(station_options(settings), overflow_wait_s=0.0)
        line = [f"file:{Path(name) / 'line.jsonl'}"]
        camera = set_up(folder, live_camera())
        with built_station(folder, camera, classifier, line=line, options=options) as station:
            with opened(application, folder, station, camera) as screen:
                screen.window.command(station.start)
                listen(SETTLE_S)
                timers = judge_and_turn(screen, pages)
                with bystander() as beside:
                    beats = listen(seconds)
                    others = beside()
                for timer in timers:
                    timer.stop()
            counts = station.status().counts
    return {
        "how": f"level {level.value}, {_PAGES_WORDS[pages]}, {RATE_HZ:g} parts "
        f"a second of 1920x1080, a beat every {BEAT_MS} ms for {seconds:g} s, stalls above {LIMIT_MS:g} ms counted",
        "machine": {"cores": os.cpu_count(), "load_average": os.getloadavg()[0], "nice": os.nice(0)},
        "model_threads": classifier.threads,
        "parts": {
            "captured": counts.captured,
            "recorded": counts.recorded,
            "no_room": counts.overflowed,
            "late_predictions": counts.late_predictions,
        },
        "window": figures(beats),
        "bystander": others,
    }


_PAGES_WORDS = {
    "stay": "staying on Inspect",
    "turn": "another page every 2 s",
    "camera": "on the camera page",
}


def live_camera() -> SyntheticCamera:
    """Return a camera that delivers parts made beforehand, each with a mark of its own so that none is a repeat."""
    request = PartRequest(seed=7, width_px=1920, height_px=1080, defect_share=0.3)
    return SyntheticCamera(request, marked(request), uri=LIVE_URI, clock=utc_now, rate_hz=RATE_HZ)


def marked(request: PartRequest) -> MakePart:
    """Return a maker that costs little more than a camera's copy of the picture."""
    make = make_parts(request)
    made = [make(index) for index in range(PARTS_MADE)]

    def part(index: int) -> tuple[Pixels, Reference]:
        pixels, reference = made[index % len(made)]
        own = pixels.copy()
        own[0, :4, 0] = list(index.to_bytes(4, "big"))
        return frozen_pixels(own), reference

    return part


@contextmanager
def opened(application: QApplication, folder: DataFolder, station: Station, camera: SetUpCamera) -> Iterator[Screen]:
    """Yield the window as the station opens it, with an inspector signed in."""
    settings = replace(window_settings(folder), inspector="Ada", scale=1.0, guard_s=0.05)
    with window_records(folder, camera) as records:
        screen = Screen(application, station, records, settings, lambda: datetime.now(UTC))
        spare_the_collector()
        screen.window.resize(1920, 1080)
        screen.window.show()
        try:
            yield screen
        finally:
            screen.close()


def judge_and_turn(screen: Screen, pages: str) -> tuple[QTimer, ...]:
    """Judge what waits, and turn to another page every two seconds if asked to."""
    answers = itertools.cycle([Answer.ACCEPT, Answer.ACCEPT, Answer.REJECT, Answer.UNSURE])
    shown = itertools.cycle([*range(1, screen.window.pages.count()), 0])

    def judge() -> None:
        answer = next(answers)
        screen.desk.answer(answer, ("scratch",) if answer is Answer.REJECT else ())

    judging = QTimer(interval=JUDGE_MS)
    judging.timeout.connect(judge)
    judging.start()
    turning = QTimer(interval=TURN_MS)
    turning.timeout.connect(lambda: screen.window.show_page(next(shown)))
    if pages == "turn":
        turning.start()
    elif pages == "camera":
        screen.window.show_page(screen.window.pages.count() - 1)
    return judging, turning


if __name__ == "__main__":
    sys.exit(main())
