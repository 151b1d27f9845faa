"""From picture to tensor, and from the network's output to probability maps: one code for training and station.

Pictures are uint8 ``(H, W)`` grey or ``(H, W, 3)`` BGR of any size from 1x1. Large ones are cut into tiles whose inner
margins are thrown away, so that memory is bounded and, where the margin holds the network's reach, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from model.manifest import Activation, Color, InputSpec, ModelManifest

Tensor = NDArray[np.float32]
"""``(1, channels, H, W)`` float32, C-contiguous."""

Maps = NDArray[np.float32]
"""``(classes, ceil(H / stride), ceil(W / stride))`` float32, probabilities 0 … 1 in the manifest's class order."""

Network = Callable[[Tensor], NDArray[np.float32]]
"""Maps ``(1, channels, H, W)`` to ``(1, classes, H / stride, W / stride)``, before the activation."""


class UnusableOutput(ModelError):
    """The network's output cannot be used for this picture; one clause says why."""


@dataclass(frozen=True, slots=True)
class Span:
    """One tile along one axis, in px: read ``start … stop``, keep ``keep_start … keep_stop`` (half-open)."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def convert_color(pixels: Pixels, color: Color) -> NDArray[np.uint8]:
    """Return the picture as ``(H, W)`` for grey or ``(H, W, 3)`` for BGR, uint8; grey by ITU-R BT.601 weights."""
    if color is Color.GREY:
        return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    return pixels if pixels.ndim == 3 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)


def pad_to_stride(pixels: Pixels, stride: int) -> NDArray[np.uint8]:
    """Return the picture with height and width padded to multiples of ``stride``, right and below, by reflection."""
    height, width = pixels.shape[:2]
    below, right = -height % stride, -width % stride
    if not below and not right:
        return pixels
    return np.asarray(cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT_101), np.uint8)


def normalise(pixels: Pixels, spec: InputSpec) -> Tensor:
    """Return ``(value * scale - mean) / std`` as ``(1, channels, H, W)``; the picture has the spec's channels.

    A look-up table per channel, because there are only 256 grey values: quick, and the same on every machine.
    """
    planes = (pixels,) if pixels.ndim == 2 else cv2.split(pixels)
    tensor = np.empty((1, len(planes), *pixels.shape[:2]), np.float32)
    grey = np.arange(256, dtype=np.float64)
    for channel, plane in enumerate(planes):
        table = ((grey * spec.scale - spec.mean[channel]) / spec.std[channel]).astype(np.float32)
        tensor[0, channel] = cv2.LUT(plane, table)
    return tensor


def picture_tensor(pixels: Pixels, spec: InputSpec) -> Tensor:
    """Return the whole picture as the network takes it: converted, padded by reflection, normalised."""
    return normalise(pad_to_stride(convert_color(pixels, spec.color), spec.stride), spec)


def probabilities(output: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    """Return the probabilities, 0 … 1, of a network's output ``(1, classes, h, w)`` as ``(classes, h, w)`` float32."""
    values = np.asarray(output[0], np.float32)
    if activation is Activation.SOFTMAX:
        powers: NDArray[np.float32] = values - values.max(axis=0)
        np.exp(powers, out=powers)
        powers /= powers.sum(axis=0)
        return powers
    if activation is Activation.SIGMOID:
        # exp(-|x|) cannot overflow; the two branches are the same function
        small = np.exp(-np.abs(values))
        return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small), np.float32)
    return np.clip(values, 0.0, 1.0)


def spans(length: int, spec: InputSpec) -> tuple[Span, ...]:
    """Return the tiles along one axis of a padded picture.

    Parameters
    ----------
    length : int
        Padded side in px, a multiple of ``spec.stride``.
    spec : InputSpec
        For ``tile_px``, ``margin_px`` and ``stride``; the margin is rounded up to whole strides.

    Returns
    -------
    tuple of Span
        One if the side fits into a tile. All are of one size, so that the network is compiled for one shape; all
        starts are multiples of the stride; the kept parts cover the side without overlap; every kept pixel is at
        least the margin away from a cut.
    """
    stride = spec.stride
    if length <= spec.tile_px:
        return (Span(0, length, 0, length),)
    margin = -(-spec.margin_px // stride) * stride
    widest_core = max(spec.tile_px // stride * stride - 2 * margin, stride)
    # the first and the last tile need a margin on one side only
    count = max(-(-(length - 2 * margin) // widest_core), 1)
    size = min(-(-(length + 2 * margin * (count - 1)) // (count * stride)) * stride, length)
    starts = [min(index * (size - 2 * margin), length - size) for index in range(count)]
    cuts = [0, *(start + margin for start in starts[1:]), length]
    return tuple(Span(start, start + size, *kept) for start, kept in zip(starts, pairwise(cuts), strict=True))


def tiles(height: int, width: int, spec: InputSpec) -> Iterator[tuple[Span, Span]]:
    """Yield the tiles (rows, columns) of a padded picture, row by row."""
    for rows in spans(height, spec):
        for columns in spans(width, spec):
            yield rows, columns


def predict_maps(pixels: Pixels, manifest: ModelManifest, network: Network) -> Maps:
    """Run a network over a picture of any size.

    Parameters
    ----------
    pixels : Pixels
        ``(H, W)`` or ``(H, W, 3)`` BGR uint8, not changed.
    manifest : ModelManifest
        Of the network.
    network : Network
        Called once per tile.

    Returns
    -------
    Maps
        Cut to the picture; the pixel ``(i, j)`` covers the picture's px from ``i * stride``, ``j * stride`` on.

    Raises
    ------
    UnusableOutput
        If the network's output has another shape than the manifest says, or holds a value that is not finite.
    """
    stride = manifest.output.stride
    padded = pad_to_stride(convert_color(pixels, manifest.input.color), manifest.input.stride)
    height, width = padded.shape[:2]
    maps = np.empty((len(manifest.classes), height // stride, width // stride), np.float32)
    for rows, columns in tiles(height, width, manifest.input):
        piece = padded[rows.start : rows.stop, columns.start : columns.stop]
        output = network(normalise(piece, manifest.input))
        _check_output(output, (1, len(maps), piece.shape[0] // stride, piece.shape[1] // stride))
        found = probabilities(output, manifest.output.activation)
        maps[:, _kept(rows, stride), _kept(columns, stride)] = found[:, _inner(rows, stride), _inner(columns, stride)]
    return maps[:, : -(-pixels.shape[0] // stride), : -(-pixels.shape[1] // stride)]


def _kept(span: Span, stride: int) -> slice:
    return slice(span.keep_start // stride, span.keep_stop // stride)


def _inner(span: Span, stride: int) -> slice:
    return slice((span.keep_start - span.start) // stride, (span.keep_stop - span.start) // stride)


def _check_output(output: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    if output.shape != shape:
        raise UnusableOutput(f"the network's output has shape {output.shape}, the manifest asks for {shape}")
    if not np.isfinite(output).all():
        raise UnusableOutput("the network's output holds a value that is not a number or not finite")
