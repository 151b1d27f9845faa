"""Turning a model's number for a part into a probability that means what it says, and proving it on other groups.

Two parameters at most. Isotonic regression is refused: with fewer than about 1000 rejects it follows the noise (the
advice of scikit-learn's guide on calibration), and a manifest holds a slope and an intercept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import minimize_scalar

from inspector_app.domain.errors import KnownFault
from model.evaluation.measures import Flags, Owners, Scores, estimate, group_weights, mean_of
from model.evaluation.reliability import Reliability, log_losses, reliability
from model.evaluation.values import Estimate
from model.manifest import Platt
from model.platt_fit import fit_platt
from model.probability import platt_probability

ENOUGH_FOR_ISOTONIC = 1000
MOST_FOLDS = 10
_WIDEST_LOG = 4.0


class Method(StrEnum):
    """How the probability is fitted."""

    PLATT = "platt"
    """Slope and intercept."""
    TEMPERATURE = "temperature"
    """The slope alone: the present log odds, all divided by one number."""
    ISOTONIC = "isotonic"
    """Refused with the reason."""


class CalibrationRefused(KnownFault):
    """The pictures do not allow a calibration; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration and what it is worth.

    Attributes
    ----------
    method : Method
        How it was fitted.
    platt : Platt
        Fitted on all pictures; moved to ``defect_rate`` if that is given.
    pictures, rejects, groups, folds : int
        What it was fitted and tested on.
    defect_rate : float or None
        Share of rejects on the line; ``None``: that of the pictures.
    before, after : Reliability
        Of the model as it was, and of calibrations fitted on the other folds of groups; at the pictures' share of
        rejects.
    gain : Estimate
        Log loss after less log loss before; below 0 is better.
    """

    method: Method
    platt: Platt
    pictures: int
    rejects: int
    groups: int
    folds: int
    defect_rate: float | None
    before: Reliability
    after: Reliability
    gain: Estimate


def calibrate(
    features: Scores,
    rejects: Flags,
    groups: Sequence[str],
    present: Platt,
    method: Method,
    defect_rate: float | None = None,
    seed: int = 0,
) -> Calibration:
    """Fit a calibration on all pictures, and measure it on groups that it was not fitted on.

    Parameters
    ----------
    features : (n,) float64
        See `model.probability.part_feature`.
    rejects : (n,) bool
        Truth.
    groups : sequence of str
        Physical part of each picture.
    present : Platt
        Of the model as it is.
    method : Method
        Platt 1999, or temperature: Guo et al., "On calibration of modern neural networks", *ICML* 2017.
    defect_rate : float or None
        Above 0 and below 1: move the intercept from the pictures' share of rejects to this one (Elkan, "The
        foundations of cost-sensitive learning", *IJCAI* 2001, theorem 2).
    seed : int
        Of folds and resampling.

    Raises
    ------
    CalibrationRefused
        With the reason.
    """
    _check(rejects, groups, method)
    weights = group_weights(groups, seed)
    before = _probabilities(features, present)
    owners, folds = _folds(groups, rejects, seed)
    after = np.empty_like(before)
    for fold in range(folds):
        held_out = owners == fold
        fitted = _fit(features[~held_out], rejects[~held_out], present, method)
        after[held_out] = _probabilities(features[held_out], fitted)
    gain = log_losses(after, rejects) - log_losses(before, rejects)
    return Calibration(
        method=method,
        platt=_moved(_fit(features, rejects, present, method), float(rejects.mean()), defect_rate),
        pictures=rejects.size,
        rejects=int(rejects.sum()),
        groups=len(set(groups)),
        folds=folds,
        defect_rate=defect_rate,
        before=reliability(before, rejects, weights, seed),
        after=reliability(after, rejects, weights, seed),
        gain=estimate(mean_of(gain, np.arange(rejects.size), weights)),
    )


def _check(rejects: Flags, groups: Sequence[str], method: Method) -> None:
    if method is Method.ISOTONIC:
        raise CalibrationRefused(
            f"isotonic regression follows noise below about {ENOUGH_FOR_ISOTONIC} rejects (there are"
            f" {int(rejects.sum())}), and a manifest holds two parameters; use platt or temperature."
        )
    for kind, chosen in (("rejects", rejects), ("good pictures", ~rejects)):
        bearing = {group for group, has in zip(groups, chosen, strict=True) if has}
        if len(bearing) < 2:
            raise CalibrationRefused(
                f"a calibration is tested on groups that it was not fitted on, so {kind} must come from at least two"
                f" groups (there are {len(bearing)})."
            )


def _folds(groups: Sequence[str], rejects: Flags, seed: int) -> tuple[Owners, int]:
    """Return the fold of each picture; groups stay whole, those with rejects are spread first."""
    rng = np.random.default_rng(seed)
    names = sorted(set(groups))
    bears = {group for group, reject in zip(groups, rejects, strict=True) if reject}
    order = sorted((names[i] for i in rng.permutation(len(names))), key=lambda name: name not in bears)
    folds = min(len(names), MOST_FOLDS)
    fold_of = {name: number % folds for number, name in enumerate(order)}
    owners = np.array([fold_of[group] for group in groups], np.intp)
    for fold in range(folds):
        rest = rejects[owners != fold]
        if rest.all() or not rest.any():
            raise CalibrationRefused("rejects and good pictures lie in too few groups to test a calibration on others.")
    return owners, folds


def _fit(features: Scores, rejects: Flags, present: Platt, method: Method) -> Platt:
    if method is Method.PLATT:
        return fit_platt(features, rejects)
    odds = present.a * features + present.b
    sign = np.where(rejects, 1.0, -1.0)

    def loss(log_slope: float) -> float:
        return float(np.logaddexp(0.0, -sign * odds * math.exp(log_slope)).sum())

    slope = math.exp(float(minimize_scalar(loss, bounds=(-_WIDEST_LOG, _WIDEST_LOG), method="bounded").x))
    return Platt(present.a * slope, present.b * slope)


def _moved(platt: Platt, share: float, defect_rate: float | None) -> Platt:
    if defect_rate is None:
        return platt
    return Platt(platt.a, platt.b + _log_odds(defect_rate) - _log_odds(share))


def _log_odds(share: float) -> float:
    return math.log(share / (1.0 - share))


def _probabilities(features: Scores, platt: Platt) -> Scores:
    return np.array([platt_probability(float(feature), platt) for feature in features], np.float64)
