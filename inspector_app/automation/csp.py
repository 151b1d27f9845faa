"""Continuous sampling plan CSP-1 as the schedule of audits.

Dodge, *Annals of Mathematical Statistics* 14 (1943) 264; MIL-STD-1235C. In the 100 % phase every accept of the model is
audited; after i good ones in a row a random fraction f is; a confirmed escape leads back to the 100 % phase. ``p`` is
the share of bad parts among the model's accepts.

The formulas take the share as steady, the audits as answered at once, and auditors as seeing every bad part; what
watches for change is a guard.
"""

from __future__ import annotations

import math
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


def fraction_audited(plan: AuditPlan, share: float) -> float:
    """Return AFI, the long-run share of the model's accepts that is audited: f / (f + (1-f) (1-p)^i).

    Raises
    ------
    ValueError
        If the share of bad parts is not above 0 and at most 1.
    """
    if not 0.0 < share <= 1.0:
        raise ValueError("the share of bad parts is above 0 and at most 1")
    f = plan.fraction
    clean = 0.0 if share == 1.0 else math.exp(plan.clearance * math.log1p(-share))
    return f / (f + (1.0 - f) * clean)


def outgoing_share(plan: AuditPlan, share: float) -> float:
    """Return AOQ: bad parts among those that leave as accepted, when audits take out the escapes they find.

    p (1 - AFI) / (1 - p AFI): a part taken out is not replaced by a good one.
    """
    audited = fraction_audited(plan, share)
    return share * (1.0 - audited) / max(1.0 - share * audited, math.ulp(0.0))


def outgoing_limit(plan: AuditPlan) -> float:
    """Return AOQL, the worst `outgoing_share` over every steady p; there is one maximum, near p = 1/i."""
    from scipy.optimize import minimize_scalar  # late: settings need the plan, and no command waits for this

    if plan.fraction == 1.0:
        return 0.0
    found = minimize_scalar(
        lambda log_p: -outgoing_share(plan, math.exp(log_p)),  # the logarithm of p spreads the range evenly
        bounds=(math.log(1e-3 / plan.clearance), 0.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(-found.fun)
