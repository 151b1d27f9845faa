"""Gates: what must hold before each step to the right, what holds, and what is still missing.

A pure function of counted evidence; the same evidence gives the same answer. Rates are judged by e-processes, so the
gates may be looked at after every part (see `sequential`).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from inspector_app.automation.fixed_sequence import exact_interval
from inspector_app.automation.sequential import (
    e_value,
    log_e_certify,
    log_e_second_worse,
    parts_to_certify,
    shown,
)
from inspector_app.domain.control import Level

GATES_VERSION = 2
"""Of these rules; rises when the same evidence may give another answer."""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What the gates ask for.

    Attributes
    ----------
    study_parts, study_trials, study_appraisers : int
        Size of the attribute study that precedes shadow.
    drift_parts : int
        Parts without a drift alarm before assist.
    over_reliance : float
        Partial is not for a station whose inspectors are shown to follow wrong advice more often than this.
    reliance_looks : int
        Second looks at wrong advice before that can be said.
    coverage : float
        Share of parts that the certificate must at least let the model decide before full.
    miss, false_alarm : float
        Rates that the model must be shown to stay below before assist.
    escape, false_reject : float
        The same of the automatic decisions before full, as the contract has them.
    clean_audits : int
        Audited accepts in a row without a defective part before full.
    delta : float
        Chance that a rate is called shown although it is not, for each rate.
    """

    study_parts: int = 50
    study_trials: int = 3
    study_appraisers: int = 3
    drift_parts: int = 5000
    over_reliance: float = 0.10
    reliance_looks: int = 20
    coverage: float = 0.8
    miss: float = 0.05
    false_alarm: float = 0.10
    escape: float = 0.005
    false_reject: float = 0.05
    clean_audits: int = 300
    delta: float = 0.05


@dataclass(frozen=True, slots=True)
class Tally:
    """``k`` errors among ``n`` parts."""

    k: int = 0
    n: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the log has counted.

    Attributes
    ----------
    level : Level
        In force.
    study_parts, study_trials, study_appraisers : int
        Of the newest finished attribute study that is large enough, else of the newest; 0 without one. The model is
        none of the appraisers.
    study_faults : tuple of str
        Whose figure is shown to be unacceptable there, or cannot be told.
    golden_answers : bool or None
        Whether the model in force gave its golden answers within the registry's tolerance when it was installed;
        ``None``: it was not installed by this station.
    only_model_missed, only_human_missed : int
        Defective parts, judged blind in shadow, that one of the two accepted.
    parts_without_drift : int or None
        Since the last drift alarm; ``None``: no guard watches for drift.
    over_reliance : Tally
        Second looks that followed wrong advice, among those of inspectors who had been right before.
    coverage : float or None
        Lower bound of the share of parts that the certificate in force lets the model decide.
    rolled_back : bool
        Whether a rollback to the model before is on record.
    misses, false_alarms : Tally
        The model's judgement at the cut on parts judged blind in shadow: defective accepted, good rejected.
    certificate_stands : bool or None
        Whether the thresholds in force come from a certificate that holds; ``None``: from no certificate.
    escapes, false_rejects : Tally
        Uniform audits of automatic accepts and rejects since the thresholds are in force.
    clean_audits : int
        Newest audited accepts in a row without a defective part.
    latched : tuple of str
        Guards that have stepped left and not been re-armed.
    parts_per_hour : float or None
        How many parts an hour add to the counts lately; ``None``: not known.
    """

    level: Level
    study_parts: int = 0
    study_trials: int = 0
    study_appraisers: int = 0
    study_faults: tuple[str, ...] = ()
    golden_answers: bool | None = None
    only_model_missed: int = 0
    only_human_missed: int = 0
    parts_without_drift: int | None = None
    over_reliance: Tally = Tally()
    coverage: float | None = None
    rolled_back: bool = False
    misses: Tally = Tally()
    false_alarms: Tally = Tally()
    certificate_stands: bool | None = None
    escapes: Tally = Tally()
    false_rejects: Tally = Tally()
    clean_audits: int = 0
    latched: tuple[str, ...] = ()
    parts_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold.

    Attributes
    ----------
    name : str
        Stable.
    sentence : str
        What must hold.
    holds : bool
        Whether it does.
    measurable : bool
        False where nothing has been recorded from which it could be told; it does not hold then.
    k, n : int or None
        Counts, where it is about a rate.
    e_value : float or None
        Evidence that the rate is below its limit.
    needed : int or None
        How many parts more at least, if none of them is an error; 0 where it holds, ``None`` where it is no count.
    hours : float or None
        The same in hours at the present pace.
    """

    name: str
    sentence: str
    holds: bool
    k: int | None = None
    n: int | None = None
    e_value: float | None = None
    needed: int | None = None
    hours: float | None = None
    measurable: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """The conditions of one step to the right."""

    to: Level
    conditions: tuple[Condition, ...]

    @property
    def open(self) -> bool:
        """True if all conditions hold."""
        return all(condition.holds for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class GateReport:
    """All gates, and the level that the evidence recommends at most."""

    level: Level
    gates: tuple[Gate, ...]

    @property
    def recommended(self) -> Level:
        """One step further right than the level in force if that gate is open, else the level in force."""
        ahead = next((gate for gate in self.gates if gate.to.rank == self.level.rank + 1), None)
        return ahead.to if ahead is not None and ahead.open else self.level

    def missing(self, to: Level) -> str | None:
        """Return what speaks against a step to a level, as sentences; ``None`` if nothing does."""
        if to.rank <= self.recommended.rank:
            return None
        return (
            " ".join(
                f"Not shown for {gate.to}: {condition.sentence}"
                for gate in self.gates
                if self.level.rank < gate.to.rank <= to.rank
                for condition in gate.conditions
                if not condition.holds
            )
            or f"One step at a time: {self.recommended} comes before {to}."
        )


def gate_report(evidence: Evidence, limits: GateLimits) -> GateReport:
    """Return all gates under the evidence."""
    guards = Condition(
        "no_guard_latched",
        "No guard has stepped left without being re-armed."
        if not evidence.latched
        else f"The guards {', '.join(evidence.latched)} must be re-armed.",
        not evidence.latched,
    )
    return GateReport(
        evidence.level,
        (
            Gate(Level.SHADOW, (_study(evidence, limits), _bands(evidence), _golden(evidence))),
            Gate(
                Level.ASSIST,
                (
                    _misses(evidence, limits),
                    _rate(
                        "model_false_alarms",
                        "The model rejects",
                        "good parts",
                        evidence.false_alarms,
                        evidence.misses,
                        limits.false_alarm,
                        evidence,
                        limits,
                    ),
                    _drift(evidence, limits),
                    guards,
                ),
            ),
            Gate(Level.PARTIAL, (_certificate(evidence), _reliance(evidence, limits), guards)),
            Gate(
                Level.FULL,
                (
                    _rate(
                        "escapes",
                        "Defective are",
                        "audited accepts",
                        evidence.escapes,
                        evidence.false_rejects,
                        limits.escape,
                        evidence,
                        limits,
                    ),
                    _run(evidence, limits),
                    _rate(
                        "false_rejects",
                        "Good are",
                        "audited rejects",
                        evidence.false_rejects,
                        evidence.escapes,
                        limits.false_reject,
                        evidence,
                        limits,
                    ),
                    _certificate(evidence),
                    _coverage(evidence, limits),
                    _drill(evidence),
                    guards,
                ),
            ),
        ),
    )


def gates_record(report: GateReport, evidence: Evidence, limits: GateLimits) -> dict[str, Any]:
    """Return gates, evidence and limits as plain JSON values, enough to compute them again."""
    return {
        "gates_version": GATES_VERSION,
        "level": report.level.value,
        "recommended": report.recommended.value,
        "gates": [
            {"to": gate.to.value, "open": gate.open, "conditions": [asdict(each) for each in gate.conditions]}
            for gate in report.gates
        ],
        "evidence": {
            **asdict(evidence),
            "level": evidence.level.value,
            "latched": list(evidence.latched),
            "study_faults": list(evidence.study_faults),
        },
        "limits": asdict(limits),
    }


def _study(evidence: Evidence, limits: GateLimits) -> Condition:
    enough = (
        evidence.study_parts >= limits.study_parts
        and evidence.study_trials >= limits.study_trials
        and evidence.study_appraisers >= limits.study_appraisers
    )
    sentence = (
        f"An attribute study of {limits.study_parts} parts in {limits.study_trials} trials by "
        f"{limits.study_appraisers} inspectors is finished."
    )
    return Condition("attribute_study", sentence, enough, measurable=evidence.study_parts > 0)


def _bands(evidence: Evidence) -> Condition:
    if evidence.study_faults:
        sentence = f"No figure of that study is unacceptable; now: {'; '.join(evidence.study_faults)}."
        return Condition("study_bands", sentence, holds=False)
    done = evidence.study_parts > 0
    return Condition("study_bands", "No figure of that study is unacceptable.", done, measurable=done)


def _golden(evidence: Evidence) -> Condition:
    known = evidence.golden_answers is not None
    sentence = "The model gave its golden answers when it was installed" + (
        "." if known else ": install it in this station's registry."
    )
    return Condition("golden_answers", sentence, evidence.golden_answers is True, measurable=known)


def _misses(evidence: Evidence, limits: GateLimits) -> Condition:
    """Below the limit, or below the inspectors: of the parts that one of both missed, the model missed fewer."""
    found = _rate(
        "model_misses",
        "The model misses",
        "defective parts",
        evidence.misses,
        evidence.false_alarms,
        limits.miss,
        evidence,
        limits,
    )
    model, human = evidence.only_model_missed, evidence.only_human_missed
    paired = log_e_second_worse(model, human)
    if found.holds or not shown(paired, limits.delta):
        return found
    sentence = (
        f"The model misses less than the inspectors: of {model + human} defective parts that one of both missed, it "
        f"missed {model}."
    )
    return Condition("model_misses", sentence, True, model, model + human, e_value(paired), 0, 0.0)


def _drift(evidence: Evidence, limits: GateLimits) -> Condition:
    seen = evidence.parts_without_drift
    if seen is None:
        return Condition(
            "no_drift", "The guards watch for drift: turn them on in the settings.", holds=False, measurable=False
        )
    needed = max(limits.drift_parts - seen, 0)
    sentence = f"No drift alarm in the last {limits.drift_parts} parts."
    return Condition("no_drift", sentence, not needed, 0, seen, None, needed, _hours(needed, evidence))


def _reliance(evidence: Evidence, limits: GateLimits) -> Condition:
    k, n = evidence.over_reliance.k, evidence.over_reliance.n
    needed = max(limits.reliance_looks - n, 0)
    sentence = (
        f"Inspectors are not shown to follow wrong advice in more than {limits.over_reliance:.3g} of their second "
        f"looks at it, of which there are {limits.reliance_looks}."
    )
    low = exact_interval(k, n, 1.0 - limits.delta)[0] if n else 0.0
    return Condition(
        "reliance", sentence, not needed and low <= limits.over_reliance, k, n, None, needed, None, measurable=n > 0
    )


def _coverage(evidence: Evidence, limits: GateLimits) -> Condition:
    known = evidence.coverage is not None
    sentence = f"The certificate lets the model decide at least {limits.coverage:.3g} of the parts."
    holds = evidence.coverage is not None and evidence.coverage >= limits.coverage
    return Condition("coverage", sentence, holds, measurable=known)


def _drill(evidence: Evidence) -> Condition:
    sentence = "A rollback to the model before is on record; a drill will do."
    return Condition("rollback_drill", sentence, evidence.rolled_back)


def _certificate(evidence: Evidence) -> Condition:
    sentence = "The thresholds in force come from a certificate that stands."
    return Condition("certificate", sentence, evidence.certificate_stands is True)


def _run(evidence: Evidence, limits: GateLimits) -> Condition:
    needed = max(limits.clean_audits - evidence.clean_audits, 0)
    sentence = f"The last {limits.clean_audits} audited accepts were all good."
    n, hours = evidence.clean_audits, _hours(needed, evidence, _share(evidence.escapes, evidence.false_rejects))
    return Condition("clean_audits", sentence, not needed, 0, n, None, needed, hours)


def _rate(
    name: str,
    what: str,
    of: str,
    tally: Tally,
    other: Tally,
    limit: float,
    evidence: Evidence,
    limits: GateLimits,
) -> Condition:
    log_e = log_e_certify(tally.k, tally.n, limit)
    holds = shown(log_e, limits.delta)
    needed = 0 if holds else max(parts_to_certify(limit, limits.delta, tally.k) - tally.n, 1)
    sentence = f"{what} less than {100.0 * limit:.3g} % of the {of}, with {1.0 - limits.delta:.0%} confidence."
    hours = _hours(needed, evidence, _share(tally, other))
    return Condition(name, sentence, holds, tally.k, tally.n, e_value(log_e), needed, hours)


def _share(counted: Tally, other: Tally) -> float:
    """Return the share of the parts seen that are of the kind that counts; 0 as long as none is."""
    return counted.n / (counted.n + other.n) if counted.n else 0.0


def _hours(needed: int, evidence: Evidence, share: float = 1.0) -> float | None:
    """Return the hours that so many more parts take, where only a share of all parts counts."""
    pace = evidence.parts_per_hour
    if not pace or not math.isfinite(pace) or not share:
        return None
    return needed / (pace * share)
