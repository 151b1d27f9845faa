"""A run to be killed: parts from memory, the real log, the real picture store, the real file line.

Arguments: data folder, line file, number of parts. Prints ``up`` when the first part was told.
"""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from db.log import open_log
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.errors import EndOfPictures
from inspector_app.domain.frame import Frame, frozen_pixels
from inspector_app.domain.ports import CameraControls, CameraCounts
from inspector_app.line.file import FileLine
from inspector_app.station.equipment import Equipment
from inspector_app.station.options import StationOptions
from inspector_app.station.station import Station


def now() -> datetime:
    return datetime.now(UTC)


class Noise:
    """Random pictures, named after their number."""

    name, uri, counts = "noise", "synthetic:", CameraCounts()

    def __init__(self, parts: int, first: int) -> None:
        self.left = iter(range(first, first + parts))

    def open(self) -> None:
        pass

    def configure(self, controls: CameraControls) -> CameraControls:
        return controls

    def trigger(self) -> None:
        raise NotImplementedError

    def grab(self, timeout_s: float) -> Frame:
        number = next(self.left, None)
        if number is None:
            raise EndOfPictures("no more")
        pixels = np.random.default_rng(number).integers(0, 255, (64, 64), np.uint8)
        return Frame(frozen_pixels(pixels), now(), self.uri, number + 1, name=f"part-{number:05d}")

    def close(self) -> None:
        pass


def station(folder: Path, line: Path, parts: int, first: int = 0) -> tuple[Station, object]:
    log = open_log("", folder, "station-1", now)
    control = ControlState(
        1, Level.HUMAN_ONLY, AssistStyle.HIGHLIGHT, 0.2, 0.5, 0.8, 1.0, 0.1, 0.1, True, Salts("a", "b", "c")
    )
    made = Station(
        Equipment(Noise(parts, first), None, FileLine(line), log.inspections, log.reader, log.control, log.pictures),
        control,
        may_control=lambda user: True,
        clock=now,
        random_bits=secrets.randbits,
        on_bug=lambda thread, bug: print("BUG", thread, repr(bug), file=sys.stderr),
        options=StationOptions(appear_after_s=0.0, undo_window_s=60.0, picture_wait_s=60.0),
    )
    return made, log


if __name__ == "__main__":
    running, _ = station(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    running.start()
    print("up", flush=True)
    sys.stdin.read()
