"""Whether more pictures than usual are no good: a binomial test on the last parts."""

from __future__ import annotations

from math import comb


def unusual_share(bad: int, of: int, usual: float, chance: float) -> bool:
    """Return True if so many bad pictures, or more, would come about by chance less often than ``chance``.

    Parameters
    ----------
    bad, of : int
        Bad pictures among the last ``of``.
    usual : float
        Share of bad pictures that is taken as usual, 0 … 1.
    chance : float
        Level of the one-sided exact binomial test, 0 … 1. It holds for one look; as it is asked after every part, false
        alarms come more often than that, and ``chance`` is to be chosen small.
    """
    if not 0 <= bad <= of:
        raise ValueError(f"{bad} of {of} pictures cannot be bad")
    if bad == 0:
        return False
    tail = sum(comb(of, k) * usual**k * (1.0 - usual) ** (of - k) for k in range(bad, of + 1))
    return tail < chance
