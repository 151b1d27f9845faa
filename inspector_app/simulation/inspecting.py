"""One part at a simulated station: the real policy decides, simulated people look, and all that counts is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from inspector_app.agreement.audit_sampling import AuditedCell
from inspector_app.automation.assignment import assignment
from inspector_app.automation.draws import audit_probability
from inspector_app.automation.guard_events import AuditConfirmed, SeedJudged
from inspector_app.automation.policy import decide
from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Decision, Presentation, Route
from inspector_app.domain.prediction import Prediction, PredictionStatus
from inspector_app.domain.rollout import Slot
from inspector_app.simulation.desk import FIRST_MODEL, SimulatedDesk, identity_of
from inspector_app.simulation.newcomers import Looked, Newcomers
from inspector_app.simulation.people import rejects_advised, rejects_alone
from inspector_app.simulation.plant import Parts
from inspector_app.simulation.results import ShiftCounts
from inspector_app.simulation.scenario import InspectorSection
from inspector_app.simulation.seeding import Seeding
from inspector_app.simulation.supervision import Supervisor
from inspector_app.simulation.watching import ContractWatch

_BY_HUMANS = frozenset({Level.SHADOW, Level.ASSIST})
_UNAIDED = frozenset({Presentation.BLIND, Presentation.SECOND_LOOK})

Said = Mapping[Slot, Prediction]
"""What the models of the slots say of a part."""


class Bench:
    """Where parts are judged.

    Parameters
    ----------
    desk, supervisor, newcomers, seeding, watch
        What is in force, and who is told of what is found.
    """

    def __init__(
        self,
        desk: SimulatedDesk,
        supervisor: Supervisor,
        newcomers: Newcomers,
        seeding: Seeding,
        watch: ContractWatch,
    ) -> None:
        self._desk, self._supervisor, self._newcomers = desk, supervisor, newcomers
        self._seeding, self._watch = seeding, watch
        self._hours_per_shift = 0
        self._cells: Counter[tuple[float, bool]] = Counter()
        self.counts = ShiftCounts(0)

    def begin_shift(self, shift: int, hours: int) -> ShiftCounts:
        """Return the counts of a new shift."""
        self.counts, self._hours_per_shift = ShiftCounts(shift), hours
        return self.counts

    def audit_cells(self) -> tuple[AuditedCell, ...]:
        """Return the answered audits of accepts by their probability."""
        cells = self._cells
        return tuple(
            AuditedCell(p, cells[p, False] + cells[p, True], cells[p, True]) for p in sorted({p for p, _ in cells})
        )

    def champion(self, part_id: str, said: Said) -> Prediction | None:
        """Return the answer of the model in charge where no new one stands in for it, as guards hear it."""
        assigned = assignment(self._desk.control, part_id)
        if assigned.in_charge is None or (assigned.challenger is not None and assigned.challenger.drawn):
            return None
        return said.get(assigned.in_charge)

    def inspect(self, part_id: str, said: Said, parts: Parts, i: int, person: InspectorSection, hour: int) -> None:
        """Decide a part, ask whom the policy asks, and count."""
        control, counts, bad = self._desk.control, self.counts, parts.bad[i]
        assigned = assignment(control, part_id)
        in_charge = None if assigned.in_charge is None else said.get(assigned.in_charge)
        beside = None if assigned.beside is None else said.get(assigned.beside)
        decision = decide(control, part_id, True, in_charge)
        # Where no model is in charge, what people say is compared with the one beside them.
        heard = beside if assigned.in_charge is None else in_charge
        alone = rejects_alone(person, bad, hour, parts.u_answer[i])
        if decision.route is Route.HUMAN:
            rejected, looked = self._asked(decision, heard, alone, bad, person, parts.u_advice[i])
        else:
            rejected, looked = self._decided(decision, alone, bad, parts.critical[i])
        if decision.asks_human and (assigned.challenger is None or not assigned.challenger.drawn):
            self._learn(part_id, decision, heard, alone, rejected, looked)
        self._compare(decision, in_charge, beside, looked, alone)
        self._newcomers.count(decision, in_charge, beside, bad, looked)
        counts.parts += 1
        counts.bad += bad
        counts.accepted += not rejected
        counts.escapes += bad and not rejected
        counts.rejected += rejected
        counts.overkill += rejected and not bad
        counts.looks += decision.asks_human + looked.adjudicated
        if decision.asks_human:
            self._maybe_seed(part_id, parts, i, person, hour)

    def _asked(
        self,
        decision: Decision,
        heard: Prediction | None,
        alone: bool,
        bad: bool,
        person: InspectorSection,
        u: float,
    ) -> tuple[bool, Looked]:
        """Return whether a person rejects the part in the end, and what was said on the way."""
        judged = None if heard is None or heard.probability is None else heard.probability >= self._desk.control.cut
        looked = Looked()
        if decision.presentation in _UNAIDED:
            # Where a verdict without the model contradicts it somebody has a third look; where they agree nobody does.
            looked.truth = bad if judged is not None and judged is not alone else alone
        if judged is None or decision.presentation is Presentation.BLIND:
            return alone, looked
        looked.aided = rejects_advised(person, alone, judged, u)
        return looked.aided, looked

    def _learn(
        self, part_id: str, decision: Decision, heard: Prediction | None, alone: bool, rejected: bool, looked: Looked
    ) -> None:
        """Keep what a verdict without the model in view tells of the model."""
        if heard is None or heard.probability is None or looked.truth is None:
            return
        control, supervisor = self._desk.control, self._supervisor
        judged = heard.probability >= control.cut
        if decision.presentation is Presentation.SECOND_LOOK:
            supervisor.gathered.second_look(judged, alone, rejected, looked.truth)
        if self._every_part_counts():
            supervisor.gathered.judged(control.level, judged, alone, looked.truth)
            supervisor.labels.append((self._desk.shift, ScoredPart(part_id, heard.probability, looked.truth)))

    def _every_part_counts(self) -> bool:
        """Return True if every part of the stream gives a verdict without the model in view."""
        control = self._desk.control
        return control.level in _BY_HUMANS or (control.audit_share == 1.0 and control.style is AssistStyle.SECOND_LOOK)

    def _decided(self, decision: Decision, alone: bool, bad: bool, critical: bool) -> tuple[bool, Looked]:
        """Return whether the part is rejected in the end, and what an audit has found."""
        counts = self.counts
        rejects = decision.route is Route.MODEL_REJECT
        counts.model_rejects += rejects
        counts.model_rejects_good += rejects and not bad
        counts.model_accepts += not rejects
        counts.model_accepts_bad += bad and not rejects
        if self._watch.broken and not rejects:
            self._watch.accepted()
        if not decision.audited:
            return rejects, Looked()
        # An auditor who contradicts the model is checked by a third look, which finds the truth.
        found = rejects if alone is rejects else bad
        uniform = decision.audit is not None and decision.audit.drawn
        if uniform:
            self._supervisor.gathered.audited(not rejects, found is not rejects)
        if not rejects:
            counts.audits += 1
            if self._watch.broken:
                self._watch.audited()
            self._cells[audit_probability(decision), found] += 1
            if uniform:
                self._desk.audited(found)
            self._desk.observe(AuditConfirmed(found, found and critical, uniform))
        return found if self._desk.control.hold_audits else rejects, Looked(truth=found)

    def _compare(
        self,
        decision: Decision,
        in_charge: Prediction | None,
        beside: Prediction | None,
        looked: Looked,
        alone: bool,
    ) -> None:
        """Let somebody look where two models differ and nobody was asked."""
        if looked.truth is not None or in_charge is None or beside is None or beside.probability is None:
            return
        if decision.model_judgement is None or in_charge.probability is None:
            return
        cut = self._desk.control.cut
        if (beside.probability >= cut) is not (in_charge.probability >= cut):
            looked.truth, looked.adjudicated = alone, True

    def _maybe_seed(self, part_id: str, parts: Parts, i: int, person: InspectorSection, hour: int) -> None:
        hours = float(self._desk.shift * self._hours_per_shift)
        seeded = self._seeding.next_after(part_id, self._desk.part, hours)
        if seeded is None:
            return
        alias, probability, vouched = seeded
        control = self._desk.control
        self.counts.looks += 1
        alone = rejects_alone(person, True, hour, parts.u_advice[i])
        self._seeding.answered(person.name, alone)
        said = Prediction(PredictionStatus.OK, probability, (), identity_of(FIRST_MODEL), 0.0)
        decision = decide(control, alias, True, said)
        helped = None
        if decision.presentation is Presentation.SECOND_LOOK:
            helped = rejects_advised(person, alone, probability >= control.cut, parts.u_score[i])
        self._supervisor.gathered.seeded(alone, helped)
        if vouched and decision.route is Route.MODEL_ACCEPT:
            self._desk.observe(SeedJudged(accepted=True))
