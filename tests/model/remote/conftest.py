"""Servers that a station may be pointed at: our own, a small plain one, and NVIDIA Triton."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import ModelIdentity
from model.classifier import OpenVinoClassifier
from model.manifest import MANIFEST_NAME, NETWORK_NAME, write_manifest
from model.model_files import ModelFiles
from model.protocol.contract import INPUTS, OUTPUTS, PIXELS
from model.protocol.pictures import tensor_pixels
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import Tensor, one_content
from model.registry import ModelRegistry, RegistryEntry

pytest.importorskip("grpc", reason="the prediction protocol's libraries are not installed")

import grpc

from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.place import Shown, server_url
from model.protocol.wire import InferAnswer, answer_message, read_request
from model.remote.classifier import RemoteClassifier, RemoteOptions

PROJECT = Path(__file__).resolve().parents[3]
TRITON = PROJECT / "benchmarks" / "triton_model.py"
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Served:
    """A server with the top-hat model: its URL, and the model's name and version there."""

    url: str
    model: str = "{name}"
    version: str = "{version}"


class PlainServer:
    """The smallest server of the protocol: two calls, a model in this process, and whatever a test spoils.

    Attributes
    ----------
    spoil : callable
        Takes an answer's tensors and returns those that are sent.
    gate : Event
        Answers wait for it.
    tokens : list of str
        What clients showed.
    """

    def __init__(self, classifier: Classifier, credentials: Any = None, port: int = 0) -> None:
        self.classifier = classifier
        self.spoil: Callable[[list[Tensor]], list[Tensor] | bytes] = lambda tensors: tensors
        self.gate = threading.Event()
        self.gate.set()
        self.tokens: list[str | None] = []
        self.metadata: Callable[[dict[str, Any]], dict[str, Any]] = lambda fields: fields
        self._pool = concurrent.futures.ThreadPoolExecutor(2)
        self._server = grpc.server(
            self._pool, options=[("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]
        )
        calls = {"ModelMetadata": self._metadata, "ModelInfer": self._infer}
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                call, message_class(METHODS[name][0]).FromString, response_serializer=_serialized
            )
            for name, call in calls.items()
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        place = f"127.0.0.1:{port}"
        self.port = (
            self._server.add_insecure_port(place)
            if credentials is None
            else self._server.add_secure_port(place, credentials)
        )
        self.tls = credentials is not None
        self._server.start()

    @property
    def url(self) -> str:
        return f"grpcs://localhost:{self.port}" if self.tls else f"grpc://127.0.0.1:{self.port}"

    def _metadata(self, request: Any, context: Any) -> Any:
        if request.name != self.classifier.model.name:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.name!r} here")
        fields = {
            "name": request.name,
            "inputs": [{"name": s.name, "datatype": s.datatype, "shape": s.shape} for s in INPUTS],
            "outputs": [{"name": s.name, "datatype": s.datatype, "shape": s.shape} for s in OUTPUTS],
        }
        return message_class("ModelMetadataResponse")(**self.metadata(fields))

    def _infer(self, message: Any, context: Any) -> Any:
        self.tokens.append(dict(context.invocation_metadata()).get("authorization"))
        request = read_request(message)
        (tensor,) = request.inputs
        if tensor.name == PIXELS.name:
            pixels = tensor_pixels(tensor)
        else:
            content = np.frombuffer(one_content(tensor), np.uint8)
            pixels = frozen_pixels(cv2.imdecode(content, cv2.IMREAD_ANYCOLOR))
        tensors = self.spoil(list(prediction_tensors(self.classifier.predict(pixels))))
        self.gate.wait(PATIENCE_S)
        if isinstance(tensors, bytes):
            return tensors
        return answer_message(InferAnswer(request.model, request.version, tuple(tensors), request.id))

    def stop(self) -> None:
        self.gate.set()
        self._server.stop(0).wait()
        self._pool.shutdown(wait=True)


def _serialized(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else bytes(answer.SerializeToString())


@pytest.fixture(scope="session")
def picture() -> Pixels:
    """Return a colour picture on which the model finds a line."""
    grey = np.full((96, 128), 20, np.uint8)
    cv2.line(grey, (20, 20), (100, 70), 255, 3)
    return frozen_pixels(np.ascontiguousarray(np.dstack([grey, grey // 2 + 10, grey])))


@pytest.fixture(scope="module")
def local(top_hat_data: Path) -> Iterator[OpenVinoClassifier]:
    """Return the model in this process, as a station runs it: in the precision of its installation, f32."""
    classifier = OpenVinoClassifier(ModelRegistry(top_hat_data / "models").load("top-hat", "1.0"))
    yield classifier
    classifier.close()


@pytest.fixture(scope="session")
def top_hat_data(
    tmp_path_factory: pytest.TempPathFactory, tiny_files: ModelFiles, papers: Callable[..., RegistryEntry]
) -> Path:
    """Return a data folder with the model installed."""
    folder = tmp_path_factory.mktemp("data")
    registry = ModelRegistry(folder / "models")
    with registry.drafting() as draft:
        (draft / NETWORK_NAME).write_bytes(tiny_files.network)
        write_manifest(tiny_files.manifest, draft / MANIFEST_NAME)
        registry.add(draft, tiny_files.manifest, papers())
    return folder


@pytest.fixture
def plain_server(local: OpenVinoClassifier) -> Iterator[Callable[..., PlainServer]]:
    """Return what starts plain servers with the model, stopped at the end."""
    made: list[PlainServer] = []

    def start(credentials: Any = None, classifier: Classifier | None = None, port: int = 0) -> PlainServer:
        made.append(PlainServer(classifier or local, credentials, port))
        return made[-1]

    yield start
    for server in made:
        server.stop()


def triton_python() -> str | None:
    """Return the Python of the environment that holds NVIDIA Triton, ``None`` without one."""
    named = os.environ.get("TRITON_PYTHON")
    beside = PROJECT / ".venv-triton" / "bin" / "python"
    return named or (str(beside) if beside.exists() else None)


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory, tiny_files: ModelFiles) -> Iterator[Served]:
    """Start real Triton with the model behind its Python backend, in an environment of its own."""
    python = triton_python()
    if python is None:
        pytest.skip("NVIDIA Triton is not installed; .ci/triton-environment makes .venv-triton")
    folder = tmp_path_factory.mktemp("triton")
    (folder / NETWORK_NAME).write_bytes(tiny_files.network)
    write_manifest(tiny_files.manifest, folder / MANIFEST_NAME)
    said = folder / "said"
    with said.open("w") as stderr:
        child = subprocess.Popen(
            [python, str(TRITON), "top_hat", "--folder", str(folder), "--precision", "f32"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        port = ""
        for line in child.stdout:
            if line.startswith("ready "):
                port = line.split()[1]
                break
        assert port, said.read_text()[-3000:]
        yield Served(f"grpc://127.0.0.1:{port}", "top_hat", "")
    finally:
        child.stdin.close()  # it ends with its input
        child.wait(240)
        child.stdout.close()


@pytest.fixture(params=["own", "plain", "triton"])
def served(request: pytest.FixtureRequest) -> Served:
    """Return one server after the other."""
    if request.param == "own":
        return request.getfixturevalue("own_server")  # type: ignore[no-any-return]
    if request.param == "plain":
        return Served(request.getfixturevalue("plain_server")().url)
    return request.getfixturevalue("triton")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def own_server(start_server: Any, top_hat_data: Path) -> Served:
    """Start our server with the model."""
    return Served(start_server("--model", "top-hat 1.0", data=top_hat_data).grpc)


@pytest.fixture
def connect(local: OpenVinoClassifier) -> Iterator[Callable[..., RemoteClassifier]]:
    """Return what makes a client of a server, closed at the end."""
    made: list[RemoteClassifier] = []

    def make(
        *urls: str, identity: ModelIdentity | None = None, mm_per_px: float | None = None, **options: Any
    ) -> RemoteClassifier:
        shown = Shown(**options.pop("shown", {}))
        options = {"deadline_s": PATIENCE_S, "connect_s": PATIENCE_S, **options}
        places = tuple(server_url(url) for url in urls)
        made.append(RemoteClassifier(identity or local.model, RemoteOptions(places, shown, **options), mm_per_px))
        return made[-1]

    yield make
    for client in made:
        client.close()
