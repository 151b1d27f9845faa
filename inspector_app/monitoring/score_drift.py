"""Drift of the model's score: conformal p-values against a reference, and bets against "nothing has changed".

A p-value says where a part's score lies among the reference scores; without drift it is uniform in [0, 1]. A bet
``1 + λ (±(x - 1/2) - ε)`` on it has a mean of at most 1 as long as the mean of x is within ε of 1/2, so it is an
e-value that any sequential test may multiply up. ε is both the effect that is too small to matter and the room for the
chance in the reference itself: a reference of n scores puts the mean of p off by about 0.29/√n, for ever, which a test
without that room would sooner or later call drift.

Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World* (2nd ed. 2022), chapter 8.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from inspector_app.domain.ids import sticky_uniform

STAKES = (0.25, 0.8, 1.6)
"""λ of the bets: for a slow, a middling and a sudden drift."""

BETS = 4 * len(STAKES)
"""Number of e-values that a part gives: scores higher, lower, further out, further in, at each stake."""


@dataclass(frozen=True, slots=True)
class ScoreReference:
    """Scores of parts that stand for production as it was when the model was vouched for.

    Attributes
    ----------
    scores : tuple of float
        Sorted, at least one.
    tolerance : float
        ε, 0 … 0.1: a shift of the mean p-value that is no drift.
    """

    scores: tuple[float, ...]
    tolerance: float = 0.03

    def __post_init__(self) -> None:
        if not self.scores or list(self.scores) != sorted(self.scores):
            raise ValueError("reference scores are sorted and at least one")
        if not 0.0 <= self.tolerance <= 0.1:
            raise ValueError("the tolerance of a score reference is in 0 … 0.1")


def conformal_p(reference: ScoreReference, score: float, u: float) -> float:
    """Return the share of reference scores above this one, ties and the part itself counted by the share u.

    Parameters
    ----------
    reference : ScoreReference
        What the score is compared with.
    score : float
        The part's.
    u : float
        A uniform number in [0, 1) of its own for each part, see `smoothing_draw`.

    Returns
    -------
    float
        In [0, 1]; small for a score higher than usual.
    """
    scores = reference.scores
    above_or_equal = len(scores) - bisect_left(scores, score)
    above = len(scores) - bisect_right(scores, score)
    return (above + u * (above_or_equal - above + 1)) / (len(scores) + 1)


def smoothing_draw(part_id: str) -> float:
    """Return the uniform number that breaks ties for a part: a sticky draw, so that the p-value replays."""
    return sticky_uniform("score-drift", part_id)


def drift_e_values(p: float, tolerance: float) -> tuple[float, ...]:
    """Return the `BETS` e-values of one p-value, each ≥ 0 with a mean of at most 1 without drift beyond ε."""
    shift, spread = p - 0.5, 2.0 * abs(p - 0.5) - 0.5
    signs = (-shift - tolerance, shift - tolerance, spread - tolerance, -spread - tolerance)
    return tuple(1.0 + stake * excess for excess in signs for stake in STAKES)
