"""A phone front on a mat: edges with glints, bezel, display, holes, print."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from model.synthesis.canvas import Canvas, Points
from model.synthesis.fields import FloatImage, Window, add_grey, enlarge
from model.synthesis.glints import Glint, corner_middles, edge_glints, hole_glints
from model.synthesis.strokes import paint
from model.synthesis.surfaces import add_reflections, colour_field

WORDS = ("GLASS", "5G", "AI CAMERA", "M-204", "LOT 0317", "TEST", "A1", "R48", "DUAL", "48MP")


def rounded_rectangle(
    centre: tuple[float, float], size: tuple[float, float], radius: float, turn: float, bulge: float = 0.0
) -> Points:
    """Return closed outline `(N, 2)` of a rectangle with round corners, points about 6 px apart at the corners.

    Parameters
    ----------
    size : (width, height) px
    turn : float
        Rotation, rad.
    bulge : float
        How far the sides bow outwards, px.
    """
    half_w, half_h = size[0] / 2.0, size[1] / 2.0
    radius = min(radius, half_w, half_h)
    corners = ((1, 1, 0.0), (-1, 1, 0.5), (-1, -1, 1.0), (1, -1, 1.5))
    pieces = []
    for sx, sy, start in corners:
        angles = np.pi * (start + np.linspace(0.0, 0.5, max(4, int(radius / 4.0))))
        arc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius
        pieces.append(np.add(arc, (sx * (half_w - radius), sy * (half_h - radius))))
    line = _filled_in(np.concatenate(pieces), 24.0)
    line[:, 0] += bulge * np.sign(line[:, 0]) * (1.0 - (line[:, 1] / half_h) ** 2)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(line @ rotation + centre, np.float32)


def _filled_in(corners: np.ndarray, step_px: float) -> np.ndarray:
    """Return a closed polygon with points at most `step_px` apart."""
    delta = np.roll(corners, -1, axis=0) - corners
    counts = np.maximum(1, (np.hypot(delta[:, 0], delta[:, 1]) / step_px).astype(int))
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(counts.sum()) - first) / np.repeat(counts, counts)
    return np.asarray(np.repeat(corners, counts, axis=0) + np.repeat(delta, counts, axis=0) * share[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A filled shape: outline, BGR grey levels, opacity 0..1."""

    outline: Points
    colour: tuple[float, float, float]
    opacity: float


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """Printed words: text, place in frame px, scale, grey levels added."""

    text: str
    place: tuple[float, float]
    scale: float
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class PhoneSurface:
    """A planned phone front.

    Attributes
    ----------
    frame : (height, width)
    mat, glass : (h, w, 3) float32 fields
    mat_grain : float
        Deviation of the mat's texture, grey levels.
    outline : (N, 2)
        The glass.
    patches, glints, prints
        What is on it; glints are strokes with a BGR amount.
    area : (x, y, w, h)
        Where the glass is.
    """

    frame: tuple[int, int]
    mat: FloatImage
    glass: FloatImage
    mat_grain: float
    outline: Points
    patches: tuple[Patch, ...]
    glints: tuple[Glint, ...]
    prints: tuple[Print, ...]
    area: Window
    landmarks: Points

    def paint(self, canvas: Canvas, rng: np.random.Generator) -> None:
        """Paint mat, glass, holes, print and the glints of the edges."""
        shape = (canvas.window[3], canvas.window[2])
        mask = np.zeros(shape, np.uint8)
        filled = canvas.area_mask(self.outline)
        if filled is not None:
            box, part = filled
            mask[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] = part
        canvas.glass = mask
        canvas.pixels = self._mat(canvas, rng, shape) if mask.min() < 255 else enlarge(self.glass, canvas.window)
        if mask.min() < 255 and mask.any():
            cv2.copyTo(enlarge(self.glass, canvas.window), mask, canvas.pixels)
        for patch in self.patches:
            _fill(canvas, patch)
        for words in self.prints:
            _print(canvas, words)
        for stroke, colour in self.glints:
            paint(canvas, stroke, colour)

    def _mat(self, canvas: Canvas, rng: np.random.Generator, shape: tuple[int, int]) -> FloatImage:
        rough = rng.standard_normal(shape, dtype=np.float32) * np.float32(self.mat_grain)
        grain = cv2.GaussianBlur(rough, (3, 3), 0.7)
        return add_grey(enlarge(self.mat, canvas.window), np.asarray(grain, np.float32))


def _fill(canvas: Canvas, patch: Patch) -> None:
    filled = canvas.area_mask(patch.outline)
    if filled is None:
        return
    box, mask = filled
    target = canvas.view(box)
    if patch.opacity >= 1.0:
        colour = np.broadcast_to(np.asarray(patch.colour, np.float32), target.shape)
        cv2.copyTo(np.ascontiguousarray(colour), mask, target)
        return
    weight = (mask.astype(np.float32) * np.float32(patch.opacity / 255.0))[..., None]
    target += weight * (np.asarray(patch.colour, np.float32) - target)


def _print(canvas: Canvas, words: Print) -> None:
    size, base = cv2.getTextSize(words.text, cv2.FONT_HERSHEY_SIMPLEX, words.scale, 1)
    low = np.asarray(words.place, np.float32)
    box = canvas.clip(np.asarray([np.subtract(low, (0, size[1])), np.add(low, (size[0], base))], np.float32), 2.0)
    if box is None:
        return
    sheet = np.zeros((box[3], box[2]), np.uint8)
    at = (int(low[0]) - canvas.window[0] - box[0], int(low[1]) - canvas.window[1] - box[1])
    cv2.putText(sheet, words.text, at, cv2.FONT_HERSHEY_SIMPLEX, words.scale, 255, 1, cv2.LINE_AA)
    amount = np.asarray(sheet, np.float32) / np.float32(255.0)
    canvas.add(box, amount, (words.level,) * 3)


def plan_phone(rng: np.random.Generator, frame: tuple[int, int]) -> PhoneSurface:
    """Draw a phone front that lies roughly along the longer side of the frame."""
    height, width = frame
    turn = float(rng.normal(0.0, 0.015)) if rng.random() < 0.8 else float(rng.normal(0.0, 0.2))
    # Mostly the whole phone is in the frame; now and then the frame cuts it.
    most = (1.0, 0.97) if rng.random() < 0.75 else (1.2, 1.15)
    size = (width * float(rng.uniform(0.8, most[0])), height * float(rng.uniform(0.65, most[1])))
    centre = (width * float(rng.normal(0.5, 0.02)), height * float(rng.normal(0.5, 0.04)))
    radius = float(rng.uniform(20.0, 130.0))
    outline = rounded_rectangle(centre, size, radius, turn, float(rng.choice([0.0, 0.0, rng.uniform(0, 18)])))
    dark = rng.random() < 0.85
    level = float(rng.uniform(5.0, 40.0)) if dark else float(rng.uniform(40.0, 120.0))
    glass = colour_field(rng, frame, level, 0.5, 0.08)
    add_reflections(rng, glass, 3.0 + level * 0.2)
    mat = colour_field(rng, frame, float(rng.uniform(20.0, 150.0)), 0.35, 0.07)
    patches, holes = _fittings(rng, centre, size, level)
    glints = (*edge_glints(rng, outline), *(glint for hole in holes for glint in hole_glints(rng, hole)))
    low = np.maximum(outline.min(axis=0), 0.0)
    high = np.minimum(outline.max(axis=0), (width, height))
    area = (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    spots = np.concatenate(
        [
            corner_middles(outline),
            outline[:: max(1, len(outline) // 10)],
            *(hole[:: max(1, len(hole) // 4)] for hole in holes),
        ]
    )
    grain = float(rng.uniform(1.0, 14.0))
    return PhoneSurface(
        frame, mat, glass, grain, outline, patches, glints, _prints(rng, centre, size), area, spots.astype(np.float32)
    )


def _fittings(
    rng: np.random.Generator, centre: tuple[float, float], size: tuple[float, float], level: float
) -> tuple[tuple[Patch, ...], tuple[Points, ...]]:
    """Bezel and display, and the holes at either end."""
    patches: list[Patch] = []
    if rng.random() < 0.3:
        shade = float(rng.choice([rng.uniform(170.0, 252.0), rng.uniform(0.0, 60.0)]))
        inset = (float(rng.uniform(0.72, 0.9)), float(rng.uniform(0.9, 0.99)))
        whole = rounded_rectangle(centre, size, 90.0, 0.0)
        display = rounded_rectangle(centre, (size[0] * inset[0], size[1] * inset[1]), rng.uniform(0, 12), 0.0)
        border = np.concatenate([whole, whole[:1], display[::-1], display[-1:], whole[:1]])
        patches.append(Patch(np.asarray(border, np.float32), (shade, shade, shade), float(rng.uniform(0.8, 1.0))))
    holes = []
    for side in (-1.0, 1.0):
        if rng.random() < 0.75:
            holes.extend(_end_holes(rng, centre, size, side))
    for hole in holes:
        shade = float(np.clip(level + rng.normal(0.0, 35.0), 0.0, 255.0))
        patches.append(Patch(hole, (shade, shade, shade), float(rng.uniform(0.4, 1.0))))
    return tuple(patches), tuple(holes)


def _end_holes(
    rng: np.random.Generator, centre: tuple[float, float], size: tuple[float, float], side: float
) -> list[Points]:
    x = centre[0] + side * (size[0] / 2.0 - float(rng.uniform(30.0, 90.0)))
    holes = []
    for _ in range(int(rng.integers(0, 4))):
        y = centre[1] + float(rng.normal(0.0, 0.18)) * size[1]
        radius = float(rng.uniform(5.0, 22.0))
        holes.append(rounded_rectangle((x, y), (2 * radius, 2 * radius), radius, 0.0))
    if rng.random() < 0.6:
        slot = (float(rng.uniform(8.0, 24.0)), float(rng.uniform(80.0, 240.0)))
        holes.append(rounded_rectangle((x, centre[1]), slot, float(rng.uniform(2.0, slot[0] / 2)), 0.0))
    if rng.random() < 0.5:
        button = (float(rng.uniform(50.0, 110.0)), float(rng.uniform(110.0, 220.0)))
        holes.append(rounded_rectangle((x, centre[1]), button, float(rng.uniform(15.0, 50.0)), 0.0))
    return holes


def _prints(rng: np.random.Generator, centre: tuple[float, float], size: tuple[float, float]) -> tuple[Print, ...]:
    found = []
    for _ in range(int(rng.choice([0, 1, 3], p=[0.65, 0.25, 0.1]))):
        place = (
            centre[0] + float(rng.uniform(-0.45, 0.3)) * size[0],
            centre[1] + float(rng.uniform(-0.4, 0.4)) * size[1],
        )
        text = WORDS[int(rng.integers(0, len(WORDS)))]
        found.append(
            Print(text, place, float(rng.uniform(0.4, 2.2)), float(rng.choice([-1.0, 1.0]) * rng.uniform(12.0, 140.0)))
        )
    return tuple(found)
