"""Weights on disk as a plain `.npz`: numbers and names, nothing that runs when loaded."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import nn

from inspector_app.domain.errors import ModelError


def save_weights(network: nn.Module, path: Path) -> None:
    """Write all weights and running statistics, replacing `path` in one step."""
    arrays = {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays, allow_pickle=False)
    partial.replace(path)


def load_weights(network: nn.Module, path: Path) -> None:
    """Read weights written by `save_weights` into a network of the same shape.

    Raises
    ------
    ModelError
        If the file is missing, damaged or of another network.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            state = {name: torch.from_numpy(np.array(arrays[name])) for name in arrays.files}
        network.load_state_dict(state)
    except (OSError, EOFError, ValueError, AttributeError, BadZipFile, RuntimeError) as error:
        raise ModelError(f"{path} holds no weights for this network: {str(error).splitlines()[0]}.") from error
