"""Signal detection: what an appraiser sees (d') told apart from how strict the appraiser is (c)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from inspector_app.agreement.values import NotMeasurable, Proportion


@dataclass(frozen=True, slots=True)
class Detection:
    """Sensitivity and criterion of the equal-variance normal model.

    Attributes
    ----------
    d_prime : float
        Distance between good and bad parts as the appraiser sees them, in standard deviations; 0 is guessing.
    criterion : float
        0 is unbiased; above 0 the appraiser is lenient (accepts more), below 0 strict.
    """

    d_prime: float
    criterion: float


def detection(miss: Proportion | NotMeasurable, false_alarm: Proportion | NotMeasurable) -> Detection | NotMeasurable:
    """Return d' and c from an appraiser's errors.

    Green and Swets, *Signal Detection Theory and Psychophysics* (1966): d' = z(H) - z(F), c = -(z(H) + z(F)) / 2 with
    H = 1 - miss and F = false alarm. Counts are corrected log-linearly, (k + 0.5) / (n + 1), so that a share of 0 or 1
    stays finite: Hautus, *Behav. Res. Methods* 27 (1995) 46.
    """
    for rate in (miss, false_alarm):
        if isinstance(rate, NotMeasurable):
            return rate
    assert isinstance(miss, Proportion)  # noqa: S101  told apart above
    assert isinstance(false_alarm, Proportion)  # noqa: S101
    hits, alarms = _z(miss.n - miss.k, miss.n), _z(false_alarm.k, false_alarm.n)
    return Detection(hits - alarms, -(hits + alarms) / 2.0)


def _z(k: int, n: int) -> float:
    return NormalDist().inv_cdf((k + 0.5) / (n + 1.0))
