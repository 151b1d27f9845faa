"""The worst misses and false alarms as pictures: one tile each, at the camera's resolution where it fits."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Box
from model.evaluation.result import EvaluationResult
from model.evaluation.slices import worst_false, worst_misses
from model.evaluation.values import FalseRegion, PictureResult, PlaceResult

TILE = (240, 180)
"""Width and height in px."""

MOST_TILES = 24
"""Of each kind."""

_PER_ROW = 6
_CAPTION_PX = 48
_TITLE_PX = 40
_GAP_PX = 10
_LARGEST_ZOOM = 3.0

MISS_COLOUR = (255, 190, 60)
FALSE_COLOUR = (40, 120, 255)

Picture = NDArray[np.uint8]
"""``(H, W, 3)`` uint8, BGR."""


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One place or region.

    Attributes
    ----------
    pixels : Picture
        `TILE` large, with corner brackets around the place.
    title : str
        Name of the picture.
    detail : str
        What it is, in a line.
    """

    pixels: Picture
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Worst:
    """The tiles of an evaluation, worst first, and how many there are in all."""

    misses: tuple[Tile, ...]
    all_misses: int
    false: tuple[Tile, ...]
    all_false: int


def worst_tiles(result: EvaluationResult, read: Callable[[Path], Pixels], cancelled: Callable[[], bool]) -> Worst:
    """Cut out the worst misses and false regions at one false region per picture.

    Parameters
    ----------
    result : EvaluationResult
        Of the pictures.
    read : callable
        Reads a picture file; one that it refuses now is left out.
    cancelled : callable
        Asked before each tile; the tiles made so far are returned.
    """
    misses = worst_misses(result.usable, result.compared_score)
    false = worst_false(result.usable, result.compared_score)
    return Worst(
        _tiles([(p, place.box, _about_miss(p, place)) for p, place in misses], MISS_COLOUR, read, cancelled),
        len(misses),
        _tiles([(p, region.box, _about_false(p, region)) for p, region in false], FALSE_COLOUR, read, cancelled),
        len(false),
    )


def sheet(worst: Worst) -> Picture:
    """Return all tiles on one white sheet, misses above false regions."""
    bands = [
        *_section(f"Worst misses, {len(worst.misses)} of {worst.all_misses}", worst.misses),
        *_section(f"Worst false regions, {len(worst.false)} of {worst.all_false}", worst.false),
    ]
    return np.concatenate(bands)


def _tiles(
    entries: Sequence[tuple[PictureResult, Box, str]],
    colour: tuple[int, int, int],
    read: Callable[[Path], Pixels],
    cancelled: Callable[[], bool],
) -> tuple[Tile, ...]:
    made: list[Tile] = []
    for picture, box, detail in entries[:MOST_TILES]:
        if cancelled():
            break
        try:
            pixels = read(Path(picture.path))
        except KnownFault:
            continue
        made.append(Tile(cut_out(pixels, box, colour), picture.name, detail))
    return tuple(made)


def cut_out(pixels: Pixels, box: Box, colour: tuple[int, int, int]) -> Picture:
    """Return the surroundings of a box as a tile; corner brackets stand around it and cover nothing of it."""
    height, width = pixels.shape[:2]
    wide, high = TILE
    zoom = min(wide / (box.w * 1.5 + 24), high / (box.h * 1.5 + 24), _LARGEST_ZOOM)
    zoom = max(zoom, wide / width if width * high > height * wide else high / height)
    span = np.array([wide, high]) / zoom
    centre = np.array([box.x + box.w / 2, box.y + box.h / 2])
    corner = np.clip(centre - span / 2, 0, np.maximum(np.array([width, height]) - span, 0))
    move = np.array([[zoom, 0, -corner[0] * zoom], [0, zoom, -corner[1] * zoom]])
    colours = pixels if pixels.ndim == 3 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    if zoom < 1.0:
        # thin lines vanish when a large picture is sampled coarsely
        colours = np.asarray(cv2.GaussianBlur(colours, (0, 0), 0.4 / zoom), np.uint8)
    how = cv2.INTER_LINEAR if zoom < 1.0 else cv2.INTER_CUBIC
    tile = np.asarray(cv2.warpAffine(colours, move, TILE, flags=how, borderValue=(230, 230, 230)), np.uint8)
    low = (np.array([box.x, box.y]) - corner) * zoom - 5
    top = (np.array([box.x + box.w, box.y + box.h]) - corner) * zoom + 5
    _brackets(tile, np.clip(low, 1, np.array(TILE) - 2), np.clip(top, 1, np.array(TILE) - 2), colour)
    return tile


def _brackets(tile: Picture, low: NDArray[np.float64], high: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
    arm = max(min(*(high - low) / 3, 14.0), 4.0)
    for x, dx in ((low[0], arm), (high[0], -arm)):
        for y, dy in ((low[1], arm), (high[1], -arm)):
            points = np.array([[x + dx, y], [x, y], [x, y + dy]]).round().astype(np.int32)
            cv2.polylines(tile, [points], False, (0, 0, 0), 4)
            cv2.polylines(tile, [points], False, colour, 2)


def _section(title: str, tiles: Sequence[Tile]) -> list[Picture]:
    across = _PER_ROW * (TILE[0] + _GAP_PX) + _GAP_PX
    head = _paper(_TITLE_PX, across)
    _write(head, title, (_GAP_PX, 27), 0.7)
    bands = [head]
    for start in range(0, len(tiles), _PER_ROW):
        band = _paper(TILE[1] + _CAPTION_PX, across)
        for column, tile in enumerate(tiles[start : start + _PER_ROW]):
            left = _GAP_PX + column * (TILE[0] + _GAP_PX)
            band[: TILE[1], left : left + TILE[0]] = tile.pixels
            _write(band, _shortened(tile.title), (left, TILE[1] + 15), 0.4)
            for row, text in enumerate(textwrap.wrap(tile.detail, 40)[:2]):
                _write(band, text, (left, TILE[1] + 29 + 13 * row), 0.36)
        bands.append(band)
    return bands


def _paper(height: int, width: int) -> Picture:
    return np.full((height, width, 3), 255, np.uint8)


def _write(band: Picture, text: str, at: tuple[int, int], size: float) -> None:
    # OpenCV's built-in font knows ASCII only
    plain = text.encode("ascii", "replace").decode()
    cv2.putText(band, plain, at, cv2.FONT_HERSHEY_SIMPLEX, size, (36, 31, 26), 1, cv2.LINE_AA)


def _shortened(name: str) -> str:
    return name if len(name) <= 32 else "..." + name[-29:]


def _about_miss(picture: PictureResult, place: PlaceResult) -> str:
    score = "no candidate" if place.candidate_score is None else f"best candidate {place.candidate_score:.2f}"
    size = f"{place.length_px:.0f} px long" + ("" if place.width_px is None else f", {place.width_px:.1f} wide")
    return f"{place.class_name}, {size}, contrast {place.contrast:.0f}; {score}, P {picture.prediction.probability:.2f}"


def _about_false(picture: PictureResult, region: FalseRegion) -> str:
    lies = "nothing annotated" if region.on_class is None else region.on_class
    size = f"{region.length_px:.0f} px long, {region.width_px:.1f} wide"
    return f"score {region.score:.2f} on {lies}, {size}; P {picture.prediction.probability:.2f}"
