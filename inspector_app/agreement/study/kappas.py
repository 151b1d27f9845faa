"""Kappa in an attribute study: Cohen's and Fleiss', each named, with intervals by drawing parts.

Each statistic is a function of sums over parts, so that a draw of parts is a weighted sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.agreement.study.resampling import PartResamples, Statistic, Sums
from inspector_app.agreement.values import Interval, NotMeasurable

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StudyKappa:
    """A kappa of a study.

    Attributes
    ----------
    estimate : float
        At most 1.
    null_standard_error : float or None
        Under the hypothesis that there is no agreement but by chance; for Fleiss' kappa as Minitab prints it.
    interval : Interval or NotMeasurable
        By drawing parts.
    draws_without_value : int
        Draws in which kappa is not defined, left out of the interval.
    """

    estimate: float
    null_standard_error: float | None
    interval: Interval | NotMeasurable
    draws_without_value: int

    @property
    def z(self) -> float | None:
        """Estimate over its standard error under no agreement."""
        return None if self.null_standard_error is None else self.estimate / self.null_standard_error


@dataclass(frozen=True, slots=True, eq=False)
class KappaMaker:
    """Makes the kappas of one study: same draws, same level.

    Attributes
    ----------
    resamples : PartResamples
        The draws.
    level : float
        Confidence level.
    """

    resamples: PartResamples
    level: float

    def cohen(self, first: Flags, second: Flags) -> StudyKappa | NotMeasurable:
        """Return Cohen's kappa of two appraisers over all decisions; (P, T) True where rejected.

        Cohen, *Educ. Psychol. Meas.* 20 (1960) 37.
        """
        return self._kappa(_pairs(first, second), _cohen_of, None)

    def fleiss(self, rejected: Flags) -> StudyKappa | NotMeasurable:
        """Return Fleiss' kappa of several ratings of each part; (P, m) True where rejected.

        Fleiss, *Psychol. Bull.* 76 (1971) 378. The standard error under no agreement is that of two categories,
        1 / sqrt(P m (m - 1) / 2), as Minitab prints it.
        """
        parts, ratings = rejected.shape
        if ratings < 2:
            return NotMeasurable("a part was judged once only")
        error = 1.0 / math.sqrt(parts * ratings * (ratings - 1) / 2.0)
        return self._kappa(_ratings(rejected), lambda sums: _fleiss_of(sums, ratings), error)

    def fleiss_to_reference(self, rejected: Flags, reference: Flags) -> StudyKappa | NotMeasurable:
        """Return the mean over ratings of Fleiss' kappa of that rating and the reference; (P, m) and (P,).

        As Minitab does "each appraiser vs standard" and "all appraisers vs standard"; standard error under no
        agreement 1 / sqrt(P m).
        """
        parts, ratings = rejected.shape
        each = [_ratings(np.stack([rejected[:, m], reference], axis=1)) for m in range(ratings)]

        def mean(sums: Sums) -> NDArray[np.float64]:
            # Each rating has its own sums; the mean is undefined where one of them is.
            return np.asarray(_fleiss_of(sums.reshape(*sums.shape[:-1], ratings, -1), 2).mean(axis=-1), np.float64)

        return self._kappa(np.concatenate(each, axis=1), mean, 1.0 / math.sqrt(parts * ratings))

    def _kappa(
        self, of_parts: NDArray[np.float64], statistic: Statistic, null_error: float | None
    ) -> StudyKappa | NotMeasurable:
        estimate = float(statistic(of_parts.sum(axis=0)))
        if not math.isfinite(estimate):
            return NotMeasurable("one answer only was given, so agreement cannot be told from chance")
        interval, empty = self.resamples.interval(of_parts, statistic, self.level)
        return StudyKappa(estimate, null_error, interval, empty)


def pair_table(first: Flags, second: Flags) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the counts of two appraisers' decisions: row = first, column = second, reject before accept."""
    a, b, c, d = (int(value) for value in _pairs(first, second).sum(axis=0))
    return (a, b), (c, d)


def _pairs(first: Flags, second: Flags) -> NDArray[np.float64]:
    """Return per part how often both, only the first, only the second, and neither rejected, (P, 4)."""
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    return np.stack([cell.sum(axis=1) for cell in cells], axis=1).astype(np.float64)


def _cohen_of(sums: Sums) -> NDArray[np.float64]:
    a, b, c, d = np.moveaxis(sums, -1, 0)
    n = a + b + c + d
    expected = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return _above_chance((a + d) / n, expected)


def _ratings(rejected: Flags) -> NDArray[np.float64]:
    """Return per part the ordered pairs of equal ratings, the rejects, and a one to count it, (P, 3)."""
    rejects = rejected.sum(axis=1).astype(np.float64)
    accepts = rejected.shape[1] - rejects
    return np.stack([rejects * (rejects - 1.0) + accepts * (accepts - 1.0), rejects, np.ones(len(rejects))], axis=1)


def _fleiss_of(sums: Sums, ratings: int) -> NDArray[np.float64]:
    equal, rejects, parts = np.moveaxis(sums, -1, 0)
    share = rejects / (parts * ratings)
    return _above_chance(equal / (parts * ratings * (ratings - 1)), share**2 + (1.0 - share) ** 2)


def _above_chance(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (observed - expected) / (1 - expected), NaN where chance alone agrees always."""
    rest = 1.0 - np.asarray(expected)
    safe = np.where(rest > 1e-12, rest, 1.0)
    return np.where(rest > 1e-12, (np.asarray(observed) - expected) / safe, np.nan)
