"""Results in a data block of an S7 controller, taken by a program that is the controller's."""

from __future__ import annotations

import ctypes
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("snap7", reason="S7 needs the extra 's7'")
from snap7.client import Client
from snap7.server import Server
from snap7.type import SrvArea

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line import s7
from inspector_app.line.factory import open_line
from inspector_app.line.s7 import LENGTH, s7_place

PATIENT = "timeout_ms=60000"
ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def message(disposition: Disposition = ACCEPT, part: str = "part-1") -> LineMessage:
    return LineMessage("id-1", part, disposition, datetime(2026, 1, 31, tzinfo=UTC))


class Controller:
    """A controller with data block 10, and a program in it that takes results."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.server = Server()
        self.server.register_area(SrvArea.DB, 10, (ctypes.c_ubyte * (LENGTH + 4))())
        self.server.start(self.port)
        self.client = Client()
        until = time.monotonic() + 60.0
        while not self.client.get_connected():
            try:
                self.client.connect("127.0.0.1", 0, 1, self.port)
            except Exception:
                assert time.monotonic() < until, "the controller cannot be reached"
                time.sleep(0.02)
        self.taken: list[tuple[int, int, str]] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> None:
        """Begin to take results."""
        self._thread = threading.Thread(target=self._work, name="controller")
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.wait(0.002):
            block = bytes(self.client.db_read(10, 4, LENGTH))
            if block[0] & 1:
                text = block[6 : 6 + block[5]].decode("ascii")
                self.taken.append((block[0], int.from_bytes(block[2:4], "big"), text))
                self.client.db_write(10, 4, bytearray([block[0] & ~1]))

    def flags(self) -> int:
        return int(self.client.db_read(10, 4, 1)[0])

    def rest(self) -> None:
        """Take no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        self.rest()
        self.client.disconnect()
        self.server.stop()


@pytest.fixture
def controller(free_port: Callable[[], int]) -> Iterator[Controller]:
    made = Controller(free_port())
    yield made
    made.close()


def test_each_result_is_taken_once_with_its_lane_number_and_part(controller: Controller) -> None:
    controller.take()
    line = open_line(f"s7://127.0.0.1:{controller.port}/?db=10&byte=4&{PATIENT}")
    line.open()
    line.open()
    for number, disposition in enumerate((ACCEPT, REJECT, HOLD), 1):
        line.tell(message(disposition, f"part-{number}"))
    line.tell(message(ACCEPT, "x" * 40 + "-end"))
    line.close()
    line.close()
    controller.rest()
    assert controller.taken == [
        (0b0011, 1, "part-1"), (0b0101, 2, "part-2"), (0b1001, 3, "part-3"), (0b0011, 4, "x" * 28 + "-end")
    ]  # fmt: skip
    assert controller.flags() == 0


def test_a_controller_that_takes_nothing_gets_its_flags_taken_back(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count()  # each look at the clock is one later: a long time-out is soon over
    monkeypatch.setattr(s7, "time", SimpleNamespace(monotonic=lambda: next(seconds), sleep=time.sleep))
    line = open_line(f"s7://127.0.0.1:{controller.port}/?db=10&byte=4&{PATIENT}")
    line.open()
    with pytest.raises(LineError, match="did not take part part-1"):
        line.tell(message())
    assert controller.flags() == 0
    line.close()


def test_without_acknowledgement_the_result_stands_until_the_next(controller: Controller) -> None:
    line = open_line(f"s7://127.0.0.1:{controller.port}/?db=10&byte=4&ack=0&{PATIENT}")
    line.open()
    line.tell(message(REJECT))
    assert controller.flags() == 0b0101
    line.close()
    assert controller.flags() == 0


def test_the_lane_of_one_part_never_stands_beside_the_number_of_the_next(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = open_line(f"s7://127.0.0.1:{controller.port}/?db=10&byte=4&ack=0&{PATIENT}")
    line.open()
    line.tell(message(ACCEPT, "part-1"))
    seen: list[tuple[int, int]] = []
    write = Client.db_write

    def watched(client: Client, *what: Any) -> int:
        done = write(client, *what)
        block = bytes(controller.client.db_read(10, 4, LENGTH))
        seen.append((block[0], int.from_bytes(block[2:4], "big")))
        return done

    monkeypatch.setattr(Client, "db_write", watched)
    line.tell(message(REJECT, "part-2"))
    assert [(flags, number) for flags, number in seen if flags & 1] == [(0b0101, 2)]
    line.close()


def test_a_controller_that_is_away_or_has_no_such_block_is_one_sentence(
    controller: Controller, free_port: Callable[[], int]
) -> None:
    with pytest.raises(LineError, match="cannot be reached"):
        open_line(f"s7://127.0.0.1:{controller.port}/?db=99").open()
    port = free_port()
    with pytest.raises(LineError, match="cannot be reached"):
        open_line(f"s7://127.0.0.1:{port}/?db=10").open()
    with pytest.raises(LineError, match="is not open"):
        open_line(f"s7://127.0.0.1:{port}/?db=10").tell(message())


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("s7://plc", "names no data block"),
        ("s7://plc/here?db=1", "has a path"),
        ("s7://plc/?db=0", "whole number"),
        ("s7://plc/?db=1&speed=2", "speed"),
    ],
)
def test_a_wrong_address_is_one_sentence(spec: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        s7_place(spec)
