"""Platt's scaling: from one number of a part to the probability that it is to be rejected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.manifest import Platt

SMALLEST_SLOPE = 1e-3


def fit_platt(feature: NDArray[np.float64], defective: NDArray[np.bool_]) -> Platt:
    """Fit `P = 1 / (1 + exp(-(a x + b)))` by maximum likelihood with Platt's softened targets.

    Platt, "Probabilistic Outputs for Support Vector Machines", 1999: with `n1` defective and `n0` good
    parts the targets are `(n1 + 1) / (n1 + 2)` and `1 / (n0 + 2)`, which keeps the slope finite where
    the two kinds do not overlap.

    Parameters
    ----------
    feature : (N,) float64
    defective : (N,) bool
        Both kinds must occur.

    Raises
    ------
    ValueError
        If only one kind occurs.
    """
    bad, good = int(defective.sum()), int((~defective).sum())
    if not bad or not good:
        raise ValueError("Platt's scaling needs good and defective parts.")
    target = np.where(defective, (bad + 1.0) / (bad + 2.0), 1.0 / (good + 2.0))
    middle, spread = float(feature.mean()), max(float(feature.std()), 1e-9)
    scaled = (feature - middle) / spread

    def loss(values: NDArray[np.float64]) -> float:
        logit = values[0] * scaled + values[1]
        return float((np.logaddexp(0.0, logit) - target * logit).sum())

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(SMALLEST_SLOPE, None), (None, None)])
    slope = float(found.x[0]) / spread
    return Platt(a=slope, b=float(found.x[1]) - slope * middle)
