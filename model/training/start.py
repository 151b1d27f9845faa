"""Where a network starts: random weights, an earlier run, or a model that is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from inspector_app.domain.errors import ModelError
from model.manifest import ClassSpec
from model.model_files import ModelFiles, read_model_files
from model.network import HEAD, SegmentationNetwork, seeded_network
from model.registry import load_bundled
from model.training.classes import starting_channels
from model.training.config import BUNDLED_START

_CLASSES = "classes"
_REJECTS = "rejects"


@dataclass(frozen=True, slots=True, eq=False)
class KnownWeights:
    """Weights by name, and the classes of the network that they come from."""

    values: Mapping[str, NDArray[np.float32]]
    classes: tuple[ClassSpec, ...]


def save_weights(network: SegmentationNetwork, classes: tuple[ClassSpec, ...], path: Path) -> None:
    """Write all weights, running statistics and classes, replacing `path` in one step.

    A plain `.npz`: numbers and names, nothing that runs when loaded.
    """
    arrays = {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".partial.npz")
    names = np.array([spec.name for spec in classes])
    rejects = np.array([spec.reject for spec in classes])
    np.savez(partial, **arrays, **{_CLASSES: names, _REJECTS: rejects}, allow_pickle=False)
    partial.replace(path)


def read_weights(path: Path) -> KnownWeights:
    """Read what `save_weights` wrote.

    Raises
    ------
    ModelError
        If the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            values = {name: np.array(arrays[name]) for name in arrays.files}
        names, rejects = values.pop(_CLASSES), values.pop(_REJECTS)
    except (OSError, EOFError, ValueError, KeyError, AttributeError, BadZipFile) as error:
        raise ModelError(f"{path} holds no weights of a training run: {str(error).splitlines()[0]}.") from error
    classes = (ClassSpec(str(name), bool(reject)) for name, reject in zip(names, rejects, strict=True))
    return KnownWeights(values, tuple(classes))


def weights_of(files: ModelFiles, where: str) -> KnownWeights:
    """Return the weights in a model's ONNX file.

    Raises
    ------
    ModelError
        If it is no network of this program's making.
    """
    graph = onnx.load_model_from_string(files.network).graph
    values = {entry.name: numpy_helper.to_array(entry) for entry in graph.initializer}
    if f"{HEAD}.weight" not in values:
        raise ModelError(f"{where}: the network is not of the kind that is taught here; nothing can start from it.")
    return KnownWeights(values, files.manifest.classes)


def known_weights(place: str) -> KnownWeights:
    """Return the weights of the bundled model, of a model's folder, or in `weights.npz`.

    Raises
    ------
    ModelError
        If there are none.
    """
    if place == BUNDLED_START:
        return weights_of(load_bundled(), "the bundled model")
    path = Path(place)
    return weights_of(read_model_files(path), place) if path.is_dir() else read_weights(path)


def starting_network(classes: tuple[ClassSpec, ...], seed: int, known: KnownWeights | None) -> SegmentationNetwork:
    """Return a network for these classes: random from the seed, or with all that is known.

    Each class starts from the known class that is most like it, see `starting_channels`. Several that start from the
    same one share its probability, so that dividing dust into lines and spots takes nothing from the scratches.

    Raises
    ------
    ModelError
        If the weights are those of another network.
    """
    network = seeded_network(len(classes), seed)
    if known is None:
        return network
    rows = list(starting_channels(classes, known.classes))
    state = network.state_dict()
    missing = [name for name in state if name not in known.values and not name.endswith("num_batches_tracked")]
    if missing:
        raise ModelError(f"the weights to start from are of another network: '{missing[0]}' is missing.")
    for name in set(state) & set(known.values):
        value = known.values[name]
        state[name] = torch.from_numpy(np.array(value[rows] if name.startswith(HEAD) else value))
    sharing = np.array([rows.count(row) for row in rows], np.float32)
    state[f"{HEAD}.bias"] -= torch.from_numpy(np.log(sharing))
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"the weights to start from are of another network: {str(error).splitlines()[-1]}") from error
    return network


def mixed(network: SegmentationNetwork, start: Mapping[str, Tensor], keep: float) -> SegmentationNetwork:
    """Put a share of the weights that a network started from back into it, and return it.

    Parameters
    ----------
    start : mapping of str to Tensor
        Of the same network before it learned.
    keep : float
        0 … 1.
    """
    state = network.state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            state[name] = (1.0 - keep) * value + keep * start[name]
    network.load_state_dict(state)
    return network
