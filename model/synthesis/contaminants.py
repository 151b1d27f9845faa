"""What lies on good glass: dust, fibres, stains, smears, oil. None of it is a defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from model.synthesis.canvas import Canvas, Points
from model.synthesis.fields import Window, smooth_noise, wobble
from model.synthesis.part import Label
from model.synthesis.strokes import Stroke, offset_line, paint, taper, trace

Painter: TypeAlias = Callable[[Canvas, np.random.Generator], None]
"""Paints one planned thing; called once per window with a generator for its fine grain."""


@dataclass(frozen=True, slots=True, eq=False)
class Contaminant:
    """A planned thing on the glass: what it is, how to paint it, a place (x, y; frame px) that shows it."""

    label: Label
    paint: Painter
    place: tuple[float, float]


def point_in(rng: np.random.Generator, area: Window) -> tuple[float, float]:
    """Return a random point of `area` (x, y, w, h)."""
    return (area[0] + float(rng.random()) * area[2], area[1] + float(rng.random()) * area[3])


def blob_outline(
    rng: np.random.Generator, centre: tuple[float, float], radius_px: float, rough: float, stretch: float = 1.0
) -> Points:
    """Return a closed irregular outline, `(N, 2)`: a circle whose radius wanders by the share `rough`."""
    count = int(np.clip(radius_px * 1.6, 10, 220))
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    radius = np.ones(count)
    for order in range(1, 7):
        radius += rough * rng.normal(0.0, 0.6 / order) * np.cos(order * angles + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.25, 2.2) * radius_px
    turn = rng.uniform(0.0, np.pi)
    along, across = radius * np.cos(angles) * stretch, radius * np.sin(angles) / stretch
    x = along * np.cos(turn) - across * np.sin(turn)
    y = along * np.sin(turn) + across * np.cos(turn)
    return np.asarray(np.stack([x, y], axis=1) + centre, np.float32)


def contrast_for(canvas: Canvas, points: Points, wanted: float, choice: float) -> float:
    """`wanted` grey levels with a sign that the surface leaves room for; `choice` 0..1 breaks the tie."""
    surface = canvas.brightness_at(points)
    dark = choice < float(np.clip((surface - 50.0) / 150.0, 0.0, 0.85))
    return -min(wanted, surface) if dark else min(wanted, 255.0 - surface)


def plan_specks(rng: np.random.Generator, area: Window) -> Contaminant:
    """Plan a sprinkling of dust specks, even or gathered round a spot."""
    count = int(rng.choice([8, 30, 90, 260], p=[0.35, 0.35, 0.2, 0.1]))
    if rng.random() < 0.4:
        middle, spread = point_in(rng, area), rng.uniform(30.0, 260.0)
        places = rng.normal(0.0, spread, (count, 2)) + middle
    else:
        places = rng.random((count, 2)) * (area[2], area[3]) + (area[0], area[1])
    sizes = np.clip(np.exp(rng.normal(0.35, 0.5, count)), 0.8, 6.0)
    sharp = rng.uniform(10.0, 160.0)
    levels = np.clip(sharp * np.exp(rng.normal(0.0, 0.6, count)), 4.0, 230.0)
    choice, ways = float(rng.random()), rng.uniform(0.0, 1.25, count) * sizes
    turns = rng.uniform(0.0, np.pi, count)

    def paint_all(canvas: Canvas, _rng: np.random.Generator) -> None:
        for number in np.flatnonzero(canvas.shows(places, 12.0)):
            way = np.array([np.cos(turns[number]), np.sin(turns[number])]) * ways[number]
            points = np.asarray([places[number] - way, places[number], places[number] + way], np.float32)
            speck = Stroke(points, np.full(3, sizes[number], np.float32), np.array([0.7, 1.0, 0.7], np.float32))
            amount = contrast_for(canvas, points, float(levels[number]), choice)
            _paint_marked(canvas, speck, amount, Label.DUST)

    return Contaminant(Label.DUST, paint_all, (float(places[0, 0]), float(places[0, 1])))


def plan_fibre(rng: np.random.Generator, area: Window) -> Contaminant:
    """Plan a textile fibre or hair: thin, even, curling."""
    length = float(np.exp(rng.uniform(np.log(14.0), np.log(220.0))))
    curl = float(rng.normal(0.0, 2.2))
    start, heading = point_in(rng, area), float(rng.uniform(0.0, 2.0 * np.pi))
    path = trace(rng, start, length, heading, curl, float(rng.uniform(0.5, 1.6)), int(rng.integers(0, 2)))
    count = len(path)
    width = float(rng.uniform(0.8, 3.2))
    widths = np.asarray(np.clip(width * (1.0 + 0.12 * wobble(rng, count, 4)), 0.7, 4.0), np.float32)
    strengths = np.asarray(np.clip(0.9 + 0.1 * wobble(rng, count, 5), 0.5, 1.0), np.float32)
    stroke = Stroke(path, widths, strengths)
    wanted, choice = float(np.exp(rng.uniform(np.log(12.0), np.log(150.0)))), float(rng.random())

    def paint_one(canvas: Canvas, _rng: np.random.Generator) -> None:
        if canvas.clip(path, 4.0) is not None:
            _paint_marked(canvas, stroke, contrast_for(canvas, path, wanted, choice), Label.DUST)

    return Contaminant(Label.DUST, paint_one, start)


def _paint_marked(canvas: Canvas, stroke: Stroke, amount: float, label: Label) -> None:
    covered = paint(canvas, stroke, (amount, amount, amount))
    if covered is not None and abs(amount) >= 10.0:
        canvas.mark(covered[0], covered[1], label)


def plan_stain(rng: np.random.Generator, area: Window) -> Contaminant:
    """Plan a dried drop or bit of dirt: a small strong blot, or a larger faint one with a darker rim."""
    small = rng.random() < 0.55
    radius = float(np.exp(rng.uniform(np.log(3.0), np.log(14.0)) if small else rng.uniform(2.6, 5.0)))
    place = point_in(rng, area)
    outline = blob_outline(rng, place, radius, float(rng.uniform(0.15, 0.8)), rng.uniform(1.0, 1.5))
    wanted = float(rng.uniform(40.0, 250.0) if small else rng.uniform(6.0, 40.0))
    choice, ragged = float(rng.random()), float(rng.uniform(0.0, 1.2))
    rim = float(rng.uniform(0.0, 1.0))

    def paint_one(canvas: Canvas, fine: np.random.Generator) -> None:
        filled = canvas.area_mask(outline, 4.0)
        if filled is None:
            return
        box, mask = filled
        shape = (box[3], box[2])
        noise = smooth_noise(fine, shape, (shape[0] // 3, shape[1] // 3))
        body = mask.astype(np.float32) / 255.0
        if not small:
            soft = cv2.GaussianBlur(body, (0, 0), max(1.0, radius / 8.0))
            body = np.asarray(soft * (1.0 - rim * soft * 0.8), np.float32)
        body *= np.clip(1.0 + ragged * noise, 0.0, 1.4)
        amount = contrast_for(canvas, outline, wanted, choice)
        canvas.add(box, body, (amount, amount * 0.97, amount * 0.95))
        if wanted >= 10.0:
            canvas.mark(box, mask.astype(np.float32) / 255.0, Label.STAIN)

    return Contaminant(Label.STAIN, paint_one, place)


def plan_smear(rng: np.random.Generator, area: Window) -> Contaminant:
    """Plan a fingerprint or a wiped streak: fine parallel ridges in a soft patch, faint."""
    centre = point_in(rng, area)
    size = (float(rng.uniform(30.0, 70.0)), float(rng.uniform(40.0, 160.0)))
    turn, period = float(rng.uniform(0.0, np.pi)), float(rng.uniform(5.0, 11.0))
    whorl, wanted = float(rng.uniform(0.0, 0.012)), float(rng.uniform(3.0, 16.0))
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * max(size) * 2.2 + centre
    points = np.asarray(corners, np.float32)

    def paint_one(canvas: Canvas, fine: np.random.Generator) -> None:
        box = canvas.clip(points, 0.0)
        if box is None:
            return
        rows, columns = np.mgrid[0 : box[3], 0 : box[2]].astype(np.float32)
        x = columns + (box[0] + canvas.window[0] - centre[0])
        y = rows + (box[1] + canvas.window[1] - centre[1])
        across = x * np.cos(turn) + y * np.sin(turn)
        along = y * np.cos(turn) - x * np.sin(turn)
        patch = np.exp(-((across / size[0]) ** 2) - (along / size[1]) ** 2)
        warp = 2.0 * smooth_noise(fine, (box[3], box[2]), (box[3] // 24, box[2] // 24))
        ridges = 0.5 + 0.5 * np.sin((across + whorl * along * along + warp) * (2.0 * np.pi / period))
        amount = contrast_for(canvas, points, wanted, 0.5)
        canvas.add(box, np.asarray(patch * ridges, np.float32), (amount, amount, amount))
        if wanted >= 7.0:
            canvas.mark(box, np.asarray(patch * 0.6, np.float32), Label.STAIN)

    return Contaminant(Label.STAIN, paint_one, centre)


def plan_oil(rng: np.random.Generator, area: Window) -> Contaminant:
    """Plan a drop of oil or water: a smooth outline whose rim mirrors the lamps as bright arcs."""
    radius = float(np.exp(rng.uniform(np.log(14.0), np.log(150.0))))
    outline = _bent(rng, blob_outline(rng, point_in(rng, area), radius, rng.uniform(0.05, 0.45), rng.uniform(1, 2)))
    lamps = rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(1, 4)))
    glints = _glints(rng, outline, lamps, radius)
    rims = tuple(
        _rim(rng, outline, inset * radius) for inset in (0.0, *rng.uniform(0.02, 0.25, int(rng.integers(0, 3))))
    )
    inside, rim = float(rng.normal(0.0, 5.0)), float(np.exp(rng.uniform(np.log(4.0), np.log(90.0))))
    blue = float(rng.uniform(0.95, 1.25))

    def paint_one(canvas: Canvas, _rng: np.random.Generator) -> None:
        filled = canvas.area_mask(outline, 6.0)
        if filled is None:
            return
        box, mask = filled
        body = mask.astype(np.float32) / 255.0
        canvas.add(box, body, (inside, inside, inside))
        canvas.mark(box, body, Label.OIL)
        for line in rims:
            paint(canvas, line, (rim, rim, rim))
        for stroke, level in glints:
            covered = paint(canvas, stroke, (level * blue, level, level))
            if covered is not None and level >= 15.0:
                canvas.mark(covered[0], covered[1], Label.OIL)

    return Contaminant(Label.OIL, paint_one, (float(outline[0, 0]), float(outline[0, 1])))


def _bent(rng: np.random.Generator, outline: Points) -> Points:
    """Return the outline bent like a bean about its middle."""
    middle = outline.mean(axis=0)
    moved = outline - middle
    size = float(np.abs(moved).max())
    moved[:, 1] += np.float32(rng.normal(0.0, 0.45)) * (moved[:, 0] ** 2 / size - size * 0.3)
    return np.asarray(moved + middle, np.float32)


def _rim(rng: np.random.Generator, outline: Points, inset_px: float) -> Stroke:
    """Return a line that runs with the outline, uneven in strength; further inside it is a mirrored edge."""
    closed = np.concatenate([outline, outline[:2]])
    count = len(closed)
    side = 1.0 if rng.random() < 0.8 else -1.0
    path = offset_line(closed, side * inset_px)
    uneven = np.clip(0.5 + float(rng.uniform(0.0, 0.8)) * wobble(rng, count, int(rng.integers(3, 14))), 0.0, 1.0)
    widths = np.full(count, rng.uniform(0.8, 3.0), np.float32)
    return Stroke(path, widths, np.asarray(uneven, np.float32))


def _glints(
    rng: np.random.Generator, outline: Points, lamps: np.ndarray, radius_px: float
) -> tuple[tuple[Stroke, float], ...]:
    """Bright arcs along the rim where it faces a lamp, some doubled further inside."""
    count = len(outline)
    found: list[tuple[Stroke, float]] = []
    for lamp in lamps:
        for _ in range(int(rng.integers(1, 6))):
            reach = max(4, int(count * rng.uniform(0.04, 0.4)))
            angle = np.arctan2(*(outline - outline.mean(axis=0)).T[::-1])
            at = int(np.argmin(np.abs(np.angle(np.exp(1j * (angle - lamp - rng.normal(0.0, 0.35)))))))
            index = (np.arange(reach) + at - reach // 2) % count
            inset = -float(rng.uniform(0.0, 1.0)) * min(radius_px * 0.15, 9.0)
            line = offset_line(outline[index], inset if rng.random() < 0.5 else -inset)
            shape = taper(reach, rng.uniform(0.05, 0.5), rng.uniform(0.05, 0.5))
            soft = rng.random() < 0.4
            width = float(rng.uniform(1.0, 2.0 + min(7.0, radius_px / 10.0))) * (2.5 if soft else 1.0)
            widths = np.asarray(np.maximum(width * shape, 0.7), np.float32)
            level = float(np.exp(rng.uniform(np.log(8.0), np.log(70.0 if soft else 330.0))))
            found.append(
                (Stroke(np.asarray(line, np.float32), widths, np.asarray(0.3 + 0.7 * shape, np.float32)), level)
            )
    return tuple(found)


def plan_contaminants(rng: np.random.Generator, area: Window) -> tuple[Contaminant, ...]:
    """Everything that lies on one part; often little, sometimes much."""
    plans: list[Contaminant] = []
    kinds: tuple[tuple[Callable[[np.random.Generator, Window], Contaminant], float, int], ...] = (
        (plan_smear, 0.25, 3),
        (plan_specks, 0.65, 3),
        (plan_stain, 0.45, 6),
        (plan_fibre, 0.45, 8),
        (plan_oil, 0.5, 3),
    )
    for plan, share, most in kinds:
        if rng.random() < share:
            plans.extend(plan(rng, area) for _ in range(int(rng.integers(1, most + 1))))
    return tuple(plans)
