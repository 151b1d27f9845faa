"""The simulated supervisor: gathers labels, asks for a certificate, signs, and looks after a guard has fired."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from inspector_app.automation.guard_events import GuardKind
from inspector_app.automation.thresholds import Certified, certify
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.control import Level
from inspector_app.simulation.plant import TrueRates
from inspector_app.simulation.scenario import Scenario

REFERENCE_PARTS = 5000
"""Newest labelled parts whose scores stand for production as it should be."""

CERTIFICATE_STANDS = frozenset({GuardKind.AUDIT_BACKLOG, GuardKind.HEARTBEAT_LOST})
"""Guards after which the old certificate still says what it said: people or computer were away, nothing has changed."""


@dataclass(slots=True)
class Supervisor:
    """What the supervisor knows.

    Attributes
    ----------
    scenario : Scenario
        How the plant is run.
    labels : deque of (int, ScoredPart)
        Unaided verdicts with the shift they come from, adjudicated where the model says otherwise.
    stepped_left_at : int or None
        Shift of the first guard that has fired since the last signature.
    must_certify : bool
        True before the first certificate, and once a guard has fired that voids it.
    """

    scenario: Scenario
    labels: deque[tuple[int, ScoredPart]] = field(default_factory=deque)
    stepped_left_at: int | None = None
    must_certify: bool = True

    def stepped_left(self, shift: int, kind: GuardKind) -> None:
        """Note that a guard has fired; labels from before say nothing about what comes after."""
        if self.stepped_left_at is None:
            self.stepped_left_at = shift
        if kind not in CERTIFICATE_STANDS:
            self.must_certify = True
            self.labels.clear()

    def comes(self, shift: int, level: Level) -> bool:
        """Return True if the supervisor looks at the station at the beginning of this shift, ready to sign."""
        if self.stepped_left_at is not None:
            wait = self.scenario.supervisor.looks_after_shifts
            return wait > 0 and shift >= self.stepped_left_at + wait
        return level is Level.SHADOW and shift > self.scenario.automation.calibration_shifts

    def certificate(self, shift: int) -> Certified:
        """Return what the labels of the last shifts certify."""
        while self.labels and self.labels[0][0] < shift - self.scenario.supervisor.keeps_labels_shifts:
            self.labels.popleft()
        return certify([part for _, part in self.labels], self.scenario.contract.contract())

    def reference(self) -> tuple[float, ...]:
        """Return sorted scores of the newest labelled parts, for the drift guard."""
        newest = list(self.labels)[-REFERENCE_PARTS:]
        return tuple(sorted(part.score for _, part in newest))

    def signed(self) -> None:
        """Note that the station was signed for."""
        self.stepped_left_at = None
        self.must_certify = False


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
