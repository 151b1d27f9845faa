"""How many good, defective and unresolved parts lie below and above thresholds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.contract import ScoredPart

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """Parts on one side of each of many thresholds; arrays of shape (thresholds,)."""

    bad: Integers
    good: Integers
    unresolved: Integers

    @property
    def parts(self) -> Integers:
        """All of them."""
        return self.bad + self.good + self.unresolved


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of bad, good and unresolved parts, each sorted; the order in which parts came is gone."""

    bad: Floats
    good: Floats
    unresolved: Floats

    @classmethod
    def of(cls, parts: Iterable[ScoredPart]) -> Scores:
        """Return the scores by truth."""
        by_truth: dict[bool | None, list[float]] = {True: [], False: [], None: []}
        for part in parts:
            by_truth[part.bad].append(part.score)
        bad, good, unresolved = (np.sort(np.array(by_truth[truth], np.float64)) for truth in (True, False, None))
        return cls(bad, good, unresolved)

    @property
    def parts(self) -> int:
        """How many there are."""
        return self.bad.size + self.good.size + self.unresolved.size

    def below(self, thresholds: Floats) -> Region:
        """Count the parts with a score strictly below each threshold."""
        return Region(*(np.searchsorted(s, thresholds, "left").astype(np.int64) for s in self._each()))

    def above(self, thresholds: Floats) -> Region:
        """Count the parts with a score strictly above each threshold."""
        return Region(*(s.size - np.searchsorted(s, thresholds, "right").astype(np.int64) for s in self._each()))

    def _each(self) -> tuple[Floats, Floats, Floats]:
        return self.bad, self.good, self.unresolved
