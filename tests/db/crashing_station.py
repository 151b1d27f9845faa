"""A child process that records parts as fast as it can until it is killed; see ``test_crash_safety.py``.

Usage: ``crashing_station.py DATA_FOLDER DATABASE_URL SEED``. Each part goes into the log, then into ``line.jsonl``
(flushed and synchronised, as the line output does), then to the picture writer's thread; one line a part on stdout.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from db.log import Log, open_log
from inspector_app.automation.policy import decide
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Pixels, frozen_pixels, pixels_sha256
from inspector_app.domain.ids import uuid7
from inspector_app.domain.inspection import Inspection, PictureFacts
from inspector_app.domain.ports import LineTold
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind


def now() -> datetime:
    return datetime.now(UTC)


def control_of(log: Log) -> ControlState:
    """Return the state in force, the first one if the log is new."""
    known = log.control.current()
    if known is not None:
        return known
    salts = Salts("a", "b", "c")
    first = ControlState(1, Level.HUMAN_ONLY, AssistStyle.HIGHLIGHT, 0.1, 0.5, 0.9, 1.0, 0.1, 0.1, True, salts)
    log.control.append(ControlChange("erika", "start", now(), None, first))
    return first


def part_of(chance: random.Random, number: int, pixels: Pixels, control: ControlState) -> Inspection:
    identity = uuid7(time.time_ns() // 1_000_000, chance.getrandbits(74))
    height, width = pixels.shape[:2]
    facts = PictureFacts(pixels_sha256(pixels), width, height, 1)
    name = f"part-{number}"
    decision = decide(control, name, True, None)
    return Inspection(identity, name, now(), "synthetic:", number, 0, None, facts, None, control, decision, None)


def write_pictures(log: Log, jobs: queue.Queue[tuple[str, Pixels]]) -> None:
    while True:
        digest, pixels = jobs.get()
        log.inspections.record_picture(digest, log.pictures.write(digest, pixels))


def main(folder: Path, url: str, seed: int) -> None:
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    log = open_log(url, folder, "station-1", now)
    control = control_of(log)
    jobs: queue.Queue[tuple[str, Pixels]] = queue.Queue()
    threading.Thread(target=write_pictures, args=(log, jobs), daemon=True).start()
    told: list[LineTold] = []
    with (folder / "line.jsonl").open("a") as line:
        for number in range(1_000_000):
            pixels = frozen_pixels(noise.integers(0, 256, (64, 64), dtype=np.uint8))
            part = part_of(chance, number, pixels, control)
            log.inspections.record_inspection(part, told)
            line.write(part.inspection_id + "\n")
            line.flush()
            os.fsync(line.fileno())
            told = [LineTold(part.inspection_id, Disposition.HOLD, now())]
            jobs.put((part.picture.pixels_sha256, pixels))
            if number % 3 == 0:
                verdict_id = uuid7(time.time_ns() // 1_000_000, chance.getrandbits(74))
                verdict = Verdict(
                    verdict_id, part.inspection_id, "anna", Answer.ACCEPT, VerdictKind.UNAIDED, (), now(), 1
                )
                log.inspections.record_verdict(verdict, Disposition.ACCEPT)
            print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
