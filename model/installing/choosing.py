"""Which precision a model runs in, decided from what was measured side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.domain.shares import percent
from model.evaluation.measures import average_precision
from model.precision import Precision
from model.registry.entry import PrecisionMeasurement

AP_LOSS_ALLOWED = 0.005
"""Average precision over pictures may fall by half a point against f32."""
SCORE_ALLOWED = 0.02
"""Without labels, no part's probability may move by more than this."""
MASK_ALLOWED = 0.001
"""Nor more than this share of a picture's output pixels change their side of the region threshold."""
QUICKER_BY = 0.95
"""A less exact precision is taken only if its time is at most this share; less is noise."""

EXACTNESS = (Precision.F32, Precision.BF16, Precision.INT8)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one precision gave on the pictures.

    Attributes
    ----------
    precision : Precision
    times_ms : tuple of float
        On the timed picture, picture in hand to prediction.
    scores : tuple of float
        The part's probability for each picture.
    mask : float
        Largest share of a picture's output pixels on the other side of the region threshold than with f32, 0 … 1.
    """

    precision: Precision
    times_ms: tuple[float, ...]
    scores: tuple[float, ...]
    mask: float


def measurements(figures: Sequence[Figures], rejects: Sequence[bool] | None) -> tuple[PrecisionMeasurement, ...]:
    """Judge every precision against f32, which comes first.

    Parameters
    ----------
    figures : sequence of Figures
        Of f32 first; the same pictures for all.
    rejects : sequence of bool or None
        Truth of each picture, with both kinds among them; ``None``: no labels.
    """
    exact = figures[0]
    best_ap = _ap(exact, rejects)
    found = []
    for each in figures:
        moved = max((abs(a - b) for a, b in zip(each.scores, exact.scores, strict=True)), default=0.0)
        ap = _ap(each, rejects)
        if each.precision is Precision.F32:
            usable, because = True, "the reference"
        elif ap is not None and best_ap is not None:
            usable = best_ap - ap <= AP_LOSS_ALLOWED
            because = f"average precision {ap:.4f} against {best_ap:.4f}, loss allowed {AP_LOSS_ALLOWED:g}"
        else:
            usable = moved <= SCORE_ALLOWED and each.mask <= MASK_ALLOWED
            because = (
                f"no labels; probabilities move by {moved:.2g} (allowed {SCORE_ALLOWED:g}), and {percent(each.mask)} of"
                f" a picture changes sides (allowed {percent(MASK_ALLOWED)})"
            )
        time_ms = float(np.median(each.times_ms))
        found.append(PrecisionMeasurement(each.precision, time_ms, moved, each.mask, ap, usable, because))
    return tuple(found)


def quickest(measured: Sequence[PrecisionMeasurement]) -> Precision:
    """Return the quickest usable precision; the more exact one where another is not clearly quicker."""
    best: PrecisionMeasurement | None = None
    for each in sorted(measured, key=lambda one: EXACTNESS.index(one.precision)):
        if not each.usable or each.median_ms is None:
            continue
        if best is None or best.median_ms is None or each.median_ms <= best.median_ms * QUICKER_BY:
            best = each
    if best is None:
        raise ValueError("f32 is always usable")
    return best.precision


def _ap(figures: Figures, rejects: Sequence[bool] | None) -> float | None:
    if rejects is None:
        return None
    scores, positive = np.array(figures.scores), np.array(rejects, np.bool_)
    return float(average_precision(scores, positive, np.ones((1, len(scores)), np.int64))[0])
