"""What the station adds to a part: frame in hand, committed, line told; without the model.

Against it, in the same run and on the same disk, the least that any honest program must do for a part: hash the
picture, one durable SQLite insert of a record of the same size, one synced line to the line's file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import ratio, row
from benchmarks.ready_camera import ReadyCamera
from inspector_app.bootstrap.building import built_station
from inspector_app.bootstrap.data import open_data
from inspector_app.domain.events import InspectionRecorded, StationEvent
from inspector_app.domain.frame import Pixels, frozen_pixels, pixels_sha256
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.records import entry_record
from inspector_app.domain.status import StationState

PARTS = 300
RATE_HZ = 20.0


def pictures(count: int, height: int, width: int) -> list[Pixels]:
    """Return different smooth BGR pictures."""
    rng = np.random.default_rng(1)
    made = []
    for _ in range(count):
        base = rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
        made.append(frozen_pixels(np.kron(base, np.ones((8, 8, 1), np.uint8))))
    return made


def station_times(folder: Path, shown: list[Pixels]) -> tuple[list[float], int]:
    """Return ms per part through the station at human_only, and the size of one record."""
    times: list[float] = []
    with open_data(folder) as data:
        camera = ReadyCamera(shown, PARTS, RATE_HZ)
        with built_station(data, camera, None, line=[f"file:{folder / 'line.jsonl'}"]) as station:

            def on_event(event: StationEvent) -> None:
                last = station.status().last_inspection_ms
                if isinstance(event, InspectionRecorded) and last is not None:
                    times.append(last)

            station.subscribe(on_event)
            station.start()
            while station.status().state is not StationState.FINISHED:
                time.sleep(0.05)
        entry = next(iter(data.log.reader.entries(LogFilter())))
    return times, len(json.dumps(entry_record(entry)))


def bare_times(folder: Path, shown: list[Pixels], record_bytes: int) -> list[float]:
    """Return ms per part for hash, one durable insert, one synced line."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE part (id INTEGER PRIMARY KEY, sha TEXT, record TEXT)")
    times = []
    with (folder / "bare.jsonl").open("ab", buffering=0) as line:
        for number in range(PARTS):
            pixels = shown[number % len(shown)]
            time.sleep(1.0 / RATE_HZ)
            began = time.perf_counter()
            digest = pixels_sha256(pixels)
            connection.execute("INSERT INTO part (sha, record) VALUES (?, ?)", (digest, "x" * record_bytes))
            line.write(b'{"part": "' + digest.encode() + b'"}\n')
            os.fsync(line.fileno())
            times.append((time.perf_counter() - began) * 1000.0)
    connection.close()
    return times


def main() -> None:
    """Print the figures."""
    shown = pictures(16, 1080, 1920)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        ours, size = station_times(folder, shown)
        bare = bare_times(folder, shown, size)
    print(f"Station overhead per part, 1920x1080 BGR, {RATE_HZ:g} parts per second, pictures stored meanwhile")
    print(row("station: frame in hand, committed, line told", ours))
    print(row("bare: hash, one durable insert, one synced line", bare))
    print(ratio("ratio", ours, bare))


if __name__ == "__main__":
    main()
