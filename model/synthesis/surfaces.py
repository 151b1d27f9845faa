"""Clean glass that fills the frame: bright, before a lamp panel, or with a directional finish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from model.synthesis.canvas import Canvas, Points
from model.synthesis.fields import (
    FIELD_STEP_PX,
    FloatImage,
    Window,
    add_grey,
    enlarge,
    field_shape,
    gradient,
    smooth_noise,
)
from model.synthesis.strokes import Stroke, paint, trace


class Surface(Protocol):
    """A clean part, planned; it knows where defects may lie and what is worth a closer look."""

    @property
    def area(self) -> Window:
        """Where the glass is, frame px."""
        ...

    @property
    def landmarks(self) -> Points:
        """Places (N, 2) with edges, holes or glints; N may be 0."""
        ...

    def paint(self, canvas: Canvas, rng: np.random.Generator) -> None:
        """Paint the clean part."""
        ...


def colour_field(
    rng: np.random.Generator, frame: tuple[int, int], level: float, uneven: float, tint: float
) -> FloatImage:
    """Return a smooth coloured field over the frame, `(h, w, 3)` float32 grey levels around `level`.

    Parameters
    ----------
    uneven : float
        Share of `level` by which lighting falls off and wanders.
    tint : float
        Deviation of the colour channels, share of `level`.
    """
    shape = field_shape(frame)
    light = 1.0 + uneven * (0.6 * gradient(rng, shape) + 0.35 * smooth_noise(rng, shape, (4, 6)))
    rows = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None, :]
    vignette = 1.0 - 0.5 * uneven * rng.random() * (rows * rows + columns * columns)
    colour = level * (1.0 + rng.normal(0.0, tint, 3))
    field = (light * vignette)[..., None] * colour.astype(np.float32)
    return np.asarray(np.maximum(field, 0.0), np.float32)


def add_reflections(rng: np.random.Generator, field: FloatImage, strength: float) -> None:
    """Add what a glossy surface mirrors, out of focus: stands, cables, lamps, people. In place."""
    rows, columns = field.shape[:2]
    for _ in range(int(rng.integers(0, 6))):
        sheet = np.zeros((rows, columns), np.float32)
        if rng.random() < 0.5:
            start = (int(rng.integers(0, columns)), int(rng.integers(0, rows)))
            stop = (int(rng.integers(0, columns)), int(rng.integers(0, rows)))
            cv2.line(sheet, start, stop, 1.0, int(rng.integers(1, 6)))
        else:
            box = ((float(rng.uniform(0, columns)), float(rng.uniform(0, rows))),)
            size = (float(rng.uniform(2, columns / 3)), float(rng.uniform(2, rows / 2)))
            corners = cv2.boxPoints((box[0], size, float(rng.choice([0.0, 90.0, rng.uniform(0, 90)]))))
            cv2.fillPoly(sheet, [np.rint(corners).astype(np.int32)], 1.0)
        soft = cv2.GaussianBlur(sheet, (0, 0), float(rng.uniform(0.5, 3.0)))
        colour = (1.0 + rng.normal(0.0, 0.25, 3)).astype(np.float32)
        field += (soft * np.float32(rng.normal(0.0, strength)))[..., None] * colour
    np.maximum(field, 0.0, out=field)


def hairlines(rng: np.random.Generator, area: Window, most: int, level: float) -> tuple[tuple[Stroke, float], ...]:
    """Wear too faint to be called a scratch: very fine lines below `level` grey levels."""
    lines = []
    for _ in range(int(rng.integers(0, most + 1))):
        start = (area[0] + rng.random() * area[2], area[1] + rng.random() * area[3])
        path = trace(rng, start, float(rng.uniform(20, 240)), rng.uniform(0, 2 * np.pi), rng.normal(0.0, 0.1))
        count = len(path)
        stroke = Stroke(path, np.full(count, rng.uniform(0.7, 1.4), np.float32), np.ones(count, np.float32))
        lines.append((stroke, float(rng.uniform(0.3, 1.0) * level * rng.choice([-1.0, 1.0]))))
    return tuple(lines)


@dataclass(frozen=True, slots=True, eq=False)
class SheetSurface:
    """Glass without an edge in sight.

    Attributes
    ----------
    frame : (height, width)
    field : (h, w, 3) float32
        Lit surface, one sample per `FIELD_STEP_PX`.
    grain : float
        Deviation of the fine texture, grey levels.
    direction : (down, across)
        Blur of the texture in px; unequal makes a brushed finish.
    lines : strokes with the grey levels they add
    """

    frame: tuple[int, int]
    field: FloatImage
    grain: float
    direction: tuple[int, int]
    lines: tuple[tuple[Stroke, float], ...]

    @property
    def area(self) -> Window:
        """The whole frame."""
        return (0, 0, self.frame[1], self.frame[0])

    @property
    def landmarks(self) -> Points:
        """None: one place is as good as another."""
        return np.zeros((0, 2), np.float32)

    def paint(self, canvas: Canvas, rng: np.random.Generator) -> None:
        """Paint light, texture and wear."""
        canvas.pixels = enlarge(self.field, canvas.window)
        if self.grain > 0.0:
            shape = canvas.pixels.shape[:2]
            texture = rng.standard_normal(shape, dtype=np.float32)
            if max(self.direction) > 1:
                texture = np.asarray(cv2.blur(texture, (self.direction[1], self.direction[0])), np.float32)
            texture *= np.float32(self.grain * np.sqrt(self.direction[0] * self.direction[1]))
            canvas.pixels = add_grey(canvas.pixels, texture)
        for stroke, level in self.lines:
            paint(canvas, stroke, (level, level, level))


def plan_clear(rng: np.random.Generator, frame: tuple[int, int]) -> SheetSurface:
    """Plan bright or mid-grey glass with soft mirror images and light wear."""
    level = float(rng.uniform(60.0, 225.0))
    field = colour_field(rng, frame, level, float(rng.uniform(0.02, 0.35)), 0.06)
    add_reflections(rng, field, level * 0.06)
    lines = hairlines(rng, (0, 0, frame[1], frame[0]), 60, 7.0)
    return SheetSurface(frame, field, float(rng.uniform(0.0, 2.0)), (1, 1), lines)


def plan_backlight(rng: np.random.Generator, frame: tuple[int, int]) -> SheetSurface:
    """Plan glass before rows of lamps, out of focus, some lamps dead."""
    shape = field_shape(frame)
    pitch = rng.uniform(36.0, 130.0) / FIELD_STEP_PX * np.array([1.0, rng.uniform(0.8, 1.25)])
    angle, phase = rng.normal(0.0, 0.06), rng.uniform(0.0, 2.0 * np.pi, 2)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    u = (columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / pitch[0]) + phase[0]
    v = (rows * np.cos(angle) - columns * np.sin(angle)) * (2 * np.pi / pitch[1]) + phase[1]
    pattern = (0.5 + 0.5 * np.cos(u)) * (0.5 + 0.5 * np.cos(v)) if rng.random() < 0.7 else 0.5 + 0.5 * np.cos(u)
    depth = float(rng.uniform(0.3, 0.85))
    light = colour_field(rng, frame, float(rng.uniform(90.0, 220.0)), 0.3, 0.2)
    field = light * ((1.0 - depth) + depth * pattern * np.clip(1.0 + 0.15 * smooth_noise(rng, shape, (9, 14)), 0, 2))[
        ..., None
    ].astype(np.float32)
    lines = hairlines(rng, (0, 0, frame[1], frame[0]), 30, 6.0)
    return SheetSurface(frame, np.asarray(field, np.float32), float(rng.uniform(0.0, 1.5)), (1, 1), lines)


def plan_brushed(rng: np.random.Generator, frame: tuple[int, int]) -> SheetSurface:
    """Plan a finish with a grain along one axis, moderate in strength."""
    level = float(rng.uniform(30.0, 190.0))
    field = colour_field(rng, frame, level, float(rng.uniform(0.05, 0.4)), 0.04)
    add_reflections(rng, field, level * 0.08)
    long = int(rng.integers(5, 60))
    direction = (1, long) if rng.random() < 0.5 else (long, 1)
    return SheetSurface(frame, field, float(rng.uniform(1.0, 5.0)), direction, ())
