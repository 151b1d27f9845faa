"""Sticky draws: the same part under the same salt is always drawn alike, so that every draw replays."""

from __future__ import annotations

from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Draw
from inspector_app.domain.ids import sticky_uniform


def draw(salt: str, part_id: str, probability: float) -> Draw:
    """Return whether a part belongs to a share.

    The uniform number lies in [0, 1), so a share of 0 takes no part and a share of 1 takes every part. Under one
    salt shares nest: a part that is drawn at 5 % is drawn at 25 % too.

    Parameters
    ----------
    salt : str
        One per purpose, so that the draws are independent of one another.
    part_id : str
        The part; not the inspection, so that a part that returns is treated alike.
    probability : float
        The share, 0 … 1.

    Raises
    ------
    ValueError
        If the share is outside 0 … 1.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"a share is in 0 … 1, not {probability}")
    u = sticky_uniform(salt, part_id)
    return Draw(drawn=u < probability, probability=probability, u=u)


def canary_draw(control: ControlState, part_id: str) -> Draw:
    """Return whether the model may decide this part (partial and full)."""
    return draw(control.salts.canary, part_id, control.canary_share)


def audit_draw(control: ControlState, part_id: str, challenger: Draw | None = None) -> Draw:
    """Return whether this part, once decided by the model, also goes to a human, blind.

    Where a new model has stood in (``challenger`` is its draw), its rollout may ask for a larger share.
    """
    share = control.audit_share
    if challenger is not None and challenger.drawn and control.rollout is not None:
        share = max(share, control.rollout.audit_share)
    return draw(control.salts.audit, part_id, share)


def first_look_draw(control: ControlState, part_id: str) -> Draw:
    """Return whether the inspector sees this part without the model first (assist and above)."""
    return draw(control.salts.first_look, part_id, control.unaided_share)
