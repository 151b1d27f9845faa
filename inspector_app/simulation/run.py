"""One simulated run: hour by hour through the real policy, guards, audit schedule, gates, certificates and ramp."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inspector_app.automation.guard_events import ClockTicked, GuardKind, GuardTrip, PartScored
from inspector_app.domain.prediction import Prediction, PredictionStatus
from inspector_app.domain.rollout import RolloutPhase, Slot
from inspector_app.simulation.desk import AUTOMATIC, SimulatedDesk, digest
from inspector_app.simulation.gathering import Gathered
from inspector_app.simulation.inspecting import Bench
from inspector_app.simulation.newcomers import Newcomers
from inspector_app.simulation.plant import (
    Calibrated,
    Parts,
    Plant,
    TrueRates,
    decided,
    first_plant,
    make_parts,
    people_in,
    plant_in,
    rates_of,
    seen_by,
    true_rates,
)
from inspector_app.simulation.results import RunResult, ShiftCounts
from inspector_app.simulation.scenario import FaultKind, InspectorSection, Scenario
from inspector_app.simulation.seeding import Seeding
from inspector_app.simulation.supervision import Supervisor
from inspector_app.simulation.watching import ContractWatch

OnShift = Callable[[int], None]

_SALT = "simulation"


class Simulation:
    """A plant that runs for the scenario's shifts. The same scenario, seed and run give the same result.

    Parameters
    ----------
    scenario : Scenario
        What the plant is like.
    seed, run : int
        Of the random numbers.
    """

    def __init__(self, scenario: Scenario, seed: int, run: int = 1) -> None:
        self._scenario, self._seed, self._run = scenario, seed, run
        self._chance = np.random.default_rng([seed, run])
        plant = first_plant(scenario)
        self._calibrated = Calibrated(plant.separation, plant.defect_rate)
        self._watch = ContractWatch()
        self._desk = SimulatedDesk(scenario, self._watch, self._tripped)
        gathered = Gathered(scenario.gate_limits())
        self._supervisor = Supervisor(scenario, self._desk, gathered)
        self._newcomers = Newcomers(scenario, self._desk, self._calibrated, seed, run)
        seeds = scenario.seeds
        self._seeding = Seeding(seeds.rules(), seeds.library, seed, _SALT)
        self._judge_seeds(plant)
        self._bench = Bench(self._desk, self._supervisor, self._newcomers, self._seeding, self._watch)
        self._queue = 0
        self._waited_s = self._silent_s = 0.0
        self._ids = f"{seed}-{run}-"
        self._shifts: list[ShiftCounts] = []

    def result(self, on_shift: OnShift, cancelled: Callable[[], bool]) -> RunResult:
        """Run to the end, or to the shift during which it is cancelled.

        Parameters
        ----------
        on_shift : OnShift
            Told how many shifts are over.
        cancelled : callable
            Asked before every shift.
        """
        desk, shifts = self._desk, self._scenario.line.shifts
        while desk.shift < shifts and not cancelled():
            self._work_shift()
            on_shift(desk.shift)
        self._watch.end(desk.part, "end")
        return RunResult(
            seed=self._seed,
            run=self._run,
            complete=desk.shift == shifts,
            shifts=tuple(self._shifts),
            steps=tuple(desk.steps),
            certificates=tuple(self._supervisor.certificates),
            spells=self._watch.spells,
            audit_cells=self._bench.audit_cells(),
            seeds=self._seeding.hits(),
            rollouts=tuple(self._newcomers.outcomes),
        )

    def _tripped(self, trip: GuardTrip) -> None:
        self._supervisor.tripped(trip)

    def _judge_seeds(self, plant: Plant) -> None:
        self._seeding.judge_anew(self._newcomers.in_charge_sees(plant), self._calibrated)

    def _work_shift(self) -> None:
        desk, scenario, line = self._desk, self._scenario, self._scenario.line
        desk.shift += 1
        counts = self._bench.begin_shift(desk.shift, line.hours_per_shift)
        plant, people = plant_in(scenario, desk.shift), people_in(scenario, desk.shift)
        faults = {f.kind for f in scenario.fault if f.at_shift <= desk.shift < f.at_shift + f.for_shifts}
        self._run_changes(plant, faults)
        self._supervise(plant)
        done = 0
        for hour in range(line.hours_per_shift):
            until = line.parts_per_shift * (hour + 1) // line.hours_per_shift
            parts = make_parts(plant, self._calibrated, until - done, self._chance)
            self._work_hour(plant, parts, people, hour, faults)
            done = until
        counts.level = desk.control.level.value
        counts.waiting = self._queue
        self._shifts.append(counts)

    def _run_changes(self, plant: Plant, faults: set[FaultKind]) -> None:
        """Apply what changes in the way the plant is run at the beginning of this shift."""
        desk = self._desk
        for change in self._scenario.change:
            if change.at_shift == desk.shift and change.canary_share is not None:
                desk.change(canary_share=change.canary_share)
        if FaultKind.MODEL_SWAPPED in faults:
            desk.swapped = f"swapped in shift {desk.shift}"
        if FaultKind.MODEL_DULLED in faults:
            self._judge_seeds(plant)
        if FaultKind.CAMERA_MOVED in faults:
            desk.camera = digest(f"moved in shift {desk.shift}")

    def _supervise(self, plant: Plant) -> None:
        """Let the supervisor look at the station; whoever signs vouches for the seeds that the model now finds."""
        desk, before = self._desk, len(self._desk.steps)
        had = desk.model()
        if self._newcomers.look():
            self._supervisor.other_model(had)
            self._judge_seeds(plant)
        seen = self._newcomers.in_charge_sees(plant)
        self._supervisor.look(lambda low, high: true_rates(seen, self._calibrated, low, high))
        if len(desk.steps) > before:
            self._seeding.vouch(desk.control.accept_below)

    def _work_hour(
        self, plant: Plant, parts: Parts, people: tuple[InspectorSection, ...], hour: int, faults: set[FaultKind]
    ) -> None:
        desk, counts = self._desk, self._bench.counts
        looks_before, n = counts.looks, len(parts.bad)
        automatic = desk.control.level in AUTOMATIC
        self._watch.look(desk.part, self._true_rates(plant).escape > self._scenario.contract.escape, automatic)
        counts.hours_automatic += automatic
        counts.hours_broken += self._watch.broken
        answers = self._newcomers.answers(plant, parts)
        if FaultKind.MODEL_SILENT in faults:
            answers = {slot: [_silent(each) for each in said] for slot, said in answers.items()}
        identity = desk.identity()
        for i in range(n):
            desk.part += 1
            said = {slot: each[i] for slot, each in answers.items()}
            person = people[int(parts.u_inspector[i] * len(people))]
            part_id = f"{self._ids}{desk.part:08d}"
            in_charge = self._bench.champion(part_id, said)
            if in_charge is not None and in_charge.status is PredictionStatus.ABSENT:
                self._silence(3600.0 / n)
            else:
                self._silent_s = 0.0
            if in_charge is not None and in_charge.probability is not None:
                desk.observe(PartScored(in_charge.probability, parts.u_score[i], identity))
            self._bench.inspect(part_id, said, parts, i, person, hour)
        capacity = 0 if FaultKind.NO_INSPECTORS in faults else sum(p.parts_per_hour for p in people)
        self._serve(counts.looks - looks_before, capacity)
        self._newcomers.guard()

    def _true_rates(self, plant: Plant) -> TrueRates:
        """Return the true rates of what is in force, of two models by the share of each."""
        control, sees = self._desk.control, self._newcomers.section
        low, high = control.accept_below, control.reject_above

        def of(slot: Slot) -> tuple[Plant, Calibrated, float, float]:
            return seen_by(plant, sees(slot)), self._calibrated, low, high

        slots, rollout = control.slots, control.rollout
        if slots is None or rollout is None or rollout.phase is not RolloutPhase.CANARY:
            return rates_of(plant.defect_rate, (1.0, decided(*of(Slot.BLUE if slots is None else slots.in_charge))))
        mine = 0.0 if slots.model(slots.in_charge) is None else 1.0 - rollout.share
        return rates_of(
            plant.defect_rate,
            (mine, decided(*of(slots.in_charge))),
            (rollout.share, decided(*of(slots.in_charge.other))),
        )

    def _silence(self, seconds: float) -> None:
        self._silent_s += seconds
        desk = self._desk
        if self._silent_s > desk.silence_s and not desk.guards.has_fired(GuardKind.HEARTBEAT_LOST):
            desk.observe(ClockTicked(0.0, self._silent_s))

    def _serve(self, looks: int, capacity: int) -> None:
        """Let inspectors work off what waits for them; who waits longest has waited as long as the queue is."""
        self._queue = max(self._queue + looks - capacity, 0)
        self._waited_s = 3600.0 * self._queue / capacity if capacity else self._waited_s + 3600.0
        if self._desk.control.level in AUTOMATIC:
            self._desk.observe(ClockTicked(self._waited_s, 0.0))


def _silent(said: Prediction) -> Prediction:
    return Prediction(PredictionStatus.ABSENT, None, (), said.model, 0.0, "The model is silent.")
