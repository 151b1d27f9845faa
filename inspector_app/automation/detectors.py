"""The Shiryaev-Roberts detector of a change in a stream."""

from __future__ import annotations


def shiryaev_roberts(before: float, e: float) -> float:
    """Return the detector's next value R = (1 + R) × e.

    With any e-values (mean at most 1 while nothing has changed), an alarm at R ≥ A comes on average no sooner than
    after A parts without a change: Shin, Ramdas and Rinaldo, *New England Journal of Statistics in Data Science* 2
    (2024) 229. It starts at 0.

    Parameters
    ----------
    before : float
        Value before this part, ≥ 0.
    e : float
        Of this part, ≥ 0, for example its likelihood after the change against that before.

    Raises
    ------
    ValueError
        If one is negative or not a number.
    """
    if not (before >= 0.0 and e >= 0.0):
        raise ValueError(f"the detector and its e-values are at least 0, not {before} and {e}")
    return (1.0 + before) * e
