"""Evidence that may be looked at after every part: e-processes and a confidence sequence for rates.

An e-process is a running number E ≥ 0 with mean at most 1 at every stopping time while its null hypothesis holds. So
the chance that it *ever* reaches 1/δ is at most δ (Ville's inequality): who watches it and stops when it suits has
the same guarantee as who does not. Under the alternative it grows. All functions take integer counts and return
natural logarithms, which are finite for every count.

Mixtures of likelihood ratios: Robbins, *Annals of Mathematical Statistics* 41 (1970) 1397; Ramdas, Grünwald, Vovk and
Shafer, *Statistical Science* 38 (2023) 576.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.special import betainc, betaln, gammaln

_JEFFREYS, _UNIFORM = 0.5, 1.0
"""Both parameters of the Beta distribution that an e-process mixes over."""


def log_e_certify(k: int, n: int, limit: float) -> float:
    """Return ln E against "the rate is at least ``limit``": large values show that the rate is below it.

    E is the likelihood of the counts under Beta(½, ½) cut to 0 … limit, over their likelihood at the limit::

        E = B(a+k, b+n-k) I_limit(a+k, b+n-k) / (B(a, b) I_limit(a, b) limit^k (1-limit)^(n-k)),   a = b = ½

    with the beta function B and the regularised incomplete beta function I.

    Parameters
    ----------
    k, n : int
        Events among parts, 0 ≤ k ≤ n.
    limit : float
        Rate, 0 < limit < 1.

    Raises
    ------
    ValueError
        If a count or the limit is out of range.
    """
    _check_counts(k, n)
    _check_open(limit, "a limit of a rate")
    return _log_e_below(k, n, limit, _JEFFREYS)


def log_e_harm(k: int, n: int, limit: float) -> float:
    """Return ln E against "the rate is at most ``limit``": large values show that the rate is above it.

    The mirror image of `log_e_certify`: the share of parts *without* the event is below 1 - limit. Parameters and
    errors as there.
    """
    _check_counts(k, n)
    return log_e_certify(n - k, n, 1.0 - limit)


def log_e_second_worse(first_only: int, second_only: int) -> float:
    """Return ln E against "the second errs at most as often as the first": large values show that it is worse.

    McNemar's comparison for looking at any time, from the parts on which exactly one of them erred: each is that one
    with probability ½ where they err equally often. The uniform mixture is cut to shares of the second above ½.

    Parameters
    ----------
    first_only, second_only : int
        Parts on which only the first, only the second erred (b, c); ≥ 0.

    Raises
    ------
    ValueError
        If a count is negative.
    """
    _check_counts(first_only, first_only + second_only)
    return _log_e_below(first_only, first_only + second_only, 0.5, _UNIFORM)


def shown(log_e: float, delta: float) -> bool:
    """Return True if evidence suffices at confidence 1 - ``delta``: E ≥ 1/δ, at whatever time it is looked at."""
    _check_open(delta, "the allowed chance of error")
    return log_e >= -math.log(delta)


def e_value(log_e: float) -> float:
    """Return E for display, at most 1e300: no JSON number and no person needs more."""
    return math.exp(min(log_e, 300.0 * math.log(10.0)))


def parts_to_certify(limit: float, delta: float, k: int = 0) -> int:
    """Return the smallest number of parts, ``k`` of them with the event, that shows a rate below ``limit``.

    The price of looking at any time: with k = 0, limit 1 % and δ = 5 % it is 377 where one look at a fixed sample
    needs 299.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    _check_open(delta, "the allowed chance of error")
    high = max(k, 1)
    while not shown(log_e_certify(k, high, limit), delta):
        high *= 2
    low = k - 1
    while high - low > 1:
        middle = (low + high) // 2
        if shown(log_e_certify(k, middle, limit), delta):
            high = middle
        else:
            low = middle
    return high


def confidence_sequence(k: int, n: int, delta: float, tuned_to: int | None = None) -> tuple[float, float]:
    """Return bounds of a rate that hold at all times together with probability 1 - ``delta``.

    All rates p against which the beta-binomial mixture E(p) = B(a+k, b+n-k) / (B(a, b) p^k (1-p)^(n-k)) stays below
    1/δ. With the uniform prior a = b = 1, or, narrowest near one sample size, with a prior centred at p as in Howard,
    Ramdas, McAuliffe and Sekhon, *Annals of Statistics* 49 (2021) 1055, as their library ``confseq`` computes it.

    Parameters
    ----------
    k, n : int
        Events among parts, 0 ≤ k ≤ n; n may be 0.
    delta : float
        Chance that the bounds ever leave the true rate out, 0 < delta < 1.
    tuned_to : int or None
        Sample size at which they shall be narrowest; ``None``: uniform prior.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    _check_counts(k, n)
    _check_open(delta, "the allowed chance of error")
    weight = None if tuned_to is None else _prior_weight(tuned_to)

    def excess(p: float) -> float:
        a, b = (1.0, 1.0) if weight is None else (weight * p, weight * (1.0 - p))
        # Rising factorials rather than beta functions, of which scipy's is not finite for some tiny parameters.
        mixture = _log_rising(a, k) + _log_rising(b, n - k) - _log_rising(a + b, n)
        return mixture - k * math.log(p) - (n - k) * math.log1p(-p) + math.log(delta)

    # At the estimate E is at most 1. Towards the edges it grows without end or, where the prior is centred at p, to a
    # finite value that may stay below 1/δ.
    edge = 1e-12
    rate = min(max(k / max(n, 1), edge), 1.0 - edge)
    low = 0.0 if k == 0 or excess(edge) <= 0.0 else _crossing(excess, rate, edge)
    high = 1.0 if k == n or excess(1.0 - edge) <= 0.0 else _crossing(excess, rate, 1.0 - edge)
    return low, high


def _crossing(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """Return where a function turns from at most 0 to above, to within 1e-12 of the way.

    By halving, exact enough after 40 times: scipy's root finders take longer to load than a report takes to count.
    """
    for _ in range(40):
        middle = 0.5 * (inside + outside)
        if excess(middle) > 0.0:
            outside = middle
        else:
            inside = middle
    return outside


def _log_rising(start: float, steps: int) -> float:
    """Return ln of start (start+1) … (start+steps-1)."""
    return float(gammaln(start + steps)) - float(gammaln(start))


def _log_e_below(k: int, n: int, limit: float, prior: float) -> float:
    """Return ln E against "the rate is at least ``limit``", mixing over Beta(prior, prior) cut to 0 … limit."""
    a, b = prior + k, prior + n - k
    start = float(betaln(prior, prior)) + math.log(float(betainc(prior, prior, limit)))
    below = float(betainc(a, b, limit))
    if below > 1e-280:
        mixture = float(betaln(a, b)) + math.log(below) - start
        return mixture - k * math.log(limit) - (n - k) * math.log1p(-limit)
    # The incomplete beta function is about to underflow: far more events than the limit allows. In its
    # hypergeometric series (DLMF 8.17.8) the powers of the limit cancel, and what is left is small but finite.
    series = term = 1.0
    j = 0
    while term > 1e-17 * series:
        term *= limit * (a + b + j) / (a + 1.0 + j)
        series += term
        j += 1
    return prior * math.log(limit * (1.0 - limit)) + math.log(series / a) - start


def _prior_weight(tuned_to: int) -> float:
    """Return the prior's weight in parts; tuned at 5 %, as the reference implementation does."""
    if tuned_to < 1:
        raise ValueError(f"the sample size to tune to is at least 1, not {tuned_to}")
    odds = 2.0 * math.log(1.0 / 0.05)
    return max(tuned_to / (odds + math.log1p(odds)) - 1.0, 1e-3)


def _check_counts(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"counts are 0 ≤ k ≤ n, not {k} of {n}")


def _check_open(value: float, what: str) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"{what} is above 0 and below 1, not {value}")
