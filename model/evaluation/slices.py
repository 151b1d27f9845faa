"""Where the misses and false regions are: by size, contrast, position, class and group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from inspector_app.domain.prediction import Box
from model.evaluation.measures import wilson
from model.evaluation.values import FalseRegion, PictureResult, PlaceResult, Share

PARTS = 4
"""Numbers are sliced into this many ranges of about equal count."""

_POSITIONS = tuple(f"{row} {column}" for row in ("top", "middle", "bottom") for column in ("left", "centre", "right"))
"""Ninths of a picture, row by row."""


class By(StrEnum):
    """Along which line places or false regions are sliced."""

    CLASS = "class"
    LENGTH = "length"
    WIDTH = "width"
    CONTRAST = "contrast"
    POSITION = "position"
    GROUP = "group"
    LIES_ON = "lies_on"


@dataclass(frozen=True, slots=True)
class PlaceSlice:
    """Annotated reasons to reject of one kind.

    Attributes
    ----------
    by : By
        Along which line.
    name : str
        Of the slice, for example ``"12 to 30 px"``.
    found : Share
        Hit at the compared score (one false region per picture).
    shown : Share
        Hit at the model's own threshold.
    """

    by: By
    name: str
    found: Share
    shown: Share


@dataclass(frozen=True, slots=True)
class FalseSlice:
    """False regions of one kind at the compared score; ``share`` is their share of all false regions."""

    by: By
    name: str
    count: int
    share: float


def place_slices(pictures: Sequence[PictureResult], above: float) -> tuple[PlaceSlice, ...]:
    """Slice the annotated reasons to reject.

    Parameters
    ----------
    pictures : sequence of PictureResult
        Usable ones.
    above : float
        A place is found if a candidate with a score above this hits it.
    """
    places = [(picture, place) for picture in pictures for place in picture.places]
    names: dict[By, list[str]] = {
        By.CLASS: [place.class_name for _, place in places],
        By.LENGTH: _ranges([place.length_px for _, place in places], "px"),
        By.WIDTH: _ranges([place.width_px for _, place in places], "px"),
        By.CONTRAST: _ranges([place.contrast for _, place in places], "grey levels"),
        By.POSITION: [_position(place.box, picture) for picture, place in places],
        By.GROUP: [picture.group for picture, _ in places],
    }
    return tuple(
        _place_slice(by, name, [places[i][1] for i in rows], above)
        for by, labels in names.items()
        for name, rows in _collected(labels).items()
    )


def false_slices(pictures: Sequence[PictureResult], above: float) -> tuple[FalseSlice, ...]:
    """Slice the false candidates with a score above ``above``."""
    false = [(p, region) for p in pictures for region in p.false_candidates if region.score > above]
    names: dict[By, list[str]] = {
        By.LIES_ON: [region.on_class or "nothing annotated" for _, region in false],
        By.LENGTH: _ranges([region.length_px for _, region in false], "px"),
        By.WIDTH: _ranges([region.width_px for _, region in false], "px"),
        By.POSITION: [_position(region.box, picture) for picture, region in false],
        By.GROUP: [picture.group for picture, _ in false],
    }
    return tuple(
        FalseSlice(by, name, len(rows), len(rows) / len(false))
        for by, labels in names.items()
        for name, rows in _collected(labels).items()
    )


def worst_misses(pictures: Sequence[PictureResult], above: float) -> list[tuple[PictureResult, PlaceResult]]:
    """Return the places not found, plainest first: those of greatest contrast and length."""
    missed = [
        (picture, place)
        for picture in pictures
        for place in picture.places
        if place.candidate_score is None or place.candidate_score <= above
    ]
    return sorted(missed, key=lambda pair: -pair[1].contrast * pair[1].length_px)


def worst_false(pictures: Sequence[PictureResult], above: float) -> list[tuple[PictureResult, FalseRegion]]:
    """Return the false candidates, highest score first."""
    false = [(picture, region) for picture in pictures for region in picture.false_candidates if region.score > above]
    return sorted(false, key=lambda pair: -pair[1].score)


def _place_slice(by: By, name: str, places: Sequence[PlaceResult], above: float) -> PlaceSlice:
    found = sum(place.candidate_score is not None and place.candidate_score > above for place in places)
    shown = sum(place.hit_score is not None for place in places)
    return PlaceSlice(by, name, wilson(found, len(places)), wilson(shown, len(places)))


def _collected(labels: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows of each label, in natural order: numbers by value, words by alphabet."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        if label:
            rows[label].append(row)
    return {label: rows[label] for label in sorted(rows, key=_natural)}


def _natural(label: str) -> tuple[float, str]:
    if label in _POSITIONS:
        return float(_POSITIONS.index(label)), label
    first = label.split(" ", 1)[0]
    return float(first) if first.isdecimal() and " to " in label else 0.0, label


def _ranges(values: Sequence[float | None], unit: str) -> list[str]:
    """Return the range that each value falls into, "" for ``None``; whole numbers, so that people can read them."""
    known = np.array([value for value in values if value is not None], np.float64)
    if not known.size:
        return [""] * len(values)
    edges = np.unique(np.round(np.quantile(known, np.linspace(0.0, 1.0, PARTS + 1))))
    edges[0], edges[-1] = np.floor(known.min()), np.ceil(known.max())
    edges = np.unique(edges)
    if edges.size == 1:
        edges = np.repeat(edges, 2)
    labels = [f"{low:.0f} to {high:.0f} {unit}" for low, high in pairwise(edges)]
    return ["" if value is None else labels[int(np.searchsorted(edges[1:-1], value, side="right"))] for value in values]


def _position(box: Box, picture: PictureResult) -> str:
    row = min(int(3 * (box.y + box.h / 2) / picture.height), 2)
    column = min(int(3 * (box.x + box.w / 2) / picture.width), 2)
    return _POSITIONS[3 * row + column]
