"""A small but real model: a bright-line detector (white top-hat) written as ONNX."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.manifest import (
    MANIFEST_NAME,
    NETWORK_NAME,
    Activation,
    ClassSpec,
    Color,
    Feature,
    InputSpec,
    ModelManifest,
    OutputSpec,
    Platt,
    ProbabilitySpec,
    RegionSpec,
    write_manifest,
)
from model.model_files import ModelFiles
from model.precision import Precision
from model.registry.entry import PairAgreement, ParityRecord, PrecisionMeasurement, PrecisionRecord, RegistryEntry

TOP_HAT_PX = 9
LINE_GREY = 60.0


def top_hat_network(classes: int = 2, poison: bool = False) -> bytes:
    """Return ONNX: grey 0 … 1 in; logits of background, scratch (bright lines up to 8 px wide) … at half resolution.

    ``poison``: the logits of a white picture are not a number (0 / 0), those of others are as usual.
    """
    side, pad = TOP_HAT_PX, TOP_HAT_PX // 2
    pool: dict[str, Any] = {"kernel_shape": [side, side], "pads": [pad] * 4, "strides": [1, 1]}
    half: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
    weights = np.zeros((classes, 1, 1, 1), np.float32)
    weights[1] = 30.0
    bias = np.zeros(classes, np.float32)
    bias[1] = -30.0 * LINE_GREY / 255.0
    bias[2:] = -20.0
    nodes = [
        helper.make_node("Neg", ["picture"], ["negative"]),
        helper.make_node("MaxPool", ["negative"], ["worn"], **pool),
        helper.make_node("Neg", ["worn"], ["eroded"]),
        helper.make_node("MaxPool", ["eroded"], ["opened"], **pool),
        helper.make_node("Sub", ["picture", "opened"], ["hat"]),
        helper.make_node("MaxPool", ["hat"], ["halved"], **half),
        helper.make_node("Conv", ["halved", "weights", "bias"], ["clean"]),
    ]
    if poison:
        nodes += [
            helper.make_node("ReduceMax", ["negative"], ["darkest"], keepdims=1),
            helper.make_node("Add", ["darkest", "one"], ["above"]),
            helper.make_node("Div", ["above", "above"], ["ratio"]),
            helper.make_node("Mul", ["clean", "ratio"], ["logits"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["clean"], ["logits"]))
    graph = helper.make_graph(
        nodes,
        "top_hat",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 1, "height", "width"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes, "rows", "columns"])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(bias, "bias"),
            numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "one"),
        ],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(network)
    return bytes(network.SerializeToString())


def plain_manifest(network: bytes = b"", **changes: Any) -> ModelManifest:
    """Return the manifest of the top-hat network."""
    manifest = ModelManifest(
        name="top-hat",
        version="1.0",
        sha256=hashlib.sha256(network).hexdigest(),
        created_utc=datetime(2026, 1, 31, 12, tzinfo=UTC),
        licence="Apache-2.0",
        task="segmentation",
        input=InputSpec(Color.GREY, 1.0 / 255.0, (0.0,), (1.0,), 8),
        output=OutputSpec(Activation.SOFTMAX, 2),
        classes=(ClassSpec("background", False), ClassSpec("scratch", True)),
        regions=RegionSpec(0.6, 0.3, min_area_px=8.0, min_length_px=6.0),
        probability=ProbabilitySpec(Feature.TOPK_MEAN_LOGIT, 20, Platt(1.0, 0.0)),
    )
    return replace(manifest, **changes)


@pytest.fixture(scope="session")
def make_manifest() -> Callable[..., ModelManifest]:
    """Return `plain_manifest`."""
    return plain_manifest


@pytest.fixture(scope="session")
def make_network() -> Callable[..., bytes]:
    """Return `top_hat_network`."""
    return top_hat_network


@pytest.fixture(scope="session")
def tiny_files() -> ModelFiles:
    """Return the top-hat model in memory."""
    network = top_hat_network()
    return ModelFiles(plain_manifest(network), network)


@pytest.fixture
def tiny_folder(tmp_path: Path, tiny_files: ModelFiles) -> Path:
    """Return the top-hat model as a folder."""
    folder = tmp_path / "top-hat"
    folder.mkdir()
    (folder / NETWORK_NAME).write_bytes(tiny_files.network)
    write_manifest(tiny_files.manifest, folder / MANIFEST_NAME)
    return folder


def plain_papers(chosen: Precision = Precision.F32) -> RegistryEntry:
    """Return papers as an installation would write them, but for the files."""
    measurement = PrecisionMeasurement(chosen, 12.5, 0.0, 0.0, None, True, "the reference")
    return RegistryEntry(
        installed_utc=datetime(2026, 2, 1, tzinfo=UTC),
        source="made/by/a/test",
        source_format="onnx",
        source_sha256="0" * 64,
        files={},
        parity=ParityRecord(1e-3, 1e-3, ("flat",), (PairAgreement("one", "other", 0.0, 0.0, "flat"),)),
        precision=PrecisionRecord(chosen, (measurement,), "generated parts", 4, 1080, 1920, 2, "a processor"),
        tools={"openvino": "2026.4"},
    )


@pytest.fixture(scope="session")
def papers() -> Callable[..., RegistryEntry]:
    """Return `plain_papers`."""
    return plain_papers
