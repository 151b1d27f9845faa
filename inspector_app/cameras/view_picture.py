"""One picture of several views, side by side and unscaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inspector_app.domain.frame import (
    Capture,
    Frame,
    Judgement,
    PictureFlaw,
    Pixels,
    Reference,
    Unfit,
    UnusableFrame,
    frozen_pixels,
)
from inspector_app.domain.views import ViewPlace

GAP_PX = 32
"""Black between two views, so that no mark reaches from one into the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """The picture of a part and what is said about it; ``pixels`` is ``None`` if no view has a picture."""

    pixels: Pixels | None
    places: tuple[ViewPlace, ...]
    unfit: Unfit | None
    note: str | None
    reference: Reference | None


def composed(names: Sequence[str], captures: Mapping[int, Capture]) -> Composed:
    """Put the views of a part together.

    Parameters
    ----------
    names : sequence of str
        Of all views, in order.
    captures : mapping of int to Capture
        What came, by the number of the view.

    Returns
    -------
    Composed
        With every missing or unusable view named in ``unfit``; a view's own flaw counts for the part. All views are
        BGR if one is. The part is known to be bad if one view is, and good if all are.
    """
    frames = {view: capture for view, capture in sorted(captures.items()) if isinstance(capture, Frame)}
    notes = [f"{names[view]}: {frame.note}" for view, frame in frames.items() if frame.note]
    pixels, places = side_by_side([(names[view], frame.pixels) for view, frame in frames.items()])
    return Composed(pixels, places, _unfit(names, captures), "; ".join(notes) or None, _reference(names, frames))


def side_by_side(views: Sequence[tuple[str, Pixels]]) -> tuple[Pixels | None, tuple[ViewPlace, ...]]:
    """Return the views from left to right, their tops aligned, and where each lies."""
    if not views:
        return None, ()
    colour = any(pixels.ndim == 3 for _, pixels in views)
    height = max(pixels.shape[0] for _, pixels in views)
    width = sum(pixels.shape[1] for _, pixels in views) + GAP_PX * (len(views) - 1)
    picture = np.zeros((height, width, 3) if colour else (height, width), np.uint8)
    places, left = [], 0
    for name, pixels in views:
        rows, columns = pixels.shape[:2]
        shown = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if colour and pixels.ndim == 2 else pixels
        picture[:rows, left : left + columns] = shown
        places.append(ViewPlace(name, left, 0, columns, rows))
        left += columns + GAP_PX
    return frozen_pixels(picture), tuple(places)


def _unfit(names: Sequence[str], captures: Mapping[int, Capture]) -> Unfit | None:
    missing = []
    for view, name in enumerate(names):
        capture = captures.get(view)
        if capture is None:
            missing.append(f"The view {name} is missing.")
        elif isinstance(capture, UnusableFrame):
            missing.append(f"The view {name} is missing: {capture.sentence}")
    if missing:
        return Unfit(PictureFlaw.VIEW_MISSING, " ".join(missing))
    for view, capture in sorted(captures.items()):
        if isinstance(capture, Frame) and capture.unfit is not None:
            return Unfit(capture.unfit.flaw, f"View {names[view]}: {capture.unfit.sentence}")
    return None


def _reference(names: Sequence[str], frames: Mapping[int, Frame]) -> Reference | None:
    known = [frame.reference for frame in frames.values() if frame.reference is not None]
    bad = next((reference for reference in known if reference.judgement is Judgement.REJECT), None)
    if bad is not None:
        return bad
    return known[0] if known and len(known) == len(names) else None
