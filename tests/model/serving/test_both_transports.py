"""What a client sees of a real server process, the same over gRPC and HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inspector_app.domain.frame import frozen_pixels
from inspector_app.domain.prediction import Prediction, PredictionStatus
from model.classifier import OpenVinoClassifier
from model.protocol.contract import OUTPUTS
from model.protocol.pictures import file_tensor, pixels_tensor
from model.protocol.predictions import read_prediction
from model.protocol.tensors import BYTES, UINT8, Tensor, bytes_tensor
from model.protocol.wire import InferRequest
from model.registry import ModelRegistry, load_bundled

VERSIONS = ("default=top-hat 1.0", "green=top-hat 2.0")
REFUSALS = {
    "invalid": {"grpc": "INVALID_ARGUMENT", "http": "400"},
    "unknown": {"grpc": "NOT_FOUND", "http": "404"},
    "large": {"grpc": "RESOURCE_EXHAUSTED", "http": "413"},
    "late": {"grpc": "DEADLINE_EXCEEDED", "http": "504"},
}


@pytest.fixture(scope="module")
def server(start_server: Any, two_versions: Path) -> Any:
    """Two versions of a model, small messages only."""
    (two_versions / "station.toml").write_text("[server]\nmax_message_mb = 1.0\n[camera]\nmax_megapixels = 0.3\n")
    return start_server(*(part for spec in VERSIONS for part in ("--model", spec)), data=two_versions)


@pytest.fixture(params=["grpc", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(transport: str, server: Any, make_http: Any, make_grpc: Any) -> Any:
    return make_grpc(server.grpc_target) if transport == "grpc" else make_http(server.http)


@pytest.fixture(scope="module")
def local(two_versions: Path) -> Iterator[Callable[[str], OpenVinoClassifier]]:
    """The same models in this process, as the station runs them."""
    made = {
        version: OpenVinoClassifier(ModelRegistry(two_versions / "models").load("top-hat", version))
        for version in ("1.0", "2.0")
    }
    yield made.__getitem__
    for each in made.values():
        each.close()


def without_time(prediction: Prediction) -> Prediction:
    return replace(prediction, elapsed_ms=0.0)


@pytest.mark.parametrize(("asked", "version"), [("default", "1.0"), ("green", "2.0"), ("top-hat", "2.0")])
def test_the_server_gives_the_prediction_that_the_station_would(
    client: Any, local: Any, picture: Any, asked: str, version: str
) -> None:
    mine = local(version).predict(frozen_pixels(picture))
    assert mine.regions
    assert mine.probability is not None
    theirs = read_prediction(client.infer(InferRequest(asked, "", (pixels_tensor(picture),))))
    assert without_time(theirs) == without_time(mine)
    assert theirs.elapsed_ms > 0.0


def test_a_grey_picture_travels_with_and_without_a_channel(client: Any, local: Any, picture: Any) -> None:
    grey = np.ascontiguousarray(picture[:, :, 0])
    mine = without_time(local("1.0").predict(frozen_pixels(grey)))
    flat = Tensor("pixels", UINT8, grey.shape, grey.tobytes())
    for tensor in (pixels_tensor(grey), flat):
        assert without_time(read_prediction(client.infer(InferRequest("default", "", (tensor,))))) == mine


def test_a_file_gives_the_prediction_of_its_picture(client: Any, local: Any, picture: Any, picture_file: bytes) -> None:
    mine = local("1.0").predict(frozen_pixels(picture))
    theirs = read_prediction(client.infer(InferRequest("default", "", (file_tensor(picture_file),))))
    assert without_time(theirs) == without_time(mine)


def test_a_version_and_single_outputs_can_be_asked_for(client: Any, local: Any, picture: Any) -> None:
    request = InferRequest("top-hat", "1.0", (pixels_tensor(picture),), ("probability", "status"), "42")
    found = client.infer(request)
    assert [tensor.name for tensor in found] == ["status", "probability"]
    assert all(spec.fits(tensor.shape) for spec, tensor in zip(OUTPUTS, found, strict=False))


def test_the_two_versions_differ(client: Any, picture: Any) -> None:
    found = [
        read_prediction(client.infer(InferRequest("top-hat", version, (pixels_tensor(picture),))))
        for version in ("1.0", "2.0")
    ]
    assert [each.model.version for each in found if each.model] == ["1.0", "2.0"]
    assert found[0].probability != found[1].probability


GOOD = Tensor("pixels", UINT8, (40, 40, 1), bytes(1600))


@pytest.mark.parametrize(
    ("kind", "request_", "says"),
    [
        ("unknown", InferRequest("nothing", "", (GOOD,)), "'nothing' is not loaded"),
        ("unknown", InferRequest("top-hat", "9", (GOOD,)), "'top-hat 9' is not loaded"),
        ("unknown", InferRequest("default", "2.0", (GOOD,)), "'default 2.0' is not loaded"),
        ("invalid", InferRequest("default", "", ()), "inputs none"),
        ("invalid", InferRequest("default", "", (GOOD, bytes_tensor("picture", b"x"))), "inputs 'pixels', 'picture'"),
        ("invalid", InferRequest("default", "", (replace(GOOD, name="image"),)), "inputs 'image'"),
        ("invalid", InferRequest("default", "", (GOOD,), ("mask",)), "Output 'mask' is unknown"),
        ("invalid", InferRequest("default", "", (replace(GOOD, datatype="FP32"),)), "is 'FP32'; UINT8"),
        ("invalid", InferRequest("default", "", (replace(GOOD, data=bytes(1599)),)), "1,599 bytes"),
        ("invalid", InferRequest("default", "", (replace(GOOD, shape=(40, 20, 2)),)), r"\[40, 20, 2\]"),
        ("invalid", InferRequest("default", "", (Tensor("pixels", UINT8, (0, 40, 1), b""),)), "no side of 0"),
        ("invalid", InferRequest("default", "", (Tensor("pixels", UINT8, (100, 16, 1), bytes(1600)),)), "at least 32"),
        ("invalid", InferRequest("default", "", (bytes_tensor("picture", b""),)), "is empty"),
        ("invalid", InferRequest("default", "", (bytes_tensor("picture", b"GIF89a" + bytes(40)),)), "picture"),
        ("invalid", InferRequest("default", "", (Tensor("picture", BYTES, (1,), b"\x05\0\0\0abc"),)), "one element"),
        ("large", InferRequest("default", "", (Tensor("pixels", UINT8, (600, 600, 1), bytes(360_000)),)), "megapixels"),
        ("late", InferRequest("default", "", (GOOD,), timeout_us=1), "time"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    client: Any, refused: Any, transport: str, kind: str, request_: InferRequest, says: str
) -> None:
    with pytest.raises(refused, match=says) as caught:
        client.infer(request_)
    assert caught.value.kind == REFUSALS[kind][transport]
    assert "Traceback" not in caught.value.sentence
    assert caught.value.sentence.endswith(".")


def test_a_picture_of_many_pixels_is_refused_by_its_header(client: Any, refused: Any, transport: str) -> None:
    """A bomb: 4,000 × 4,000 px in 20 kB."""
    content = bytes(cv2.imencode(".png", np.zeros((4000, 4000), np.uint8))[1])
    assert len(content) < 40_000
    with pytest.raises(refused, match="megapixels") as caught:
        client.infer(InferRequest("default", "", (file_tensor(content),)))
    assert caught.value.kind in {"INVALID_ARGUMENT", "400"}


def test_a_message_that_is_too_large_is_refused(client: Any, refused: Any, transport: str) -> None:
    with pytest.raises((refused, ConnectionError)) as caught:
        client.infer(InferRequest("default", "", (bytes_tensor("picture", bytes(2_000_000)),)))
    if isinstance(caught.value, refused):  # a server may close the connection while the rest is on its way
        assert caught.value.kind == REFUSALS["large"][transport]


def test_what_the_calls_about_models_say(server: Any, make_http: Any, make_grpc: Any) -> None:
    http, grpc = make_http(server.http), make_grpc(server.grpc_target)
    assert http("GET", "/v2/health/live").document == {"live": True}
    assert http("GET", "/v2/health/ready").status == 200
    assert grpc("ServerLive").live
    assert grpc("ServerReady").ready
    assert http("GET", "/v2").document["name"] == grpc("ServerMetadata").name == "inspector-app"
    assert http("GET", "/v2/models/green/ready").status == 200
    assert http("GET", "/v2/models/top-hat/versions/1.0/ready").status == 200
    assert http("GET", "/v2/models/top-hat/versions/3.0/ready").status == 503
    assert grpc("ModelReady", name="green").ready
    assert not grpc("ModelReady", name="top-hat", version="3.0").ready
    described = http("GET", "/v2/models/top-hat").document
    theirs = grpc("ModelMetadata", name="top-hat")
    assert described["versions"] == list(theirs.versions) == ["1.0", "2.0"]
    assert [(t["name"], t["datatype"], t["shape"]) for t in described["outputs"]] == [
        (t.name, t.datatype, list(t.shape)) for t in theirs.outputs
    ]
    config = http("GET", "/v2/models/green/config").document
    told = grpc("ModelConfig", name="green").config
    assert config["parameters"]["version"]["string_value"] == told.parameters["version"].string_value == "2.0"
    assert len(told.parameters["preprocessing_sha256"].string_value) == 64
    assert config["input"][0]["data_type"] == "TYPE_STRING"
    index = http("POST", "/v2/repository/index").document
    assert {"name": "default", "version": "1.0", "state": "READY", "reason": ""} in index
    bundled = load_bundled().manifest.version
    assert {"name": "scratch-net", "version": bundled, "state": "UNAVAILABLE", "reason": "not loaded"} in index
    assert len(index) == len(grpc("RepositoryIndex").models) > len(grpc("RepositoryIndex", ready=True).models)
    assert all(each["state"] == "READY" for each in http("POST", "/v2/repository/index", b'{"ready":true}').document)


def test_models_are_not_loaded_by_clients_unless_that_was_allowed(
    server: Any, make_http: Any, make_grpc: Any, refused: Any
) -> None:
    reply = make_http(server.http)("POST", "/v2/repository/models/scratch-net/load")
    assert reply.status == 403
    assert "--may-load" in reply.document["error"]
    for call in ("RepositoryModelLoad", "RepositoryModelUnload"):
        with pytest.raises(refused, match="--may-load") as caught:
            make_grpc(server.grpc_target)(call, model_name="scratch-net")
        assert caught.value.kind == "PERMISSION_DENIED"


def test_a_person_asks_with_a_picture(
    server: Any, make_http: Any, local: Any, picture: Any, picture_file: bytes
) -> None:
    http = make_http(server.http)
    answer = http("POST", "/predict?model=green", picture_file).document
    mine = local("2.0").predict(frozen_pixels(picture))
    assert answer["status"] == "ok"
    assert answer["probability"] == mine.probability
    assert answer["model"]["version"] == "2.0"
    assert answer["regions"][0]["class"] == "scratch"
    assert http("POST", "/predict", b"no picture").status == 400
    assert http("POST", "/predict?timeout_ms=0", picture_file).status == 400
    assert http("POST", "/predict?model=none", picture_file).status == 404


def test_json_without_binary_data_works_too(server: Any, make_http: Any, picture: Any, local: Any) -> None:
    small = np.ascontiguousarray(picture[:40, :40, 0])
    body = {"id": "a", "inputs": [{"name": "pixels", "datatype": "UINT8", "shape": [40, 40], "data": small.tolist()}]}
    import json

    answer = make_http(server.http)("POST", "/v2/models/default/infer", json.dumps(body).encode()).document
    outputs = {output["name"]: output["data"][0] for output in answer["outputs"]}
    mine = local("1.0").predict(frozen_pixels(small))
    assert answer["id"] == "a"
    assert answer["model_version"] == "1.0"
    assert outputs["status"] == PredictionStatus.OK.value
    assert outputs["probability"] == mine.probability


def test_the_counters_count(server: Any, make_http: Any, picture_file: bytes) -> None:
    http = make_http(server.http)

    def counted() -> float:
        page = http("GET", "/metrics")
        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = page.body.decode().splitlines()
        name = 'inspector_predictions_total{model="top-hat",status="ok",transport="http",version="1.0"} '
        return next((float(line[len(name) :]) for line in lines if line.startswith(name)), 0.0)

    before = counted()
    http("POST", "/predict", picture_file)
    http("POST", "/predict", b"no picture")
    assert counted() == before + 1
    assert (
        'inspector_refused_requests_total{reason="invalid",transport="http"}' in http("GET", "/metrics").body.decode()
    )


def test_the_page_needs_nothing_from_elsewhere(server: Any, make_http: Any) -> None:
    http = make_http(server.http)
    page = http("GET", "/docs").body.decode()
    assert "http://" not in page.replace(server.http, "")
    assert "https://" not in page
    for file in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"docs/files/{file}" in page
        assert http("GET", f"/docs/files/{file}").status == 200
    described = http("GET", "/openapi.json").document
    assert "/predict" in described["paths"]
    assert "/v2/models/{model}/versions/{version}/infer" in described["paths"]
    assert http("GET", "/docs/files/../../__init__.py").status == 404
