"""The gate: a model goes into the registry only if every runtime gives the same answers on the golden pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from inspector_app.domain.errors import ModelError
from model.installing.golden import Answer
from model.registry.entry import PairAgreement, ParityRecord

SCORE_TOLERANCE = 1e-3
"""Two runtimes may give a part probabilities that differ by this much, in single precision."""
MASK_TOLERANCE = 1e-3
"""And each probability in the maps by this much."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one runtime says about the golden pictures.

    Attributes
    ----------
    runtime : str
        Its name and version.
    by_picture : mapping of str to Answer
    """

    runtime: str
    by_picture: Mapping[str, Answer]


def check_parity(title: str, answers: Sequence[Answers], left_out: Sequence[str] = ()) -> ParityRecord:
    """Compare every two runtimes on every picture that both have judged.

    Parameters
    ----------
    title : str
        Name and version of the model, for the sentence.
    answers : sequence of Answers
        At least two.
    left_out : sequence of str
        Why a runtime is not among them; goes into the record.

    Raises
    ------
    ModelError
        If two runtimes differ; the sentence says which, on which picture, and how far. Also if no two have judged the
        same picture: then nothing is proved.
    """
    pairs = []
    for one, other in combinations(answers, 2):
        shared = [name for name in one.by_picture if name in other.by_picture]
        if shared:
            pairs.append(_agreement(title, one, other, shared))
    if not pairs:
        reasons = " ".join(left_out)
        raise ModelError(f"model {title} is not installed: no second runtime could judge it. {reasons}".rstrip())
    pictures = tuple(dict.fromkeys(name for each in answers for name in each.by_picture))
    return ParityRecord(SCORE_TOLERANCE, MASK_TOLERANCE, pictures, tuple(pairs), tuple(left_out))


def distance(one: Answer, other: Answer) -> tuple[float, float]:
    """Return how far two answers lie apart: probability of the part, and the worst place in the maps (inf if none)."""
    if one.maps.shape != other.maps.shape:
        return math.inf, math.inf
    score = abs(one.probability - other.probability)
    return score, float(np.abs(one.maps - other.maps).max())


def _agreement(title: str, one: Answers, other: Answers, shared: Sequence[str]) -> PairAgreement:
    found = {name: distance(one.by_picture[name], other.by_picture[name]) for name in shared}
    worst = max(found, key=lambda name: found[name][::-1])
    for name, (score, mask) in found.items():
        # written so that a difference that is not a number fails too
        if not (score <= SCORE_TOLERANCE and mask <= MASK_TOLERANCE):
            raise ModelError(
                f"model {title} is not installed: {one.runtime} and {other.runtime} disagree on '{name}': a map differs"
                f" by {mask:.2g} (allowed {MASK_TOLERANCE:g}), the part's probability by {score:.2g}"
                f" (allowed {SCORE_TOLERANCE:g})."
            )
    return PairAgreement(
        one.runtime,
        other.runtime,
        max(score for score, _ in found.values()),
        max(mask for _, mask in found.values()),
        worst,
    )
