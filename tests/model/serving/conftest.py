"""Clients of both transports that know nothing of the product's own client, and a registry with two versions."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import grpc
import numpy as np
import pytest

from model.manifest import MANIFEST_NAME, NETWORK_NAME, Platt, write_manifest
from model.model_files import ModelFiles
from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.tensors import Tensor
from model.protocol.wire import InferRequest, read_answer, request_message
from model.registry import ModelRegistry, RegistryEntry


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Refused(Exception):
    """A server's refusal: its kind as the transport names it, and its sentence."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(f"{kind}: {sentence}")
        self.kind = kind
        self.sentence = sentence


@dataclass(frozen=True)
class HttpClient:
    """Plain HTTP, one connection for each call."""

    address: str
    tls: ssl.SSLContext | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        place = urlsplit(self.address)
        assert place.hostname is not None
        if self.tls is None:
            connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        else:
            connection = http.client.HTTPSConnection(place.hostname, place.port, timeout=60, context=self.tls)
        try:
            sent = dict(self.headers) | {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def infer(self, request: InferRequest) -> tuple[Tensor, ...]:
        """Ask as the binary tensor extension has it."""
        document: dict[str, Any] = {
            "id": request.id,
            "parameters": {"binary_data_output": True},
            "inputs": [
                {
                    "name": each.name,
                    "datatype": each.datatype,
                    "shape": each.shape,
                    "parameters": {"binary_data_size": len(each.data)},
                }
                for each in request.inputs
            ],
            "outputs": [{"name": name} for name in request.outputs],
        }
        if request.timeout_us is not None:
            document["parameters"]["timeout"] = request.timeout_us
        head = json.dumps(document).encode()
        version = f"/versions/{request.version}" if request.version else ""
        reply = self(
            "POST",
            f"/v2/models/{request.model}{version}/infer",
            head + b"".join(bytes(each.data) for each in request.inputs),
            Inference_Header_Content_Length=str(len(head)),
        )
        if reply.status != 200:
            raise Refused(str(reply.status), reply.document["error"])
        end = int(reply.headers["inference-header-content-length"])
        found, rest = [], reply.body[end:]
        for output in json.loads(reply.body[:end])["outputs"]:
            size = output["parameters"]["binary_data_size"]
            found.append(Tensor(output["name"], output["datatype"], tuple(output["shape"]), rest[:size]))
            rest = rest[size:]
        return tuple(found)


class GrpcClient:
    """Calls of the protocol by name."""

    def __init__(self, target: str, credentials: grpc.ChannelCredentials | None = None, token: str = "") -> None:
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = (
            grpc.insecure_channel(target, options)
            if credentials is None
            else grpc.secure_channel(target, credentials, options)
        )
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def __call__(self, method: str, timeout: float = 60.0, **fields: Any) -> Any:
        return self.send(method, message_class(METHODS[method][0])(**fields), timeout)

    def send(self, method: str, message: Any, timeout: float = 60.0) -> Any:
        call = self._channel.unary_unary(
            f"/{SERVICE}/{method}",
            message_class(METHODS[method][0]).SerializeToString,
            message_class(METHODS[method][1]).FromString,
        )
        try:
            return call(message, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise Refused(error.code().name, error.details()) from error

    def infer(self, request: InferRequest) -> tuple[Tensor, ...]:
        return read_answer(self.send("ModelInfer", request_message(request))).outputs

    def close(self) -> None:
        self._channel.close()


@pytest.fixture
def make_http() -> type[HttpClient]:
    """Return the HTTP client's class."""
    return HttpClient


@pytest.fixture
def make_grpc() -> Iterator[Callable[..., GrpcClient]]:
    """Return a maker of gRPC clients, closed at the end."""
    made: list[GrpcClient] = []

    def make(target: str, credentials: grpc.ChannelCredentials | None = None, token: str = "") -> GrpcClient:
        made.append(GrpcClient(target, credentials, token))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def refused() -> type[Refused]:
    """Return what both clients raise."""
    return Refused


def line_picture(grey: int = 255, size: tuple[int, int] = (96, 128)) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a dark grey picture with one bright line."""
    pixels = np.full(size, 20, np.uint8)
    cv2.line(pixels, (20, 20), (100, 70), grey, 3)
    return pixels


@pytest.fixture(scope="session")
def picture() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a colour picture on which the models find a line."""
    return np.ascontiguousarray(np.dstack([line_picture()] * 3))


@pytest.fixture(scope="session")
def picture_file(picture: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """Return that picture as a PNG file's content."""
    done, content = cv2.imencode(".png", picture)
    assert done
    return bytes(content)


def add_version(folder: Path, files: ModelFiles, papers: RegistryEntry, version: str, b: float) -> ModelFiles:
    """Install the top-hat model under a version of its own, with a probability of its own."""
    manifest = files.manifest
    platt = replace(manifest.probability, platt=Platt(0.05, b))
    mine = replace(manifest, version=version, probability=platt)
    registry = ModelRegistry(folder / "models")
    with registry.drafting() as draft:
        (draft / NETWORK_NAME).write_bytes(files.network)
        write_manifest(mine, draft / MANIFEST_NAME)
        registry.add(draft, mine, papers)
    return replace(files, manifest=mine)


@pytest.fixture(scope="session")
def two_versions(
    tmp_path_factory: pytest.TempPathFactory, tiny_files: ModelFiles, papers: Callable[..., RegistryEntry]
) -> Path:
    """Return a data folder with top-hat 1.0 and 2.0, whose probabilities differ."""
    folder = tmp_path_factory.mktemp("two-versions")
    for version, b in (("1.0", -1.0), ("2.0", 1.0)):
        add_version(folder, tiny_files, papers(), version, b)
    return folder
