"""From a picture in hand to the coil of a remote I/O module that the line has acknowledged, without and with the model.

The module is a Modbus TCP server in a process of its own on this computer, with an input that follows the coils as a
line's acknowledgement would; so no cable and no valve is in the figures. Against them, in the same run, the switching
alone: the same messages told to the same module by a loop that does nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from benchmarks.figures import ratio, row
from benchmarks.ready_camera import ReadyCamera
from benchmarks.station_overhead import pictures
from inspector_app.bootstrap.building import built_station
from inspector_app.bootstrap.data import open_data
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.events import InspectionRecorded, StationEvent
from inspector_app.domain.frame import Capture
from inspector_app.domain.ports import LineMessage
from inspector_app.domain.status import StationState
from inspector_app.line.factory import open_line
from inspector_app.settings import AutomationSection, GuardSection, Settings

PARTS = 200
RATE_HZ = 5.0
_READ_COILS, _READ_INPUTS, _WRITE_COIL = 1, 2, 5


async def module(port: int) -> None:
    """Serve as the module until asked to end; then print when a coil was switched on (monotonic seconds)."""
    switched: list[float] = []
    coils = [False] * 8

    async def on_request(function, _start, address, _count, block, written):  # type: ignore[no-untyped-def]
        if function == _WRITE_COIL and written:
            coils[address] = bool(written[0])
            if written[0]:
                switched.append(time.monotonic())
        elif function == _READ_COILS:
            block[0] = sum(bit << place for place, bit in enumerate(coils))
        elif function == _READ_INPUTS:
            block[0] = int(any(coils))

    bits = [SimData(0, values=[False] * 8, datatype=DataType.BITS)]
    words = [SimData(0, values=[0], datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(
        SimDevice(id=1, simdata=(bits, bits, words, words), action=on_request), address=("127.0.0.1", port)
    )
    await server.serve_forever(background=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    print("ready", flush=True)
    await ended.wait()
    print(json.dumps(switched), flush=True)


class TimedCamera(ReadyCamera):
    """Remembers when it gave each picture."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.given: list[float] = []

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next picture, and note the time."""
        capture = super().grab(timeout_s)
        if capture is not None:
            self.given.append(time.monotonic())
        return capture


@contextlib.contextmanager
def a_module() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the line's address and the module's process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.frame_to_coil", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    try:
        yield f"modbus://127.0.0.1:{port}/?accept=0&reject=1&hold=2&ack=0&timeout_ms=2000", child
    finally:
        child.terminate()
        child.wait()


def switched(child: subprocess.Popen[str]) -> list[float]:
    """End the module and return when it switched a coil on."""
    child.terminate()
    assert child.stdout is not None
    return list(json.loads(child.stdout.readline()))


def through_the_station(level: Level) -> tuple[list[float], list[float]]:
    """Return ms from picture to coil, and from picture to acknowledged message, for each part."""
    settings = Settings(
        automation=AutomationSection(level=level, canary_share=1.0, audit_share=0.001),
        guards=GuardSection(enabled=False),
    )
    told: list[float] = []
    with a_module() as (spec, child), tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        with open_data(Path(name), settings) as data:
            camera = TimedCamera(pictures(8, 540, 960), PARTS, RATE_HZ)
            classifier = None if level is Level.HUMAN_ONLY else data.classifier()
            with built_station(data, camera, classifier, line=[spec]) as station:

                def on_event(event: StationEvent) -> None:
                    last = station.status().last_inspection_ms
                    if isinstance(event, InspectionRecorded) and last is not None:
                        told.append(last)

                station.subscribe(on_event)
                station.start()
                while station.status().state is not StationState.FINISHED:
                    time.sleep(0.05)
        on = switched(child)
    return [(at - given) * 1000.0 for given, at in zip(camera.given, on, strict=False)], told


def alone() -> list[float]:
    """Return ms of each message told by a loop that does nothing else."""
    times = []
    with a_module() as (spec, _child):
        line = open_line(spec)
        line.open()
        for number in range(PARTS):
            began = time.perf_counter()
            line.tell(LineMessage(f"id-{number}", f"part-{number}", Disposition.ACCEPT, datetime.now(UTC)))
            times.append((time.perf_counter() - began) * 1000.0)
        line.close()
    return times


def main() -> None:
    """Print the figures."""
    if len(sys.argv) > 1:
        asyncio.run(module(int(sys.argv[1])))
        return
    bare = alone()
    without, told_without = through_the_station(Level.HUMAN_ONLY)
    with_model, told_with = through_the_station(Level.FULL)
    print(f"Picture in hand to the coil of a remote I/O module, 960x540, {RATE_HZ:g} parts per second")
    print(row("switching alone, acknowledged and off again", bare))
    print(row("without the model: picture to coil on", without))
    print(row("without the model: picture to message acknowledged", told_without))
    print(row("with the model (full): picture to coil on", with_model))
    print(row("with the model (full): picture to message acknowledged", told_with))
    print(ratio("station without the model against switching alone", told_without, bare))


if __name__ == "__main__":
    main()
