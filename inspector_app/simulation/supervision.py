"""The simulated supervisor: goes by the real gates, certificates and ramp, and looks after a guard that has fired."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from inspector_app.automation.fixed_sequence import exact_interval
from inspector_app.automation.gate_evidence import rolled_back_since_it_came
from inspector_app.automation.gate_inputs import Evidence
from inspector_app.automation.gates import gate_report
from inspector_app.automation.guard_events import GuardKind, GuardTrip
from inspector_app.automation.thresholds import Certified, certify
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.control import Level
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.simulation.desk import AUTOMATIC, SimulatedDesk
from inspector_app.simulation.gathering import Gathered
from inspector_app.simulation.plant import TrueRates
from inspector_app.simulation.results import CertificateIssued
from inspector_app.simulation.scenario import Scenario

REFERENCE_PARTS = 1000
"""Newest labelled parts whose scores stand for production as it should be, as many as the station takes."""

CERTIFICATE_STANDS = frozenset({GuardKind.AUDIT_BACKLOG, GuardKind.HEARTBEAT_LOST})
"""Guards after which the old certificate still says what it said: people or computer were away, nothing has changed."""

TrueAt = Callable[[float, float], TrueRates]
"""Returns the true rates under a pair of thresholds: what only a simulation knows."""


@dataclass(slots=True)
class Supervisor:
    """What the supervisor knows and does. Looks at the station at the beginning of every shift.

    Attributes
    ----------
    scenario, desk, gathered
        How the plant is run; where it is run from; what is counted.
    labels : deque of (int, ScoredPart)
        Verdicts without the model in view with the shift they come from, adjudicated where the model says otherwise.
    certificates : list of CertificateIssued
        Put in force so far.
    tripped_at : int or None
        Shift of the first guard that has fired since the last signature.
    stands : bool
        True while the thresholds in force come from a certificate that still says something.
    coverage : float or None
        Lower bound of the share of parts that it lets the model decide.
    ask_from : int
        Labels that the next certificate is asked for with.
    """

    scenario: Scenario
    desk: SimulatedDesk
    gathered: Gathered
    labels: deque[tuple[int, ScoredPart]] = field(default_factory=deque)
    certificates: list[CertificateIssued] = field(default_factory=list)
    tripped_at: int | None = None
    stands: bool = False
    coverage: float | None = None
    ask_from: int = 0

    def __post_init__(self) -> None:
        self._ask_anew()

    def tripped(self, trip: GuardTrip) -> None:
        """Note that a guard has fired; labels from before say nothing about what comes after."""
        if self.tripped_at is None:
            self.tripped_at = self.desk.shift
        if trip.kind is GuardKind.SCORE_DRIFT:
            self.gathered.drifted()
        if trip.kind in {GuardKind.MODEL_CHANGED, GuardKind.CAMERA_CHANGED}:
            self.gathered.begin()
        if trip.kind not in CERTIFICATE_STANDS:
            self._void()

    def other_model(self, before: ModelIdentity | None) -> None:
        """Note that another model has come into charge; certificate and counts were the old one's, if there was one."""
        if before is not None:
            self.gathered.begin()
            self._void()
        self.desk.vouch(self._reference())

    def look(self, true_at: TrueAt) -> None:
        """Re-arm what may be re-armed, ask for a certificate where one is missing, and step right as the gates say."""
        desk = self.desk
        if desk.control.latched and not self._may_rearm():
            return
        if not self.stands and len(self.labels) >= self.ask_from:
            self._ask(true_at)
        if desk.control.latched:
            if not self.stands and desk.control.level in AUTOMATIC:
                return  # the model still decides; every decision is audited until there is a certificate
            self._rearm()
        self._step_left()
        self._step_right()

    def _may_rearm(self) -> bool:
        wait, since = self.scenario.supervisor.looks_after_shifts, self.tripped_at
        if since is None or not wait:
            return False
        if self.desk.shift < since + wait:
            return False
        return self.stands or len(self.labels) >= self.ask_from

    def _ask(self, true_at: TrueAt) -> None:
        """Ask for a certificate; where it is refused, again with twice the labels: searching every day finds luck."""
        while self.labels and self.labels[0][0] < self.desk.shift - self.scenario.supervisor.keeps_labels_shifts:
            self.labels.popleft()
        contract = self.scenario.contract.contract()
        found = certify([part for _, part in self.labels], contract)
        if not found.certified:
            self.ask_from = 2 * len(self.labels)
            return
        self._put_in_force(found, keeps(contract, true_at(found.accept_below or 0.0, found.reject_above or 1.0)))

    def _put_in_force(self, found: Certified, kept: bool) -> None:
        accept_below, reject_above = found.accept_below or 0.0, found.reject_above or 1.0
        n, bad = labelled(self.labels)
        control, automation = self.desk.control, self.scenario.automation
        self.certificates.append(
            CertificateIssued(self.desk.shift, n, bad, found.accept_below, found.reject_above, kept)
        )
        self.desk.change(
            accept_below=accept_below,
            cut=min(max(automation.cut, accept_below), reject_above),
            reject_above=reject_above,
            targeted_above=accept_below * automation.targeted_from,
        )
        self.stands = True
        self.coverage = exact_interval(found.accepted + found.rejected, found.parts, found.contract.confidence)[0]
        self.gathered.thresholds_moved()
        self.desk.note(control.level, "certificate", f"Thresholds certified on {n} parts, {bad} of them bad.")

    def _rearm(self) -> None:
        before = self.desk.control.level
        self.desk.change(latched=())
        self.desk.vouch(self._reference())
        self.tripped_at = None
        self.desk.note(before, "rearmed", "The guards are re-armed.")

    def _step_left(self) -> None:
        """Take the level back to assist where its certificate is void and no new model is being watched."""
        control = self.desk.control
        if control.level in AUTOMATIC and not self.stands and control.rollout is None:
            self.desk.change(level=Level.ASSIST)
            self.desk.note(control.level, "left", "The certificate was another model's; people decide until the next.")

    def _step_right(self) -> None:
        control = self.desk.control
        report = gate_report(self.evidence(), self.scenario.gate_limits())
        if control.level.rank >= self.scenario.automation.level.rank or report.recommended is control.level:
            return
        self.desk.change(level=report.recommended)
        self.desk.vouch(self._reference())
        self.desk.note(control.level, "gates", f"The gates recommend {report.recommended}.")

    def evidence(self) -> Evidence:
        """Return what the gates are given."""
        return self.gathered.evidence(
            self.desk.control, self.stands, self.coverage, rolled_back_since_it_came(self.desk.changes)
        )

    def _void(self) -> None:
        self.stands, self.coverage = False, None
        self.labels.clear()
        self._ask_anew()

    def _ask_anew(self) -> None:
        self.ask_from = self.scenario.automation.calibration_shifts * self.scenario.line.parts_per_shift

    def _reference(self) -> tuple[float, ...]:
        """Return sorted scores of the newest labelled parts, for the drift guard."""
        newest = list(self.labels)[-REFERENCE_PARTS:]
        return tuple(sorted(part.score for _, part in newest))


def keeps(contract: Contract, rates: TrueRates) -> bool:
    """Return True if true rates are within a contract."""
    return (
        rates.escape <= contract.escape
        and rates.missed <= contract.missed
        and rates.false_reject <= contract.false_reject
    )


def labelled(parts: Iterable[tuple[int, ScoredPart]]) -> tuple[int, int]:
    """Return how many parts, and how many of them bad."""
    flags = [part.bad for _, part in parts]
    return len(flags), sum(flag is True for flag in flags)
