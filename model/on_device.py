"""A network compiled by OpenVINO together with what surrounds it: from 8-bit picture to probabilities in one call.

Normalisation and activation run in OpenVINO's threads beside the network instead of one after the other in NumPy, and
the picture crosses over as a quarter of the bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.manifest import Activation, Layout, ModelManifest
from model.model_files import ModelFiles
from model.openvino_runtime import openvino_runtime, read_network
from model.preprocessing import NOT_FINITE, Maps, UnusableOutput, check_shape
from model.unfolding import unfold_quickly

SHAPES_KEPT = 3
"""Compiled networks kept, one per input size; each holds its own activations."""


class OnDeviceNetwork:
    """`model.preprocessing.Look` on OpenVINO's CPU plug-in; one thread at a time.

    Parameters
    ----------
    files : ModelFiles
        The network and its manifest.
    settings : dict
        OpenVINO's.
    core : object or None
        ``openvino.Core``; made if not given.
    """

    def __init__(self, files: ModelFiles, settings: dict[str, Any], core: Any = None) -> None:
        self._manifest = files.manifest
        self._settings = settings
        self._core = core or openvino_runtime().Core()
        self._files: ModelFiles | None = files
        self._requests: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def __call__(self, piece: NDArray[np.uint8]) -> Maps:
        """Return the maps of a piece of a picture; they are overwritten by the next call.

        Raises
        ------
        UnusableOutput
            If the network's output has another shape than promised or is not finite.
        """
        shape = (1, *piece.shape, *(1,) * (3 - piece.ndim))
        request = self._request(shape)
        request.infer([np.ascontiguousarray(piece).reshape(shape)], share_inputs=True)
        found = np.asarray(request.get_output_tensor(0).data)
        check_shape(found, piece, self._manifest)
        if not np.isfinite(request.get_output_tensor(1).data):
            raise UnusableOutput(NOT_FINITE)
        return found.reshape(found.shape[1], *(found.shape[2:] or (1, 1)))

    def forget(self) -> None:
        """Drop what was compiled."""
        self._requests.clear()

    def close(self) -> None:
        """Free what it holds."""
        self.forget()
        self._files = None

    def _request(self, shape: tuple[int, ...]) -> Any:
        """Return the compiled network for a picture's shape (1, H, W, C); the least recently used ones are dropped."""
        if shape not in self._requests:
            while len(self._requests) >= SHAPES_KEPT:
                self._requests.popitem(last=False)
            self._requests[shape] = self._compiled(shape)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        if self._files is None:
            raise RuntimeError("the network is closed")
        network = read_network(self._core, self._files.network, self._files.weights)
        _, height, width, channels = shape
        nchw = self._manifest.input.layout is Layout.NCHW
        network.reshape([1, channels, height, width] if nchw else list(shape))
        unfold_quickly(network)
        whole = surrounded(network, self._manifest)
        return self._core.compile_model(whole, "CPU", self._settings).create_infer_request()


def surrounded(network: Any, manifest: ModelManifest) -> Any:
    """Return a network with fixed input shape, with normalisation before and activation behind it.

    Its input is the picture, ``(1, H, W, channels)`` uint8. Its outputs are probabilities, channels first, and the sum
    of the network's own output, which is finite only if all of it is: an activation may make a number of what is none.
    """
    openvino = openvino_runtime()
    steps = openvino.preprocess.PrePostProcessor(network)
    spec = manifest.input
    picture = steps.input()
    picture.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    picture.model().set_layout(openvino.Layout(spec.layout.value))
    # (grey * scale - mean) / std, with fewer roundings
    means = [mean / spec.scale for mean in spec.mean]
    deviations = [std / spec.scale for std in spec.std]
    picture.preprocess().convert_element_type(openvino.Type.f32).mean(means).scale(deviations)
    steps.output(0).tensor().set_element_type(openvino.Type.f32)
    prepared = steps.build()
    raw = prepared.get_results()[0].input_value(0)
    return openvino.Model(_outputs(raw, manifest), prepared.get_parameters())


def _outputs(raw: Any, manifest: ModelManifest) -> list[Any]:
    from openvino import opset13 as ops

    every_axis = np.arange(raw.get_partial_shape().rank.get_length())
    check = ops.reduce_sum(raw, every_axis)
    channels_last = manifest.segments and manifest.output.layout is Layout.NHWC
    turned = ops.transpose(raw, [0, 3, 1, 2]) if channels_last else raw
    match manifest.output.activation:
        case Activation.SOFTMAX:
            chances = ops.softmax(turned, 1)
        case Activation.SIGMOID:
            chances = ops.sigmoid(turned)
        case Activation.NONE:
            chances = ops.clamp(turned, 0.0, 1.0)
    return [chances, check]
