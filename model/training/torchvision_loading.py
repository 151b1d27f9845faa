"""torchvision's transforms, also beside a torch that was built for the CPU only."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import torch

_SCHEMAS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@cache
def functional_transforms() -> Any:
    """Return `torchvision.transforms.v2.functional`; loaded once, by the first who needs it."""
    _declarations()
    from torchvision.transforms.v2 import functional

    return functional


@cache
def _declarations() -> torch.library.Library | None:
    """Declare the operators that torchvision names while it is imported, where its extension cannot load.

    WORKAROUND: the torchvision wheel on PyPI is linked against the CUDA build of torch; with the CPU
    build its extension does not load and `import torchvision` fails with "operator torchvision::nms does
    not exist". Nothing here uses these operators; called, they still fail.

    Returns
    -------
    The library that holds the declarations, kept by the cache as long as the process; None if not needed.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None or _extension_loads(Path(found.origin).parent):
        return None
    if hasattr(torch.ops.torchvision, "nms"):
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in _SCHEMAS:
        library.define(name + _SIGNATURE)  # type: ignore[no-untyped-call]
    return library


def _extension_loads(package: Path) -> bool:
    for extension in package.glob("_C*.so"):
        try:
            torch.ops.load_library(extension)  # type: ignore[no-untyped-call]
        except OSError:
            return False
        return True
    return False
