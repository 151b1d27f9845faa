"""What judges the golden pictures: OpenVINO as a station runs it, ONNX Runtime, PyTorch, and recorded outputs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from model.classifier import OpenVinoClassifier
from model.installing.golden import Answer
from model.installing.parity import Answers
from model.judging import verdict
from model.manifest import ModelManifest
from model.model_files import ModelFiles
from model.openvino_runtime import openvino_runtime
from model.precision import Precision
from model.preprocessing import Maps, Network, Tensor, predict_maps

WEIGHTS_NAME = "weights.npz"
"""Trained weights that training leaves beside the network; they are not installed."""

ReadPixels = Callable[[Path], Pixels]
"""Reads a picture file; raises a `KnownFault` whose sentence names it if it cannot be used."""


def openvino_name() -> str:
    """Return ``OpenVINO`` with its version."""
    return f"OpenVINO {str(openvino_runtime().__version__).split('-')[0]}"


def openvino_answers(files: ModelFiles, pictures: Mapping[str, Pixels]) -> Answers:
    """Judge the pictures as a station does, in single precision."""
    judge = OpenVinoClassifier(files, precision=Precision.F32)
    try:
        return Answers(openvino_name(), _answers(judge.maps, files.manifest, pictures))
    finally:
        judge.close()


def onnx_answers(files: ModelFiles, pictures: Mapping[str, Pixels]) -> Answers:
    """Judge the pictures by ONNX Runtime.

    Raises
    ------
    ModelError
        Without the ``[models]`` extra, or if the network cannot be run.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise ModelError(
            'A model is proved by a second runtime before it is installed: pip install "inspection-station[models]".'
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # as exported: an optimised graph would be another one
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(files.network, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"model {files.manifest.name}: ONNX Runtime cannot read the network ({error}).") from error
    place = session.get_inputs()[0].name

    def run(tensor: Tensor) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {place: tensor})[0])

    name = f"ONNX Runtime {onnxruntime.__version__}"
    try:
        return Answers(name, _answers(_look(files.manifest, run), files.manifest, pictures))
    except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as error:
        raise ModelError(f"model {files.manifest.name}: {name} cannot run the network as its manifest says.") from error


def torch_answers(weights: Path, manifest: ModelManifest, pictures: Mapping[str, Pixels]) -> Answers:
    """Judge the pictures by PyTorch with a network trained here; `ModelError` if the weights are not of it."""
    import torch

    from model.training.start import read_weights, starting_network

    network: Any = starting_network(manifest.classes, 0, read_weights(weights)).eval()

    def run(tensor: Tensor) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(tensor)).numpy())

    name = f"PyTorch {torch.__version__}"
    return Answers(name, _answers(_look(manifest, run), manifest, pictures))


def recorded_answers(folder: Path, manifest: ModelManifest, read: ReadPixels) -> tuple[dict[str, Pixels], Answers]:
    """Return pictures and the answers that the framework of their training gave, which need not be here.

    Parameters
    ----------
    folder : Path
        For each picture ``NAME.png`` what the network put out for it, before the activation, as ``NAME.npy``. That
        checks colours, normalisation and layout as well, where mistakes are commonest.
    manifest : ModelManifest
        Of the network.
    read : ReadPixels
        Reads the pictures.

    Raises
    ------
    ModelError
        If there is none, or an output does not fit its picture.
    """
    pictures: dict[str, Pixels] = {}
    answers: dict[str, Answer] = {}
    for path in sorted(folder.glob("*.npy")):
        name = f"reference {path.stem}"
        pixels = read(path.with_suffix(".png"))
        try:
            output = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ModelError(f"{path} is no plain array ({error}).") from error
        try:
            answers.update(_answers(_look(manifest, _once(output)), manifest, {name: pixels}))
        except ModelError as fault:
            raise ModelError(f"{path} does not fit {path.stem}.png and the manifest: {fault}.") from fault
        pictures[name] = pixels
    if not answers:
        raise ModelError(f"{folder} holds no reference: pictures as NAME.png, and the network's outputs as NAME.npy.")
    return pictures, Answers("the recorded outputs", answers)


def _once(output: NDArray[np.float32]) -> Network:
    """Return a network that gives one recorded output, once."""
    left = [output]

    def run(_tensor: Tensor) -> NDArray[np.float32]:
        if not left:
            raise ModelError("the picture is larger than one tile")
        return np.asarray(left.pop(), np.float32)

    return run


def _look(manifest: ModelManifest, network: Network) -> Callable[[Pixels], Maps]:
    return lambda pixels: predict_maps(pixels, manifest, network)


def _answers(
    look: Callable[[Pixels], Maps], manifest: ModelManifest, pictures: Mapping[str, Pixels]
) -> dict[str, Answer]:
    answers = {}
    for name, pixels in pictures.items():
        maps = look(pixels)
        answers[name] = Answer(verdict(pixels, maps, manifest).probability, np.array(maps, np.float32))
    return answers
