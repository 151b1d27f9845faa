"""How many blocks of the map speak for a part, and the probability that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.manifest import ModelManifest, ProbabilitySpec
from model.platt_fit import fit_platt
from model.training.held_out import SeenPart, part_features

BLOCKS = (16, 64, 256)
"""Numbers of output blocks that may speak for a part: a short scratch, a long one, a large mark."""


def choose_probability(seen: Sequence[SeenPart], manifest: ModelManifest) -> tuple[ProbabilitySpec, bool]:
    """Choose how many blocks speak for a part, and fit Platt's scaling, on held-out parts.

    Returns
    -------
    ProbabilitySpec and bool
        The number with the smallest log loss; False: the parts are all good or all bad, nothing could be fitted.
    """
    tried = []
    for blocks in BLOCKS:
        spec = replace(manifest.probability, k=blocks)
        feature, bad = part_features(seen, replace(manifest, probability=spec))
        if bad.all() or not bad.any():
            return manifest.probability, False
        platt = fit_platt(feature, bad)
        logit = platt.a * feature + platt.b
        tried.append((float((np.logaddexp(0.0, logit) - bad * logit).sum()), replace(spec, platt=platt)))
    return min(tried, key=lambda entry: entry[0])[1], True
