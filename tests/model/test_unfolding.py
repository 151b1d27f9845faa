"""A pixel shuffle laid out quickly gives the same bytes; what is no such shuffle is left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.openvino_runtime import openvino_runtime, read_network
from model.registry import load_bundled
from model.unfolding import unfold_quickly

CHANNELS, HEIGHT, WIDTH = 6, 5, 7
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}


def shuffled(eight_bit: bool = False, mode: str = "depth_first", kernel: int = 1, bias: bool = True) -> Any:
    """Return a network: a convolution, perhaps in 8 bit, whose channels are laid out in space, and one behind it."""
    openvino = openvino_runtime()
    from openvino import opset13 as ops

    rng = np.random.default_rng(3)
    picture = ops.parameter([1, 3, HEIGHT, WIDTH], np.float32)
    shape = (4 * CHANNELS, 3, kernel, kernel)
    weights: Any = ops.constant(rng.standard_normal(shape).astype(np.float32))
    if eight_bit:
        scales = rng.uniform(0.001, 0.02, (4 * CHANNELS, 1, 1, 1)).astype(np.float32)
        whole = ops.constant(rng.integers(-127, 128, shape).astype(np.int8))
        weights = ops.multiply(ops.convert(whole, "f32"), ops.constant(scales))
    pad = [kernel // 2] * 2
    made = ops.convolution(picture, weights, [1, 1], pad, pad, [1, 1])
    if bias:
        made = ops.add(made, ops.constant(rng.standard_normal((1, 4 * CHANNELS, 1, 1)).astype(np.float32)))
    if eight_bit:
        low, high = (ops.constant(np.float32(limit)) for limit in (-3.0, 3.0))
        made = ops.fake_quantize(made, low, high, low, high, 256)
    last = ops.constant(rng.standard_normal((2, CHANNELS, 1, 1)).astype(np.float32))
    found = ops.convolution(ops.depth_to_space(made, mode, 2), last, [1, 1], [0, 0], [0, 0], [1, 1])
    return openvino.Model([found], [picture])


def answer(network: Any, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    request = openvino_runtime().Core().compile_model(network, "CPU", SETTINGS).create_infer_request()
    request.infer([picture])
    return np.array(request.get_output_tensor(0).data)


def kinds(network: Any) -> set[str]:
    return {node.get_type_name() for node in network.get_ordered_ops()}


@pytest.mark.parametrize("eight_bit", [False, True])
@pytest.mark.parametrize("kernel", [1, 3])
def test_a_shuffle_behind_a_convolution_gives_the_same_values(eight_bit: bool, kernel: int) -> None:
    picture = np.random.default_rng(0).standard_normal((1, 3, HEIGHT, WIDTH)).astype(np.float32)
    quick = shuffled(eight_bit, kernel=kernel)
    assert unfold_quickly(quick) == 1
    assert "DepthToSpace" not in kinds(quick)
    assert ("FakeQuantize" in kinds(quick)) is eight_bit
    assert answer(quick, picture) == pytest.approx(answer(shuffled(eight_bit, kernel=kernel), picture), abs=1e-5)


@pytest.mark.parametrize("other", [{"mode": "blocks_first"}, {"bias": False}])
def test_what_is_laid_out_otherwise_is_left_alone(other: dict[str, Any]) -> None:
    network = shuffled(**other)
    assert unfold_quickly(network) == 0
    assert "DepthToSpace" in kinds(network)


def test_a_network_of_any_size_is_left_alone() -> None:
    files = load_bundled()
    network = read_network(openvino_runtime().Core(), files.network, files.weights)
    assert unfold_quickly(network) == 0


def test_the_bundled_model_gives_the_same_bytes() -> None:
    files = load_bundled()
    core = openvino_runtime().Core()
    picture = np.random.default_rng(1).standard_normal((1, 1, 96, 128)).astype(np.float32)
    answers = []
    for quick in (False, True):
        network = read_network(core, files.network, files.weights)
        network.reshape([1, 1, 96, 128])
        if quick:
            assert unfold_quickly(network) == 1
        answers.append(answer(network, picture))
    assert answers[0].tobytes() == answers[1].tobytes()
