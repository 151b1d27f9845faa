"""How a new model comes into charge: the steps of a rollout as pure changes of the control state.

::

    start ──► SHADOW ──advance──► CANARY 1 % ─ 5 % ─ 25 % ─ 50 % ─ 100 % ──switch──► WATCH ──end──► one model
                 │                    │                                               │
                 └────────────────────┴──────────── rollback ─────────────────────────┘──► ROLLED_BACK

Nothing is loaded or unloaded by a step to the right of ``SHADOW``, so each of them is one pointer or one number, and
takes effect between two parts. A rolled-back experiment is over: the next attempt is a new one with a salt of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots

RAMP = (0.01, 0.05, 0.25, 0.5, 1.0)
"""The challenger's shares, stage by stage."""

_AUDIT_LOAD = 0.05
"""Audits of the challenger's parts come to about so many of all parts at every stage, so that people can keep up."""

Changes = dict[str, object]
"""Fields of `ControlState` and their new values, as a control desk takes them."""


def started(
    control: ControlState,
    champion: ModelIdentity | None,
    challenger: ModelIdentity,
    experiment: str,
    used: Iterable[str],
) -> Changes:
    """Return the change that puts a new model beside the one in charge.

    Parameters
    ----------
    control : ControlState
        In force.
    champion : ModelIdentity or None
        The model that the settings name; used only while the control state names none. ``None``: a new product,
        whose parts go to inspectors until the new model has earned its share.
    challenger : ModelIdentity
        The new model.
    experiment : str
        Name and salt of the experiment.
    used : iterable of str
        All salts and names in use so far.

    Raises
    ------
    ControlRefused
        If a rollout goes on, the model is in charge already, or the name was used before.
    """
    if control.rollout is not None and control.rollout.phase is not RolloutPhase.ROLLED_BACK:
        raise ControlRefused(f"Rollout {control.rollout.experiment} goes on; switch and end it, or roll it back first.")
    experiment = experiment.strip()
    if not experiment or experiment in set(used):
        raise ControlRefused(f"A rollout needs a name that was not used before, unlike {experiment!r}.")
    slots = control.slots or Slots(Slot.BLUE, blue=champion)
    if slots.model(slots.in_charge) == challenger:
        raise ControlRefused(f"Model {challenger.name} {challenger.version} is in charge already.")
    both = with_model(slots, slots.in_charge.other, challenger)
    return {"slots": both, "rollout": Rollout(experiment, RolloutPhase.SHADOW)}


def advanced(control: ControlState) -> Changes:
    """Return the change to the ramp's next stage; `ControlRefused` where there is none."""
    rollout = _running(control)
    if rollout.phase not in {RolloutPhase.SHADOW, RolloutPhase.CANARY}:
        raise ControlRefused(f"Rollout {rollout.experiment} is in the phase {rollout.phase}; it has no next stage.")
    share = next((each for each in RAMP if each > rollout.share), None)
    if share is None:
        raise ControlRefused("The new model stands in on all parts; the next step is the switch.")
    stage = replace(rollout, phase=RolloutPhase.CANARY, share=share, audit_share=audit_share_at(share))
    return {"rollout": stage}


def switched(control: ControlState) -> Changes:
    """Return the change that puts the new model in charge and the old one beside it; `ControlRefused`."""
    rollout = _running(control)
    if rollout.phase not in {RolloutPhase.SHADOW, RolloutPhase.CANARY} or control.slots is None:
        raise ControlRefused(
            f"Rollout {rollout.experiment} is in the phase {rollout.phase}; there is nothing to switch."
        )
    watch = replace(rollout, phase=RolloutPhase.WATCH, share=0.0)
    return {"slots": replace(control.slots, in_charge=control.slots.in_charge.other), "rollout": watch}


def rolled_back(control: ControlState) -> Changes:
    """Return the one change that gives all parts back to the model before, whatever the phase; `ControlRefused`."""
    rollout = _running(control)
    if rollout.phase is RolloutPhase.ROLLED_BACK or control.slots is None:
        raise ControlRefused(f"Rollout {rollout.experiment} is rolled back already.")
    slots = control.slots
    if rollout.phase is RolloutPhase.WATCH:
        slots = replace(slots, in_charge=slots.in_charge.other)
    return {"slots": slots, "rollout": replace(rollout, phase=RolloutPhase.ROLLED_BACK, share=0.0)}


def ended(control: ControlState) -> Changes:
    """Return the change that lets the model go that is not in charge; `ControlRefused` while both have work to do."""
    rollout = _running(control)
    if rollout.phase is RolloutPhase.CANARY or control.slots is None:
        raise ControlRefused("The new model decides parts; switch to it or roll it back before the rollout is ended.")
    return {"slots": with_model(control.slots, control.slots.in_charge.other, None), "rollout": None}


STEPS: Mapping[str, Callable[[ControlState], Changes]] = {
    "advance": advanced,
    "switch": switched,
    "rollback": rolled_back,
    "end": ended,
}
"""The steps of a rollout that has begun, by their names on the command line."""


def with_model(slots: Slots, slot: Slot, model: ModelIdentity | None) -> Slots:
    """Return the slots with another model in one of them."""
    return replace(slots, blue=model) if slot is Slot.BLUE else replace(slots, green=model)


def audit_share_at(share: float) -> float:
    """Return the share of the challenger's own parts to be audited at a stage: all of them while they are few."""
    return min(1.0, _AUDIT_LOAD / share)


def first_version(changes: Iterable[ControlChange], experiment: str) -> int:
    """Return the version of the control state with which an experiment began; `ValueError` if it never did."""
    of = (c.after.version for c in changes if c.after.rollout is not None and c.after.rollout.experiment == experiment)
    return min(of)


def names_used(changes: Iterable[ControlChange]) -> frozenset[str]:
    """Return every salt and every experiment's name that a station has used, so that none is used twice."""
    used: set[str] = set()
    for change in changes:
        salts, rollout = change.after.salts, change.after.rollout
        used |= {salts.canary, salts.audit, salts.first_look}
        used |= set() if rollout is None else {rollout.experiment}
    return frozenset(used)


def _running(control: ControlState) -> Rollout:
    if control.rollout is None:
        raise ControlRefused("No rollout goes on; start one with a model beside the one in charge.")
    return control.rollout
