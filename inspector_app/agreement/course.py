"""How the evidence of audits grew: escapes counted so far, with what may be said at every moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inspector_app.automation.sequential import confidence_sequence, log_e_certify, log_e_harm
from inspector_app.domain.logquery import AuditedStretch


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """What all uniform audits up to a moment say.

    Attributes
    ----------
    until : datetime
        UTC; the parts were captured before.
    audited, bad : int
        Accepts of the model that were audited and answered, and how many of them were bad.
    low, high : float
        Confidence sequence of the escape rate, 0 … 1: all points hold together.
    log_e_below, log_e_above : float
        Natural logarithm of the evidence that the rate is below the limit, and above it.
    """

    until: datetime
    audited: int
    bad: int
    low: float
    high: float
    log_e_below: float
    log_e_above: float


@dataclass(frozen=True, slots=True)
class Course:
    """The points in the order of time.

    Attributes
    ----------
    limit : float
        Escape rate that the contract allows.
    confidence : float
        Of the confidence sequence.
    points : tuple of CoursePoint
        One for each stretch of time with audits.
    """

    limit: float
    confidence: float
    points: tuple[CoursePoint, ...] = ()


def course_of(rows: Iterable[AuditedStretch], limit: float, confidence: float) -> Course:
    """Return the course of counted audits.

    Parameters
    ----------
    rows : iterable of AuditedStretch
        One a stretch; their order does not matter.
    limit, confidence : float
        Inside 0 … 1.
    """
    audited = bad = 0
    points = []
    for row in sorted(rows, key=lambda row: row.end):
        audited, bad = audited + row.audited, bad + row.bad
        low, high = confidence_sequence(bad, audited, 1.0 - confidence)
        below, above = log_e_certify(bad, audited, limit), log_e_harm(bad, audited, limit)
        points.append(CoursePoint(row.end, audited, bad, low, high, below, above))
    return Course(limit, confidence, tuple(points))
