"""Simulated inspectors: what they see by themselves, how they tire, and how far they follow the model."""

from __future__ import annotations

from inspector_app.simulation.scenario import InspectorSection


def rejects_alone(person: InspectorSection, bad: bool, hour: int, u: float) -> bool:
    """Return whether an inspector rejects a part without help.

    Parameters
    ----------
    person : InspectorSection
        Who.
    bad : bool
        The truth.
    hour : int
        Of the shift, from 0: sensitivity falls by so much of itself each hour.
    u : float
        Uniform in [0, 1).
    """
    if not bad:
        return u >= person.specificity
    return u < person.sensitivity * max(1.0 - person.fatigue_per_hour * hour, 0.0)


def rejects_advised(person: InspectorSection, alone: bool, advice: bool, u: float) -> bool:
    """Return the answer after the model's was seen: where they differ, the model's with the person's anchoring."""
    return advice if alone is not advice and u < person.anchoring else alone
