"""Generated parts that bear scratches of known width, contrast and length and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.synthesis.fields import Window
from model.synthesis.generator import PartPlan, paint_part, plan_part
from model.synthesis.part import Look, SyntheticPart
from model.synthesis.scratches import ScratchPlan
from model.synthesis.strokes import Stroke, taper, trace

_KEPT = 0.08
"""Share of the part's side that stays free at each edge, where a scratch may not lie on the glass."""


@dataclass(frozen=True, slots=True)
class ProbeSpans:
    """From where to where sizes are drawn, uniform in their logarithm; a span from x to x is always x.

    Attributes
    ----------
    width_px, length_px, contrast : (float, float)
        Px, px, grey levels.
    """

    width_px: tuple[float, float] = (1.0, 8.0)
    length_px: tuple[float, float] = (20.0, 200.0)
    contrast: tuple[float, float] = (16.0, 120.0)


def probe_part(seed: int, frame: tuple[int, int], count: int, spans: ProbeSpans, look: Look | None) -> SyntheticPart:
    """Return a part with up to ``count`` scratches, each in a cell of its own; some may not show.

    Parameters
    ----------
    seed : int
        Same arguments, same part.
    frame : (height, width) px
        Of the picture.
    count : int
        Scratches.
    spans : ProbeSpans
        Their sizes.
    look : Look or None
        ``None``: by chance.
    """
    plan = plan_part(seed, frame, defective=False, look=look)
    rng = np.random.default_rng([seed, 101])
    cells = _cells(plan, count)
    chosen = rng.permutation(len(cells))[:count]
    scratches = tuple(_probe(rng, cells[int(index)], spans) for index in chosen)
    return paint_part(replace(plan, scratches=scratches), (0, 0, frame[1], frame[0]))


def _cells(plan: PartPlan, count: int) -> list[Window]:
    """Return at least ``count`` equal cells of the part's middle."""
    x, y, width, height = plan.surface.area
    columns = max(round(np.sqrt(count * width / height)), 1)
    rows = -(-count // columns)
    step_x, step_y = width * (1 - 2 * _KEPT) / columns, height * (1 - 2 * _KEPT) / rows
    left, top = x + width * _KEPT, y + height * _KEPT
    return [
        (int(left + column * step_x), int(top + row * step_y), int(step_x), int(step_y))
        for row in range(rows)
        for column in range(columns)
    ]


def _probe(rng: np.random.Generator, cell: Window, spans: ProbeSpans) -> ScratchPlan:
    x, y, width, height = cell
    along, across = _drawn(rng, spans.length_px), _drawn(rng, spans.width_px)
    heading = float(rng.uniform(0.0, 2.0 * np.pi))
    middle = (x + width * rng.uniform(0.4, 0.6), y + height * rng.uniform(0.4, 0.6))
    start = (middle[0] - np.cos(heading) * along / 2, middle[1] - np.sin(heading) * along / 2)
    points = trace(rng, start, along, heading, float(rng.normal(0.0, 0.2)))
    count = len(points)
    body = Stroke(
        points, np.full(count, across, np.float32), np.asarray(0.3 + 0.7 * taper(count, 0.1, 0.1), np.float32)
    )
    return ScratchPlan(body, (body,), (1.0,), _drawn(rng, spans.contrast), float(rng.random()), 0.05)


def _drawn(rng: np.random.Generator, span: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(span))))
