"""The conditions of gates, and what speaks against a change, in words."""

from __future__ import annotations

import math
from enum import Enum

from inspector_app.automation.against import against_change, level_rises, thresholds_widen
from inspector_app.automation.conditions import Condition
from inspector_app.domain.control import ControlState
from ui.automation.room import Evidenced
from ui.texts import tr

_IN_A_ROW = frozenset({"clean_audits", "no_drift"})
"""Conditions that count parts since something went wrong, not errors among parts."""


class Holding(Enum):
    """How a condition stands."""

    HOLDS = "holds"
    MISSING = "missing"
    NOT_MEASURABLE = "not_measurable"

    @property
    def words(self) -> str:
        """The word on screen."""
        return {
            Holding.HOLDS: tr("holds"),
            Holding.MISSING: tr("missing"),
            Holding.NOT_MEASURABLE: tr("not measurable"),
        }[self]


def holding(condition: Condition) -> Holding:
    """Return how a condition stands; a rate of which nothing was seen is not measurable."""
    if condition.holds:
        return Holding.HOLDS
    seen = condition.measurable and (condition.n != 0 or condition.name in _IN_A_ROW)
    return Holding.MISSING if seen else Holding.NOT_MEASURABLE


def counts_in_words(condition: Condition) -> str:
    """Return what was counted and how strong the evidence is; empty where nothing is counted."""
    if condition.n is None or condition.k is None:
        return ""
    if condition.name in _IN_A_ROW:
        return tr("{n} in a row so far.").format(n=f"{condition.n:,}")
    if condition.n == 0:
        return tr("No part seen yet.")
    counted = tr("{k} of {n} so far.").format(k=f"{condition.k:,}", n=f"{condition.n:,}")
    e_value = condition.e_value
    if e_value is None:
        return counted
    shown = f"{e_value:.3g}" if e_value < 1e6 else f"10^{math.floor(math.log10(e_value))}"
    strength = tr("Evidence e = {e}: {words}.").format(e=shown, words=_strength(condition))
    return f"{counted} {strength}"


def _strength(condition: Condition) -> str:
    e_value = condition.e_value or 0.0
    if condition.holds:
        return tr("enough")
    if e_value < 1.0:
        return tr("speaks against it so far")
    return tr("speaks for it, not enough yet")


def needed_in_words(condition: Condition) -> str:
    """Return how many more parts and hours it takes at least; empty where it holds or is no count."""
    if condition.holds or not condition.needed:
        return ""
    clean = condition.e_value is not None or condition.name in _IN_A_ROW
    words = tr("At least {n} more of them without an error") if clean else tr("At least {n} more of them")
    parts = words.format(n=f"{condition.needed:,}")
    if condition.hours is None:
        return f"{parts}."
    hours = _hours(condition.hours)
    if condition.parts is None:
        return tr("{parts}, {hours} at the present pace.").format(parts=parts, hours=hours)
    words = tr("{parts}, {hours} and {made} parts at the present pace.")
    return words.format(parts=parts, hours=hours, made=f"{condition.parts:,}")


def _hours(hours: float) -> str:
    if hours < 1.0:
        return tr("about {n} min").format(n=max(1, round(60.0 * hours)))
    return tr("about {n} h").format(n=f"{hours:,.0f}" if hours >= 10.0 else f"{hours:.1f}")


def speaks_against(before: ControlState, after: ControlState, evidenced: Evidenced | None) -> str | None:
    """Return what the evidence as it was read has against a change, so that it is seen before it is recorded."""
    if not level_rises(before, after) and not thresholds_widen(before, after):
        return None
    if evidenced is None or evidenced.gates.level is not before.level:
        return tr("The evidence has not been read yet.")
    return against_change(before, after, evidenced.gates, evidenced.certificate)
