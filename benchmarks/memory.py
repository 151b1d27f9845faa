"""Memory of the station over 10,000 made-up parts: it must be flat within 5 %."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.ready_camera import ReadyCamera
from benchmarks.station_overhead import pictures
from inspector_app.bootstrap.building import built_station, optional_classifier
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.running import RunRequest, order_level
from inspector_app.domain.control import Level
from inspector_app.domain.status import StationState
from inspector_app.station.deciders import parse_decider

PARTS = 10_000


def resident_mib() -> float:
    """Return this process's resident memory in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Print resident memory at every tenth of the run, and how much it grew after the first fifth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=PARTS)
    parts = parser.parse_args().parts
    samples: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, open_data(Path(name)) as data:
        order_level(data, RunRequest(level=Level.ASSIST))
        camera = ReadyCamera(pictures(64, 240, 320), parts)
        inspectors = (parse_decider("simulated:se=.95,sp=.98"),)
        classifier = optional_classifier(data, print)
        with built_station(data, camera, classifier, deciders=inspectors) as station:
            station.start()
            step, due = max(1, parts // 50), 0
            while station.status().state is not StationState.FINISHED:
                recorded = station.status().counts.recorded
                if recorded >= due:
                    samples.append((recorded, resident_mib()))
                    due = recorded + step
                time.sleep(0.02)
    print(f"Resident memory over {parts} parts (320x240, model and inspectors at work)")
    for recorded, mib in samples[:: max(1, len(samples) // 10)]:
        print(f"  after {recorded:6d} parts {mib:8.1f} MiB")
    early = [mib for recorded, mib in samples if parts * 0.1 <= recorded < parts * 0.3]
    late = [mib for recorded, mib in samples if recorded >= parts * 0.8]
    print(f"growth, last fifth against parts 10 % to 30 %: {100 * (np.mean(late) / np.mean(early) - 1):+.2f} %")


if __name__ == "__main__":
    main()
