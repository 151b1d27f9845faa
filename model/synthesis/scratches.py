"""Scratches of many shapes, widths and contrasts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.canvas import Canvas, Points
from model.synthesis.fields import FloatImage, Window, smooth_noise, wobble
from model.synthesis.part import Label, Scratch
from model.synthesis.strokes import POINT_STEP_PX, Stroke, cover, normals, offset_line, taper, trace

WEAKEST_CONTRAST = 11.0
STRONGEST_CONTRAST = 200.0
HAIRLINE_SHARE = 0.25
MOST_DARK = 0.6
"""On the brightest surfaces this share of the scratches shades the light, the rest scatters it."""


@dataclass(frozen=True, slots=True, eq=False)
class ScratchPlan:
    """A scratch before it is painted: where it runs and how it breaks the light.

    Attributes
    ----------
    body : Stroke
        The whole width of the scratch.
    strands : tuple of Stroke
        The furrows that the light shows, each within or beside the body.
    signs : tuple of float
        Per strand: 1 scatters light (bright), -1 shades (dark), or parts of it.
    contrast : float
        Wanted difference from the surface, grey levels, positive.
    dark : float
        A number 0..1; the scratch is dark where the surface's brightness makes that this likely.
    grain : float
        Roughness of the furrow, 0 smooth .. 1 broken up.
    """

    body: Stroke
    strands: tuple[Stroke, ...]
    signs: tuple[float, ...]
    contrast: float
    dark: float
    grain: float


def plan_scratches(rng: np.random.Generator, area: Window) -> tuple[ScratchPlan, ...]:
    """Draw one to about six scratches that begin inside `area` (x, y, w, h; frame px)."""
    count = 1 + min(int(rng.geometric(0.55)) - 1, 5)
    if rng.random() < 0.12:
        return _plan_cluster(rng, area)
    return tuple(_plan_one(rng, _path(rng, area)) for _ in range(count))


def _plan_cluster(rng: np.random.Generator, area: Window) -> tuple[ScratchPlan, ...]:
    """Scratches of one event: nearly parallel, close together."""
    first = _path(rng, area)
    spread = float(rng.uniform(8.0, 60.0))
    plans = []
    for _ in range(int(rng.integers(2, 6))):
        moved = offset_line(first, float(rng.normal(0.0, spread)))
        keep = max(3, int(len(moved) * rng.uniform(0.3, 1.0)))
        begin = int(rng.integers(0, len(moved) - keep + 1))
        plans.append(_plan_one(rng, moved[begin : begin + keep]))
    return tuple(plans)


def _path(rng: np.random.Generator, area: Window) -> Points:
    x, y, width, height = area
    start = (x + rng.uniform(0.02, 0.98) * width, y + rng.uniform(0.02, 0.98) * height)
    length = float(np.exp(rng.uniform(np.log(28.0), np.log(700.0))))
    shape = rng.random()
    bend = 0.0 if shape < 0.3 else float(rng.normal(0.0, 0.6)) if shape < 0.85 else float(rng.normal(0.0, 1.6))
    waviness = float(rng.choice([0.02, 0.06, 0.2], p=[0.5, 0.35, 0.15]))
    kinks = int(rng.integers(1, 4)) if rng.random() < 0.12 else 0
    heading = float(rng.uniform(0.0, 2.0 * np.pi))
    # Towards the middle, so that most of a long scratch lies on the part.
    centre = (x + width / 2.0, y + height / 2.0)
    if length > 150.0 and rng.random() < 0.7:
        heading = float(np.arctan2(centre[1] - start[1], centre[0] - start[0]) + rng.normal(0.0, 0.7))
    return trace(rng, start, length, heading, bend, waviness, kinks)


def _plan_one(rng: np.random.Generator, path: Points) -> ScratchPlan:
    count = len(path)
    width = float(np.clip(np.exp(rng.normal(np.log(3.2), 0.6)), 0.8, 12.0))
    if rng.random() < HAIRLINE_SHARE:
        width = float(rng.uniform(0.8, 1.8))
    length = count * POINT_STEP_PX
    width = min(width, length / 8.0)
    ends = taper(count, float(rng.uniform(0.02, 0.5)), float(rng.uniform(0.02, 0.5)))
    vary = np.clip(1.0 + 0.3 * wobble(rng, count, count // 8), 0.45, 1.8)
    widths = np.asarray(np.maximum(width * vary * (0.35 + 0.65 * ends), 0.7), np.float32)
    strength = np.clip(0.85 + 0.2 * wobble(rng, count, count // 5), 0.3, 1.0) * (0.25 + 0.75 * ends)
    if rng.random() < 0.2:
        strength = strength * np.clip(0.7 + 1.2 * wobble(rng, count, count // 6), 0.0, 1.0)
    body = Stroke(path, widths, np.asarray(strength, np.float32))
    strands, signs = _strands(rng, body)
    span = (np.log(WEAKEST_CONTRAST), np.log(STRONGEST_CONTRAST))
    contrast = float(np.exp(rng.uniform(*span)))
    return ScratchPlan(body, strands, signs, contrast, float(rng.random()), float(rng.choice([0.05, 0.3, 0.7])))


def _strands(rng: np.random.Generator, body: Stroke) -> tuple[tuple[Stroke, ...], tuple[float, ...]]:
    """How the furrow takes the light: whole, as two edges, or as a bundle of finer furrows."""
    width = float(body.widths.mean())
    kind = rng.random()
    if kind < 0.12:
        return _relief(body)
    if width < 2.5 or kind < 0.45:
        return (body,), (1.0,)
    if kind < 0.65:
        left, right = body.sides()
        edge = np.asarray(np.maximum(body.widths * 0.3, 0.9), np.float32)
        strokes = (Stroke(left, edge, body.strengths), Stroke(right, edge, body.strengths))
        floor = Stroke(body.points, body.widths, np.asarray(body.strengths * 0.3, np.float32))
        return (*strokes, floor), (1.0, float(rng.choice([1.0, -0.7, 0.5])), 1.0)
    furrows = tuple(_furrow(rng, body) for _ in range(int(rng.integers(2, 6))))
    core = Stroke(body.points, np.asarray(body.widths * 0.5, np.float32), body.strengths)
    return (core, *furrows), (0.8,) + (0.7,) * len(furrows)


def _relief(body: Stroke) -> tuple[tuple[Stroke, ...], tuple[float, ...]]:
    """One side lit, the other in shade, as under light from the side."""
    left, right = body.sides()
    half = np.asarray(np.maximum(body.widths * 0.6, 0.9), np.float32)
    return (Stroke(left, half, body.strengths), Stroke(right, half, body.strengths)), (1.0, -0.8)


def _furrow(rng: np.random.Generator, body: Stroke) -> Stroke:
    count = len(body.points)
    keep = max(3, int(count * rng.uniform(0.2, 1.0)))
    begin = int(rng.integers(0, count - keep + 1))
    part = slice(begin, begin + keep)
    away = body.widths[part] * np.float32(rng.normal(0.0, 0.4)) * (0.4 + np.linspace(0.0, 1.0, keep))
    widths = np.maximum(body.widths[part] * np.float32(rng.uniform(0.15, 0.4)), 0.8)
    strengths = body.strengths[part] * taper(keep, 0.3, 0.3)
    points = np.asarray(body.points[part] + normals(body.points[part]) * away[:, None], np.float32)
    return Stroke(points, np.asarray(widths, np.float32), np.asarray(strengths, np.float32))


def paint_scratch(canvas: Canvas, plan: ScratchPlan, rng: np.random.Generator, visible_from: float) -> Scratch | None:
    """Paint a scratch and mark its pixels.

    Parameters
    ----------
    visible_from : float
        Grey levels above the surface from which a pixel is said to show the scratch.

    Returns
    -------
    Its truth, or None where the window does not show it.
    """
    covered = cover(canvas, plan.body)
    if covered is None:
        return None
    box, coverage = covered
    signed = _signed_contrast(plan, canvas.brightness_at(plan.body.points))
    tint = 1.0 + rng.normal(0.0, 0.04, 3)
    for strand, sign in zip(plan.strands, plan.signs, strict=True):
        shown = cover(canvas, strand)
        if shown is not None:
            rough = shown[1] * _grain(rng, shown[1].shape, plan.grain)
            amount = canvas.on_glass(shown[0], np.asarray(rough, np.float32))
            level = signed * sign
            canvas.add(shown[0], amount, (level * tint[0], level * tint[1], level * tint[2]))
    # Closed, because short gaps count as part of a scratch; bare light, because noise hides the thin ends.
    closed = cv2.morphologyEx(canvas.on_glass(box, coverage), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    visible = np.asarray(closed >= max(visible_from / abs(signed), 0.12))
    if not visible.any():
        return None
    canvas.mark(box, visible.astype(np.float32), Label.SCRATCH)
    return _truth(canvas, plan, box, visible, signed)


def _grain(rng: np.random.Generator, shape: tuple[int, ...], grain: float) -> FloatImage:
    size = (shape[0], shape[1])
    noise = smooth_noise(rng, size, (max(2, size[0] // 2), max(2, size[1] // 2)))
    return np.asarray(np.clip(1.0 + grain * noise, 0.15, 1.6), np.float32)


def _signed_contrast(plan: ScratchPlan, surface: float) -> float:
    """Bright on dark surfaces, dark on bright ones, either in between; within the room that is left."""
    chance_dark = float(np.clip((surface - 55.0) / 170.0, 0.0, MOST_DARK))
    dark = plan.dark < chance_dark
    room = surface if dark else 255.0 - surface
    # A scratch must be visible to count; bright surfaces carry more noise.
    contrast = min(max(plan.contrast, WEAKEST_CONTRAST + 0.04 * surface), max(room, WEAKEST_CONTRAST))
    return -contrast if dark else contrast


def _truth(canvas: Canvas, plan: ScratchPlan, box: Window, visible: NDArray[np.bool_], signed: float) -> Scratch:
    x, y, width, height = canvas.window
    points = plan.body.points - np.array([x, y], np.float32)
    inside = ((points >= 0) & (points < (width, height))).all(axis=1)
    rows, columns = np.nonzero(visible)
    left, top = int(columns.min()) + box[0], int(rows.min()) + box[1]
    span = (int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    outline = plan.body.outline() - np.array([x, y], np.float32)
    polygon = tuple((round(float(px), 1), round(float(py), 1)) for px, py in outline)
    # At a corner of the window a scratch may show without any of its points.
    length = max(plan.body.length_px * float(inside.mean()), 1.0)
    mean_width = float(plan.body.widths[inside].mean() if inside.any() else plan.body.widths.mean())
    return Scratch(polygon, (left, top, *span), length, mean_width, signed)
