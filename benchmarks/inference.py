"""What a picture of 1920x1080 costs: OpenVINO as a station runs it, eager PyTorch, and the processor's limit.

End to end means picture in hand to probability and regions. Around the network in eager PyTorch stands what stands
around ours: grey, padding, normalisation, softmax, regions and probability. All are timed in turn in one run, so that
what else the machine does falls on all alike; the figures are medians.

The limit, for f32 and bf16, is what OpenVINO's own kernels reach here in the same precision on the best of four shapes
that suit them: large matrix products and dense convolutions of many channels. The network's operations over its time,
against that, is the share of the ceiling that it reaches.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.figures import in_turn, ratio, row
from inspector_app.domain.frame import Pixels
from model.classifier import OpenVinoClassifier, default_threads
from model.installing.pictures import InstallPictures
from model.installing.progress import Watch
from model.installing.quantising import calibration_tensors, can_quantise, quantise
from model.judging import verdict
from model.manifest import ModelManifest
from model.model_files import ModelFiles
from model.openvino_runtime import openvino_runtime
from model.precision import Precision
from model.preprocessing import Tensor, fit_picture, predict_maps
from model.registry import load_bundled
from model.registry.store import QUANTISED_NAME, quantised_files
from model.synthesis.generator import render_part
from model.training.start import starting_network, weights_of

ROUNDS = 15
HEIGHT, WIDTH = 1080, 1920
EAGER = "eager PyTorch, f32"


def eager(files: ModelFiles) -> tuple[Any, Callable[[Pixels], object]]:
    """Return the bundled network in PyTorch, and the same work around it."""
    network = starting_network(files.manifest.classes, 0, weights_of(files, "the bundled model")).eval()

    def run(tensor: Tensor) -> Any:
        with torch.inference_mode():
            return network(torch.from_numpy(tensor)).numpy()

    def predict(pixels: Pixels) -> object:
        maps = predict_maps(pixels, files.manifest, run)
        return verdict(pixels, maps, files.manifest)

    return network, predict


def network_gflop(network: Any, manifest: ModelManifest, pixels: Pixels) -> float:
    """Return the operations (two a multiply-add) of one picture, in 10⁹."""
    height, width = fit_picture(pixels, manifest.input).shape[:2]
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, height, width))
    return counter.get_total_flops() / 1e9


def ceiling_jobs(precision: Precision, threads: int) -> dict[str, tuple[Callable[[], object], float]]:
    """Return jobs that suit the processor, each with its operations in 10⁹."""
    jobs = {}
    for side in (1024, 2048):
        jobs[f"{side}x{side} matrices"] = (_matrix_product(side, precision, threads), 2 * side**3 / 1e9)
    for channels, side in ((64, 192), (256, 64)):
        operations = 2 * channels**2 * 9 * side**2 / 1e9
        jobs[f"3x3 convolution, {channels} channels"] = (_convolution(channels, side, precision, threads), operations)
    return jobs


def _matrix_product(side: int, precision: Precision, threads: int) -> Callable[[], object]:
    from openvino import opset13 as ops

    left = ops.parameter([side, side], np.float32)
    right = ops.constant(np.random.default_rng(0).standard_normal((side, side), np.float32))
    return _compiled(ops.matmul(left, right, False, False), left, precision, threads)


def _convolution(channels: int, side: int, precision: Precision, threads: int) -> Callable[[], object]:
    from openvino import opset13 as ops

    picture = ops.parameter([1, channels, side, side], np.float32)
    weights = ops.constant(np.random.default_rng(0).standard_normal((channels, channels, 3, 3), np.float32) * 0.01)
    return _compiled(ops.convolution(picture, weights, [1, 1], [1, 1], [1, 1], [1, 1]), picture, precision, threads)


def _compiled(result: Any, parameter: Any, precision: Precision, threads: int) -> Callable[[], object]:
    openvino = openvino_runtime()
    settings = {"INFERENCE_PRECISION_HINT": precision.value, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": "1"}
    compiled = openvino.Core().compile_model(openvino.Model([result], [parameter]), "CPU", settings)
    request = compiled.create_infer_request()
    shape = [int(side) for side in parameter.get_partial_shape().get_min_shape()]
    tensor = np.random.default_rng(1).standard_normal(shape, np.float32)
    return lambda: request.infer([tensor], share_inputs=True)


def openvino_ways(files: ModelFiles, threads: int, folder: Path) -> dict[Precision, OpenVinoClassifier]:
    """Return the classifier in every precision that can be had here; int8 calibrated on generated parts."""
    ways = {each: OpenVinoClassifier(files, threads, each) for each in (Precision.F32, Precision.BF16)}
    if can_quantise():
        tensors = calibration_tensors(InstallPictures(None, read_nothing).calibration(), files.manifest.input)
        quantise(files, tensors, folder / QUANTISED_NAME, Watch(lambda *_: None, lambda: False))
        ways[Precision.INT8] = OpenVinoClassifier(quantised_files(folder, files.manifest), threads, Precision.INT8)
    return ways


def read_nothing(path: Path) -> Pixels:
    """Stand for a reader of files where all pictures are made."""
    raise FileNotFoundError(path)


def report(times: dict[str, list[float]], ceilings: dict[Precision, dict[str, float]], gflop: float) -> None:
    """Print every time with its ratio to eager PyTorch, and each precision's share of its ceiling."""
    for name, each in times.items():
        print(row(name, each))
    for name, each in times.items():
        if name != EAGER:
            print(ratio(f"{EAGER} / {name}", times[EAGER], each))
    for precision, operations in ceilings.items():
        best = max(operations, key=lambda shape: operations[shape])
        reached = gflop / float(np.median(times[precision.value])) * 1000.0
        print(
            f"{precision.value}: {reached:.0f} GFLOP/s end to end, ceiling {operations[best]:.0f} ({best}):"
            f" {reached / operations[best]:.2f} of it"
        )


def main() -> None:
    """Print times, the ratio to eager PyTorch, and the share of the ceiling."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=default_threads())
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    files = load_bundled()
    pixels = render_part(5, (HEIGHT, WIDTH)).pixels
    network, eager_predict = eager(files)
    with tempfile.TemporaryDirectory() as name:
        ways = openvino_ways(files, asked.threads, Path(name))
        jobs: dict[str, Callable[[], object]] = {EAGER: lambda: eager_predict(pixels)}
        for precision, way in ways.items():
            jobs[precision.value] = lambda way=way: way.predict(pixels)  # type: ignore[misc]
        limits = {each: ceiling_jobs(each, asked.threads) for each in (Precision.F32, Precision.BF16)}
        for precision, shapes in limits.items():
            jobs |= {f"{precision.value} {shape}": job for shape, (job, _) in shapes.items()}
        times = in_turn(jobs, asked.rounds)
    ceilings = {
        precision: {
            # the least disturbed round: a ceiling is what can be reached
            shape: operations / min(times[f"{precision.value} {shape}"]) * 1000.0
            for shape, (_, operations) in shapes.items()
        }
        for precision, shapes in limits.items()
    }
    gflop = network_gflop(network, files.manifest, pixels)
    print(f"{WIDTH}x{HEIGHT}, {asked.threads} threads, {gflop:.1f} GFLOP a picture; decoding left out")
    report({name: times[name] for name in (EAGER, *(each.value for each in ways))}, ceilings, gflop)


if __name__ == "__main__":
    main()
