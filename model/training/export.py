"""From trained weights to the ONNX file that a station runs, checked before it is trusted."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from inspector_app.domain.errors import ModelError
from model.network import NETWORK_STRIDE_PX, OUTPUT_STRIDE_PX, SegmentationNetwork
from model.openvino_runtime import openvino_runtime

OPSET = 17
LARGEST_DIFFERENCE = 1e-3
"""Logits of the two runtimes may differ by this much in single precision."""


def onnx_bytes(network: SegmentationNetwork) -> bytes:
    """Return the network as ONNX with free height and width: input `picture`, output `logits`."""
    example = torch.zeros(1, 1, 2 * NETWORK_STRIDE_PX, 3 * NETWORK_STRIDE_PX)
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # The newer exporter needs two more packages and gives the same file for plain convolutions.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            (example,),
            stream,  # type: ignore[arg-type]  # a stream is taken as well as a path
            input_names=["picture"],
            output_names=["logits"],
            dynamic_axes={"picture": {2: "height", 3: "width"}, "logits": {2: "rows", 3: "columns"}},
            opset_version=OPSET,
            dynamo=False,
            # Norms stay apart from convolutions, every weight under its own name: OpenVINO joins them when it loads
            # the file, and a later training can start from it.
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
        )
    return stream.getvalue()


def open_onnx(packed: bytes, threads: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return a function that runs an ONNX file by OpenVINO on the CPU in single precision."""
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    core = openvino_runtime().Core()
    compiled = core.compile_model(core.read_model(packed), "CPU", settings)

    def run(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(compiled(pictures)[0], np.float32)

    return run


def eager(network: SegmentationNetwork) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return a function that runs a network as it is, in bfloat16: quick enough to try it while it learns."""
    device = next(network.parameters()).device

    def run(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        laid_out = torch.from_numpy(pictures).to(device).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
            return np.asarray(network(laid_out).float().cpu().numpy(), np.float32)

    return run


def check_parity(network: SegmentationNetwork, packed: bytes, threads: int) -> float:
    """Compare torch and the exported file on noise of two shapes.

    Returns
    -------
    float
        Largest difference of a logit.

    Raises
    ------
    ModelError
        If shapes differ, or logits by more than `LARGEST_DIFFERENCE`.
    """
    run = open_onnx(packed, threads)
    rng = np.random.default_rng(0)
    worst = 0.0
    for height, width in ((64, 96), (160, 128)):
        pictures = rng.standard_normal((1, 1, height, width), dtype=np.float32)
        with torch.inference_mode():
            wanted = network.eval()(torch.from_numpy(pictures)).numpy()
        found = run(pictures)
        if found.shape != (1, wanted.shape[1], height // OUTPUT_STRIDE_PX, width // OUTPUT_STRIDE_PX):
            raise ModelError(f"the exported network answers in shape {found.shape}; it is not released.")
        worst = max(worst, float(np.abs(found - wanted).max()))
    if not worst <= LARGEST_DIFFERENCE:
        raise ModelError(f"the exported network differs from the trained one by {worst:.2g}; it is not released.")
    return worst
