"""Gates: what must hold before each step to the right, what holds, and what is still missing.

A pure function of counted evidence; the same evidence gives the same answer. Rates are judged by e-processes, so the
gates may be looked at after every part (see `sequential`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from inspector_app.automation.conditions import (
    Condition,
    certificate,
    clean_audits,
    coverage,
    escapes,
    false_rejects,
    golden_answers,
    guards_rearmed,
    model_false_alarms,
    model_misses,
    no_drift,
    reliance,
    rollback_drill,
    seeded_defects,
    study_bands,
    study_done,
    unseen_estimated,
)
from inspector_app.automation.gate_inputs import Evidence, GateLimits
from inspector_app.domain.control import Level

GATES_VERSION = 4
"""Of these rules; rises when the same evidence may give another answer."""


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
    guards, certified = guards_rearmed(evidence), certificate(evidence)
    to_shadow = (study_done(evidence, limits), study_bands(evidence), golden_answers(evidence))
    to_assist = (
        model_misses(evidence, limits),
        model_false_alarms(evidence, limits),
        unseen_estimated(evidence),
        no_drift(evidence, limits),
        guards,
    )
    to_full = (
        escapes(evidence, limits),
        clean_audits(evidence, limits),
        false_rejects(evidence, limits),
        certified,
        coverage(evidence, limits),
        rollback_drill(evidence),
        guards,
    )
    return GateReport(
        evidence.level,
        (
            Gate(Level.SHADOW, to_shadow),
            Gate(Level.ASSIST, to_assist),
            Gate(Level.PARTIAL, (certified, reliance(evidence, limits), seeded_defects(evidence, limits), guards)),
            Gate(Level.FULL, to_full),
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
