"""Glass parts from a seed: picture, pixel truth and list of scratches.

The way of a part: a clean surface is planned, then what lies on it, then its scratches, then the
camera; each from its own stream of random numbers, so that a part and its scratch-free twin
(`defective=False`, same seed) differ only by the scratches. Only then is it painted, whole or
through a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.synthesis.canvas import Canvas, Points
from model.synthesis.contaminants import Contaminant, plan_contaminants
from model.synthesis.fields import Window
from model.synthesis.optics import Optics, photograph, plan_optics
from model.synthesis.part import Label, Look, Scratch, SyntheticPart
from model.synthesis.phone import plan_phone
from model.synthesis.scratches import ScratchPlan, paint_scratch, plan_scratches
from model.synthesis.surfaces import Surface, plan_backlight, plan_brushed, plan_clear

LOOK_SHARES = {Look.PHONE: 0.5, Look.CLEAR: 0.24, Look.BACKLIGHT: 0.18, Look.BRUSHED: 0.08}
"""How often each look is drawn where none is asked for."""

DEFECTIVE_SHARE = 0.5
FULL_FRAME = (1080, 1920)
"""Height and width of the frame that training crops are windows of."""
SMALLEST_FRAME_PX = 96

_SURFACES: dict[Look, Callable[[np.random.Generator, tuple[int, int]], Surface]] = {
    Look.PHONE: plan_phone,
    Look.CLEAR: plan_clear,
    Look.BACKLIGHT: plan_backlight,
    Look.BRUSHED: plan_brushed,
}


@dataclass(frozen=True, slots=True, eq=False)
class PartPlan:
    """A part before it is painted."""

    seed: int
    look: Look
    surface: Surface
    contaminants: tuple[Contaminant, ...]
    scratches: tuple[ScratchPlan, ...]
    optics: Optics


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, number])


def plan_part(
    seed: int, frame: tuple[int, int] = FULL_FRAME, defective: bool | None = None, look: Look | None = None
) -> PartPlan:
    """Decide everything about a part without painting it.

    Parameters
    ----------
    seed : int
        Not negative.
    frame : (height, width)
        Size of the whole picture, px.
    defective : bool, optional
        Whether it bears scratches; drawn with `DEFECTIVE_SHARE` if None.
    look : Look, optional
        Drawn with `LOOK_SHARES` if None.
    """
    first = _stream(seed, 0)
    drawn = Look(int(first.choice([int(key) for key in LOOK_SHARES], p=list(LOOK_SHARES.values()))))
    by_chance = bool(first.random() < DEFECTIVE_SHARE)
    chosen = drawn if look is None else look
    surface = _SURFACES[chosen](_stream(seed, 1), frame)
    contaminants = plan_contaminants(_stream(seed, 2), surface.area)
    bad = by_chance if defective is None else defective
    scratches = plan_scratches(_stream(seed, 3), surface.area) if bad else ()
    return PartPlan(seed, chosen, surface, contaminants, scratches, plan_optics(_stream(seed, 4)))


def paint_part(plan: PartPlan, window: Window) -> SyntheticPart:
    """Paint a planned part as seen through `window` (x, y, w, h; frame px)."""
    canvas = Canvas(window)
    plan.surface.paint(canvas, _stream(plan.seed, 5))
    fine = _stream(plan.seed, 6)
    for contaminant in plan.contaminants:
        contaminant.paint(canvas, fine)
    rough = _stream(plan.seed, 7)
    found: list[Scratch] = []
    for scratch in plan.scratches:
        truth = paint_scratch(canvas, scratch, rough, _visible_from(plan.optics))
        if truth is not None:
            found.append(truth)
    pixels = photograph(canvas.pixels, plan.optics, _stream(plan.seed, 8))
    pixels.setflags(write=False)
    canvas.labels.setflags(write=False)
    return SyntheticPart(pixels, canvas.labels, tuple(found), plan.seed, plan.look, not plan.scratches)


def _visible_from(optics: Optics) -> float:
    """Return the painted grey levels that stand out from the camera's noise."""
    return 4.0 + 2.0 * optics.read_noise / optics.gain


def render_part(
    seed: int, size: tuple[int, int] = FULL_FRAME, defective: bool | None = None, look: Look | None = None
) -> SyntheticPart:
    """Return the part of a seed: same arguments, same bytes."""
    _check_size(size)
    # A picture too small to hold a part shows the middle of a larger one.
    frame = (max(size[0], SMALLEST_FRAME_PX), max(size[1], SMALLEST_FRAME_PX))
    window = ((frame[1] - size[1]) // 2, (frame[0] - size[0]) // 2, size[1], size[0])
    return paint_part(plan_part(seed, frame, defective, look), window)


def generate_part(
    rng: np.random.Generator,
    size: tuple[int, int] = FULL_FRAME,
    defective: bool | None = None,
    look: Look | None = None,
) -> SyntheticPart:
    """Draw a seed from `rng` and make its part.

    Parameters
    ----------
    rng : Generator
        Advanced by one draw.
    size : (height, width) px
    defective : bool, optional
        With (True), without (False) scratches, or by chance.
    look : Look, optional
        By chance if None.

    Raises
    ------
    ValueError
        If `size` is not positive.
    """
    return render_part(draw_seed(rng), size, defective, look)


def draw_seed(rng: np.random.Generator) -> int:
    """Return a seed for `render_part`."""
    return int(rng.integers(0, 2**62))


def generate_crop(rng: np.random.Generator, side_px: int, frame: tuple[int, int] = FULL_FRAME) -> SyntheticPart:
    """Make a square look at a part of full size, aimed at what is worth learning.

    Costs about what its own area costs. Half of the crops of a defective part look at a scratch;
    the others at an edge, a hole, or anywhere.
    """
    _check_size((side_px, side_px))
    return aimed_crop(rng, plan_part(draw_seed(rng), frame), side_px, frame)


def aimed_crop(
    rng: np.random.Generator, plan: PartPlan, side_px: int, frame: tuple[int, int] = FULL_FRAME
) -> SyntheticPart:
    """Make one more square look at a planned part, see `generate_crop`."""
    centre = _aim(rng, plan, frame) + rng.uniform(-0.45, 0.45, 2) * side_px
    low = np.clip(np.rint(centre - side_px / 2.0), 0, np.maximum(0, np.array(frame[::-1]) - side_px))
    return paint_part(plan, (int(low[0]), int(low[1]), side_px, side_px))


def _aim(rng: np.random.Generator, plan: PartPlan, frame: tuple[int, int]) -> NDArray[np.float64]:
    """Return what a crop looks at: a scratch, something easily taken for one, or anything."""
    choice = rng.random()
    if plan.scratches and choice < 0.6:
        return _one_of(rng, plan.scratches[int(rng.integers(0, len(plan.scratches)))].body.points)
    drops = [thing.place for thing in plan.contaminants if thing.label is Label.OIL]
    if drops and rng.random() < 0.45:
        return _one_of(rng, np.asarray(drops, np.float32))
    if len(plan.surface.landmarks) and rng.random() < 0.7:
        return _one_of(rng, plan.surface.landmarks)
    return np.asarray(rng.random(2) * frame[::-1], np.float64)


def _one_of(rng: np.random.Generator, places: Points) -> NDArray[np.float64]:
    return np.asarray(places[int(rng.integers(0, len(places)))], np.float64)


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < 1:
        raise ValueError(f"a part of {size[0]} x {size[1]} px cannot be drawn: both must be at least 1.")
