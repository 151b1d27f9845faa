"""From the log's judged parts to the counts that the gates look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from inspector_app.automation.calibration import truth
from inspector_app.automation.gate_inputs import Evidence, Tally
from inspector_app.domain.control import ControlChange, ControlState, Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import RolloutPhase
from inspector_app.domain.verdict import Answer, VerdictKind

_NONE = Tally()


@dataclass(frozen=True, slots=True)
class StudyFound:
    """A finished attribute study.

    Attributes
    ----------
    parts, trials, appraisers : int
        Its size; the model is none of the appraisers.
    faults : tuple of str
        Figures that are shown to be unacceptable, or cannot be told.
    """

    parts: int
    trials: int
    appraisers: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What the counts are of.

    Attributes
    ----------
    model : ModelIdentity or None
        In force.
    source : str
        Its camera.
    since : datetime or None
        UTC, since when that camera is set as it is; ``None``: always.
    """

    model: ModelIdentity | None
    source: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What else the log says, see `Evidence`; times in UTC.

    Attributes
    ----------
    thresholds_since : datetime or None
        Earlier audits say nothing of the thresholds in force.
    drift_since : datetime or None
        Of the last drift alarm.
    drift_watched : bool
        Whether a guard watches for drift.
    """

    study: StudyFound | None = None
    thresholds_since: datetime | None = None
    drift_since: datetime | None = None
    drift_watched: bool = True
    certificate_stands: bool | None = None
    golden_answers: bool | None = None
    over_reliance: Tally = _NONE
    seeded_unaided: Tally = _NONE
    seeded_assisted: Tally = _NONE
    coverage: float | None = None
    rolled_back: bool = False
    made_per_hour: float | None = None


def gate_evidence(
    control: ControlState, judged: Iterable[JudgedPart], setting: Setting, recorded: Recorded
) -> Evidence:
    """Return the evidence.

    Parts count as they do for certificates: of one model and one camera, not seeded, each at its first look.

    Parameters
    ----------
    control : ControlState
        In force; its cut makes the model's answers in shadow comparable with the truth.
    judged : iterable of JudgedPart
        Oldest first.
    setting, recorded : Setting, Recorded
        What is in force, and what else is known.
    """
    parts = _counted(judged, setting)
    shadow = [row for row in parts if row.level is Level.SHADOW]
    audited = [
        row
        for row in parts
        if row.audit is not None and row.audit.drawn and _not_before(row, recorded.thresholds_since)
    ]
    accepts = [truth(row) is not False for row in audited if row.route is Route.MODEL_ACCEPT]
    rejects = [truth(row) is not True for row in audited if row.route is Route.MODEL_REJECT]
    study = recorded.study or StudyFound(0, 0, 0)
    assist = [row for row in parts if row.level is Level.ASSIST]
    only_model, only_human, both_found = _found_by(shadow, control.cut)
    paced = {Level.SHADOW: shadow, Level.ASSIST: assist}.get(control.level, audited)
    return Evidence(
        level=control.level,
        study_parts=study.parts,
        study_trials=study.trials,
        study_appraisers=study.appraisers,
        study_faults=study.faults,
        golden_answers=recorded.golden_answers,
        only_model_missed=only_model,
        only_human_missed=only_human,
        both_found=both_found,
        parts_without_drift=sum(_not_before(row, recorded.drift_since) for row in parts)
        if recorded.drift_watched
        else None,
        advised=control.slots is None or _in_charge(control) is not None,
        over_reliance=recorded.over_reliance,
        seeded_unaided=recorded.seeded_unaided,
        seeded_assisted=recorded.seeded_assisted,
        assisted=len(assist),
        coverage=recorded.coverage,
        rolled_back=recorded.rolled_back,
        misses=_tally(row.probability < control.cut for row in shadow if truth(row) is not False),
        false_alarms=_tally(row.probability >= control.cut for row in shadow if truth(row) is not True),
        certificate_stands=recorded.certificate_stands,
        escapes=_tally(accepts),
        false_rejects=_tally(rejects),
        clean_audits=next((age for age, bad in enumerate(reversed(accepts)) if bad), len(accepts)),
        latched=control.latched,
        parts_per_hour=_pace(paced),
        made_per_hour=recorded.made_per_hour,
    )


def last_latched(changes: Iterable[ControlChange], guard: str) -> datetime | None:
    """Return when a guard last stepped left, UTC."""
    times = [
        each.at
        for each in changes
        if guard in each.after.latched and each.before is not None and guard not in each.before.latched
    ]
    return max(times, default=None)


def rolled_back_since_it_came(changes: Iterable[ControlChange]) -> bool:
    """Return True if a rollback is on record since the model in charge came, oldest change first.

    A rollback to it is one; one before another model came into charge says nothing of the way back from that.
    """
    done = False
    for change in changes:
        rollout = change.after.rollout
        if rollout is not None and rollout.phase is RolloutPhase.ROLLED_BACK:
            done = True
        elif change.before is not None and _in_charge(change.before) != _in_charge(change.after):
            done = False
    return done


def set_as_it_is_since(cameras: Sequence[tuple[datetime, str]]) -> datetime | None:
    """Return since when the camera is set as now, from the digests noted at each time, oldest first.

    ``None`` if it has never been set otherwise.
    """
    since = None
    for (_, before), (at, now) in pairwise(cameras):
        if now != before:
            since = at
    return since


def _counted(judged: Iterable[JudgedPart], setting: Setting) -> tuple[JudgedPart, ...]:
    kept: dict[str, JudgedPart] = {}
    for row in judged:
        mine = row.model == setting.model and row.source == setting.source and not row.seeded
        if mine and _not_before(row, setting.since):
            kept.setdefault(row.part_id, row)
    return tuple(kept.values())


def _not_before(row: JudgedPart, since: datetime | None) -> bool:
    return since is None or row.captured_at >= since


def _in_charge(control: ControlState) -> ModelIdentity | None:
    """Return the model in charge, ``None`` while it is the one that the settings name, or there is none."""
    return None if control.slots is None else control.slots.model(control.slots.in_charge)


def _found_by(shadow: Iterable[JudgedPart], cut: float) -> tuple[int, int, int]:
    """Return how many defective parts only the model, only the inspector, and neither accepted.

    That an inspector missed one is known by adjudication alone; where the model alone accepted and nobody has
    adjudicated, the inspector's reject counts as true, against the model.
    """
    model = human = both = 0
    for row in shadow:
        first = next((answer for kind, answer in row.answers if kind is VerdictKind.UNAIDED), Answer.UNSURE)
        accepts = row.probability < cut
        if truth(row) is not True or first is Answer.UNSURE:
            continue
        missed = first is Answer.ACCEPT
        model += accepts and not missed
        human += missed and not accepts
        both += not missed and not accepts
    return model, human, both


def _tally(errors: Iterable[bool]) -> Tally:
    seen = list(errors)
    return Tally(sum(seen), len(seen))


def _pace(rows: Sequence[JudgedPart]) -> float | None:
    """Return parts an hour between the first and the last; ``None`` where they give no span."""
    if len(rows) < 2:
        return None
    hours = (rows[-1].captured_at - rows[0].captured_at).total_seconds() / 3600.0
    return (len(rows) - 1) / hours if hours > 0.0 else None
