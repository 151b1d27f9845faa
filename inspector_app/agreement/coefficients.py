"""Chance-corrected agreement of two raters: Cohen's kappa and Gwet's AC1, from a square table of counts.

Sums are exact rationals until the last step, so that a standard error of zero is zero, and so that a million parts
with one disagreement lose no digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from inspector_app.agreement.intervals import normal_quantile
from inspector_app.agreement.values import Coefficient, Interval, IntervalMethod, NotMeasurable

Table = Sequence[Sequence[int]]
"""Counts, square: row = answer of the first rater, column = answer of the second."""


@dataclass(frozen=True, slots=True)
class _Shares:
    """A table as exact shares.

    Attributes
    ----------
    cells : tuple of tuple of Fraction
        p_ij, sum 1.
    rows, columns : tuple of Fraction
        Margins.
    n : int
        Parts.
    """

    cells: tuple[tuple[Fraction, ...], ...]
    rows: tuple[Fraction, ...]
    columns: tuple[Fraction, ...]
    n: int

    @property
    def observed(self) -> Fraction:
        """Share of parts judged alike."""
        return sum((row[i] for i, row in enumerate(self.cells)), Fraction(0))

    @property
    def expected(self) -> Fraction:
        """Share judged alike if both kept their margins and were independent."""
        return sum((r * c for r, c in zip(self.rows, self.columns, strict=True)), Fraction(0))


def cohen_kappa(table: Table, level: float) -> Coefficient | NotMeasurable:
    """Return Cohen's kappa with its large-sample standard error and interval.

    Cohen, *Educ. Psychol. Meas.* 20 (1960) 37; standard error of Fleiss, Cohen and Everitt, *Psychol. Bull.* 72
    (1969) 323, which does not assume kappa = 0.

    Parameters
    ----------
    table : Table
        Counts.
    level : float
        Confidence level.

    Returns
    -------
    Coefficient or NotMeasurable
        Not measurable without parts, and when a rater gave one answer only: agreement is then indistinguishable from
        chance.
    """
    shares = _shares(table)
    if isinstance(shares, NotMeasurable):
        return shares
    if 1 in shares.rows or 1 in shares.columns:
        return NotMeasurable("one of the two gave the same answer to every part")
    pe = shares.expected
    kappa = (shares.observed - pe) / (1 - pe)
    variance = _kappa_variance(shares, kappa)
    return _coefficient(kappa, variance, shares.n, IntervalMethod.FLEISS_COHEN_EVERITT, level)


def max_kappa(table: Table) -> float | NotMeasurable:
    """Return the largest kappa that the two raters could reach with their shares of rejects as they are.

    Cohen (1960): (Σ min(p_i., p_.i) - pe) / (1 - pe).
    """
    shares = _shares(table)
    if isinstance(shares, NotMeasurable):
        return shares
    if 1 in shares.rows or 1 in shares.columns:
        return NotMeasurable("one of the two gave the same answer to every part")
    reachable = sum((min(r, c) for r, c in zip(shares.rows, shares.columns, strict=True)), Fraction(0))
    return float((reachable - shares.expected) / (1 - shares.expected))


def gwet_ac1(table: Table, level: float) -> Coefficient | NotMeasurable:
    """Return Gwet's AC1 with its standard error and interval.

    Gwet, *Br. J. Math. Stat. Psychol.* 61 (2008) 29, without finite-population correction.

    Parameters
    ----------
    table : Table
        Counts.
    level : float
        Confidence level.
    """
    shares = _shares(table)
    if isinstance(shares, NotMeasurable):
        return shares
    means = [(r + c) / 2 for r, c in zip(shares.rows, shares.columns, strict=True)]
    pe = sum((q * (1 - q) for q in means), Fraction(0)) / (len(means) - 1)
    ac1 = (shares.observed - pe) / (1 - pe)
    variance = _ac1_variance(shares, means, pe, ac1)
    return _coefficient(ac1, variance, shares.n, IntervalMethod.GWET, level)


def _shares(table: Table) -> _Shares | NotMeasurable:
    n = sum(map(sum, table))
    if n == 0:
        return NotMeasurable("no part was judged by both")
    cells = tuple(tuple(Fraction(count, n) for count in row) for row in table)
    rows = tuple(sum(row, Fraction(0)) for row in cells)
    columns = tuple(sum(column, Fraction(0)) for column in zip(*cells, strict=True))
    return _Shares(cells, rows, columns, n)


def _kappa_variance(shares: _Shares, kappa: Fraction) -> Fraction:
    """Return (A + B - C) / (n (1 - pe)²) of Fleiss, Cohen and Everitt."""
    pe, rest = shares.expected, 1 - kappa
    total = -((kappa - pe * rest) ** 2)
    for i, row in enumerate(shares.cells):
        for j, cell in enumerate(row):
            # The column margin of the row's category and the row margin of the column's.
            weight = (shares.columns[i] + shares.rows[j]) * rest
            total += cell * ((1 - weight) ** 2 if i == j else weight**2)
    return total / (shares.n * (1 - pe) ** 2)


def _ac1_variance(shares: _Shares, means: Sequence[Fraction], pe: Fraction, ac1: Fraction) -> Fraction:
    """Return Gwet's variance of AC1 for two raters."""
    po, rest, free = shares.observed, 1 - ac1, len(means) - 1
    diagonal = sum((row[i] * (1 - means[i]) for i, row in enumerate(shares.cells)), Fraction(0)) / free
    pairs = sum(
        (
            cell * (1 - (means[i] + means[j]) / 2) ** 2
            for i, row in enumerate(shares.cells)
            for j, cell in enumerate(row)
        ),
        Fraction(0),
    )
    total = po * (1 - po) - 4 * rest * (diagonal - po * pe) + 4 * rest**2 * (pairs / free**2 - pe**2)
    return total / (shares.n * (1 - pe) ** 2)


def _coefficient(estimate: Fraction, variance: Fraction, n: int, method: IntervalMethod, level: float) -> Coefficient:
    value, error = float(estimate), math.sqrt(variance)
    if variance == 0:
        why = "the standard error is zero, which says nothing about the uncertainty"
        return Coefficient(value, error, n, NotMeasurable(why))
    half = normal_quantile(level) * error
    return Coefficient(value, error, n, Interval(max(value - half, -1.0), min(value + half, 1.0), method, level))
