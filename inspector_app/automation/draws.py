"""Sticky draws: the same part under the same salt is always drawn alike, so that every draw replays."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Decision, Draw, Route
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


def audit_draw(
    control: ControlState, part_id: str, challenger: Draw | None = None, route: Route = Route.MODEL_ACCEPT
) -> Draw:
    """Return whether this part, once decided by the model, also goes to a human, blind.

    Where a new model has stood in (``challenger`` is its draw), its rollout may ask for a larger share, and for rejects
    the control state may. Shares nest, so the smaller one still is a fair sample of all decisions.
    """
    share = control.audit_share
    if route is Route.MODEL_REJECT:
        share = max(share, control.reject_audit_share)
    if challenger is not None and challenger.drawn and control.rollout is not None:
        share = max(share, control.rollout.audit_share)
    return draw(control.salts.audit, part_id, share)


def targeted_draw(control: ControlState, part_id: str, probability: float) -> Draw | None:
    """Return whether this part, accepted by the model, is audited by the targeted stream; ``None`` outside it.

    The share is a pure function of control state and score, and the draw is independent of the uniform stream's.
    """
    if control.targeted_share == 0.0 or probability < control.targeted_above:
        return None
    return draw(f"{control.salts.audit}:targeted", part_id, control.targeted_share)


def audit_probability(decision: Decision) -> float:
    """Return with which probability a part that the model decided was to be audited by any stream; 0 for others.

    Its inverse is the part's weight in the Horvitz-Thompson estimate. The streams are independent, so it is
    1 - (1 - f)(1 - g).
    """
    return any_of(each.probability for each in (decision.audit, decision.targeted) if each is not None)


def any_of(probabilities: Iterable[float]) -> float:
    """Return the probability that at least one of some independent draws comes out; 0 without any."""
    return 1.0 - math.prod(1.0 - each for each in probabilities)


def first_look_draw(control: ControlState, part_id: str) -> Draw:
    """Return whether the inspector sees this part without the model first (assist and above)."""
    return draw(control.salts.first_look, part_id, control.unaided_share)
