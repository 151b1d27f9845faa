"""A server from its start to its end: switching models under way, following the station, stopping, hostile bytes."""

from __future__ import annotations

import json
import random
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from model.protocol.pictures import file_tensor, pixels_tensor
from model.protocol.predictions import read_prediction
from model.protocol.wire import InferRequest

PATIENCE_S = 60.0


def wait_for(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_switch_under_load_loses_no_request(
    start_server: Any, two_versions: Path, make_http: Any, make_grpc: Any, picture: Any, picture_file: bytes
) -> None:
    server = start_server("--model", "top-hat 1.0", "--may-load", data=two_versions)
    seen: list[tuple[str, float | None]] = []
    stop = threading.Event()

    def ask(client: Any) -> None:
        while not stop.is_set():
            found = read_prediction(client.infer(InferRequest("default", "", (pixels_tensor(picture),))))
            assert found.model is not None
            seen.append((found.model.version, found.probability))

    askers = [
        threading.Thread(target=ask, args=(client,))
        for client in (make_grpc(server.grpc_target), make_grpc(server.grpc_target), make_http(server.http))
    ]
    for each in askers:
        each.start()
    http = make_http(server.http)
    for version in ("2.0", "1.0", "2.0"):
        before = len(seen)
        wait_for(lambda: len(seen) > before + 5)  # noqa: B023
        body = json.dumps({"parameters": {"model": f"top-hat {version}"}}).encode()
        assert http("POST", "/v2/repository/models/default/load", body).status == 200
        assert http("POST", "/predict", picture_file).document["model"]["version"] == version
    stop.set()
    for each in askers:
        each.join()
    assert {version for version, _ in seen} == {"1.0", "2.0"}
    assert len(set(seen)) == 2  # each version has one probability for the picture: never a mixture
    grpc = make_grpc(server.grpc_target)
    assert http("POST", "/v2/repository/models/top-hat/unload", b'{"parameters":{"version":"2.0"}}').status == 409
    grpc("RepositoryModelUnload", model_name="top-hat", parameters={"version": {"string_param": "1.0"}})
    assert not grpc("ModelReady", name="top-hat", version="1.0").ready
    assert http("POST", "/v2/repository/models/scratch-net/load").status == 200
    assert grpc("ModelReady", name="scratch-net").ready
    assert http("POST", "/v2/repository/models/absent/load").status == 400
    assert http("POST", "/v2/repository/models/red/load", b'{"parameters":{"model":"top-hat 1.0"}}').status == 400
    assert server.end() == 0


def test_a_stopping_server_finishes_what_is_in_hand(
    start_server: Any, make_http: Any, make_grpc: Any, tmp_path: Path
) -> None:
    (tmp_path / "station.toml").write_text("[server]\ndrain_s = 120.0\n")
    server = start_server(data=tmp_path)
    large = bytes(cv2.imencode(".jpg", np.full((900, 1600), 90, np.uint8))[1])
    answers: list[Any] = []

    def ask_grpc() -> None:
        answers.append(
            read_prediction(make_grpc(server.grpc_target).infer(InferRequest("", "", (file_tensor(large),))))
        )

    def ask_http() -> None:
        answers.append(make_http(server.http)("POST", "/predict", large).document)

    askers = [threading.Thread(target=ask) for ask in (ask_grpc, ask_http) * 2]
    for each in askers:
        each.start()
    page = make_http(server.http)

    def in_hand() -> int:
        found = re.search(r"^inspector_waiting_requests (\d+)", page("GET", "/metrics").body.decode(), re.MULTILINE)
        assert found is not None
        return int(found[1])

    wait_for(lambda: in_hand() + len(answers) >= 4)
    assert server.end() == 0
    for each in askers:
        each.join()
    assert len(answers) == 4
    assert "Traceback" not in server.said.read_text()
    with pytest.raises(OSError):
        make_http(server.http)("GET", "/v2/health/live")


def test_hostile_bytes_harm_nobody(prediction_server: Any, make_http: Any, make_grpc: Any, picture_file: bytes) -> None:
    """Broken HTTP, broken HTTP/2, half a request, wrong methods, long lines: the next client is answered."""
    http, grpc = make_http(prediction_server.http), make_grpc(prediction_server.grpc_target)
    rng = random.Random(7)
    for address in (prediction_server.http, prediction_server.grpc):
        place = urlsplit(address)
        for content in (
            rng.randbytes(4000),
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /predict HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            b"POST /predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            b"POST /predict HTTP/1.1\r\nContent-Length: 500\r\n\r\nhalf",
            b"POST /predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
            b"GET /v2 HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + rng.randbytes(500),
            b"\x16\x03\x01\x02\x00\x01\x00",
        ):
            with suppress(OSError), socket.create_connection((place.hostname or "", place.port or 0), 10.0) as wire:
                wire.sendall(content)
                wire.shutdown(socket.SHUT_WR)
                while wire.recv(65536):
                    pass
    for method, path in (("PUT", "/predict"), ("GET", "/predict"), ("POST", "/v2"), ("DELETE", "/v2/models/default")):
        reply = http(method, path)
        assert reply.status == 405
        assert set(reply.document) == {"error"}
    long = "/v2/models/" + "x" * 5000
    for path in ("/v2/models/%00/infer", "/v2/models/a%2fb/versions/1/infer", long, "/..%2f..%2fetc"):
        reply = http("POST" if path.endswith("infer") else "GET", path, b"{}")
        assert 400 <= reply.status < 500
        assert len(reply.body) < 1000
    for number in range(60):
        damaged = bytearray(picture_file)
        for _ in range(8):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        reply = http("POST", "/predict", bytes(damaged[: rng.randrange(len(damaged))] if number % 2 else damaged))
        assert reply.status in {200, 400}, reply.body
    assert grpc("ServerReady").ready
    assert http("POST", "/predict", picture_file).document["status"] == "ok"
    assert prediction_server.child.poll() is None
    assert "Traceback" not in prediction_server.said.read_text()


def test_an_http_client_that_goes_away_leaves_nothing_behind(
    prediction_server: Any, make_http: Any, picture_file: bytes
) -> None:
    http, place = make_http(prediction_server.http), urlsplit(prediction_server.http)
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture_file)}\r\n\r\n".encode()
    for _ in range(20):
        with socket.create_connection((place.hostname or "", place.port or 0), timeout=60) as wire:
            wire.sendall(head + picture_file)
    wait_for(lambda: "inspector_waiting_requests 0.0" in http("GET", "/metrics").body.decode())
    assert http("POST", "/predict", picture_file).document["status"] == "ok"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_of_the_guide_run(prediction_server: Any, picture_file: bytes, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide.md").read_text()
    section = guide.partition("## The prediction server")[2].partition("\n## ")[0]
    commands = re.findall(r"^curl .*http://127\.0\.0\.1:8000.*$", section, re.MULTILINE)
    assert len(commands) >= 5
    (tmp_path / "part.jpg").write_bytes(picture_file)
    for command in commands:
        asked = command.replace("http://127.0.0.1:8000", prediction_server.http).replace("curl ", "curl -sS --fail ", 1)
        done = subprocess.run(asked, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, (asked, done.stderr)
        assert done.stdout
        if "/predict" in command:
            assert json.loads(done.stdout)["status"] == "ok"
