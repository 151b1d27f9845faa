"""New models of a simulation: brought in, compared on the same parts, ramped by evidence, switched to or rolled back.

The steps, the counts and what they are judged by are the station's own (`automation.rollout`, `ramp_tally`, `ramp`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from inspector_app.automation.assignment import judgement_at
from inspector_app.automation.ramp import report, rolls_back
from inspector_app.automation.ramp_tally import RampTally, experiment_tally
from inspector_app.automation.rollout import STEPS, started
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Decision, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Prediction, PredictionStatus
from inspector_app.domain.rollout import RolloutCount, RolloutPhase, Said, Slot
from inspector_app.domain.shares import percent
from inspector_app.simulation.desk import AUTOMATIC, FIRST_MODEL, SimulatedDesk, identity_of
from inspector_app.simulation.plant import Calibrated, Parts, Plant, said_of, seen_by
from inspector_app.simulation.results import RolloutCounts
from inspector_app.simulation.scenario import RolloutSection, Scenario

_OVER = frozenset({RolloutPhase.ROLLED_BACK})


@dataclass(slots=True)
class Looked:
    """What people have said of a part that a rollout counts.

    Attributes
    ----------
    truth, aided : bool or None
        Rejected without the model in view (a third look where that contradicts it), and with it; ``None``: not asked.
    adjudicated : bool
        True if somebody looked only because the two models differ.
    """

    truth: bool | None = None
    aided: bool | None = None
    adjudicated: bool = False


class Newcomers:
    """Takes the steps of rollouts on a desk.

    Parameters
    ----------
    scenario : Scenario
        Which models come when, and what they must show.
    desk : SimulatedDesk
        Where steps are taken.
    calibrated : Calibrated
        How scores become probabilities.
    seed, run : int
        Of the models' own chance.
    """

    def __init__(self, scenario: Scenario, desk: SimulatedDesk, calibrated: Calibrated, seed: int, run: int) -> None:
        self._scenario, self._desk, self._calibrated = scenario, desk, calibrated
        self._limits = scenario.ramp.limits()
        self._chance = np.random.default_rng([seed, run, 1])
        self._sections = {identity_of(each.name): each for each in scenario.rollout}
        self._rows: Counter[RolloutCount] = Counter()
        self.outcomes: list[RolloutCounts] = []

    def section(self, slot: Slot) -> RolloutSection | None:
        """Return what is known of a slot's model; ``None``: the first one, or there is none."""
        slots = self._desk.control.slots
        model = None if slots is None else slots.model(slot)
        return None if model is None else self._sections.get(model)

    def in_charge_sees(self, plant: Plant) -> Plant:
        """Return the plant as the model in charge sees it, or the one that comes to a product without any."""
        slots = self._desk.control.slots
        if slots is None:
            return plant
        alone = slots.model(slots.in_charge) is None
        return seen_by(plant, self.section(slots.in_charge.other if alone else slots.in_charge))

    def answers(self, plant: Plant, parts: Parts) -> dict[Slot, list[Prediction]]:
        """Return what the models of the slots say of an hour's parts."""
        control = self._desk.control
        if control.slots is None:
            return {Slot.BLUE: [_answer(FIRST_MODEL, p) for p in parts.probability]}
        found = {}
        for slot in Slot:
            model = control.slots.model(slot)
            if model is None or (control.rollout is None and slot is not control.slots.in_charge):
                continue
            section = self._sections.get(model)
            found[slot] = (
                [_answer(FIRST_MODEL, p) for p in parts.probability]
                if section is None
                else self._said(section, seen_by(plant, section), parts)
            )
        return found

    def _said(self, section: RolloutSection, plant: Plant, parts: Parts) -> list[Prediction]:
        probabilities = said_of(parts, plant, self._calibrated, section.likeness, self._chance)
        fails, slow = (self._chance.random((2, len(probabilities))) < [[section.failing], [section.slow]]).tolist()
        return [
            _answer(section.name, None if failed else p, 2.0 * self._limits.slow_ms if late else 0.0)
            for p, failed, late in zip(probabilities, fails, slow, strict=True)
        ]

    def count(
        self, decision: Decision, in_charge: Prediction | None, beside: Prediction | None, bad: bool, looked: Looked
    ) -> None:
        """Count a part of a rollout."""
        control = self._desk.control
        if control.rollout is None or control.rollout.phase in _OVER:
            return
        drawn = None if decision.challenger is None else decision.challenger.drawn
        row = RolloutCount(
            version=control.version,
            drawn=drawn,
            in_charge=self._heard(control, in_charge),
            beside=self._heard(control, beside),
            audited=decision.route is Route.MODEL_ACCEPT and decision.audit is not None and decision.audit.drawn,
            truth=_judgement(looked.truth),
            aided=_judgement(looked.aided),
            n=1,
        )
        self._rows[row] += 1
        found = self.outcomes[-1]
        found.adjudications += looked.adjudicated
        if (drawn or control.rollout.phase is RolloutPhase.WATCH) and decision.route is Route.MODEL_ACCEPT:
            found.accepts += 1
            found.escapes += bad

    def _heard(self, control: ControlState, said: Prediction | None) -> Said | None:
        if said is None:
            return None
        return Said(said.status, judgement_at(control.cut, said), said.elapsed_ms > self._limits.slow_ms)

    def tally(self) -> RampTally:
        """Return what the rollout has come to."""
        counts = tuple(replace(row, n=n) for row, n in self._rows.items())
        return experiment_tally(self._desk.control, self._desk.changes, lambda _since: counts)

    def guard(self) -> None:
        """Roll back a new model that has run into a guardrail."""
        control = self._desk.control
        if control.rollout is None:
            return
        rail = rolls_back(control, self.tally(), self._limits)
        if rail is not None:
            self._desk.change(**STEPS["rollback"](control))
            self._desk.note(control.level, "guardrail", f"Rolled back ({rail.name}): {rail.sentence}")
        self._close(rail.name if rail is not None else "")

    def _close(self, rail: str) -> None:
        """Note the end of a rollout, whoever has rolled it back."""
        rollout, found = self._desk.control.rollout, self.outcomes[-1]
        if rollout is not None and rollout.phase is RolloutPhase.ROLLED_BACK and not found.ended:
            found.ended, found.outcome = self._desk.shift, "rolled back"
            found.because = rail or self._desk.steps[-1].why

    def look(self) -> bool:
        """Let the supervisor begin, or take a step that is recommended; True if another model came into charge."""
        desk = self._desk
        begins = next((each for each in self._scenario.rollout if each.at_shift == desk.shift), None)
        if begins is not None:
            self._begin(begins)
            return False
        control = desk.control
        if control.rollout is None or control.rollout.phase in _OVER:
            return False
        in_ramp = control.rollout.phase is not RolloutPhase.SHADOW or control.level in AUTOMATIC
        if not in_ramp or control.latched or not self._may_step(control):
            return False
        return self._step(control, _next_step(control))

    def _may_step(self, control: ControlState) -> bool:
        hurry = self._sections[identity_of(self.outcomes[-1].name)].hurry_shifts
        if hurry:
            return (self._desk.shift - self.outcomes[-1].began) % hurry == 0
        return report(control, self.tally(), self._limits).recommended

    def _begin(self, section: RolloutSection) -> None:
        desk = self._desk
        if desk.control.rollout is not None:
            desk.change(**STEPS["end"](desk.control))
        desk.changes.clear()
        self._rows.clear()
        desk.change(**started(desk.control, None, identity_of(section.name), section.name, ()))
        self.outcomes.append(RolloutCounts(section.name, desk.shift))
        desk.note(desk.control.level, "rollout", f"{section.name} begins in shadow.")

    def _step(self, control: ControlState, step: str) -> bool:
        desk, found = self._desk, self.outcomes[-1]
        desk.change(**STEPS[step](control))
        rollout = desk.control.rollout
        share = "" if rollout is None or not rollout.share else f" to {percent(rollout.share)} of the parts"
        desk.note(control.level, "rollout", f"{found.name}: {step}{share}.")
        if rollout is None:
            found.ended, found.outcome = desk.shift, "in charge"
        else:
            found.share = max(found.share, 1.0 if step == "switch" else rollout.share)
        return step == "switch"


def _next_step(control: ControlState) -> str:
    rollout = control.rollout
    if rollout is not None and rollout.phase is RolloutPhase.WATCH:
        return "end"
    return "switch" if rollout is not None and rollout.share >= 1.0 else "advance"


def _answer(name: str, probability: float | None, elapsed_ms: float = 0.0) -> Prediction:
    model = identity_of(name)
    if probability is None:
        return Prediction(PredictionStatus.FAILED, None, (), model, elapsed_ms, "The model failed.")
    return Prediction(PredictionStatus.OK, probability, (), model, elapsed_ms)


def _judgement(rejects: bool | None) -> Judgement | None:
    return None if rejects is None else Judgement.REJECT if rejects else Judgement.ACCEPT
