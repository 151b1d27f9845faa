"""Where a probability lies on the axis of the threshold chart."""

from __future__ import annotations

import math
from dataclasses import dataclass

_REACH = math.log(9999.0)
"""Log-odds of 0.9999: what lies further out is drawn at the end."""

BINS = 60


@dataclass(frozen=True, slots=True)
class ScoreAxis:
    """An axis of probabilities, 0 at its left end and 1 at its right.

    Attributes
    ----------
    spread : bool
        True: even steps of log-odds, so that the ends, where sure models score, have as much room as the middle.
    """

    spread: bool = False

    def place(self, p: float) -> float:
        """Return where a probability lies, 0 … 1."""
        if not self.spread or p in {0.0, 1.0}:
            return p
        return min(max((math.log(p / (1.0 - p)) + _REACH) / (2.0 * _REACH), 0.0), 1.0)

    def at(self, place: float) -> float:
        """Return the probability at a place, 0 … 1, with as many digits as a place can tell."""
        place = min(max(place, 0.0), 1.0)
        if place in {0.0, 1.0}:
            return place
        if not self.spread:
            return round(place, 3)
        odds = math.exp((2.0 * place - 1.0) * _REACH)
        # Three significant digits of the distance to the nearer end.
        small = float(f"{min(odds, 1.0) / (1.0 + odds):.2e}")
        return small if odds <= 1.0 else round(1.0 - small, 10)

    def edges(self) -> tuple[float, ...]:
        """Return the edges of bins of one width on this axis, from 0 to 1."""
        return tuple(sorted({self.at(step / BINS) for step in range(BINS + 1)}))

    @property
    def ticks(self) -> tuple[float, ...]:
        """Probabilities that are written at the axis."""
        return (0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0) if self.spread else (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
