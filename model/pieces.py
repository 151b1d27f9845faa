"""Connected pieces of a probability map, and the lines that broken pieces make together; all in output px."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.lines import LineEnd, Mask, continues, line_ends, line_length

_MAX_PIECES = 400
"""Bounds the work on a picture full of noise; the pieces of greatest summed probability are kept."""

_DIRECTION_REACH = 12.0
"""Px at an end of a piece that give its direction."""

_SHORTEST_WITH_DIRECTION = 4.0
"""A shorter piece counts as a dot."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One connected component.

    Attributes
    ----------
    x, y : int
        Top left corner of its bounding box in the map.
    mask : Mask
        The bounding box, 1 where the piece is.
    total : float
        Sum of its probabilities.
    area : int
        Number of its pixels.
    length : float
        Along the piece.
    ends : tuple of LineEnd
        Two; one for a dot.
    """

    x: int
    y: int
    mask: Mask
    total: float
    area: int
    length: float
    ends: tuple[LineEnd, ...]


@dataclass(frozen=True, slots=True)
class Bridge:
    """The gap between two pieces (by index) that make one line."""

    first: int
    second: int
    start: LineEnd
    stop: LineEnd
    distance: float


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One or more pieces that make one region.

    Attributes
    ----------
    x, y : int
        Top left corner of its bounding box in the map.
    mask : Mask
        The bounding box, 1 where a piece is.
    outline : Mask
        The same with the gaps bridged: one connected shape.
    mean : float
        Mean probability of its pixels.
    area : int
        Number of its pixels, without bridges.
    length : float
        Along the shape, with bridges.
    width : float
        Area over the length of the pieces.
    """

    x: int
    y: int
    mask: Mask
    outline: Mask
    mean: float
    area: int
    length: float
    width: float


def find_shapes(heat: NDArray[np.float32], low: float, high: float, gap: float, angle_deg: float) -> list[Shape]:
    """Return the shapes of a map ``(h, w)`` float32.

    Parameters
    ----------
    heat : ndarray
        Probabilities 0 … 1.
    low, high : float
        A shape spreads over 8-connected pixels ≥ ``low`` and each of its pieces holds one ≥ ``high``.
    gap, angle_deg : float
        Pieces are joined over gaps up to ``gap`` px if their ends point across within the angle; 0: never.
    """
    pieces = find_pieces(heat, low, high)
    bridges = _spanning(len(pieces), _bridges(pieces, gap, angle_deg)) if gap > 0.0 else []
    groups = _grouped(len(pieces), bridges)
    return [
        _shape([pieces[index] for index in group], [bridge for bridge in bridges if bridge.first in group])
        for group in groups
    ]


def find_pieces(heat: NDArray[np.float32], low: float, high: float) -> list[Piece]:
    """Return the components ≥ ``low`` that hold a pixel ≥ ``high``, greatest summed probability first."""
    if not heat.size or float(heat.max()) < high:
        return []
    spread = np.asarray(heat >= low, np.uint8)
    left, top, width, height = cv2.boundingRect(spread)
    window = (slice(top, top + height), slice(left, left + width))
    above = spread[window]
    # its variant with statistics looks at every pixel of the picture once more, on one thread
    count, found = cv2.connectedComponents(above, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, np.int32)
    rows, columns = np.nonzero(above.view(np.bool_))
    owners, values = labels[rows, columns], heat[window][rows, columns]
    totals = np.bincount(owners, weights=values, minlength=count)
    strong = np.unique(owners[values >= high])
    ranked = strong[np.argsort(-totals[strong], kind="stable")][:_MAX_PIECES]
    boxes = _boxes(ranked, owners, rows, columns)
    return [
        _piece(labels, int(label), box, (left, top), float(totals[label]))
        for label, box in zip(ranked, boxes, strict=True)
    ]


def _boxes(
    ranked: NDArray[np.int32], owners: NDArray[np.int32], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> list[tuple[slice, slice]]:
    """Return the rows and columns that each of the labels covers; ``owners`` are the labels of all pixels."""
    place = np.full(int(owners.max()) + 1, -1, np.int64)
    place[ranked] = np.arange(ranked.size)
    wanted = place[owners] >= 0
    at = place[owners[wanted]]
    ends = []
    for along in (rows[wanted], columns[wanted]):
        first, last = np.full(ranked.size, np.iinfo(np.int64).max), np.full(ranked.size, -1, np.int64)
        np.minimum.at(first, at, along)
        np.maximum.at(last, at, along)
        ends.append([slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True)])
    return list(zip(*ends, strict=True))


def _piece(
    labels: NDArray[np.int32], label: int, box: tuple[slice, slice], corner: tuple[int, int], total: float
) -> Piece:
    """Return the piece of a label whose labels' top left corner lies at ``corner`` (x, y) of the map."""
    mask = np.asarray(labels[box] == label, np.uint8)
    x, y = corner[0] + box[1].start, corner[1] + box[0].start
    height, width = mask.shape
    area, length = cv2.countNonZero(mask), line_length(mask)
    if length < _SHORTEST_WITH_DIRECTION:
        return Piece(x, y, mask, total, area, length, (LineEnd(x + (width - 1) / 2, y + (height - 1) / 2, 0.0, 0.0),))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x, y))
    return Piece(x, y, mask, total, area, length, line_ends(np.asarray(contours[0], np.int32), _DIRECTION_REACH))


def _bridges(pieces: Sequence[Piece], gap: float, angle_deg: float) -> list[Bridge]:
    """Return every pair of ends of two pieces that face each other, shortest gap first."""
    ends = [(index, end) for index, piece in enumerate(pieces) for end in piece.ends]
    places = np.array([(end.x, end.y) for _, end in ends], np.float64).reshape(-1, 2)
    distances = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    found = []
    for i, j in np.argwhere(np.triu(distances <= gap, k=1)):
        (first, start), (second, stop) = ends[i], ends[j]
        if first != second and continues(start, stop, gap, angle_deg):
            found.append(Bridge(first, second, start, stop, float(distances[i, j])))
    return sorted(found, key=lambda bridge: (bridge.distance, bridge.first, bridge.second))


def _spanning(count: int, bridges: Sequence[Bridge]) -> list[Bridge]:
    """Return the bridges that join what no shorter bridge has joined (Kruskal)."""
    owner = list(range(count))
    kept = []
    for bridge in bridges:
        a, b = owner[bridge.first], owner[bridge.second]
        if a != b:
            owner = [a if group == b else group for group in owner]
            kept.append(bridge)
    return kept


def _grouped(count: int, bridges: Sequence[Bridge]) -> list[set[int]]:
    groups = [{index} for index in range(count)]
    for bridge in bridges:
        merged = groups[bridge.first] | groups[bridge.second]
        for index in merged:
            groups[index] = merged
    return list({min(group): group for group in groups}.values())


def _shape(pieces: Sequence[Piece], bridges: Sequence[Bridge]) -> Shape:
    left, top = min(piece.x for piece in pieces), min(piece.y for piece in pieces)
    right = max(piece.x + piece.mask.shape[1] for piece in pieces)
    bottom = max(piece.y + piece.mask.shape[0] for piece in pieces)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for piece in pieces:
        height, width = piece.mask.shape
        mask[piece.y - top : piece.y - top + height, piece.x - left : piece.x - left + width] |= piece.mask
    area = sum(piece.area for piece in pieces)
    along = sum(piece.length for piece in pieces)
    outline = _bridged(mask, bridges, left, top, max(1, round(area / along))) if bridges else mask
    length = along + sum(bridge.distance for bridge in bridges)
    mean = min(sum(piece.total for piece in pieces) / area, 1.0)
    return Shape(left, top, mask, outline, mean, area, length, area / along)


def _bridged(mask: Mask, bridges: Sequence[Bridge], left: int, top: int, thickness: int) -> Mask:
    outline = mask.copy()
    for bridge in bridges:
        start = (round(bridge.start.x - left), round(bridge.start.y - top))
        stop = (round(bridge.stop.x - left), round(bridge.stop.y - top))
        cv2.line(outline, start, stop, 1, thickness)
    return outline
