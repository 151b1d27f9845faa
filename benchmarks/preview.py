"""How old the live picture is when it is on the screen: camera has delivered, window has drawn.

Against it, in the same run, the same picture converted and drawn in the same canvas with nothing else going on.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import ratio, row
from benchmarks.ready_camera import ReadyCamera
from benchmarks.station_overhead import pictures

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from inspector_app.bootstrap.building import built_station
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.window import window_records, window_settings
from inspector_app.domain.frame import Pixels
from inspector_app.station.deciders import parse_decider
from ui.application import Screen
from ui.picture.conversion import picture_of

PARTS = 300
RATE_HZ = 10.0


def main() -> None:
    """Print the figures."""
    application = QApplication([])
    shown = pictures(16, 1080, 1920)
    ages_ms: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, open_data(Path(name)) as data:
        camera = ReadyCamera(shown, PARTS, RATE_HZ)
        inspectors = (parse_decider("simulated:se=.95,sp=.98"),)
        with (
            built_station(data, camera, None, deciders=inspectors) as station,
            window_records(data) as records,
        ):
            screen = Screen(application, station, records, window_settings(data), lambda: datetime.now(UTC))
            canvas = screen.inspect.pane.canvas

            def on_arrived(_picture: object) -> None:
                frame = station.latest_frame()
                canvas.viewport().repaint()
                if frame is not None:
                    ages_ms.append((datetime.now(UTC) - frame.captured_at).total_seconds() * 1000.0)

            screen.live.arrived.connect(on_arrived)
            screen.window.show()
            screen.window.command(station.start)
            QTimer.singleShot(int(PARTS / RATE_HZ * 1000), application.quit)
            application.exec()
            alone_ms = drawn_alone(screen, shown)
            screen.close()
    print(f"Preview, 1920x1080 BGR at {RATE_HZ:g} parts per second, drawn offscreen")
    print(row("delivered by the camera to drawn in the window", ages_ms))
    print(row("the same picture converted and drawn, nothing else", alone_ms))
    print(ratio("ratio", ages_ms, alone_ms))


def drawn_alone(screen: Screen, shown: Sequence[Pixels]) -> list[float]:
    """Return ms for converting and drawing each picture while the station rests."""
    times = []
    canvas = screen.inspect.pane.canvas
    for number in range(60):
        began = time.perf_counter()
        canvas.replace_picture(picture_of(shown[number % len(shown)]))
        canvas.viewport().repaint()
        times.append((time.perf_counter() - began) * 1000.0)
    return times


if __name__ == "__main__":
    main()
