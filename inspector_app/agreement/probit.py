"""Probability of detection from hits and misses: a probit line in the logarithms of size, with confidence.

MIL-HDBK-1823A, *Nondestructive Evaluation System Reliability Assessment*, 2009, appendix G: of hits and misses,
``POD(a) = Φ((ln a - μ) / σ)``; here with several sizes (width, contrast, length) at once. ``a90/95`` is the size at
which the lower 95 % confidence limit (one-sided) of the curve reaches 90 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

Vector = NDArray[np.float64]

CONFIDENCE = 0.95
_STEPS = 50
_CLASSES = 10
_GRID = 2000
_LARGEST_SLOPE = 200.0


class NotFitted(ValueError):
    """The trials do not determine a curve; one sentence says why."""


@dataclass(frozen=True, slots=True, eq=False)
class ProbitLine:
    """``P(hit) = Φ(c0 + c1 ln a1 + c2 ln a2 + …)``.

    Attributes
    ----------
    coefficients : (k,) float64
        Intercept first.
    clustered : (k, k) float64
        Covariance of the coefficients; trials of one cluster need not be independent.
    independent : (k, k) float64
        The same if every trial were independent and the line true.
    """

    coefficients: Vector
    clustered: NDArray[np.float64]
    independent: NDArray[np.float64]

    def probit(self, logs: NDArray[np.float64], confidence: float | None = None) -> Vector:
        """Return the probit at points ``(n, k-1)`` of logarithms, or its lower one-sided limit.

        The limit takes the larger of the two variances: of few trials the clustered one comes out too small.
        """
        design = _with_ones(logs)
        middle = design @ self.coefficients
        if confidence is None:
            return np.asarray(middle)
        variances = [np.einsum("ni,ij,nj->n", design, each, design) for each in (self.clustered, self.independent)]
        return np.asarray(middle - ndtri(confidence) * np.sqrt(np.maximum(*variances)))

    def probability(self, logs: NDArray[np.float64], confidence: float | None = None) -> Vector:
        """Return P(hit) at points, or its lower one-sided limit (Wald, on the probit scale)."""
        return np.asarray(ndtr(self.probit(logs, confidence)))

    def size_for(
        self, share: float, which: int, others: Vector, tested: tuple[float, float], confidence: float | None = None
    ) -> float | None:
        """Return the smallest tested size from which on P(hit), or its lower limit, is at least a share.

        Parameters
        ----------
        share : float
            For example 0.9.
        which : int
            Index of the size that varies.
        others : (k-1,) float64
            Logarithms of all sizes; that of ``which`` is not read.
        tested : (float, float)
            Smallest and largest size of the trials: nothing is extrapolated.
        confidence : float or None
            ``None``: of the curve itself.

        Returns
        -------
        float or None
            ``None`` if it is not reached up to the largest.
        """
        grid = np.linspace(np.log(tested[0]), np.log(tested[1]), _GRID)
        logs = np.tile(others, (_GRID, 1))
        logs[:, which] = grid
        below = np.flatnonzero(self.probit(logs, confidence) < ndtri(share))
        first = 0 if not below.size else int(below[-1]) + 1
        return float(np.exp(grid[first])) if first < _GRID else None


def fit_probit(logs: NDArray[np.float64], hits: NDArray[np.bool_], clusters: NDArray[np.intp]) -> ProbitLine:
    """Fit by maximum likelihood (Newton's steps), with a covariance that is robust to clusters.

    The sandwich of Liang and Zeger, *Biometrika* 73 (1986) 13, with the factor ``G/(G-1) (n-1)/(n-k)`` for few
    clusters.

    Parameters
    ----------
    logs : (n, k-1) float64
        Logarithms of the sizes.
    hits : (n,) bool
        Found or not.
    clusters : (n,)
        Part of each trial.

    Raises
    ------
    NotFitted
        If all or none were found, or a size alone tells hits from misses.
    """
    if hits.all() or not hits.any():
        raise NotFitted(f"{'all' if hits.all() else 'none'} of the {hits.size} defects were found")
    middle, spread = logs.mean(axis=0), np.maximum(logs.std(axis=0), 1e-9)
    design = _with_ones((logs - middle) / spread)
    sign = np.where(hits, 1.0, -1.0)
    slopes = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        score, information = _score_and_information(design, sign, slopes)
        step = np.linalg.lstsq(information, score.sum(axis=0), rcond=None)[0]
        slopes = slopes + step
        if np.abs(slopes).max() > _LARGEST_SLOPE:
            break
        if np.abs(step).max() < 1e-10:
            independent = np.asarray(np.linalg.inv(information), np.float64)
            back = _from_standardised(middle, spread)
            clustered = _sandwich(score, independent, clusters)
            return ProbitLine(back @ slopes, back @ clustered @ back.T, back @ independent @ back.T)
    raise NotFitted("the sizes tell found from missed without overlap; test sizes between them")


def misfit(line: ProbitLine, logs: NDArray[np.float64], hits: NDArray[np.bool_]) -> float:
    """Return the p-value of the trials if the line were true: small means that it does not fit.

    Hosmer and Lemeshow, *Communications in Statistics* A9 (1980) 1043: ten classes of rising probability, chi-squared
    with eight degrees of freedom.
    """
    said = line.probability(logs)
    classes = [rows for rows in np.array_split(np.argsort(said, kind="stable"), _CLASSES) if rows.size]
    total = 0.0
    for rows in classes:
        expected, mean = float(said[rows].sum()), float(said[rows].mean())
        total += (float(hits[rows].sum()) - expected) ** 2 / max(rows.size * mean * (1.0 - mean), 1e-9)
    return float(chdtrc(max(len(classes) - 2, 1), total))


def _score_and_information(design: Vector, sign: Vector, slopes: Vector) -> tuple[Vector, Vector]:
    """Return each trial's score ``(n, k)`` and the observed information ``(k, k)``."""
    probit = design @ slopes
    log_density = -0.5 * probit**2 - 0.5 * np.log(2.0 * np.pi)
    pull = sign * np.exp(log_density - log_ndtr(sign * probit))
    return design * pull[:, None], design.T @ (design * (pull * (pull + probit))[:, None])


def _sandwich(score: Vector, bread: Vector, clusters: NDArray[np.intp]) -> Vector:
    _, owner = np.unique(clusters, return_inverse=True)
    groups, (trials, size) = int(owner.max()) + 1, score.shape
    if groups <= size:
        raise NotFitted(f"{groups} parts are too few for {size} coefficients")
    sums = np.zeros((groups, size))
    np.add.at(sums, owner, score)
    factor = groups / (groups - 1) * (trials - 1) / (trials - size)
    return np.asarray(factor * bread @ (sums.T @ sums) @ bread)


def _from_standardised(middle: Vector, spread: Vector) -> Vector:
    """Return the matrix that turns coefficients of standardised logarithms into those of plain ones."""
    back = np.diag(np.append(1.0, 1.0 / spread))
    back[0, 1:] = -middle / spread
    return back


def _with_ones(logs: NDArray[np.float64]) -> Vector:
    return np.concatenate([np.ones((len(logs), 1)), logs], axis=1)
