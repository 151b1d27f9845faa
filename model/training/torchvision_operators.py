"""Let torchvision import beside a torch that was built for the CPU only."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

_SCHEMAS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def declare_missing_operators() -> torch.library.Library | None:
    """Declare the operators that torchvision names while it is imported, where its extension cannot load.

    WORKAROUND: the torchvision wheel on PyPI is linked against the CUDA build of torch; with the CPU
    build its extension does not load and `import torchvision` fails with "operator torchvision::nms does
    not exist". Nothing here uses these operators; called, they still fail.

    Returns
    -------
    The library that holds the declarations, to be kept as long as torchvision is used; None if not needed.
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
