"""The prediction server against calling the model in the same process, and against NVIDIA Triton with the same model.

All in one run, in turn: one client, then four at once (four stations), each sending JPEG files. Printed are pictures
per second and, for a lone client, the time of a request that is not the model's: decoding, and over a server transport
and waiting too. Triton takes part where ``$TRITON_PYTHON`` or ``.venv-triton`` has ``nvidia-pytriton``.

The second table compares ways to use the cores under four clients: copies of the model × threads of each, and several
pictures in one call of the network.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np

from benchmarks.figures import percentiles
from inspector_app.bootstrap.serving import make_repository, workers
from inspector_app.bootstrap.settled import SettledFolder, open_settings
from inspector_app.cameras.reading import PictureLimits, PictureRead, decode_picture
from inspector_app.domain.prediction import Prediction
from model.classifier import OpenVinoClassifier, cores_here, default_threads
from model.on_device import surrounded
from model.openvino_runtime import openvino_runtime, read_network
from model.protocol.asker import Asker
from model.protocol.pictures import file_tensor
from model.protocol.place import Shown, server_url
from model.protocol.predictions import read_prediction
from model.protocol.tensors import Tensor
from model.protocol.wire import InferRequest
from model.registry import load_bundled
from model.serving.held import HeldModel
from model.synthesis import Look, draw_seed, render_part

HEIGHT, WIDTH = 1088, 1920
ROUNDS = 4
LONE_REQUESTS = 10
CROWD = 4
CROWD_S = 3.0
PROJECT = Path(__file__).resolve().parent.parent

Ask = Callable[[bytes], Prediction]


@dataclass
class Figures:
    """What was measured of one way.

    Attributes
    ----------
    lone, crowd : list of float
        Pictures per second of each round, with one client and with four.
    total_ms, beside_ms : list of float
        A lone client's requests: all of it, and what is not the model's time.
    """

    lone: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    total_ms: list[float] = field(default_factory=list)
    beside_ms: list[float] = field(default_factory=list)


def decoded(content: bytes) -> np.ndarray:
    """Return a picture as station and server read it."""
    found = decode_picture(content, "The picture", PictureLimits())
    assert isinstance(found, PictureRead), found
    return found.pixels


def jpegs() -> list[bytes]:
    """Return pictures of made parts as JPEG files, quality 95; every second one is scratched."""
    rng = np.random.default_rng(1)
    parts = [render_part(draw_seed(rng), (HEIGHT, WIDTH), number % 2 == 1, Look.PHONE) for number in range(8)]
    return [bytes(cv2.imencode(".jpg", part.pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]) for part in parts]


def lone(ask: Ask, files: list[bytes], figures: Figures) -> None:
    """One client, one request after the other."""
    began = time.perf_counter()
    for number in range(LONE_REQUESTS):
        asked = time.perf_counter()
        prediction = ask(files[number % len(files)])
        took_ms = (time.perf_counter() - asked) * 1000.0
        figures.total_ms.append(took_ms)
        figures.beside_ms.append(took_ms - prediction.elapsed_ms)
    figures.lone.append(LONE_REQUESTS / (time.perf_counter() - began))


def crowd(ask: Ask, files: list[bytes]) -> float:
    """Return pictures per second of four clients at once."""
    end = time.perf_counter() + CROWD_S
    counts = [0] * CROWD

    def client(number: int) -> None:
        while time.perf_counter() < end:
            ask(files[(number + counts[number]) % len(files)])
            counts[number] += 1

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CROWD)]
    began = time.perf_counter()
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    return sum(counts) / (time.perf_counter() - began)


class HttpAsker:
    """Asks over HTTP with binary tensors; a connection for each thread."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address)
        self._own = threading.local()

    def ask(self, content: bytes) -> Prediction:
        """Return the prediction for a picture file."""
        tensor = file_tensor(content)
        size = {"binary_data_size": len(tensor.data)}
        given = {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape, "parameters": size}
        head = json.dumps({"inputs": [given], "parameters": {"binary_data_output": True}}).encode()
        connection = self._connection()
        headers = {"Inference-Header-Content-Length": str(len(head))}
        connection.request("POST", "/v2/models/default/infer", head + bytes(tensor.data), headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        end, tensors = int(answer.getheader("Inference-Header-Content-Length") or 0), []
        rest = body[end:]
        for output in json.loads(body[:end])["outputs"]:
            length = output["parameters"]["binary_data_size"]
            tensors.append(Tensor(output["name"], output["datatype"], tuple(output["shape"]), rest[:length]))
            rest = rest[length:]
        return read_prediction(tensors)

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=60)
        found: http.client.HTTPConnection = self._own.connection
        return found


def grpc_ask(stack: ExitStack, url: str) -> Ask:
    """Return what asks a server over gRPC."""
    asker = Asker(server_url(url), Shown())
    stack.callback(asker.close)
    return lambda content: asker.ask(InferRequest("default", "", (file_tensor(content),)), 60.0)


@contextmanager
def child(command: list[str], **environment: str) -> Iterator[str]:
    """Start a server and yield the first line that it prints; at the end its standard input ends, and it with it."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        try:
            line = started.stdout.readline()
            assert line, command
            yield line
        finally:
            started.stdin.close()
            started.terminate()


def triton_python() -> str | None:
    """Return the Python of Triton's environment, ``None`` if there is none."""
    beside = PROJECT / ".venv-triton" / "bin" / "python"
    return os.environ.get("TRITON_PYTHON") or (str(beside) if beside.exists() else None)


def ways(stack: ExitStack, folder: SettledFolder) -> dict[str, Ask]:
    """Return what is compared; the first is the yardstick."""
    copies, threads = workers(folder, folder.settings.server), default_threads()
    repository = make_repository(folder, copies)
    stack.callback(repository.close)
    repository.point({"default": "bundled"})
    held = stack.enter_context(repository.using("default"))
    program = Path(sysconfig.get_path("scripts")) / "inspector-app"
    command = [str(program), "serve", "--http-port", "0", "--grpc-port", "0", "--json", "--data", str(folder.path)]
    ready = json.loads(stack.enter_context(child(command)))
    found: dict[str, Ask] = {
        "in this process": lambda content: held.predict(decoded(content)),
        "our server, gRPC": grpc_ask(stack, ready["grpc"]),
        "our server, HTTP": HttpAsker(ready["http"]).ask,
    }
    python = triton_python()
    if python is None:
        print("NVIDIA Triton is left out: it is not installed (.venv-triton or $TRITON_PYTHON).")
        return found
    script = str(PROJECT / "benchmarks" / "triton_model.py")
    command = [python, script, "default", "--copies", str(copies), "--threads", str(threads)]
    line = stack.enter_context(child(command, PYTHONPATH=str(PROJECT)))
    _, grpc, http_port = line.split()
    found["Triton, gRPC"] = grpc_ask(stack, f"grpc://127.0.0.1:{grpc}")
    found["Triton, HTTP"] = HttpAsker(f"http://127.0.0.1:{http_port}").ask
    return found


def compare(asks: dict[str, Ask], files: list[bytes]) -> None:
    """Measure all in turn and print; every answer is the same first, but for the last bit of another NumPy's sums."""
    for ask in asks.values():
        crowd(ask, files)  # warm
    answers = {name: [ask(each).probability for each in files] for name, ask in asks.items()}
    first = next(iter(asks))
    assert all(np.allclose(found, answers[first], rtol=0.0, atol=1e-12) for found in answers.values()), answers
    figures = {name: Figures() for name in asks}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            lone(ask, files, figures[name])
        for name, ask in asks.items():
            figures[name].crowd.append(crowd(ask, files))
    ours = figures[first]
    size = sum(map(len, files)) / len(files) / 1000
    print(f"JPEG of {WIDTH}x{HEIGHT} px ({size:.0f} kB), {cores_here()} cores; medians of {ROUNDS} rounds in turn")
    for name, found in figures.items():
        ratio_lone = np.median(np.divide(found.lone, ours.lone))
        ratio_crowd = np.median(np.divide(found.crowd, ours.crowd))
        p50, p99, _ = percentiles(found.total_ms)
        beside50, beside99, _ = percentiles(found.beside_ms)
        base50, base99, _ = percentiles(ours.beside_ms)
        print(
            f"{name:<16} 1 client {np.median(found.lone):6.2f}/s ({ratio_lone:4.2f} x)   {CROWD} clients"
            f" {np.median(found.crowd):6.2f}/s ({ratio_crowd:4.2f} x)   request p50 {p50:6.1f} p99 {p99:6.1f} ms"
            f"   without the model p50 {beside50:5.1f} p99 {beside99:5.1f} ms"
            f" (over in-process {beside50 - base50:+5.1f}, {beside99 - base99:+5.1f})"
        )


def use_of_the_cores(files: list[bytes]) -> None:
    """Print pictures per second of four clients for several ways to use the cores, in turn."""
    model, cores = load_bundled(), cores_here()
    ways_found: dict[str, Callable[[], float]] = {}
    shown: list[HeldModel] = []
    for copies, threads in dict.fromkeys([(1, cores), (cores, 1), (2, cores), (cores, cores)]):
        held = HeldModel(lambda threads=threads: OpenVinoClassifier(model, threads), copies)
        shown.append(held)
        held.warm_up(HEIGHT, WIDTH)
        ask: Ask = lambda content, held=held: held.predict(decoded(content))  # noqa: E731
        ways_found[f"{copies} copies x {threads} threads"] = lambda ask=ask: crowd(ask, files)
    for together in (2, 4):
        ways_found[f"network alone, {together} pictures in a call"] = batched(together)
    ways_found["network alone, 1 picture in a call"] = batched(1)
    rates: dict[str, list[float]] = {name: [] for name in ways_found}
    for measure in ways_found.values():
        measure()  # warm
    for _ in range(3):
        for name, measure in ways_found.items():
            rates[name].append(measure())
    print(f"Ways to use {cores} cores, pictures per second (decoding and regions included but for the network alone)")
    for name, found in rates.items():
        print(f"{name:<44} {np.median(found):6.2f}/s")
    for held in shown:
        held.retire()


def batched(together: int) -> Callable[[], float]:
    """Return what measures the network alone with several pictures in one call."""
    model, openvino = load_bundled(), openvino_runtime()
    core = openvino.Core()
    network = read_network(core, model.network, model.weights)
    network.reshape([together, 1, HEIGHT, WIDTH])
    settings = {"INFERENCE_NUM_THREADS": cores_here(), "NUM_STREAMS": "1", "ENABLE_CPU_PINNING": False}
    request = core.compile_model(surrounded(network, model.manifest), "CPU", settings).create_infer_request()
    tensor = np.zeros((together, HEIGHT, WIDTH, 1), np.uint8)

    def measure() -> float:
        began = time.perf_counter()
        for _ in range(8 // together):
            request.infer([tensor], share_inputs=True)
        return 8 / (time.perf_counter() - began)

    return measure


def main() -> None:
    """Print the figures."""
    files = jpegs()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, ExitStack() as stack:
        compare(ways(stack, open_settings(Path(name))), files)
    if "--no-settings" not in sys.argv:
        use_of_the_cores(files)


if __name__ == "__main__":
    main()
