"""The one place that imports OpenVINO: late, because it takes a quarter of a second, and without its telemetry."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy as np

_CONVERTER = "openvino.tools.ovc"


def openvino_runtime() -> ModuleType:
    """Return the module ``openvino``.

    WORKAROUND: ``import openvino`` also imports its model converter where it is installed, and that reports every
    import to a web analytics service, writes an identity under ``~/intel`` and leaves a thread behind. A station
    talks to nobody unasked. The package goes on without the converter if it cannot be imported, so it is hidden
    while the package is loaded (openvino/__init__.py, openvino/tools/ovc/__init__.py, 2026.4).
    """
    loaded = sys.modules.get("openvino")
    if loaded is not None:
        return loaded
    hidden = _CONVERTER not in sys.modules
    if hidden:
        sys.modules[_CONVERTER] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("openvino")
    finally:
        if hidden:
            del sys.modules[_CONVERTER]


def read_network(core: Any, network: bytes, weights: bytes) -> Any:
    """Return OpenVINO's model of ONNX bytes, or of an IR with its weights; its ``RuntimeError`` if they are neither."""
    if not weights:
        return core.read_model(network)
    # the array is copied by OpenVINO, which keeps constants of its own
    return core.read_model(network, openvino_runtime().Tensor(np.frombuffer(weights, np.uint8)))
