"""One simulated run: hour by hour through the real policy, the real guards, the real audit schedule and certificate."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inspector_app.agreement.audit_sampling import AuditedCell
from inspector_app.automation.csp import AuditSchedule, schedule_after, scheduled_share
from inspector_app.automation.draws import audit_probability
from inspector_app.automation.guard_events import (
    AuditConfirmed,
    ClockTicked,
    GuardEvent,
    GuardKind,
    Identity,
    PartScored,
    SeedJudged,
    SignedAgain,
)
from inspector_app.automation.guards import GuardState, allowed_level, observe
from inspector_app.automation.policy import decide
from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.decision import Decision, Presentation, Route
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus
from inspector_app.simulation.people import rejects_advised, rejects_alone
from inspector_app.simulation.plant import (
    Calibrated,
    Parts,
    Plant,
    first_plant,
    make_parts,
    people_in,
    plant_in,
    true_rates,
)
from inspector_app.simulation.results import CertificateIssued, LevelStep, RunResult, ShiftCounts
from inspector_app.simulation.scenario import FaultKind, InspectorSection, Scenario
from inspector_app.simulation.seeding import Seeding
from inspector_app.simulation.supervision import Supervisor, keeps, labelled
from inspector_app.simulation.watching import ContractWatch

OnShift = Callable[[int], None]

CUT = 0.5
_SALT = "simulation"
_AUTOMATIC = frozenset({Level.PARTIAL, Level.FULL})
_BY_HUMANS = frozenset({Level.SHADOW, Level.ASSIST})
_UNAIDED = frozenset({Presentation.BLIND, Presentation.SECOND_LOOK})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
        self._ids = f"{seed}-{run}-"
        plant = first_plant(scenario)
        self._calibrated = Calibrated(plant.separation, plant.defect_rate)
        self._settings = scenario.guards.settings(scenario.contract.escape)
        self._plan, self._schedule = scenario.automation.audit_plan(), AuditSchedule()
        self._guards, self._supervisor = GuardState(), Supervisor(scenario)
        self._model_name, self._camera = "model", _digest("camera")
        self._control = self._first_control()
        self._shift = self._part = self._queue = 0
        self._waited_s = self._silent_s = 0.0
        seeds = scenario.seeds
        self._seeding = Seeding(seeds.rules(), seeds.library, seed, _SALT)
        self._seeding.judge_anew(plant, self._calibrated)
        self._watch = ContractWatch()
        self._counts = ShiftCounts(0)
        self._shifts: list[ShiftCounts] = []
        self._steps: list[LevelStep] = []
        self._certificates: list[CertificateIssued] = []
        self._cells: Counter[tuple[float, bool]] = Counter()

    def result(self, on_shift: OnShift, cancelled: Callable[[], bool]) -> RunResult:
        """Run to the end, or to the shift during which it is cancelled.

        Parameters
        ----------
        on_shift : OnShift
            Told how many shifts are over.
        cancelled : callable
            Asked before every shift.
        """
        while self._shift < self._scenario.line.shifts and not cancelled():
            self._work_shift()
            on_shift(self._shift)
        self._watch.end(self._part, "end")
        return RunResult(
            seed=self._seed,
            run=self._run,
            complete=self._shift == self._scenario.line.shifts,
            shifts=tuple(self._shifts),
            steps=tuple(self._steps),
            certificates=tuple(self._certificates),
            spells=self._watch.spells,
            audit_cells=tuple(
                AuditedCell(p, self._cells[p, False] + self._cells[p, True], self._cells[p, True])
                for p in sorted({p for p, _ in self._cells})
            ),
            seeds=self._seeding.hits(),
        )

    # -- what is in force ---------------------------------------------------------------------------------------

    def _first_control(self) -> ControlState:
        a = self._scenario.automation
        return ControlState(
            version=1,
            level=Level.SHADOW,
            style=a.style,
            accept_below=0.0,
            cut=CUT,
            reject_above=1.0,
            canary_share=a.canary_share,
            audit_share=1.0,
            unaided_share=a.unaided_share,
            hold_audits=a.hold_audits,
            salts=Salts(f"{_SALT}:canary", f"{_SALT}:audit", f"{_SALT}:first-look"),
            targeted_share=a.targeted_share,
        )

    def _identity(self) -> Identity:
        return Identity(_digest(self._model_name), _digest("preprocessing"), self._camera)

    def _change_control(self, **changes: object) -> None:
        self._control = replace(self._control, version=self._control.version + 1, **changes)  # type: ignore[arg-type]

    def _share_audits(self) -> None:
        """Put the audit share of schedule and guards in force, if it is another."""
        share = 1.0 if self._guards.audits_all else scheduled_share(self._plan, self._schedule)
        if share != self._control.audit_share:
            self._change_control(audit_share=share)

    def _observe(self, event: GuardEvent) -> None:
        if not self._scenario.guards.on:
            return
        self._guards, trips = observe(self._settings, self._guards, event)
        for trip in trips:
            self._supervisor.stepped_left(self._shift, trip.kind)
            before, after = self._control.level, allowed_level(self._guards, self._control.level)
            self._change_control(level=after)
            self._note(before, trip.kind.value, trip.sentence)
            if after is not before:
                self._watch.end(self._part, trip.kind.value)
            self._share_audits()

    def _note(self, before: Level, why: str, sentence: str) -> None:
        self._steps.append(
            LevelStep(self._shift, self._part, before, self._control.level, why, sentence, self._watch.broken)
        )

    # -- the supervisor -----------------------------------------------------------------------------------------

    def _sign(self, plant: Plant) -> None:
        """Let the supervisor ask for a certificate and sign, if there is one to sign."""
        before, supervisor = self._control.level, self._supervisor
        why, sentence = "look", "Signed again under the old certificate."
        if supervisor.must_certify:
            found = supervisor.certificate(self._shift)
            if not found.certified:
                return
            accept_below, reject_above = found.accept_below or 0.0, found.reject_above or 1.0
            rates = true_rates(plant, self._calibrated, accept_below, reject_above)
            n, bad = labelled(supervisor.labels)
            kept = keeps(self._scenario.contract.contract(), rates)
            self._certificates.append(
                CertificateIssued(self._shift, n, bad, found.accept_below, found.reject_above, kept)
            )
            cut = min(max(CUT, accept_below), reject_above)
            above = accept_below * self._scenario.automation.targeted_from
            self._change_control(accept_below=accept_below, cut=cut, reject_above=reject_above, targeted_above=above)
            why, sentence = "certificate", f"Thresholds certified on {n} parts, {bad} of them bad."
        self._vouch(supervisor.reference())
        self._change_control(level=self._scenario.automation.level)
        supervisor.signed()
        self._note(before, why, sentence)

    def _vouch(self, reference: tuple[float, ...]) -> None:
        """Sign for what is there now: guards begin anew, audits with the 100 % phase."""
        if not reference and self._guards.reference is not None:
            reference = self._guards.reference.scores
        self._guards, _ = observe(self._settings, self._guards, SignedAgain(self._identity(), reference))
        self._schedule = AuditSchedule()
        self._seeding.vouch(self._control.accept_below)
        self._share_audits()

    # -- a shift ------------------------------------------------------------------------------------------------

    def _work_shift(self) -> None:
        self._shift += 1
        self._counts = ShiftCounts(self._shift)
        scenario, line = self._scenario, self._scenario.line
        plant, people = plant_in(scenario, self._shift), people_in(scenario, self._shift)
        faults = {f.kind for f in scenario.fault if f.at_shift <= self._shift < f.at_shift + f.for_shifts}
        self._run_changes(plant, faults)
        if self._supervisor.comes(self._shift, self._control.level):
            self._sign(plant)
        done = 0
        for hour in range(line.hours_per_shift):
            until = line.parts_per_shift * (hour + 1) // line.hours_per_shift
            parts = make_parts(plant, self._calibrated, until - done, self._chance)
            self._work_hour(plant, parts, people, hour, faults)
            done = until
        self._counts.level = self._control.level.value
        self._counts.waiting = self._queue
        self._shifts.append(self._counts)

    def _run_changes(self, plant: Plant, faults: set[FaultKind]) -> None:
        """Apply what changes in the way the plant is run at the beginning of this shift."""
        for change in self._scenario.change:
            if change.at_shift != self._shift:
                continue
            if change.canary_share is not None:
                self._change_control(canary_share=change.canary_share)
            if change.new_model is not None:
                self._model_name = change.new_model
                self._seeding.judge_anew(plant, self._calibrated)
                self._vouch(())
                self._note(self._control.level, "new_model", f"The model {change.new_model} is in charge.")
        if FaultKind.MODEL_SWAPPED in faults:
            self._model_name = f"swapped in shift {self._shift}"
        if FaultKind.MODEL_DULLED in faults:
            self._seeding.judge_anew(plant, self._calibrated)
        if FaultKind.CAMERA_MOVED in faults:
            self._camera = _digest(f"moved in shift {self._shift}")

    def _work_hour(
        self, plant: Plant, parts: Parts, people: tuple[InspectorSection, ...], hour: int, faults: set[FaultKind]
    ) -> None:
        looks_before, n = self._counts.looks, len(parts.bad)
        limit = self._scenario.contract.escape
        rates = true_rates(plant, self._calibrated, self._control.accept_below, self._control.reject_above)
        self._watch.look(self._part, rates.escape > limit, self._control.level in _AUTOMATIC)
        self._counts.hours_automatic += self._control.level in _AUTOMATIC
        self._counts.hours_broken += self._watch.broken
        identity, model = self._identity(), self._model()
        silent = FaultKind.MODEL_SILENT in faults
        for i in range(n):
            self._part += 1
            part_id = f"{self._ids}{self._part:08d}"
            prediction = _prediction(model, None if silent else parts.probability[i])
            if silent:
                self._silence(3600.0 / n)
            else:
                self._silent_s = 0.0
                self._observe(PartScored(parts.probability[i], parts.u_score[i], identity))
            self._one_part(part_id, prediction, parts, i, people[int(parts.u_inspector[i] * len(people))], hour)
        capacity = 0 if FaultKind.NO_INSPECTORS in faults else sum(p.parts_per_hour for p in people)
        self._serve(self._counts.looks - looks_before, capacity)

    def _silence(self, seconds: float) -> None:
        self._silent_s += seconds
        if self._silent_s > self._settings.silence_s and not self._guards.has_fired(GuardKind.HEARTBEAT_LOST):
            self._observe(ClockTicked(0.0, self._silent_s))

    def _serve(self, looks: int, capacity: int) -> None:
        """Let inspectors work off what waits for them; who waits longest has waited as long as the queue is."""
        self._queue = max(self._queue + looks - capacity, 0)
        self._waited_s = 3600.0 * self._queue / capacity if capacity else self._waited_s + 3600.0
        if self._control.level in _AUTOMATIC:
            self._observe(ClockTicked(self._waited_s, 0.0))

    # -- a part -------------------------------------------------------------------------------------------------

    def _one_part(
        self, part_id: str, prediction: Prediction, parts: Parts, i: int, person: InspectorSection, hour: int
    ) -> None:
        control, counts, bad = self._control, self._counts, parts.bad[i]
        decision = decide(control, part_id, True, prediction)
        alone = rejects_alone(person, bad, hour, parts.u_answer[i]) if decision.asks_human else False
        if decision.route is Route.HUMAN:
            rejected = self._asked_human(decision, prediction, alone, parts, i, person)
        else:
            rejected = self._decided_by_model(decision, alone, bad, parts.critical[i])
        counts.parts += 1
        counts.bad += bad
        counts.accepted += not rejected
        counts.escapes += bad and not rejected
        counts.rejected += rejected
        counts.overkill += rejected and not bad
        if not decision.asks_human:
            return
        counts.looks += 1
        if prediction.probability is not None and self._labels(control, decision):
            # Where blind verdict and model differ somebody has a third look; where they agree nobody does.
            judged = prediction.probability >= control.cut
            label = alone if alone is judged else bad
            self._supervisor.labels.append((self._shift, ScoredPart(part_id, prediction.probability, label)))
        self._maybe_seed(part_id, person, hour, parts.u_advice[i])

    def _labels(self, control: ControlState, decision: Decision) -> bool:
        """Return True if the part's verdict is unaided and every part of the stream gives one."""
        every = control.audit_share == 1.0 and control.style is AssistStyle.SECOND_LOOK
        return decision.presentation in _UNAIDED and (control.level in _BY_HUMANS or every)

    def _asked_human(
        self, decision: Decision, prediction: Prediction, alone: bool, parts: Parts, i: int, person: InspectorSection
    ) -> bool:
        if prediction.probability is None or decision.presentation is Presentation.BLIND:
            return alone
        return rejects_advised(person, alone, prediction.probability >= self._control.cut, parts.u_advice[i])

    def _decided_by_model(self, decision: Decision, alone: bool, bad: bool, critical: bool) -> bool:
        counts = self._counts
        rejects = decision.route is Route.MODEL_REJECT
        counts.model_rejects += rejects
        counts.model_rejects_good += rejects and not bad
        counts.model_accepts += not rejects
        counts.model_accepts_bad += bad and not rejects
        if self._watch.broken and not rejects:
            self._watch.accepted()
        if not decision.audited:
            return rejects
        # An auditor who contradicts the model is checked by a third look, which finds the truth.
        found = rejects if alone is rejects else bad
        if not rejects:
            counts.audits += 1
            if self._watch.broken:
                self._watch.audited()
            self._audited(decision, found, critical)
        return found if self._control.hold_audits else rejects

    def _audited(self, decision: Decision, escape: bool, critical: bool) -> None:
        self._cells[audit_probability(decision), escape] += 1
        uniform = decision.audit is not None and decision.audit.drawn
        if uniform:
            self._schedule = schedule_after(self._plan, self._schedule, escape)
        self._observe(AuditConfirmed(escape, escape and critical, uniform))
        self._share_audits()

    def _maybe_seed(self, part_id: str, person: InspectorSection, hour: int, u: float) -> None:
        hours = float(self._shift * self._scenario.line.hours_per_shift)
        seeded = self._seeding.next_after(part_id, self._part, hours)
        if seeded is None:
            return
        alias, probability, vouched = seeded
        self._counts.looks += 1
        self._seeding.answered(person.name, rejects_alone(person, True, hour, u))
        decision = decide(self._control, alias, True, _prediction(self._model(), probability))
        if vouched and decision.route is Route.MODEL_ACCEPT:
            self._observe(SeedJudged(accepted=True))

    def _model(self) -> ModelIdentity:
        identity = self._identity()
        return ModelIdentity(self._model_name, "1", identity.model_sha256, identity.preprocessing_sha256)


def _prediction(model: ModelIdentity, probability: float | None) -> Prediction:
    if probability is None:
        return Prediction(PredictionStatus.ABSENT, None, (), model, 0.0, "The model is silent.")
    return Prediction(PredictionStatus.OK, probability, (), model, 0.0)
