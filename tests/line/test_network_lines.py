"""Line outputs over the network, against real peers: a Modbus module, a PLC's polling tool, an MQTT broker."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line import remote_io
from inspector_app.line.factory import open_line
from inspector_app.line.modbus_map import RESULT_READY
from inspector_app.line.modbus_server import ModbusServerLine, modbus_serving

MOMENT = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
PATIENCE_S = 60.0
PATIENT = "timeout_ms=10000"
ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD


def message(disposition=ACCEPT, number=1):
    return LineMessage(f"id-{number}", f"part-{number}", disposition, MOMENT)


class FastClock:
    """Stands in for the module ``time``: each look is a second later, so that a long time-out is soon over."""

    def __init__(self):
        self.seconds = itertools.count()
        self.sleep = time.sleep

    def monotonic(self):
        return float(next(self.seconds))


class Module:
    """A remote I/O module: eight coils, eight inputs; remembers every coil that was switched on."""

    def __init__(self, port, acknowledges=False, stuck=False):
        self.port, self.acknowledges, self.stuck = port, acknowledges, stuck
        self.on, self.coils, self.inputs = [], [False] * 8, [False] * 8
        self.up, self._stop = threading.Event(), None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="io-module")

    def __enter__(self):
        self._thread.start()
        assert self.up.wait(PATIENCE_S)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        bits = [SimData(0, values=[False] * 8, datatype=DataType.BITS)]
        words = [SimData(0, values=[0], datatype=DataType.REGISTERS)]
        device = SimDevice(id=1, simdata=(bits, bits, words, words), action=self._request)
        server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        await server.serve_forever(background=True)
        self.up.set()
        await self._stop.wait()
        await server.shutdown()

    async def _request(self, function, _start, address, _count, block, written):
        # A block of bits holds sixteen a register, the lowest bit first.
        if function == 5 and written:
            if self.stuck:
                written[0] = False
            self.coils[address] = bool(written[0])
            if written[0]:
                self.on.append(address)
            if self.acknowledges:
                self.inputs[3] = any(self.coils)
        elif function == 1:
            block[0] = sum(bit << place for place, bit in enumerate(self.coils))
        elif function == 2:
            block[0] = sum(bit << place for place, bit in enumerate(self.inputs))


@pytest.fixture
def port(free_port):
    return free_port()


@pytest.fixture
def quick_timeouts(monkeypatch):
    """Let the wait for an acknowledgement be over soon, however long the answers of the module take."""
    monkeypatch.setattr(remote_io, "time", FastClock())


def opened(spec):
    line = open_line(spec)
    line.open()
    return line


def test_each_disposition_switches_its_coil_and_leaves_all_off(port):
    with Module(port) as module:
        line = opened(f"modbus://127.0.0.1:{port}/?accept=2&reject=4&pulse_ms=5&{PATIENT}")
        for disposition in (ACCEPT, REJECT, HOLD, ACCEPT):
            line.tell(message(disposition))
            assert not any(module.coils)
        assert module.on == [2, 4, 2]
        line.close()
        line.close()


def test_opening_and_closing_switch_everything_off(port):
    with Module(port) as module:
        module.coils[0] = module.coils[1] = True
        line = opened(f"modbus://127.0.0.1:{port}/?reject=1&{PATIENT}")
        assert not any(module.coils)
        module.coils[0] = True
        line.close()
        assert not any(module.coils)


def test_the_line_behind_the_module_acknowledges(port):
    with Module(port, acknowledges=True) as module:
        line = opened(f"modbus://127.0.0.1:{port}/?ack=3&{PATIENT}")
        line.tell(message())
        assert module.on == [0]
        assert not module.inputs[3]
        line.close()


@pytest.mark.usefixtures("quick_timeouts")
def test_without_acknowledgement_the_message_is_not_taken_and_the_coil_is_off(port):
    with Module(port) as module:
        line = opened(f"modbus://127.0.0.1:{port}/?ack=3&{PATIENT}")
        with pytest.raises(LineError, match="did not acknowledge part part-1"):
            line.tell(message())
        assert module.on == [0]
        assert not any(module.coils)
        line.close()


@pytest.mark.usefixtures("quick_timeouts")
def test_an_acknowledgement_that_stays_on_is_a_fault(port):
    with Module(port) as module:
        module.inputs[3] = True
        line = opened(f"modbus://127.0.0.1:{port}/?ack=3&{PATIENT}")
        with pytest.raises(LineError, match="take its acknowledgement back"):
            line.tell(message())
        line.close()


def test_a_coil_that_does_not_switch_is_a_fault(port):
    with Module(port, stuck=True):
        line = opened(f"modbus://127.0.0.1:{port}/?{PATIENT}")
        with pytest.raises(LineError, match=r"Coil 0 .* is not on"):
            line.tell(message())
        line.close()


def test_a_coil_left_on_by_somebody_else_is_seen_at_a_hold(port):
    with Module(port) as module:
        line = opened(f"modbus://127.0.0.1:{port}/?{PATIENT}")
        module.coils[0] = True
        with pytest.raises(LineError, match="is not off"):
            line.tell(message(HOLD))
        line.close()


def test_a_module_that_goes_away_is_a_fault_and_comes_back(port):
    line = open_line(f"modbus://127.0.0.1:{port}/?{PATIENT}")
    with pytest.raises(LineError, match="does not answer"):
        line.open()
    with Module(port):
        line.open()
        line.tell(message())
    with pytest.raises(LineError, match="did not answer"):
        line.tell(message())
    line.close()
    with Module(port) as module:
        line.open()
        line.tell(message())
        assert module.on == [0]
        line.close()


def test_a_unit_that_the_module_does_not_have_is_a_fault(port):
    with Module(port), pytest.raises(LineError):
        opened(f"modbus://127.0.0.1:{port}/?unit=7&{PATIENT}")


class Plc:
    """Polls the station's map and acknowledges, as a PLC program does."""

    def __init__(self, port, acknowledges=True):
        self.client = ModbusTcpClient("127.0.0.1", port=port, timeout=PATIENCE_S)
        assert self.client.connect()
        self.acknowledges, self.seen = acknowledges, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="plc")

    def inputs(self):
        return self.client.read_discrete_inputs(0, count=5).bits[:5]

    def registers(self):
        return self.client.read_input_registers(0, count=26).registers

    def _work(self):
        while not self._stop.is_set():
            bits = self.inputs()
            if bits[1]:
                words = self.registers()
                text = b"".join(word.to_bytes(2, "big") for word in words[10:]).rstrip(b"\0")
                self.seen.append((text.decode("ascii"), words[1], words[2], bits[2:5]))
                if self.acknowledges:
                    self.client.write_coil(0, True)
            self._stop.wait(0.002)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.client.close()


def test_a_plc_sees_every_result_once_and_acknowledges_it(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?timeout_ms=60000")
    with Plc(port) as plc:
        for number, disposition in enumerate((ACCEPT, REJECT, HOLD, ACCEPT), start=1):
            line.tell(message(disposition, number))
        assert plc.seen == [
            ("part-1", 1, 1, [True, False, False]),
            ("part-2", 2, 2, [False, True, False]),
            ("part-3", 3, 3, [False, False, True]),
            ("part-4", 1, 4, [True, False, False]),
        ]
    with ModbusTcpClient("127.0.0.1", port=port, timeout=PATIENCE_S) as client:
        words = client.read_input_registers(0, count=26).registers
        assert words[3:9] == [0, 2, 0, 1, 0, 1]
        assert client.read_discrete_inputs(0, count=5).bits[:5] == [True, False, False, False, False]
    line.close()
    line.close()


def test_without_acknowledgement_a_result_is_taken_out_of_view(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?timeout_ms=100")
    with pytest.raises(LineError, match="did not acknowledge part part-1"):
        line.tell(message())
    with ModbusTcpClient("127.0.0.1", port=port, timeout=PATIENCE_S) as client:
        assert client.read_discrete_inputs(0, count=5).bits[:5] == [True, False, False, False, False]
    line.close()


def test_opened_again_after_a_missed_acknowledgement_it_serves_as_before(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?timeout_ms=100")
    for number in (1, 2):
        with pytest.raises(LineError, match=f"did not acknowledge part part-{number}"):
            line.tell(message(ACCEPT, number))
        line.close()
        line.open()
    line.close()


def test_a_line_that_waits_for_nobody_leaves_the_result_in_view(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?ack=0")
    line.tell(message(REJECT))
    with ModbusTcpClient("127.0.0.1", port=port, timeout=PATIENCE_S) as client:
        assert client.read_discrete_inputs(0, count=5).bits[:5] == [True, True, False, True, False]
        first = client.read_input_registers(0, count=1).registers[0]
        until = time.monotonic() + PATIENCE_S
        while client.read_input_registers(0, count=1).registers[0] == first:
            assert time.monotonic() < until, "the heartbeat stands still"
            time.sleep(0.05)
    line.close()


def test_a_port_that_is_taken_is_a_fault(port):
    line = opened(f"modbus-server://127.0.0.1:{port}")
    with pytest.raises(LineError, match="cannot listen"):
        opened(f"modbus-server://127.0.0.1:{port}")
    line.close()
    with pytest.raises(LineError, match="not open"):
        line.tell(message())


def test_a_plc_cannot_write_what_it_only_reads(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?ack=0")
    line.tell(message())
    with ModbusTcpClient("127.0.0.1", port=port, timeout=PATIENCE_S) as client:
        assert client.write_register(1, 2).isError() or client.read_input_registers(1, count=1).registers == [1]
    line.close()


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed (apt-get install mbpoll)")
def test_an_independent_tool_reads_the_map_and_acknowledges(port):
    line = opened(f"modbus-server://127.0.0.1:{port}/?timeout_ms=60000")
    teller = threading.Thread(target=lambda: line.tell(message(REJECT)), name="teller")
    teller.start()

    def mbpoll(*arguments):
        command = ["mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", "-q", "-o", "10", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout

    until = time.monotonic() + PATIENCE_S
    while "[1]: \t1" not in (bits := mbpoll("-t", "1", "-r", "0", "-c", "5", "127.0.0.1")):
        assert time.monotonic() < until, bits
    assert "[3]: \t1" in bits
    assert "[1]: \t2" in mbpoll("-t", "3", "-r", "0", "-c", "3", "127.0.0.1")
    mbpoll("-t", "0", "-r", "0", "127.0.0.1", "1")
    teller.join(PATIENCE_S)
    assert not teller.is_alive()
    line.close()


@pytest.fixture
def broker(port, tmp_path):
    """Start a real MQTT broker; returns functions that stop and start it."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
    settings = tmp_path / "broker.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", encoding="utf-8")
    running = []

    def start():
        running.append(
            subprocess.Popen([program, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the broker did not start")

    def stop():
        for process in running:
            process.kill()
            process.wait()
        running.clear()

    start()
    yield start, stop
    stop()


class Listener:
    """An independent MQTT client that keeps what it hears."""

    def __init__(self, port):
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.heard, self._subscribed = [], threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _client, _data, got: self.heard.append((got.topic, got.payload.decode()))
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("plant/line4/#", qos=1)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)

    def wait(self, count):
        until = time.monotonic() + PATIENCE_S
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.heard

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


@pytest.mark.parametrize("qos", [1, 2])
def test_a_broker_gets_every_message_and_the_state(port, broker, qos):
    listener = Listener(port)
    line = opened(f"mqtt://127.0.0.1:{port}/plant/line4?qos={qos}&timeout_ms=60000")
    line.tell(message(REJECT))
    line.tell(message(ACCEPT, 2))
    line.close()
    line.close()
    heard = listener.wait(4)
    listener.close()
    assert [topic for topic, _ in heard] == [f"plant/line4/{leaf}" for leaf in ("state", "result", "result", "state")]
    assert [heard[0][1], heard[3][1]] == ["online", "offline"]
    assert json.loads(heard[1][1]) == {
        "inspection_id": "id-1",
        "part_id": "part-1",
        "disposition": "reject",
        "at": "2026-01-31T23:59:59.123Z",
    }


def test_a_broker_that_dies_is_a_fault_and_comes_back(port, broker):
    start, stop = broker
    line = opened(f"mqtt://127.0.0.1:{port}/plant/line4?timeout_ms=60000")
    stop()
    with pytest.raises(LineError, match="MQTT 127"):
        line.tell(message())
    line.close()
    with pytest.raises(LineError, match="cannot be reached"):
        line.open()
    start()
    line.open()
    line.tell(message())
    line.close()


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("modbus://", "names no host"),
        ("modbus://plc:99999", "is no address"),
        ("modbus://plc/lane", "has a path"),
        ("modbus://plc/?accept=-1", "accept is '-1'; it is a whole number from 0 to 65535"),
        ("modbus://plc/?accept=1&reject=1", "the same coil"),
        ("modbus://plc/?speed=1", "has speed; allowed are accept, ack"),
        ("modbus://plc/?accept=1&accept=2", "an option twice"),
        ("modbus://plc/?accept", "is no address"),
        ("modbus-server://0.0.0.0/?ack=2", "ack is '2'"),
        ("modbus-server://0.0.0.0/x", "has a path"),
        ("mqtt://broker", "needs a topic"),
        ("mqtt://broker/a?qos=0", "qos is '0'"),
        ("mqtt://user:secret@broker/#", "user:…@broker"),
    ],
)
def test_wrong_addresses_are_one_sentence(spec, sentence):
    with pytest.raises(SettingsError, match=sentence) as refused:
        open_line(spec)
    assert "secret" not in str(refused.value)


def test_a_long_part_number_keeps_its_end():
    from inspector_app.line.modbus_map import RegisterMap

    kept = RegisterMap()
    kept.publish(LineMessage("id", "A" * 40 + "ö7", ACCEPT, MOMENT))
    text = b"".join(word.to_bytes(2, "big") for word in kept.registers()[10:])
    assert text == b"A" * 30 + b"?7"


def test_numbers_wrap_as_registers_do():
    from inspector_app.line.modbus_map import RegisterMap

    kept = RegisterMap(heartbeat=65535, sequence=65535)
    kept.beat()
    kept.publish(message())
    assert (kept.heartbeat, kept.sequence) == (0, 0)
    kept.told[REJECT] = 70_000
    assert kept.registers()[5:7] == [1, 4464]


def test_a_result_that_is_given_up_on_the_way_is_never_in_view_for_the_next_part() -> None:
    """However it ends: a server that dies under it is opened again with the same map."""
    line = ModbusServerLine(modbus_serving("modbus-server://127.0.0.1:1502/?timeout_ms=60000"))

    async def given_up() -> None:
        telling = asyncio.get_running_loop().create_task(line._publish(message()))
        await asyncio.sleep(0)
        assert line._map.inputs()[RESULT_READY]
        telling.cancel()
        await asyncio.wait({telling})

    asyncio.run(given_up())
    assert not line._map.inputs()[RESULT_READY]
