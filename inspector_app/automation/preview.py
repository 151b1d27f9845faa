"""What thresholds would do, before they are applied: shares, escapes, and the work that is left for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.automation.counting import Scores
from inspector_app.automation.fixed_sequence import exact_interval


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of parts with its two-sided exact interval for one look.

    Attributes
    ----------
    k, n : int
        Counts; 0 of 0 where nothing was seen, and then everything from 0 to 1 is possible.
    low, high : float
        Clopper-Pearson bounds.
    """

    k: int
    n: int
    low: float
    high: float

    @classmethod
    def of(cls, k: int, n: int, level: float) -> Rate:
        """Return k of n with its interval."""
        low, high = exact_interval(k, n, level) if n else (0.0, 1.0)
        return cls(k, n, low, high)

    @property
    def estimate(self) -> float | None:
        """The share, ``None`` where nothing was seen."""
        return self.k / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Workload:
    """Parts in an hour at a takt.

    Attributes
    ----------
    parts : float
        All.
    for_people : float
        Those that an inspector looks at: not decided by the model, outside the canary share, or audited.
    escapes : float
        Defective parts that leave unseen, expected; audited parts are seen.
    escapes_high : float
        The same at the upper bound of the rate.
    """

    parts: float
    for_people: float
    escapes: float
    escapes_high: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pair of thresholds does to the parts with known truth.

    Attributes
    ----------
    accept_below, reject_above : float
        The thresholds.
    accepted, rejected, to_human : Rate
        Of all parts.
    escapes : Rate
        Defective (or unresolved) parts among the automatic accepts.
    missed : Rate
        Defective parts that are accepted, of all defective.
    false_rejects : Rate
        Good (or unresolved) parts among the automatic rejects.
    workload : Workload
        In an hour.
    """

    accept_below: float
    reject_above: float
    accepted: Rate
    rejected: Rate
    to_human: Rate
    escapes: Rate
    missed: Rate
    false_rejects: Rate
    workload: Workload


@dataclass(frozen=True, slots=True)
class ScoreHistogram:
    """How scores are spread: ``edges`` has one more entry than the counts; the last bin holds its upper edge too."""

    edges: tuple[float, ...]
    good: tuple[int, ...]
    bad: tuple[int, ...]
    unresolved: tuple[int, ...]


def score_histogram(scores: Scores, edges: Sequence[float]) -> ScoreHistogram:
    """Return the histogram of scores by truth; ``edges`` ascend from 0 to 1."""
    good, bad, unresolved = (
        tuple(int(count) for count in np.histogram(values, list(edges))[0])
        for values in (scores.good, scores.bad, scores.unresolved)
    )
    return ScoreHistogram(tuple(edges), good, bad, unresolved)


def preview(
    scores: Scores,
    accept_below: float,
    reject_above: float,
    *,
    takt_s: float,
    canary_share: float = 1.0,
    audit_share: float = 0.0,
    level: float = 0.95,
) -> Preview:
    """Return what thresholds would do if the coming parts are like these.

    Parameters
    ----------
    scores : Scores
        Parts with known truth; sorted once, so that thresholds can be dragged.
    accept_below, reject_above : float
        0 ≤ accept_below ≤ reject_above ≤ 1; both strict.
    takt_s : float
        Seconds from part to part, above 0.
    canary_share, audit_share : float
        0 … 1: parts on which the model may decide, and automatic decisions that are audited.
    level : float
        Confidence level of the intervals.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    if not 0.0 <= accept_below <= reject_above <= 1.0:
        raise ValueError(f"thresholds are 0 ≤ accept below ≤ reject above ≤ 1, not {accept_below} and {reject_above}")
    if not (takt_s > 0.0 and 0.0 <= canary_share <= 1.0 and 0.0 <= audit_share <= 1.0):
        raise ValueError("the takt is above 0, and shares are in 0 … 1")
    below, above = scores.below(np.array([accept_below])), scores.above(np.array([reject_above]))
    n, accepts, rejects = scores.parts, int(below.parts[0]), int(above.parts[0])
    escaped = int(below.bad[0] + below.unresolved[0])
    defective = scores.bad.size + int(below.unresolved[0])
    escape_rate = Rate.of(escaped, n, level)
    parts = 3600.0 / takt_s
    unseen = canary_share * (1.0 - audit_share)
    decided = (accepts + rejects) / n if n else 0.0
    return Preview(
        accept_below=accept_below,
        reject_above=reject_above,
        accepted=Rate.of(accepts, n, level),
        rejected=Rate.of(rejects, n, level),
        to_human=Rate.of(n - accepts - rejects, n, level),
        escapes=Rate.of(escaped, accepts, level),
        missed=Rate.of(escaped, defective, level),
        false_rejects=Rate.of(int(above.good[0] + above.unresolved[0]), rejects, level),
        workload=Workload(
            parts=parts,
            for_people=parts * (1.0 - unseen * decided),
            escapes=parts * unseen * (escape_rate.estimate or 0.0),
            escapes_high=parts * unseen * escape_rate.high,
        ),
    )
