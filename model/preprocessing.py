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
from model.manifest import Activation, Color, Fit, InputSpec, Layout, ModelManifest

Tensor = NDArray[np.float32]
"""``(1, channels, H, W)`` float32, or ``(1, H, W, channels)`` for a network of that layout; C-contiguous."""

Maps = NDArray[np.float32]
"""``(classes, ceil(H / stride), ceil(W / stride))`` float32, probabilities 0 … 1 in the manifest's class order."""

Network = Callable[[Tensor], NDArray[np.float32]]
"""From a tensor to the output that `model.specs.OutputSpec` describes, before the activation."""

Look = Callable[[NDArray[np.uint8]], Maps]
"""From a piece of a picture, ``(H, W)`` or ``(H, W, 3)`` in the network's colours, to its maps.

``(classes, H / stride, W / stride)`` for a segmentation, ``(classes, 1, 1)`` for a classification. They hold until the
next look.
"""


NOT_FINITE = "the network's output holds a value that is not a number or not finite"


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
    """Return the picture as ``(H, W)`` for grey, else as ``(H, W, 3)``, uint8; grey by ITU-R BT.601 weights."""
    if color is Color.GREY:
        return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    if color is Color.RGB:
        code = cv2.COLOR_GRAY2RGB if pixels.ndim == 2 else cv2.COLOR_BGR2RGB
        return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
    return pixels if pixels.ndim == 3 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)


def pad_to_stride(pixels: Pixels, stride: int) -> NDArray[np.uint8]:
    """Return the picture with height and width padded to multiples of ``stride``, right and below, by reflection."""
    return _padded(pixels, -pixels.shape[0] % stride, -pixels.shape[1] % stride)


def _padded(pixels: Pixels, below: int, right: int) -> NDArray[np.uint8]:
    if not below and not right:
        return pixels
    return np.asarray(cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT_101), np.uint8)


def normalise(pixels: Pixels, spec: InputSpec) -> Tensor:
    """Return ``(value * scale - mean) / std`` in the spec's layout; the picture has the spec's channels.

    A look-up table per channel, because there are only 256 grey values: quick, and the same on every machine.
    """
    planes = (pixels,) if pixels.ndim == 2 else cv2.split(pixels)
    tensor = np.empty((1, len(planes), *pixels.shape[:2]), np.float32)
    grey = np.arange(256, dtype=np.float64)
    for channel, plane in enumerate(planes):
        table = ((grey * spec.scale - spec.mean[channel]) / spec.std[channel]).astype(np.float32)
        tensor[0, channel] = cv2.LUT(plane, table)
    return tensor if spec.layout is Layout.NCHW else np.ascontiguousarray(tensor.transpose(0, 2, 3, 1))


def fit_picture(pixels: Pixels, spec: InputSpec) -> NDArray[np.uint8]:
    """Return the picture in the network's colours and in a size that it takes, whole or in tiles.

    Padded by reflection, right and below, to the stride and to a fixed tile; stretched to a fixed size that is no tile.
    """
    colored = convert_color(pixels, spec.color)
    if spec.fixed is None:
        return pad_to_stride(colored, spec.stride)
    size = (spec.fixed.height, spec.fixed.width)
    if spec.fixed.fit is Fit.TILE:
        below, right = (max(size[axis] - side, -side % spec.stride) for axis, side in enumerate(colored.shape[:2]))
        return _padded(colored, below, right)
    if colored.shape[:2] == size:
        return colored
    shrinks = colored.shape[0] > size[0] or colored.shape[1] > size[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(colored, size[::-1], interpolation=method), np.uint8)


def probabilities(output: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    """Return the probabilities, 0 … 1, of a network's output ``(1, classes, …)`` as ``(classes, …)`` float32."""
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


def fixed_spans(length: int, size: int, spec: InputSpec) -> tuple[Span, ...]:
    """Return tiles of exactly ``size`` px, evenly spread along one axis of a padded picture.

    Both are multiples of ``spec.stride``, and so is every start and cut; every kept pixel is at least the margin away
    from a cut, as of `spans`.
    """
    stride = spec.stride
    rest, reach = (length - size) // stride, size // stride - 2 * -(-spec.margin_px // stride)
    count = 1 + -(-rest // reach)
    starts = [index * rest // max(count - 1, 1) * stride for index in range(count)]
    inner = [(start + (before + size - start) // 2 // stride * stride) for before, start in pairwise(starts)]
    cuts = [0, *inner, length]
    return tuple(Span(start, start + size, *kept) for start, kept in zip(starts, pairwise(cuts), strict=True))


def tiles(height: int, width: int, spec: InputSpec) -> Iterator[tuple[Span, Span]]:
    """Yield the tiles (rows, columns) of a padded picture, row by row."""
    if spec.fixed is None:
        along, across = spans(height, spec), spans(width, spec)
    else:
        along = fixed_spans(height, spec.fixed.height, spec)
        across = fixed_spans(width, spec.fixed.width, spec)
    for rows in along:
        for columns in across:
            yield rows, columns


def predict_maps(pixels: Pixels, manifest: ModelManifest, network: Network) -> Maps:
    """Run a network over a picture of any size, with normalisation and activation here.

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
        As of `picture_maps`.

    Raises
    ------
    UnusableOutput
        If the network's output has another shape than the manifest says, or holds a value that is not finite.
    """

    def look(piece: NDArray[np.uint8]) -> Maps:
        output = network(normalise(piece, manifest.input))
        if output.ndim == 4 and manifest.output.layout is Layout.NHWC:
            output = output.transpose(0, 3, 1, 2)
        check_shape(output, piece, manifest)
        if not np.isfinite(output).all():
            raise UnusableOutput(NOT_FINITE)
        found = probabilities(output, manifest.output.activation)
        return found.reshape(len(found), *(found.shape[1:] or (1, 1)))

    return picture_maps(pixels, manifest, look)


def picture_maps(pixels: Pixels, manifest: ModelManifest, look: Look) -> Maps:
    """Return the maps of a picture of any size, whole or from tiles.

    Returns
    -------
    Maps
        Of a segmentation cut to the picture: the pixel ``(i, j)`` covers the picture's px from ``i * stride``,
        ``j * stride`` on. Of a classification ``(classes, rows, columns)`` of its tiles, usually ``(classes, 1, 1)``.
    """
    fitted = fit_picture(pixels, manifest.input)
    height, width = fitted.shape[:2]
    cut = list(tiles(height, width, manifest.input))
    if not manifest.segments:
        return _scores(fitted, cut, manifest, look)
    maps = look(fitted) if len(cut) == 1 else _joined(fitted, cut, manifest, look)
    stride = manifest.output.stride
    rows, columns = -(-pixels.shape[0] // stride), -(-pixels.shape[1] // stride)
    if manifest.input.fixed is not None and manifest.input.fixed.fit is Fit.RESIZE:
        return np.stack([cv2.resize(each, (columns, rows), interpolation=cv2.INTER_LINEAR) for each in maps])
    return maps[:, :rows, :columns]


def check_shape(output: NDArray[np.float32], piece: NDArray[np.uint8], manifest: ModelManifest) -> None:
    """Raise `UnusableOutput` if a network's output, channels first, has another shape than its manifest promises."""
    stride = manifest.output.stride
    places = (piece.shape[0] // stride, piece.shape[1] // stride) if manifest.segments else ()
    wanted = (1, len(manifest.classes), *places)
    if output.shape != wanted:
        raise UnusableOutput(f"the network's output has shape {output.shape}, the manifest asks for {wanted}")


def _joined(fitted: NDArray[np.uint8], cut: list[tuple[Span, Span]], manifest: ModelManifest, look: Look) -> Maps:
    stride = manifest.output.stride
    height, width = fitted.shape[:2]
    maps = np.empty((len(manifest.classes), -(-height // stride), -(-width // stride)), np.float32)
    for rows, columns in cut:
        found = look(_cut_out(fitted, rows, columns))
        maps[:, _kept(rows, stride), _kept(columns, stride)] = found[:, _inner(rows, stride), _inner(columns, stride)]
    return maps


def _scores(fitted: NDArray[np.uint8], cut: list[tuple[Span, Span]], manifest: ModelManifest, look: Look) -> Maps:
    """Return a classification's scores; a network that takes any size sees the whole picture."""
    if manifest.input.fixed is None or len(cut) == 1:
        return look(fitted)
    # copied, because a look may overwrite what the one before it gave
    scores = [look(_cut_out(fitted, rows, columns)).copy() for rows, columns in cut]
    return np.concatenate(scores, axis=2).reshape(len(scores[0]), len({rows for rows, _ in cut}), -1)


def _cut_out(fitted: NDArray[np.uint8], rows: Span, columns: Span) -> NDArray[np.uint8]:
    return fitted[rows.start : rows.stop, columns.start : columns.stop]


def _kept(span: Span, stride: int) -> slice:
    return slice(span.keep_start // stride, span.keep_stop // stride)


def _inner(span: Span, stride: int) -> slice:
    return slice((span.keep_start - span.start) // stride, (span.keep_stop - span.start) // stride)
