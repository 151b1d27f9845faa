"""What the automation page asks of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from inspector_app.automation.certificate import Standing
from inspector_app.automation.counting import Scores
from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.gate_inputs import Evidence, GateLimits
from inspector_app.automation.gates import GateReport
from inspector_app.automation.seed_hits import SeedHits
from inspector_app.domain.contract import Contract
from inspector_app.domain.control import Command

Record = Mapping[str, Any]
"""A certificate as of `automation.certificate.certificate_record`."""


@dataclass(frozen=True, slots=True)
class Evidenced:
    """What the log says about the next step to the right and about audits.

    Attributes
    ----------
    gates : GateReport
        What must hold and what holds.
    evidence, limits : Evidence, GateLimits
        What it follows from.
    seeds : SeedHits
        Seeded defects found, without those of the last hour: nobody is to learn here that a part was one.
    seed_share : float
        How many seeded parts come for each part; 0: none do.
    plan : AuditPlan or None
        The schedule that sets the audit share; ``None``: the supervisor does.
    audit_wait_s : float
        How long an audit may wait before a guard steps left.
    certificate : mapping or None
        The one that the thresholds in force come from, if it stands.
    """

    gates: GateReport
    evidence: Evidence
    limits: GateLimits
    seeds: SeedHits
    seed_share: float
    plan: AuditPlan | None
    audit_wait_s: float
    certificate: Record | None


@dataclass(frozen=True, slots=True)
class KeptCertificate:
    """A certificate, and whether it holds for what is in force."""

    record: Record
    standing: Standing


@dataclass(frozen=True, slots=True)
class ThresholdFigures:
    """What thresholds are chosen by.

    Attributes
    ----------
    scores : Scores
        Of the parts whose truth is known without the model's help.
    model : str
        Whose scores; empty where there are none.
    left_out : mapping of str to int
        Judged parts that do not count, by reason.
    in_force : KeptCertificate or None
        The certificate that the thresholds in force come from.
    newest : KeptCertificate or None
        The newest one on record.
    contract : Contract
        As the settings have it.
    takt_s : float or None
        Seconds from part to part lately; ``None``: not known.
    """

    scores: Scores
    model: str
    in_force: KeptCertificate | None
    newest: KeptCertificate | None
    contract: Contract
    takt_s: float | None
    left_out: Mapping[str, int] = field(default_factory=dict)


class CertifyStage(Enum):
    """What certifying is at."""

    READING = "reading"
    SEARCHING = "searching"
    KEEPING = "keeping"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can be brought in: name and version in the registry, where it is from, and what is wrong with it."""

    name: str
    version: str
    source: str
    problem: str | None = None

    @property
    def title(self) -> str:
        """Name and version, as commands take them."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class RolloutStart:
    """What a supervisor chose: the model, the rollout's name (empty: one is made), and whether the product is new."""

    model: str
    name: str
    from_nothing: bool


class AutomationRoom(Protocol):
    """Reads evidence and certifies; every call may block and is made off the GUI thread."""

    def evidence(self) -> Evidenced:
        """Return what the log says now."""
        ...

    def thresholds(self) -> ThresholdFigures:
        """Return what thresholds are chosen by."""
        ...

    def certify(
        self, contract: Contract, on_stage: Callable[[CertifyStage], None], cancelled: Callable[[], bool]
    ) -> KeptCertificate | None:
        """Certify thresholds on the log's known verdicts, and keep the certificate if it certifies something.

        Asked between two stages whether to go on; ``None`` if not, and nothing is kept then.
        """
        ...

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the models that can be brought in, those with a problem included."""
        ...

    def start(self, start: RolloutStart, by: str, because: str) -> Command:
        """Return the command that begins a rollout; `ModelError` or `ControlRefused` if it cannot."""
        ...

    def command(self, record: Record, by: str, because: str) -> Command:
        """Return the command that puts a certificate in force; `CertificateRefused` if it is void."""
        ...
