"""Two thresholds that keep a contract: fixed-sequence Learn-then-Test on parts with known truth.

A part is accepted if its score is below ``accept_below`` and rejected if it is above ``reject_above`` (both strict, as
in the policy); all others go to a human. The contract bounds three rates of the automatic decisions, each with its
part of the allowed chance of error δ (Bonferroni): escapes among the automatic accepts, defective parts that are
accepted, good parts among the automatic rejects.

For each bound a fixed grid of thresholds, chosen before any label is seen, is walked from the most cautious point on.
At each point the exact binomial test must show that the rate is at most its limit; the first failure ends the walk.
Because the order is fixed, the chance that a point beyond its limit is certified is at most that bound's δ, however
many points there are, and whether or not the rate rises with the threshold: Learn then Test of Angelopoulos, Bates,
Candès, Jordan and Lei (arXiv:2110.01052, section 4). All counts are integers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from inspector_app.automation.counting import Integers, Scores
from inspector_app.automation.fixed_sequence import Walk, binomial_tail, smallest_sample, walk
from inspector_app.domain.contract import Bound, Contract, ScoredPart

_MOST_PARTS = 8192.0
"""Times as many parts as there are: beyond that, more parts are no advice."""


def _grid() -> tuple[float, ...]:
    """Return the thresholds that are tried: evenly spaced log-odds, so that both ends are as fine as the middle.

    Each has four significant digits of its distance to the nearer end, so that it can be set as it is printed.
    """
    low = [float(f"{value:.3e}") for value in expit(np.arange(-14.0, -0.01, 0.025))]
    return (*low, 0.5, *(round(1.0 - value, 10) for value in reversed(low)))


GRID = _grid()
"""Thresholds, ascending, 0 < t < 1."""


@dataclass(frozen=True, slots=True)
class BoundResult:
    """What became of one bound.

    Attributes
    ----------
    bound : Bound
        Which.
    limit, delta : float
        Its limit and its part of the allowed chance of error.
    smallest : int
        Parts without an error that it takes at least.
    reached : float or None
        The last threshold certified for this bound alone.
    failed_at : float or None
        The threshold that ended the walk; ``None`` if it came to its end or never began.
    at : float
        The threshold that ``k`` and ``n`` belong to: the one chosen, else the one that failed, else the last tried.
    k, n : int
        Errors among the parts that the rate is about.
    p_value : float
        P(Bin(n, limit) ≤ k); at most ``delta`` where certified.
    """

    bound: Bound
    limit: float
    delta: float
    smallest: int
    reached: float | None
    failed_at: float | None
    at: float
    k: int
    n: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Needed:
    """Parts that are missing at least, if they are like those so far; ``bad`` of them must be defective."""

    parts: int
    bad: int


@dataclass(frozen=True, slots=True)
class Certified:
    """Thresholds that keep the contract, or that there are none.

    Attributes
    ----------
    contract : Contract
        What was asked.
    accept_below, reject_above : float or None
        The thresholds; ``None``: the model does not accept, does not reject.
    bounds : tuple of BoundResult
        Escape, missed, false reject.
    limited_by : Bound or None
        The bound that keeps ``accept_below`` from going further; ``None`` if nothing does.
    parts, bad, good, unresolved : int
        Parts looked at.
    accepted, rejected : int
        How many of them the thresholds decide.
    needed_accept, needed_reject : Needed or None
        What a side that is not certified lacks; ``None`` if it is certified, or if more parts would not help.
    """

    contract: Contract
    accept_below: float | None
    reject_above: float | None
    bounds: tuple[BoundResult, BoundResult, BoundResult]
    limited_by: Bound | None
    parts: int
    bad: int
    good: int
    unresolved: int
    accepted: int
    rejected: int
    needed_accept: Needed | None
    needed_reject: Needed | None

    @property
    def certified(self) -> bool:
        """True if the model may decide anything at all."""
        return self.accept_below is not None or self.reject_above is not None

    @property
    def to_human(self) -> int:
        """Parts that the thresholds leave to a human."""
        return self.parts - self.accepted - self.rejected

    def result(self, bound: Bound) -> BoundResult:
        """Return what became of a bound."""
        return next(each for each in self.bounds if each.bound is bound)


def certify(parts: Iterable[ScoredPart], contract: Contract) -> Certified:
    """Return the widest thresholds that keep the contract; the order of the parts does not matter.

    Parameters
    ----------
    parts : iterable of ScoredPart
        Unaided or adjudicated truth, drawn independently of the score, not used for training.
    contract : Contract
        What to keep.
    """
    scores = Scores.of(parts)
    run = _Run.of(scores, contract, 1.0)
    low, high = _disjoint(run.accepts, run.rejects)
    escape, missed, false_reject = run.sequences
    return Certified(
        contract=contract,
        accept_below=None if low is None else GRID[low],
        reject_above=None if high is None else GRID[high],
        bounds=(escape.result(low), missed.result(low), false_reject.result(high)),
        limited_by=_limiting(escape, missed),
        parts=scores.parts,
        bad=scores.bad.size,
        good=scores.good.size,
        unresolved=scores.unresolved.size,
        accepted=0 if low is None else int(escape.n[low]),
        rejected=0 if high is None else int(false_reject.counts(high)[1]),
        needed_accept=None if run.accepts else _needed_accept(scores, contract),
        needed_reject=None if run.rejects else _needed_reject(scores, contract),
    )


@dataclass(frozen=True, slots=True)
class _Sequence:
    """The walk of one bound; ``order`` gives the grid's index at each step, k and n are in that order."""

    bound: Bound
    contract: Contract
    order: Integers
    k: Integers
    n: Integers
    walked: Walk

    @classmethod
    def of(cls, bound: Bound, contract: Contract, k: Integers, n: Integers, *, downwards: bool = False) -> _Sequence:
        order = np.arange(len(GRID))
        if downwards:
            order, k, n = order[::-1], k[::-1], n[::-1]
        limit, delta = contract.limit(bound), contract.delta_each
        # The parts in a region are counted without their labels; how many are defective is a label.
        skip_below = 0 if bound is Bound.MISSED else smallest_sample(limit, delta)
        return cls(bound, contract, order, k, n, walk(k, n, limit, delta, skip_below))

    @property
    def certified(self) -> tuple[int, ...]:
        """Indices into the grid, from the most cautious on."""
        return tuple(int(self.order[step]) for step in self.walked.certified)

    def counts(self, index: int) -> tuple[int, int]:
        """Return k and n at a threshold of the grid."""
        step = int(np.flatnonzero(self.order == index)[0])
        return int(self.k[step]), int(self.n[step])

    def result(self, chosen: int | None) -> BoundResult:
        limit, delta = self.contract.limit(self.bound), self.contract.delta_each
        failed = None if self.walked.failed is None else int(self.order[self.walked.failed])
        at = next(index for index in (chosen, failed, int(self.order[-1])) if index is not None)
        k, n = self.counts(at)
        return BoundResult(
            bound=self.bound,
            limit=limit,
            delta=delta,
            smallest=smallest_sample(limit, delta),
            reached=GRID[self.certified[-1]] if self.certified else None,
            failed_at=None if failed is None else GRID[failed],
            at=GRID[at],
            k=k,
            n=n,
            p_value=binomial_tail(k, n, limit),
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """All three walks, on the parts there are or on ``times`` as many like them."""

    sequences: tuple[_Sequence, _Sequence, _Sequence]

    @classmethod
    def of(cls, scores: Scores, contract: Contract, times: float) -> _Run:
        grid = np.array(GRID)
        below, above = scores.below(grid), scores.above(grid)
        accepted_bad = below.bad + below.unresolved
        rejected_good = above.good + above.unresolved

        def scaled(k: Integers, n: Integers) -> tuple[Integers, Integers]:
            many = np.floor(n * times + 1e-9).astype(np.int64)
            return np.minimum(np.ceil(k * times - 1e-9).astype(np.int64), many), many

        return cls(
            (
                _Sequence.of(Bound.ESCAPE, contract, *scaled(accepted_bad, below.parts)),
                _Sequence.of(Bound.MISSED, contract, *scaled(accepted_bad, scores.bad.size + below.unresolved)),
                _Sequence.of(Bound.FALSE_REJECT, contract, *scaled(rejected_good, above.parts), downwards=True),
            )
        )

    @property
    def accepts(self) -> list[int]:
        """Indices at which both bounds of the accept side are certified."""
        missed = set(self.sequences[1].certified)
        return [index for index in self.sequences[0].certified if index in missed]

    @property
    def rejects(self) -> list[int]:
        """Indices at which the bound of the reject side is certified, from the top down."""
        return list(self.sequences[2].certified)


def _disjoint(accepts: list[int], rejects: list[int]) -> tuple[int | None, int | None]:
    """Return the widest pair that does not overlap.

    All certified points hold together, so any of them may be chosen. Where a model separates so well that both sides
    reach past one another, they meet in the middle of the overlap, and a score on the threshold goes to a human.
    """
    low, high = (side[-1] if side else None for side in (accepts, rejects))
    if low is None or high is None or low <= high:
        return low, high
    common = sorted(set(accepts) & set(rejects))
    if not common:
        return low, None
    middle = common[len(common) // 2]
    return middle, middle


def _limiting(escape: _Sequence, missed: _Sequence) -> Bound | None:
    """Return the bound whose walk ended first."""
    ends = [(each.order[each.walked.failed], each.bound) for each in (escape, missed) if each.walked.failed is not None]
    if not escape.certified and escape.walked.failed is None:
        return Bound.ESCAPE  # never began: too few parts
    return min(ends)[1] if ends else None


def _needed_accept(scores: Scores, contract: Contract) -> Needed | None:
    smallest_bad = smallest_sample(contract.missed, contract.delta_each)
    if not scores.bad.size:
        # Nothing is known of defective parts but how many it takes at least, and that accepts must be shown too.
        escape = smallest_sample(contract.escape, contract.delta_each) - scores.good.size
        return Needed(max(escape, 0) + smallest_bad, smallest_bad)
    times = _times_as_many(scores, contract, accept=True)
    if times is None:
        return None
    bad = max(smallest_bad - scores.bad.size, 0)
    return Needed(max(math.ceil((times - 1.0) * scores.parts), bad, 1), bad)


def _needed_reject(scores: Scores, contract: Contract) -> Needed | None:
    if not scores.bad.size:
        smallest = smallest_sample(contract.false_reject, contract.delta_each)
        return Needed(smallest, smallest)
    times = _times_as_many(scores, contract, accept=False)
    return None if times is None else Needed(max(math.ceil((times - 1.0) * scores.parts), 1), 0)


def _times_as_many(scores: Scores, contract: Contract, *, accept: bool) -> float | None:
    """Return how many times as many parts like these would certify a side."""

    def enough(times: float) -> bool:
        run = _Run.of(scores, contract, times)
        return bool(run.accepts if accept else run.rejects)

    if not enough(_MOST_PARTS):
        return None
    low, high = 1.0, 2.0
    while not enough(high):
        low, high = high, 2.0 * high
    while high - low > 0.005 * low:
        middle = (low + high) / 2.0
        if enough(middle):
            high = middle
        else:
            low = middle
    return high
