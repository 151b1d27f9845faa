"""The simulated plant: which parts are bad, what the model says of them, and what is true of a pair of thresholds.

Scores are binormal: a good part's is normal with mean 0, a bad part's with mean d (the model's separation), a new kind
of defect's with a mean of its own; shift and stretch of the picture act on all of them. The probability is the one
that a model calibrated on the plant as it began gives to the score. Because all of it is known, so is the true escape
share under any thresholds, exactly and at any moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from inspector_app.simulation.scenario import (
    PERSON_VALUES,
    PLANT_VALUES,
    ChangeSection,
    InspectorSection,
    RolloutSection,
    Scenario,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plant:
    """The plant during one shift; the fields are those of the scenario."""

    defect_rate: float
    critical_share: float
    new_share: float
    separation: float
    new_separation: float
    shift: float
    stretch: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """How a score became a probability when the model was made: P(bad | x) = logistic(d x - d²/2 + logit π)."""

    separation: float
    defect_rate: float

    def probabilities(self, scores: Floats) -> Floats:
        """Return the probabilities of scores, 0 … 1."""
        d = self.separation
        return np.asarray(expit(d * scores - d * d / 2.0 + logit(self.defect_rate)), dtype=np.float64)

    def score(self, probability: float) -> float:
        """Return the score that has this probability; infinite at 0 and 1."""
        d = self.separation
        return float((logit(probability) - logit(self.defect_rate) + d * d / 2.0) / d)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts made in an hour, one value each.

    ``probability`` is what the model says that was made with the plant, ``noise`` the chance in its score, ``new``
    marks defects of the new kind; ``u_…`` are uniform numbers in [0, 1), each for one use.
    """

    bad: list[bool]
    critical: list[bool]
    new: NDArray[np.bool_]
    noise: Floats
    probability: list[float]
    u_answer: list[float]
    u_advice: list[float]
    u_inspector: list[float]
    u_score: list[float]


def first_plant(scenario: Scenario) -> Plant:
    """Return the plant as it begins."""
    return Plant(
        scenario.parts.defect_rate,
        scenario.parts.critical_share,
        scenario.parts.new_share,
        scenario.model.separation,
        scenario.model.new_separation,
        scenario.model.shift,
        scenario.model.stretch,
    )


def plant_in(scenario: Scenario, shift: int) -> Plant:
    """Return the plant during a shift, counted from 1; gradual changes go in equal steps."""
    plant = first_plant(scenario)
    for change in scenario.change:
        plant = replace(plant, **_changed({n: getattr(plant, n) for n in PLANT_VALUES}, change, shift))
    return plant


def people_in(scenario: Scenario, shift: int) -> tuple[InspectorSection, ...]:
    """Return the inspectors as they are during a shift."""
    people = []
    for person in scenario.inspector:
        for change in scenario.change:
            if change.inspector == person.name:
                now = _changed({n: getattr(person, n) for n in PERSON_VALUES}, change, shift)
                person = person.model_copy(update=now)  # noqa: PLW2901  # one change after the other
        people.append(person)
    return tuple(people)


def _changed(before: Mapping[str, float], change: ChangeSection, shift: int) -> dict[str, float]:
    done = min(max(shift - change.at_shift + 1, 0) / (change.over_shifts + 1), 1.0)
    targets = {name: getattr(change, name) for name in before if getattr(change, name) is not None}
    if done == 1.0:
        return targets
    return {name: before[name] + done * (target - before[name]) for name, target in targets.items()}


def make_parts(plant: Plant, model: Calibrated, n: int, chance: np.random.Generator) -> Parts:
    """Return n parts; the same numbers are drawn whatever the plant is like, so that plants can be compared."""
    u_bad, u_new, u_critical, *others = chance.random((7, n))
    noise = chance.standard_normal(n)
    bad = u_bad < plant.defect_rate
    new = bad & (u_new < plant.new_share)
    critical = bad & (u_critical < plant.critical_share)
    said = model.probabilities(_scores(plant, bad, new, noise)).tolist()
    return Parts(bad.tolist(), critical.tolist(), new, noise, said, *(other.tolist() for other in others))


def said_of(parts: Parts, plant: Plant, model: Calibrated, likeness: float, chance: np.random.Generator) -> list[float]:
    """Return what another model says of the same parts.

    Parameters
    ----------
    parts : Parts
        As made.
    plant : Plant
        As this model sees it, see `seen_by`.
    model : Calibrated
        How scores become probabilities.
    likeness : float
        0 … 1: correlation of the chance in the two models' scores.
    chance : Generator
        Of its own chance.
    """
    own = chance.standard_normal(len(parts.bad))
    noise = likeness * parts.noise + math.sqrt(1.0 - likeness * likeness) * own
    said: list[float] = model.probabilities(_scores(plant, np.array(parts.bad), parts.new, noise)).tolist()
    return said


def seen_by(plant: Plant, model: RolloutSection | None) -> Plant:
    """Return the plant as a new model sees it, whose picture it shares; ``None``: as the first one does."""
    if model is None:
        return plant
    return replace(plant, separation=model.separation, new_separation=model.new_separation)


def _scores(plant: Plant, bad: NDArray[np.bool_], new: NDArray[np.bool_], noise: Floats) -> Floats:
    means = np.where(bad, np.where(new, plant.new_separation, plant.separation), 0.0)
    return np.asarray(means + plant.shift + plant.stretch * noise, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class TrueRates:
    """What a pair of thresholds does, exactly; a rate among nothing is 0.

    Attributes
    ----------
    escape : float
        Bad among accepts.
    missed : float
        Accepted among bad.
    false_reject : float
        Good among rejects.
    """

    escape: float
    missed: float
    false_reject: float


@dataclass(frozen=True, slots=True)
class Decided:
    """What a model decides under a pair of thresholds, as shares of all parts."""

    accepted_good: float
    accepted_bad: float
    rejected_good: float
    rejected_bad: float


def decided(plant: Plant, model: Calibrated, accept_below: float, reject_above: float) -> Decided:
    """Return the shares of a model that sees the plant in this way."""

    def below(threshold: float) -> tuple[float, float]:
        """Return the shares of good and of bad parts whose probability is below a threshold."""
        x = model.score(threshold)
        if math.isinf(x):
            return (0.0, 0.0) if x < 0.0 else (1.0, 1.0)
        good, old, new = (
            float(ndtr((x - plant.shift - mean) / plant.stretch))
            for mean in (0.0, plant.separation, plant.new_separation)
        )
        return good, (1.0 - plant.new_share) * old + plant.new_share * new

    bad = plant.defect_rate
    good_accepted, missed = below(accept_below)
    good_kept, bad_kept = below(reject_above)
    return Decided(
        accepted_good=(1.0 - bad) * good_accepted,
        accepted_bad=bad * missed,
        rejected_good=(1.0 - bad) * (1.0 - good_kept),
        rejected_bad=bad * (1.0 - bad_kept),
    )


def rates_of(defect_rate: float, *models: tuple[float, Decided]) -> TrueRates:
    """Return the true rates where models decide a share of the parts each, which add up to at most 1."""

    def all_of(name: str) -> float:
        return math.fsum(share * getattr(each, name) for share, each in models)

    escapes = all_of("accepted_bad")
    return TrueRates(
        escape=_share(escapes, all_of("accepted_good")),
        missed=escapes / defect_rate,
        false_reject=_share(all_of("rejected_good"), all_of("rejected_bad")),
    )


def true_rates(plant: Plant, model: Calibrated, accept_below: float, reject_above: float) -> TrueRates:
    """Return the true rates of the model's decisions under these thresholds."""
    return rates_of(plant.defect_rate, (1.0, decided(plant, model, accept_below, reject_above)))


def _share(one: float, rest: float) -> float:
    return one / (one + rest) if one + rest > 0.0 else 0.0
