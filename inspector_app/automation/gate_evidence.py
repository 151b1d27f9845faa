"""From the log's judged parts to the counts that the gates look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from inspector_app.automation.calibration import truth
from inspector_app.automation.gates import Evidence, Tally
from inspector_app.domain.control import ControlState, Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.prediction import ModelIdentity


def gate_evidence(
    control: ControlState,
    judged: Iterable[JudgedPart],
    model: ModelIdentity | None,
    thresholds_since: datetime | None,
    studies: Sequence[tuple[int, int]],
    certificate_stands: bool | None,
) -> Evidence:
    """Return the evidence.

    Parameters
    ----------
    control : ControlState
        In force; its cut makes the model's answers in shadow comparable with the truth.
    judged : iterable of JudgedPart
        Oldest first.
    model : ModelIdentity or None
        In force; parts of any other do not count.
    thresholds_since : datetime or None
        UTC, since when the thresholds are in force; earlier audits say nothing of them.
    studies : sequence of (int, int)
        Parts and trials of the finished attribute studies.
    certificate_stands : bool or None
        See `Evidence`.
    """
    parts = {row.part_id: row for row in judged if row.model == model and not row.seeded}
    shadow = [row for row in parts.values() if row.level is Level.SHADOW]
    audited = [
        row
        for row in parts.values()
        if row.audit is not None
        and row.audit.drawn
        and (thresholds_since is None or row.captured_at >= thresholds_since)
    ]
    accepts = [truth(row) is not False for row in audited if row.route is Route.MODEL_ACCEPT]
    rejects = [truth(row) is not True for row in audited if row.route is Route.MODEL_REJECT]
    parts_of, trials_of = max(studies, default=(0, 0))
    return Evidence(
        level=control.level,
        study_parts=parts_of,
        study_trials=trials_of,
        misses=_tally(row.probability < control.cut for row in shadow if truth(row) is not False),
        false_alarms=_tally(row.probability >= control.cut for row in shadow if truth(row) is not True),
        certificate_stands=certificate_stands,
        escapes=_tally(accepts),
        false_rejects=_tally(rejects),
        clean_audits=next((age for age, bad in enumerate(reversed(accepts)) if bad), len(accepts)),
        latched=control.latched,
        parts_per_hour=_pace(shadow if control.level is Level.SHADOW else audited),
    )


def _tally(errors: Iterable[bool]) -> Tally:
    seen = list(errors)
    return Tally(sum(seen), len(seen))


def _pace(rows: Sequence[JudgedPart]) -> float | None:
    """Return parts an hour between the first and the last; ``None`` where they give no span."""
    if len(rows) < 2:
        return None
    hours = (rows[-1].captured_at - rows[0].captured_at).total_seconds() / 3600.0
    return (len(rows) - 1) / hours if hours > 0.0 else None
