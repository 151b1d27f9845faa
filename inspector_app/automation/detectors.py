"""Two classical watchers of a stream: Wald's sequential test and the Shiryaev-Roberts detector of a change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class SprtAnswer(StrEnum):
    """What a sequential test says so far."""

    GOOD = "good"
    BAD = "bad"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Sprt:
    """Sequential probability ratio test of a good against a bad rate, as two parallel lines.

    Wald, *Sequential Analysis* (1947); NIST/SEMATECH e-Handbook, section 6.2.6.

    Attributes
    ----------
    good_below, bad_above : float
        Distances of the lines from ``slope × n``, in events.
    slope : float
        Events per part along the lines.
    """

    good_below: float
    bad_above: float
    slope: float

    @classmethod
    def between(cls, good: float, bad: float, false_alarm: float, miss: float) -> Sprt:
        """Return the test of two rates.

        Parameters
        ----------
        good, bad : float
            Rates, 0 < good < bad < 1.
        false_alarm, miss : float
            Chances to call the good rate bad and the bad rate good; above 0, together below 1.

        Raises
        ------
        ValueError
            If they are out of range.
        """
        if not 0.0 < good < bad < 1.0:
            raise ValueError(f"the rates are 0 < good < bad < 1, not {good} and {bad}")
        if min(false_alarm, miss) <= 0.0 or false_alarm + miss >= 1.0:
            raise ValueError(f"the chances of error are above 0 and together below 1, not {false_alarm} and {miss}")
        scale = math.log(bad * (1.0 - good) / (good * (1.0 - bad)))
        return cls(
            good_below=math.log((1.0 - false_alarm) / miss) / scale,
            bad_above=math.log((1.0 - miss) / false_alarm) / scale,
            slope=math.log((1.0 - good) / (1.0 - bad)) / scale,
        )

    def judge(self, k: int, n: int) -> SprtAnswer:
        """Return what k events among n parts say; once it is not ``GO_ON`` the test is over."""
        centre = self.slope * n
        if k <= centre - self.good_below:
            return SprtAnswer.GOOD
        return SprtAnswer.BAD if k >= centre + self.bad_above else SprtAnswer.GO_ON


def likelihood_ratio(event: bool, usual: float, changed: float) -> float:
    """Return how much likelier one part is under the changed rate than under the usual one.

    Parameters
    ----------
    event : bool
        Whether it happened on this part.
    usual, changed : float
        Rates, both above 0 and below 1.

    Raises
    ------
    ValueError
        If a rate is out of range.
    """
    if not (0.0 < usual < 1.0 and 0.0 < changed < 1.0):
        raise ValueError(f"rates are above 0 and below 1, not {usual} and {changed}")
    return changed / usual if event else (1.0 - changed) / (1.0 - usual)


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
        Of this part, ≥ 0, for example its `likelihood_ratio`.

    Raises
    ------
    ValueError
        If one is negative or not a number.
    """
    if not (before >= 0.0 and e >= 0.0):
        raise ValueError(f"the detector and its e-values are at least 0, not {before} and {e}")
    return (1.0 + before) * e
