"""The examples of the integrator's guide, run as they stand there but for the ports."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inspector_app.domain.decision import Disposition
from inspector_app.domain.ports import LineMessage, LineOutput
from inspector_app.line.factory import open_line

GUIDE = Path(__file__).parents[2] / "docs" / "integrator.md"
PART = LineMessage("id-1", "part-1", Disposition.ACCEPT, datetime(2026, 1, 31, tzinfo=UTC))
pytestmark = pytest.mark.slow


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@contextmanager
def opened(spec: str) -> Iterator[LineOutput]:
    line = open_line(spec)
    line.open()
    try:
        yield line
    finally:
        line.close()


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
def test_a_plc_tool_reads_the_map_and_acknowledges(free_port: Callable[[], int]) -> None:
    port = free_port()
    examples = blocks("sh")[0].replace("1502", str(port)).replace("mbpoll", "mbpoll -o 10")  # a busy machine
    commands = [line.split() for line in examples.strip().splitlines()]
    assert len(commands) == 3
    with opened(f"modbus-server://127.0.0.1:{port}/?unit=1&ack=0") as line:
        line.tell(PART)
        inputs, registers = run(commands[0]), run(commands[1])
        assert re.findall(r"\[(\d+)\]:\s+(\d)", inputs)[:3] == [("0", "1"), ("1", "1"), ("2", "1")]
        assert re.search(r"\[1\]:\s+1\b", registers)
        run(commands[2])
        assert re.findall(r"\[(\d+)\]:\s+(\d)", run(commands[0]))[:2] == [("0", "1"), ("1", "0")]


def test_the_opc_ua_client_reads_what_was_told(free_port: Callable[[], int]) -> None:
    pytest.importorskip("asyncua", reason="OPC UA needs the extra 'opcua'")
    port = free_port()
    program = blocks("python")[0].replace("4840", str(port))
    with opened(f"opcua://127.0.0.1:{port}") as line:
        line.tell(PART)
        said = run([sys.executable, "-W", "ignore", "-c", program])
    assert "LastPartId part-1\nLastDisposition accept\nCount_accept 1" in said


@pytest.mark.skipif(
    shutil.which("mosquitto_sub") is None or shutil.which("mosquitto") is None, reason="mosquitto is not installed"
)
def test_a_subscriber_hears_state_and_result(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
    broker = subprocess.Popen([str(shutil.which("mosquitto")), "-c", str(settings)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        command = [word.strip('"') for word in blocks("sh")[1].replace("1883", str(port)).split()]
        listening = subprocess.Popen([*command, "-C", "2", "-W", "240"], stdout=subprocess.PIPE, text=True)
        with opened(f"mqtt://127.0.0.1:{port}/plant/line-1?timeout_ms=60000") as line:
            # The retained state tells that the subscription stands; only then is a result sure to be heard.
            assert listening.stdout is not None
            assert listening.stdout.readline() == "plant/line-1/state online\n"
            line.tell(PART)
            said = listening.stdout.readline()
        listening.communicate(timeout=60)
    finally:
        broker.terminate()
        broker.wait()
    assert said.startswith("plant/line-1/result ")
    assert '"disposition":"accept"' in said
