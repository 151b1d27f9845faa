"""Candidate regions: what a threshold hides.

Those of a first level, whatever their greatest probability; then at each lower level those that touch no candidate
found so far. So a region keeps the extent at which it first stands apart, and lowering the level only adds regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from inspector_app.domain.prediction import Region
from model.manifest import Activation, ModelManifest
from model.patches import region_patch, window
from model.preprocessing import Maps
from model.regions import find_regions

LOWEST_LEVEL = 0.02
"""No candidate is looked for below this probability."""

ENOUGH = 20
"""No lower level is looked at once a picture has so many candidates: no curve here allows that many false ones."""

MOST_CANDIDATES = 100


def candidate_regions(
    maps: Maps,
    manifest: ModelManifest,
    height: int,
    width: int,
    levels: Iterable[float] | None = None,
    enough: int = ENOUGH,
) -> tuple[Region, ...]:
    """Return the reject regions at falling levels, highest score first; see the module.

    Parameters
    ----------
    maps : Maps
        ``(classes, h, w)``, see `model.preprocessing.predict_maps`.
    manifest : ModelManifest
        Its region settings but for the thresholds.
    height, width : int
        Of the picture in px.
    levels : iterable of float or None
        Falling; for maps that are no probabilities. ``None``: the station's lower threshold, then each a quarter of
        the one before, down to `LOWEST_LEVEL`.
    enough : int
        No lower level is looked at once there are so many candidates.
    """
    channels = manifest.channels(reject=True)
    rejecting = replace(
        manifest,
        classes=tuple(manifest.classes[channel] for channel in channels),
        output=replace(manifest.output, activation=Activation.NONE),
    )
    covered = np.zeros((height, width), np.uint8)
    found: list[Region] = []
    for level in _levels(manifest.regions.low_threshold) if levels is None else levels:
        if len(found) >= enough:
            break
        spec = replace(manifest.regions, threshold=level, low_threshold=level, max_regions=1000)
        regions = find_regions(maps[list(channels)], replace(rejecting, regions=spec), height, width)
        marks = [(region, region_patch(region)) for region in regions]
        apart = [(region, mark) for region, mark in marks if not (window(covered, mark) & mark.mask).any()]
        # painted after the whole level, because outlines of one level may lie within each other
        for region, mark in apart:
            window(covered, mark)[...] |= mark.mask
            found.append(region)
    found.sort(key=lambda region: -region.score)
    return tuple(found[:MOST_CANDIDATES])


def _levels(highest: float) -> Iterator[float]:
    level = highest
    while level > LOWEST_LEVEL:
        yield level
        level /= 4.0
    yield min(highest, LOWEST_LEVEL)
