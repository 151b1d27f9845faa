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

    def cohen(self, first: Flags, second: Flags) -> list[StudyKappa | NotMeasurable]:
        """Return Cohen's kappa of each of n pairs of appraisers over all decisions; (n, P, T) True where rejected.

        Cohen, *Educ. Psychol. Meas.* 20 (1960) 37.
        """
        return self._kappas(_pairs(first, second), _cohen_of, None)

    def fleiss(self, rejected: Flags) -> list[StudyKappa | NotMeasurable]:
        """Return Fleiss' kappa of several ratings of each part, n times; (n, P, m) True where rejected.

        Fleiss, *Psychol. Bull.* 76 (1971) 378. The standard error under no agreement is that of two categories,
        1 / sqrt(P m (m - 1) / 2), as Minitab prints it.
        """
        judges, parts, ratings = rejected.shape
        if ratings < 2:
            return [NotMeasurable("a part was judged once only")] * judges
        error = 1.0 / math.sqrt(parts * ratings * (ratings - 1) / 2.0)
        return self._kappas(_ratings(rejected), lambda sums: _fleiss_of(sums, ratings), error)

    def fleiss_to_reference(self, rejected: Flags, reference: Flags) -> list[StudyKappa | NotMeasurable]:
        """Return the mean over ratings of Fleiss' kappa of that rating and the reference; (n, P, m) and (P,).

        As Minitab does "each appraiser vs standard" and "all appraisers vs standard"; standard error under no
        agreement 1 / sqrt(P m).
        """
        judges, parts, ratings = rejected.shape
        pairs = np.stack([rejected, np.broadcast_to(reference[:, None], rejected.shape)], axis=-1)

        def mean(sums: Sums) -> NDArray[np.float64]:
            # Each rating has its own sums; the mean is undefined where one of them is.
            return np.asarray(_fleiss_of(sums.reshape(*sums.shape[:-1], ratings, -1), 2).mean(axis=-1), np.float64)

        each = _ratings(pairs).reshape(judges, parts, -1)
        return self._kappas(each, mean, 1.0 / math.sqrt(parts * ratings))

    def _kappas(
        self, of_parts: NDArray[np.float64], statistic: Statistic, null_error: float | None
    ) -> list[StudyKappa | NotMeasurable]:
        estimates = statistic(of_parts.sum(axis=1)).tolist()
        intervals = self.resamples.intervals(of_parts, statistic, self.level)
        return [
            StudyKappa(estimate, null_error, interval, empty) if math.isfinite(estimate) else _ONE_ANSWER
            for estimate, (interval, empty) in zip(estimates, intervals, strict=True)
        ]


_ONE_ANSWER = NotMeasurable("one answer only was given, so agreement cannot be told from chance")


def pair_table(first: Flags, second: Flags) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the counts of two appraisers' decisions, (P, T): row = first, column = second, reject before accept."""
    a, b, c, d = (int(value) for value in _pairs(first, second).sum(axis=0))
    return (a, b), (c, d)


def _pairs(first: Flags, second: Flags) -> NDArray[np.float64]:
    """Return per part how often both, only the first, only the second, and neither rejected, (…, P, 4)."""
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    return np.stack([cell.sum(axis=-1) for cell in cells], axis=-1).astype(np.float64)


def _cohen_of(sums: Sums) -> NDArray[np.float64]:
    a, b, c, d = np.moveaxis(sums, -1, 0)
    n = a + b + c + d
    expected = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return _above_chance((a + d) / n, expected)


def _ratings(rejected: Flags) -> NDArray[np.float64]:
    """Return per part the ordered pairs of equal ratings, the rejects, and a one to count it; (…, m) gives (…, 3)."""
    rejects = rejected.sum(axis=-1).astype(np.float64)
    accepts = rejected.shape[-1] - rejects
    equal = rejects * (rejects - 1.0) + accepts * (accepts - 1.0)
    return np.stack([equal, rejects, np.ones_like(rejects)], axis=-1)


def _fleiss_of(sums: Sums, ratings: int) -> NDArray[np.float64]:
    equal, rejects, parts = np.moveaxis(sums, -1, 0)
    share = rejects / (parts * ratings)
    return _above_chance(equal / (parts * ratings * (ratings - 1)), share**2 + (1.0 - share) ** 2)


def _above_chance(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (observed - expected) / (1 - expected), NaN where chance alone agrees always."""
    rest = 1.0 - np.asarray(expected)
    safe = np.where(rest > 1e-12, rest, 1.0)
    return np.where(rest > 1e-12, (np.asarray(observed) - expected) / safe, np.nan)
