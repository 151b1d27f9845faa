"""The gates of the slider, from the log of a data folder."""

from __future__ import annotations

from datetime import datetime

from inspector_app.automation.gate_evidence import gate_evidence
from inspector_app.automation.gates import Evidence, GateLimits, GateReport, gate_report
from inspector_app.bootstrap.certifying import in_force, thresholds_in_force
from inspector_app.bootstrap.data import DataFolder
from inspector_app.domain.logquery import LogFilter


def gate_limits(folder: DataFolder) -> GateLimits:
    """Return what the settings ask of each step."""
    gates, contract = folder.settings.gates, folder.settings.contract
    return GateLimits(
        study_parts=gates.study_parts,
        study_trials=gates.study_trials,
        miss=gates.miss,
        false_alarm=gates.false_alarm,
        escape=contract.escape,
        false_reject=contract.false_reject,
        clean_audits=gates.clean_audits,
        delta=round(1.0 - gates.confidence, 12),
    )


def evidence_of(folder: DataFolder) -> Evidence:
    """Return what the log has counted so far."""
    now, standing = in_force(folder), thresholds_in_force(folder).standing
    finished = []
    for plan in folder.log.studies.plans():
        answers = len(folder.log.studies.answers(plan.study_id))
        if answers >= len(plan.parts) * len(plan.appraisers) * plan.trials:
            finished.append((len(plan.parts), plan.trials))
    return gate_evidence(
        folder.control_in_force(),
        folder.log.reader.judged_parts(LogFilter()),
        None if now is None else now.model,
        _thresholds_since(folder),
        finished,
        None if standing is None else standing.valid,
    )


def gates_now(folder: DataFolder) -> tuple[GateReport, Evidence, GateLimits]:
    """Return the gates with the evidence and limits that they follow from."""
    evidence, limits = evidence_of(folder), gate_limits(folder)
    return gate_report(evidence, limits), evidence, limits


def _thresholds_since(folder: DataFolder) -> datetime | None:
    since = None
    for change in folder.log.control.changes():
        before, after = change.before, change.after
        if before is None or (before.accept_below, before.reject_above) != (after.accept_below, after.reject_above):
            since = change.at
    return since
