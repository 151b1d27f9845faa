"""From probability maps to the regions of a picture: class, score, outline, length and width in px of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.prediction import Box, Region
from model.lines import Mask
from model.manifest import ClassSpec, ModelManifest, RegionSpec
from model.pieces import Shape, find_shapes
from model.preprocessing import Maps


def find_regions(maps: Maps, manifest: ModelManifest, height: int, width: int) -> tuple[Region, ...]:
    """Return the regions of one picture, highest score first; a classification has none.

    Classes that make a reject and classes that do not are looked for apart, each group by the sum of its
    probabilities: a scratch that crosses a stain stays a scratch, and one that the network half takes for a crack is
    not lost between the two. Within its group a region has the class of the greatest mean probability.

    Parameters
    ----------
    maps : Maps
        ``(classes, ceil(height / stride), ceil(width / stride))``, see `model.preprocessing.predict_maps`.
    manifest : ModelManifest
        For classes, output stride and region settings.
    height, width : int
        Of the picture in px; boxes and outlines stay inside.
    """
    if not manifest.segments:
        return ()
    found = [
        region
        for reject in (True, False)
        for region in _group_regions(maps, manifest, manifest.channels(reject), height, width)
    ]
    found.sort(key=lambda region: (-region.score, region.box.y, region.box.x, region.class_name))
    return tuple(found[: manifest.regions.max_regions])


def group_map(maps: Maps, channels: Sequence[int]) -> NDArray[np.float32]:
    """Return the probability that a pixel belongs to any of the channels, ``(h, w)`` float32, at most 1."""
    total: NDArray[np.float32] = maps[channels[0]]
    for channel in channels[1:]:
        total = total + maps[channel]
    return total if len(channels) == 1 else np.asarray(np.minimum(total, 1.0), np.float32)


def region_score(mean: float, length_px: float, spec: RegionSpec) -> float:
    """Return the score of a region, see `RegionSpec.score_length_px`; 0 … 1."""
    return mean * length_px / (length_px + spec.score_length_px)


def _group_regions(
    maps: Maps, manifest: ModelManifest, channels: Sequence[int], height: int, width: int
) -> list[Region]:
    if not channels:
        return []
    spec, stride = manifest.regions, manifest.output.stride
    shapes = find_shapes(
        group_map(maps, channels), spec.low_threshold, spec.threshold, spec.merge_gap_px / stride, spec.merge_angle_deg
    )
    return [
        _region(shape, _class_of(shape, maps, manifest, channels), manifest, height, width)
        for shape in shapes
        if shape.area * stride**2 >= spec.min_area_px and shape.length * stride >= spec.min_length_px
    ]


def _class_of(shape: Shape, maps: Maps, manifest: ModelManifest, channels: Sequence[int]) -> ClassSpec:
    height, width = shape.mask.shape
    pixels = maps[:, shape.y : shape.y + height, shape.x : shape.x + width]
    means = [float(pixels[channel][shape.mask == 1].mean()) for channel in channels]
    return manifest.classes[channels[int(np.argmax(means))]]


def _region(shape: Shape, spec: ClassSpec, manifest: ModelManifest, height: int, width: int) -> Region:
    stride = manifest.output.stride
    full = _enlarged(shape.outline, stride)
    x, y = shape.x * stride, shape.y * stride
    # the last row and column of output pixels may hang over the picture's edge
    full = np.ascontiguousarray(full[: height - y, : width - x])
    length = shape.length * stride
    return Region(
        class_name=spec.name,
        score=region_score(shape.mean, length, manifest.regions),
        box=Box(x, y, full.shape[1], full.shape[0]),
        polygon=outline_polygon(full, x, y, manifest.regions.simplify_px),
        length_px=length,
        width_px=shape.width * stride,
        rejects=spec.reject,
    )


def outline_polygon(mask: Mask, x: int, y: int, simplify_px: float) -> tuple[tuple[int, int], ...]:
    """Return the outer outline of the one shape in a mask whose top left corner lies at (x, y); at least 3 points."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x, y))
    largest = max(contours, key=len)
    points = cv2.approxPolyDP(largest, simplify_px, closed=True).reshape(-1, 2)
    if len(points) < 3:
        # a line one pixel wide has no inside: its box's corners, which enclose it, stand for it
        height, width = mask.shape
        return ((x, y), (x + width - 1, y), (x + width - 1, y + height - 1), (x, y + height - 1))
    return tuple((int(column), int(row)) for column, row in points)


def _enlarged(mask: Mask, factor: int) -> Mask:
    if factor == 1:
        return mask
    return np.asarray(cv2.resize(mask, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST), np.uint8)
