"""Lamps mirrored in rounded rims: bright lines that run with an edge and are no scratches."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from model.synthesis.canvas import Points
from model.synthesis.fields import wobble
from model.synthesis.strokes import Stroke, offset_line, taper

Glint: TypeAlias = tuple[Stroke, tuple[float, float, float]]
"""A stroke and the grey levels (BGR) that it adds."""


def _glint_start(rng: np.random.Generator, outline: Points) -> int:
    """Return where a glint begins: anywhere, or at a corner, where the points lie closest together."""
    if rng.random() < 0.5:
        return int(rng.integers(0, len(outline)))
    steps = np.hypot(*(np.roll(outline, -1, axis=0) - outline).T)
    return int(rng.choice(np.flatnonzero(steps < 16.0))) if (steps < 16.0).any() else 0


def _glint_reach(rng: np.random.Generator, count: int) -> int:
    """Return over how many outline points a glint runs: most are short."""
    return int(np.clip(np.exp(rng.uniform(np.log(4.0), np.log(count / 2.0))), 3, count))


def corner_middles(outline: Points) -> Points:
    """Return two places near the middle of each corner, `(8, 2)`."""
    around = outline - outline.mean(axis=0)
    reach = around / np.abs(around).max(axis=0)
    ways = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.float32)
    middles = outline[np.argmax(reach @ ways.T, axis=0)]
    return np.asarray(np.repeat(middles, 2, axis=0), np.float32)


def _corner_glints(rng: np.random.Generator, outline: Points) -> list[tuple[int, int, float]]:
    """Return start, reach and level of arcs within corners, which catch light when the sides do not."""
    steps = np.hypot(*(np.roll(outline, -1, axis=0) - outline).T)
    starts = np.flatnonzero((steps < 16.0) & (np.roll(steps, 1) >= 16.0))
    found = []
    for start in starts:
        for _ in range(int(rng.integers(0, 4))):
            length = int((np.cumprod(np.roll(steps, -start) < 16.0)).sum()) + 1
            reach = int(np.clip(length * rng.uniform(0.2, 1.3), 3, len(outline)))
            begin = int(start + rng.integers(-2, max(1, length - reach // 2)))
            found.append((begin, reach, float(np.exp(rng.uniform(np.log(15.0), np.log(330.0))))))
    return found


def edge_glints(rng: np.random.Generator, outline: Points) -> tuple[Glint, ...]:
    """Lamps mirrored in the rounded rim: long bright lines that run with the edge."""
    count = len(outline)
    found = []
    whole = (0, count, float(rng.uniform(0.0, 45.0)))
    parts = [
        (_glint_start(rng, outline), _glint_reach(rng, count), float(np.exp(rng.uniform(np.log(8.0), np.log(330.0)))))
        for _ in range(int(rng.integers(3, 16)))
    ]
    for begin, reach, level in (whole, *parts, *_corner_glints(rng, outline)):
        index = (np.arange(reach + 1) + begin) % count
        path = offset_line(outline[index], float(rng.uniform(-14.0, 8.0)))
        shape = taper(len(path), rng.uniform(0.0, 0.4), rng.uniform(0.0, 0.4))
        vary = np.clip(1.0 + 0.3 * wobble(rng, len(path), len(path) // 8), 0.3, 1.6)
        widths = np.asarray(np.maximum(rng.uniform(1.0, 7.0) * vary * (0.3 + 0.7 * shape), 0.7), np.float32)
        strengths = np.asarray(np.clip(shape * vary, 0.0, 1.0), np.float32)
        blue = float(rng.uniform(0.9, 1.3))
        found.append((Stroke(path, widths, strengths), (level * blue, level, level * float(rng.uniform(0.85, 1.05)))))
    return tuple(found)


def hole_glints(rng: np.random.Generator, outline: Points) -> tuple[Glint, ...]:
    """Light the rim of a hole, all round faintly and brighter on parts of it."""
    closed = np.concatenate([outline, outline[:2]])
    count = len(closed)
    whole = np.ones(count, np.float32)
    level = float(rng.uniform(0.0, 70.0))
    found = [(Stroke(closed, whole * np.float32(1.5), whole), (level, level, level))]
    for _ in range(int(rng.integers(0, 4))):
        reach = int(rng.integers(4, max(6, count // 2)))
        index = (np.arange(reach) + int(rng.integers(0, count))) % count
        shape = taper(reach, 0.3, 0.3)
        widths = np.maximum(np.float32(rng.uniform(1.0, 4.0)) * shape, 0.7).astype(np.float32)
        bright = float(rng.uniform(30.0, 220.0))
        found.append((Stroke(outline[index % len(outline)], widths, shape), (bright, bright, bright)))
    return tuple(found)
