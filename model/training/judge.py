"""Fitting a judge of regions on a plant's own marks, and choosing on held-out parts whether it is worth having."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from inspector_app.domain.prediction import Region
from model.evaluation.matching import TRUE_SHARE, TruthPatches, share_inside
from model.judging import measured_candidates
from model.manifest import JudgeSpec, ModelManifest, measure_names
from model.patches import region_patch
from model.preprocessing import Network, predict_maps
from model.region_measures import Measures
from model.training.held_out import KnownPart

FEWEST = 30
"""Candidates of each kind from which a judge is fitted."""
PENALTY = 5.0
"""Half of it times the squared weights is added to the loss; measures are scaled to their deviations."""
_MOST_DEVIATIONS = 4.0
_SMALLEST_DEVIATION = 1e-6
DRAFT_THRESHOLD = 0.5
"""Until it is chosen on held-out parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Candidates of the parts learned from.

    Attributes
    ----------
    measures : (N, M) float64
    true : (N,) bool
        Whether each lies on a reason to reject.
    """

    measures: Measures
    true: NDArray[np.bool_]

    @property
    def enough(self) -> bool:
        """Whether there is something to learn."""
        return min(int(self.true.sum()), int((~self.true).sum())) >= FEWEST


def gathered_examples(
    parts: Iterator[KnownPart], manifest: ModelManifest, network: Network, on_look: Callable[[int], None]
) -> Examples:
    """Return the candidates of parts whose marks are located.

    A candidate is true as `model.evaluation.matching` has it; one on an ignore zone is left out.

    Parameters
    ----------
    on_look : callable
        Told how many parts have been looked at; raises where the run is to end.
    """
    measures: list[Measures] = [np.empty((0, len(measure_names(len(manifest.classes)))))]
    flags: list[bool] = []
    for number, part in enumerate(parts, start=1):
        if part.located:
            maps = predict_maps(part.pixels, manifest, network)
            found, values = measured_candidates(part.pixels, maps, manifest)
            truth = TruthPatches.of(part.places, part.mask, (part.pixels.shape[0], part.pixels.shape[1]))
            known = [_is_true(region, truth) for region in found]
            measures.append(values[[verdict is not None for verdict in known]])
            flags += [verdict for verdict in known if verdict is not None]
        on_look(number)
    return Examples(np.concatenate(measures), np.array(flags, np.bool_))


def fit_judge(examples: Examples) -> JudgeSpec:
    """Fit a logistic regression with squared penalty by maximum likelihood; the same examples give the same judge."""
    mean = examples.measures.mean(axis=0)
    std = np.maximum(examples.measures.std(axis=0), _SMALLEST_DEVIATION)
    scaled = np.clip((examples.measures - mean) / std, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    sign = np.where(examples.true, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight, bias = values[:-1], values[-1]
        margin = sign * (scaled @ weight + bias)
        pull = -sign / (1.0 + np.exp(np.clip(margin, -30.0, 30.0)))
        slope = np.append(scaled.T @ pull + PENALTY * weight, pull.sum())
        return float(np.logaddexp(0.0, -margin).sum() + 0.5 * PENALTY * weight @ weight), slope

    found = minimize(loss, np.zeros(scaled.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return JudgeSpec(
        mean=_plain(mean),
        std=_plain(std),
        weight=_plain(found[:-1]),
        bias=float(found[-1]),
        threshold=DRAFT_THRESHOLD,
    )


def _is_true(region: Region, truth: TruthPatches) -> bool | None:
    """Return whether a region lies on a reason to reject; None: nobody knows."""
    patch = region_patch(region)
    if share_inside(patch, truth.reject_union) >= TRUE_SHARE:
        return True
    return None if share_inside(patch, truth.ignore_union) >= TRUE_SHARE else False


def _plain(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
