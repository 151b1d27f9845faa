"""Continuous sampling plan CSP-1 as the schedule of audits.

Dodge, *Annals of Mathematical Statistics* 14 (1943) 264; MIL-STD-1235C. In the 100 % phase every accept of the model is
audited; after i good ones in a row a random fraction f is; a confirmed escape leads back to the 100 % phase. ``p`` is
the share of bad parts among the model's accepts, ``q = 1 - p``, and ``se`` the auditors' probability to see a bad part.

The formulas take the share as steady and the audits as answered at once; what watches for change is a guard.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class AuditPhase(StrEnum):
    """Where the schedule stands."""

    SCREENING = "screening"
    SAMPLING = "sampling"


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """CSP-1.

    Attributes
    ----------
    clearance : int
        i, ≥ 1: so many good audits in a row end the 100 % phase.
    fraction : float
        f, above 0 and at most 1: the audit share afterwards.
    """

    clearance: int
    fraction: float

    def __post_init__(self) -> None:
        if self.clearance < 1:
            raise ValueError("an audit plan's clearance is at least 1")
        if not 0.0 < self.fraction <= 1.0:
            raise ValueError("an audit plan's fraction is above 0 and at most 1: the model is never left unaudited")


@dataclass(frozen=True, slots=True)
class AuditSchedule:
    """Where the schedule stands; a new one begins in the 100 % phase.

    Attributes
    ----------
    phase : AuditPhase
        100 % or sampling.
    in_a_row : int
        Good audits since the last escape, counted in the 100 % phase only.
    """

    phase: AuditPhase = AuditPhase.SCREENING
    in_a_row: int = 0


def schedule_after(plan: AuditPlan, schedule: AuditSchedule, escape: bool) -> AuditSchedule:
    """Return the schedule after one confirmed audit of a model's accept."""
    if escape:
        return AuditSchedule()
    if schedule.phase is AuditPhase.SAMPLING:
        return schedule
    in_a_row = schedule.in_a_row + 1
    if in_a_row >= plan.clearance:
        return AuditSchedule(AuditPhase.SAMPLING)
    return AuditSchedule(AuditPhase.SCREENING, in_a_row)


def scheduled_share(plan: AuditPlan, schedule: AuditSchedule) -> float:
    """Return the audit share in force."""
    return 1.0 if schedule.phase is AuditPhase.SCREENING else plan.fraction


def fraction_audited(plan: AuditPlan, share: float, sensitivity: float = 1.0) -> float:
    """Return AFI, the long-run share of the model's accepts that is audited: f / (f + (1-f) (1 - p se)^i)."""
    _check_shares(share, sensitivity)
    f = plan.fraction
    return f / (f + (1.0 - f) * math.exp(plan.clearance * _log_clean(share, sensitivity)))


def outgoing_share(plan: AuditPlan, share: float, sensitivity: float = 1.0) -> float:
    """Return AOQ: bad parts among those that leave as accepted, when audits take out the escapes they find.

    p (1 - se AFI) / (1 - p se AFI): a part taken out is not replaced by a good one.
    """
    taken_out = sensitivity * fraction_audited(plan, share, sensitivity)
    return share * (1.0 - taken_out) / max(1.0 - share * taken_out, math.ulp(0.0))


def outgoing_share_if_replaced(plan: AuditPlan, share: float, sensitivity: float = 1.0) -> float:
    """Return AOQ where a good part takes the place of each escape that an audit finds: p (1 - se AFI)."""
    return share * (1.0 - sensitivity * fraction_audited(plan, share, sensitivity))


def outgoing_limit(plan: AuditPlan) -> float:
    """Return AOQL, the worst `outgoing_share` over every steady p, with auditors who see everything."""
    return _worst(plan, outgoing_share)


def outgoing_limit_if_replaced(plan: AuditPlan) -> float:
    """Return AOQL where escapes found are replaced by good parts."""
    return _worst(plan, outgoing_share_if_replaced)


def screening_length(plan: AuditPlan, share: float) -> float:
    """Return u, the mean number of audits in one 100 % phase: (1 - q^i) / (p q^i)."""
    _check_shares(share, 1.0)
    clean = math.exp(plan.clearance * _log_clean(share, 1.0))
    return math.inf if clean == 0.0 else (1.0 - clean) / (share * clean)


def sampling_length(plan: AuditPlan, share: float) -> float:
    """Return v, the mean number of model's accepts in one sampling phase: 1 / (f p)."""
    _check_shares(share, 1.0)
    return 1.0 / (plan.fraction * share)


def clearance_for(limit: float, fraction: float) -> int:
    """Return the smallest i whose AOQL at this fraction is at most the limit.

    Raises
    ------
    ValueError
        If the limit is not inside 0 … 1.
    """
    if not 0.0 < limit < 1.0:
        raise ValueError(f"an outgoing limit is above 0 and below 1, not {limit}")
    low, high = 0, 1
    while outgoing_limit(AuditPlan(high, fraction)) > limit:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if outgoing_limit(AuditPlan(middle, fraction)) <= limit else (middle, high)
    return high


def _worst(plan: AuditPlan, share_left: Callable[[AuditPlan, float], float]) -> float:
    """Return the largest share that is left over every steady p; there is one maximum, near p = 1/i."""
    from scipy.optimize import minimize_scalar  # late: settings need the plan, and no command waits for this

    if plan.fraction == 1.0:
        return 0.0
    found = minimize_scalar(
        lambda log_p: -share_left(plan, math.exp(log_p)),  # the logarithm of p spreads the range evenly
        bounds=(math.log(1e-3 / plan.clearance), 0.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(-found.fun)


def _log_clean(share: float, sensitivity: float) -> float:
    """Return ln(1 - p se), the logarithm of the probability that an audit finds nothing."""
    found = share * sensitivity
    return -math.inf if found >= 1.0 else math.log1p(-found)


def _check_shares(share: float, sensitivity: float) -> None:
    if not 0.0 < share <= 1.0 or not 0.0 <= sensitivity <= 1.0:
        raise ValueError("the share of bad parts is above 0 and at most 1, the auditors' sensitivity 0 to 1")
