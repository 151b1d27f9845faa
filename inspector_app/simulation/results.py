"""What a simulated run has left: counts, steps of the level, and spells in which the contract was broken."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.agreement.audit_sampling import AuditedCell
from inspector_app.domain.control import Level


@dataclass(slots=True)
class ShiftCounts:
    """One shift, counted as it goes on.

    Attributes
    ----------
    shift : int
        From 1.
    level : str
        In force at its end.
    parts, bad : int
        Made.
    looks : int
        Parts that inspectors were asked about, seeded ones included.
    model_accepts, model_accepts_bad, model_rejects, model_rejects_good : int
        Decided by the model, before any audit.
    audits : int
        Audits of the model's accepts.
    accepted, escapes, rejected, overkill : int
        What left as accepted, and the bad among it; what was rejected, and the good among it.
    hours_automatic, hours_broken : int
        Hours in which the model decided, and those of them in which its true escape share was above the limit.
    waiting : int
        Parts that waited for inspectors at the end.
    """

    shift: int
    level: str = ""
    parts: int = 0
    bad: int = 0
    looks: int = 0
    model_accepts: int = 0
    model_accepts_bad: int = 0
    model_rejects: int = 0
    model_rejects_good: int = 0
    audits: int = 0
    accepted: int = 0
    escapes: int = 0
    rejected: int = 0
    overkill: int = 0
    hours_automatic: int = 0
    hours_broken: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class LevelStep:
    """The level, or the thresholds under it, changed.

    Attributes
    ----------
    shift, part : int
        When, counted from 1.
    before, after : Level
        The level.
    why : str
        ``gates`` (a step right that they recommended), ``certificate`` (thresholds put in force), ``rearmed``,
        ``rollout`` (a step of a new model), ``left`` (a certificate has become void), ``guardrail``, or a guard's name.
    sentence : str
        One sentence.
    broken : bool
        True if the true escape share was above the limit at that moment.
    """

    shift: int
    part: int
    before: Level
    after: Level
    why: str
    sentence: str
    broken: bool


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """Thresholds that were put in force.

    Attributes
    ----------
    shift, labels, bad : int
        When, and on how many labelled parts and defects.
    accept_below, reject_above : float or None
        As certified.
    kept : bool
        True if all three true rates were within the contract when it was issued.
    """

    shift: int
    labels: int
    bad: int
    accept_below: float | None
    reject_above: float | None
    kept: bool


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which the model decided while its true escape share was above the limit.

    Attributes
    ----------
    part : int
        At which it began.
    parts, accepts, audits : int
        That passed in it; accepts are the model's.
    ended_by : str
        A guard's name, ``plant`` (the share fell again), ``supervisor``, or ``end`` of the run.
    """

    part: int
    parts: int
    accepts: int
    audits: int
    ended_by: str


@dataclass(slots=True)
class RolloutCounts:
    """What became of a new model, counted as it goes on.

    Attributes
    ----------
    name : str
        Of the model.
    began, ended : int
        Shifts; 0 while it goes on.
    outcome : str
        ``going on``, ``in charge``, or ``rolled back``.
    because : str
        The guardrail's or guard's name where it was rolled back.
    share : float
        The largest share of the parts that it was given.
    accepts, escapes : int
        Parts that it accepted before it was in charge for good, and the bad ones among them.
    adjudications : int
        Differences that an inspector looked at for it alone.
    """

    name: str
    began: int
    ended: int = 0
    outcome: str = "going on"
    because: str = ""
    share: float = 0.0
    accepts: int = 0
    escapes: int = 0
    adjudications: int = 0


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run.

    Attributes
    ----------
    seed, run : int
        They and the scenario give the same run again.
    complete : bool
        False if it was stopped before its end.
    shifts : tuple of ShiftCounts
        One a shift.
    steps, certificates, spells : tuple
        In the order in which they came.
    audit_cells : tuple of AuditedCell
        Answered audits of the model's accepts by their probability.
    seeds : tuple of (str, int, int)
        Inspector, seeded parts rejected, seeded parts shown.
    rollouts : tuple of RolloutCounts
        One for each new model that was brought in.
    """

    seed: int
    run: int
    complete: bool
    shifts: tuple[ShiftCounts, ...]
    steps: tuple[LevelStep, ...]
    certificates: tuple[CertificateIssued, ...]
    spells: tuple[Spell, ...]
    audit_cells: tuple[AuditedCell, ...]
    seeds: tuple[tuple[str, int, int], ...]
    rollouts: tuple[RolloutCounts, ...] = ()
