"""From held-out parts to how a part's probability is made: what speaks for it, and Platt's scaling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from model.manifest import Feature, ModelManifest, ProbabilitySpec
from model.platt_fit import fit_platt
from model.training.held_out import SeenPart, part_features, ranking

BLOCKS = (24, 64, 256)
"""Numbers of output blocks that may speak for a part; the first is the one whose verdict was learned."""


def choose_probability(seen: Sequence[SeenPart], manifest: ModelManifest) -> tuple[ProbabilitySpec, bool]:
    """Choose what speaks for a part (so many blocks, or what a judge says), and fit Platt's scaling, on held-out parts.

    Returns
    -------
    ProbabilitySpec and bool
        What ranks the parts best, of equals the first; False: the parts are all good or all bad, nothing
        could be fitted.
    """
    tried = []
    specs = [replace(manifest.probability, k=blocks) for blocks in BLOCKS]
    if manifest.judge is not None:
        specs.append(replace(manifest.probability, feature=Feature.JUDGED_REGIONS, k=BLOCKS[0]))
    for spec in specs:
        candidate = replace(manifest, probability=spec)
        precision = ranking(seen, candidate)
        if precision is None:
            return manifest.probability, False
        tried.append((precision, replace(spec, platt=fit_platt(*part_features(seen, candidate)))))
    return max(tried, key=lambda entry: entry[0])[1], True
