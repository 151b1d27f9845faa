"""How much of its start a taught network keeps: weighed on held-out parts, so that teaching never makes it worse there.

A network that learns from few parts may rank parts that it has not seen worse than the one it started from. So the
start, what was learned, and mixtures of both are judged on everything that is held out, and the best is released: what
was learned where nothing else is better, the start itself where all else is worse. Mixtures after Wortsman et al.,
"Robust fine-tuning of zero-shot models", 2022; they too choose the share on held-out pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from model.network import SegmentationNetwork
from model.training.config import HeldOutTried, StartWeighed, WeighedShare
from model.training.start import mixed

SHARES = (0.0, 0.35, 0.65, 1.0)
"""Shares of the start's weights that are tried where none is asked for: 0, all is learned; 1, the start itself."""

Judge = Callable[[SegmentationNetwork], HeldOutTried]
"""Judges a network on all that is held out."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The network to be released, and how it was chosen."""

    network: SegmentationNetwork
    weighed: StartWeighed


def shares_to_weigh(asked: float | None) -> tuple[float, ...]:
    """Return the shares of the start to try, least first: those of the module, or the one asked for and the start."""
    return SHARES if asked is None else (asked, 1.0)


def weighed(learned: SegmentationNetwork, start: Mapping[str, Tensor], shares: Sequence[float], judge: Judge) -> Kept:
    """Return the best mixture of a network and its start; of equals the one that keeps less of the start.

    Parameters
    ----------
    learned : SegmentationNetwork
        Changed in place.
    start : mapping of str to Tensor
        Of the same network before it learned.
    shares : sequence of float
        See `shares_to_weigh`.
    """
    after = {name: value.clone() for name, value in learned.state_dict().items()}
    tried = []
    for share in shares:
        learned.load_state_dict(after)
        found = judge(mixed(learned, start, share))
        tried.append(WeighedShare(share, found.average_precision, found.recall, found.score))
    best = max(tried, key=lambda entry: entry.score)
    learned.load_state_dict(after)
    return Kept(mixed(learned, start, best.kept), StartWeighed(tuple(tried), best.kept, _in_words(tried, best)))


def _in_words(tried: Sequence[WeighedShare], best: WeighedShare) -> str:
    """Return one sentence; the score is the mean of average precision and recall."""
    alone, start = tried[0], tried[-1]
    if best.kept == 1.0:
        return (
            f"On the held-out pictures nothing that was learned does better than the start (score {start.score:.3f};"
            f" best of what was learned {max(entry.score for entry in tried[:-1]):.3f}), so the start is released."
        )
    if best.kept == 0.0:
        return f"On the held-out pictures what was learned has score {best.score:.3f}, the start {start.score:.3f}."
    return (
        f"On the held-out pictures the network with {best.kept:.0%} of the start's weights has score {best.score:.3f},"
        f" with {alone.kept:.0%} {alone.score:.3f}, the start {start.score:.3f}."
    )
