"""The whole way of a trigger: a PLC over Modbus, Basler's emulated camera, the station, the log."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from pymodbus.client import ModbusTcpClient

os.environ.setdefault("PYLON_CAMEMU", "2")  # read once, at the first import of pypylon in a process

from inspector_app.bootstrap.building import built_station, chosen_camera
from inspector_app.bootstrap.data import open_data
from inspector_app.cameras.basler import BaslerLink
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.inspection import PictureFault
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.trigger import TriggerSource

TRIGGER, TRIGGER_READY = 1, 5


def settle(folder: Path, text: str) -> Path:
    (folder / "station.toml").write_text(text, encoding="utf-8")
    return folder


def wait_for(reached: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60.0
    while not reached():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def build(folder: Path) -> None:
    with open_data(folder) as data, built_station(data, chosen_camera(data, None), None):
        pass


class Plc:
    """Writes a part number and the trigger coil, and waits until the station has taken it."""

    def __init__(self, port: int) -> None:
        self._client = ModbusTcpClient("127.0.0.1", port=port, timeout=60)
        assert self._client.connect()

    def part_in_place(self, part_id: str) -> None:
        text = part_id.encode().ljust(32, b"\0")
        self._client.write_registers(0, [int.from_bytes(text[at : at + 2], "big") for at in range(0, 32, 2)])
        self._client.write_coil(TRIGGER, True)
        assert not self._client.read_coils(TRIGGER).bits[0], "the station did not take the trigger"

    @property
    def ready(self) -> bool:
        return bool(self._client.read_discrete_inputs(TRIGGER_READY).bits[0])

    @property
    def triggers_taken(self) -> int:
        return int(self._client.read_input_registers(9).registers[0])

    def close(self) -> None:
        self._client.close()


@pytest.mark.skipif(importlib.util.find_spec("pypylon") is None, reason="pypylon ([basler]) is not installed")
def test_a_lost_software_trigger_is_a_part_on_hold_and_its_neighbours_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(8):
        part = np.random.default_rng(number).integers(0, 256, (64, 96, 3), dtype=np.uint8)
        cv2.imwrite(str(pictures / f"{number}.png"), part)
    port = free_port()
    settle(
        tmp_path,
        f"""
        [camera]
        source = "pylon:emulator?folder={pictures}&loop=1"
        [line]
        outputs = ["modbus-server://127.0.0.1:{port}/?ack=0"]
        [trigger]
        source = "line"
        late_ms = 6000
        give_up_ms = 6000
        [part_id]
        source = "line"
        pattern = "P\\\\d+"
        doubled_s = 60
        """,
    )
    ready_first = BaslerLink.fire

    def lost(_link: BaslerLink) -> None:
        """Do what a camera does with a trigger that comes before it is ready: nothing, and without a word."""

    with open_data(tmp_path) as data, built_station(data, chosen_camera(data, None), None) as station:
        station.start()
        plc = Plc(port)
        assert plc.ready
        for count, part in enumerate(("P1", "P2", "P3", "P4", "P1", "???"), 1):
            monkeypatch.setattr(BaslerLink, "fire", lost if part == "P3" else ready_first)
            plc.part_in_place(part)
            wait_for(lambda count=count: station.status().counts.recorded == count, f"part {part} is not recorded")
        assert plc.triggers_taken == 6
        plc.close()
        counts = station.status().counts
        station.stop(60.0)
        entries = data.log.reader.search(LogFilter(), 10)[::-1]
        incidents = [incident.kind for incident in data.log.reader.incidents(50)]
    assert [entry.inspection.part_id for entry in entries] == ["P1", "P2", "P3", "P4", "P1", "???"]
    assert {entry.disposition for entry in entries} == {Disposition.HOLD}
    complaints = [entry.inspection.picture_complaint for entry in entries]
    assert [complaint is None for complaint in complaints] == [True, True, False, True, False, False]
    assert isinstance(complaints[2], PictureFault)
    assert complaints[2].sentence == "The trigger gave no picture: no picture came within 6 s."
    assert (counts.missed_triggers, counts.doubled_parts, counts.part_ids_unclear) == (1, 1, 1)
    assert {"missed_trigger", "doubled", "part_id"} <= set(incidents)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[trigger]\nsource = "line"', "Triggers from the line need exactly one line output that hears them"),
        ('[part_id]\nsource = "line"', r'part numbers from the line need \[trigger\] source = "line"'),
        ('[trigger]\nlate_ms = 900\ngive_up_ms = 800', "give_up_ms must not be below late_ms"),
        ('[part_id]\npattern = "("', "pattern is no regular expression"),
        ('[part_id]\nregion = [0, 0, 0, 5]', "the last two at least 1"),
        ('[part_id]\nkinds = ["Dots"]', "DataMatrix"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_named(tmp_path: Path, text: str, sentence: str) -> None:
    settle(tmp_path, f'{text}\n[camera]\nsource = "synthetic:?size=96x96&parts=2"\n')
    with pytest.raises(SettingsError, match=sentence):
        build(tmp_path)


def test_the_modbus_map_hears_triggers(free_port: Callable[[], int]) -> None:
    from inspector_app.line.modbus_server import ModbusServerLine, modbus_serving

    line = ModbusServerLine(modbus_serving(f"modbus-server://127.0.0.1:{free_port()}/"))
    assert isinstance(line, TriggerSource)


def test_part_numbers_come_from_a_code_and_the_takt_is_watched(tmp_path: Path) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp (the [codes] extra) is not installed")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name, text in (("a", "SN:0001"), ("b", ""), ("c", "SN:0003")):
        picture = np.random.default_rng(len(text)).integers(20, 60, (200, 300, 3), dtype=np.uint8)
        if text:
            made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
            code = np.asarray(zxingcpp.write_barcode_to_image(made, scale=4))
            picture[20 : 20 + code.shape[0], 30 : 30 + code.shape[1]] = code[..., None]
        cv2.imwrite(str(pictures / f"{name}.png"), picture)
    settle(
        tmp_path,
        f"""
        [camera]
        source = "folder:{pictures}"
        [part_id]
        source = "code"
        pattern = "SN:(?P<id>\\\\d+)"
        region = [0, 0, 150, 150]
        """,
    )
    with open_data(tmp_path) as data, built_station(data, chosen_camera(data, None), None) as station:
        station.start()
        wait_for(lambda: station.status().counts.recorded == 3, "not all parts are recorded")
        station.stop(60.0)
        entries = data.log.reader.search(LogFilter(), 10)[::-1]
    assert [entry.inspection.part_id for entry in entries] == ["0001", "b", "0003"]
    complaint = entries[1].inspection.picture_complaint
    assert complaint is not None
    assert complaint.sentence == "The part number is not known: no code could be read."
