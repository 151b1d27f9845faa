"""When a supervisor's command needs a signature, and how long wrong PINs lock it: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from inspector_app.automation.rollout import rolled_back
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import RolloutPhase

FREE_TRIES = 3
"""Wrong PINs in a row that lock nothing yet."""

_FIRST_LOCK_S = 30.0
_LONGEST_LOCK_S = 3600.0


def moves_right(before: ControlState, after: ControlState) -> tuple[str, ...]:
    """Return what of a change gives the model more to decide, or people less to see; empty: free for a supervisor.

    To the right are: a level or canary share further right, a wider region in which the model is sure, fewer audits
    or unaided first looks, audits that are not held, other draws, another model in charge or a larger share of a new
    one, and opening a guard's latch. Rolling back is to the left, whatever it changes.
    """
    found = [
        name
        for name, right in (
            ("level", after.level.rank > before.level.rank),
            ("accept_below", after.accept_below > before.accept_below),
            ("reject_above", after.reject_above < before.reject_above),
            ("canary_share", after.canary_share > before.canary_share),
            ("audit_share", after.audit_share < before.audit_share),
            ("reject_audit_share", after.reject_audit_share < before.reject_audit_share),
            ("unaided_share", after.unaided_share < before.unaided_share),
            ("targeted_share", after.targeted_share < before.targeted_share),
            ("targeted_above", after.targeted_above > before.targeted_above and before.targeted_share > 0.0),
            ("hold_audits", before.hold_audits and not after.hold_audits),
            ("salts", after.salts != before.salts),
            ("latched", bool(set(before.latched) - set(after.latched))),
        )
        if right
    ]
    if not _is_rollback(before, after):
        found += ["model"] if _other_in_charge(before, after) else []
        found += ["rollout"] if _share(after) > _share(before) else []
    return tuple(found)


def locked_until(wrong: Sequence[datetime]) -> datetime | None:
    """Return until when no PIN is taken, given the wrong ones in a row (UTC, oldest first); ``None``: not locked.

    After three wrong ones 30 s, then twice as long after each further one, at most an hour.
    """
    beyond = len(wrong) - FREE_TRIES
    if beyond < 0:
        return None
    wait_s = min(_LONGEST_LOCK_S, _FIRST_LOCK_S * 2.0 ** min(beyond, 20))
    return wrong[-1] + timedelta(seconds=wait_s)


def _other_in_charge(before: ControlState, after: ControlState) -> bool:
    """Return True if a model comes into charge that was not; a rollout's start only names the one that is."""
    if before.slots is None:
        begins = after.rollout is not None and after.rollout.phase is RolloutPhase.SHADOW
        return after.slots is not None and not begins
    now = _in_charge(after)
    return now is not None and now != _in_charge(before)


def _in_charge(state: ControlState) -> ModelIdentity | None:
    return None if state.slots is None else state.slots.model(state.slots.in_charge)


def _share(state: ControlState) -> float:
    return 0.0 if state.rollout is None else state.rollout.share


def _is_rollback(before: ControlState, after: ControlState) -> bool:
    try:
        changes = rolled_back(before)
    except ControlRefused:
        return False
    return all(getattr(after, name) == value for name, value in changes.items())
