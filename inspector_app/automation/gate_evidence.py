"""From the counts of the log's judged parts, and what else is recorded, to what the gates look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from inspector_app.automation.gate_inputs import Evidence, Tally
from inspector_app.domain.control import ControlChange, ControlState, Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import JudgedCount, JudgedCounts, ShadowDefects
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import RolloutPhase
from inspector_app.domain.verdict import Answer

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
class Recorded:
    """What else the log says, see `Evidence`.

    Attributes
    ----------
    drift_watched : bool
        Whether a guard watches for drift.
    """

    study: StudyFound | None = None
    drift_watched: bool = True
    certificate_stands: bool | None = None
    golden_answers: bool | None = None
    over_reliance: Tally = _NONE
    seeded_unaided: Tally = _NONE
    seeded_assisted: Tally = _NONE
    coverage: float | None = None
    rolled_back: bool = False
    made_per_hour: float | None = None


def gate_evidence(control: ControlState, judged: JudgedCounts, recorded: Recorded) -> Evidence:
    """Return the evidence.

    Parameters
    ----------
    control : ControlState
        In force.
    judged : JudgedCounts
        At the cut in force, which makes the model's answers in shadow comparable with the truth.
    recorded : Recorded
        What else is known.
    """
    shadow = [row for row in judged.parts if row.level is Level.SHADOW]
    assist = [row for row in judged.parts if row.level is Level.ASSIST]
    study = recorded.study or StudyFound(0, 0, 0)
    only_model, only_human, both_found = _found_by(judged.defects)
    paced = {Level.SHADOW: shadow, Level.ASSIST: assist}.get(control.level, judged.audits)
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
        parts_without_drift=sum(row.since_drift for row in judged.parts) if recorded.drift_watched else None,
        advised=control.slots is None or _in_charge(control) is not None,
        over_reliance=recorded.over_reliance,
        seeded_unaided=recorded.seeded_unaided,
        seeded_assisted=recorded.seeded_assisted,
        assisted=sum(row.n for row in assist),
        coverage=recorded.coverage,
        rolled_back=recorded.rolled_back,
        misses=_tally((row.below_cut, row.n) for row in shadow if row.truth is not Answer.ACCEPT),
        false_alarms=_tally((row.n - row.below_cut, row.n) for row in shadow if row.truth is not Answer.REJECT),
        certificate_stands=recorded.certificate_stands,
        escapes=_audited(judged.audits, Route.MODEL_ACCEPT, Answer.ACCEPT),
        false_rejects=_audited(judged.audits, Route.MODEL_REJECT, Answer.REJECT),
        clean_audits=judged.clean_audits,
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


def _in_charge(control: ControlState) -> ModelIdentity | None:
    """Return the model in charge, ``None`` while it is the one that the settings name, or there is none."""
    return None if control.slots is None else control.slots.model(control.slots.in_charge)


def _found_by(defects: Iterable[ShadowDefects]) -> tuple[int, int, int]:
    """Return how many defective parts only the model, only the inspector, and neither accepted.

    That an inspector missed one is known by adjudication alone; where the model alone accepted and nobody has
    adjudicated, the inspector's reject counts as true, against the model.
    """
    model = human = both = 0
    for row in defects:
        missed = row.first is Answer.ACCEPT
        if row.first is not Answer.UNSURE:
            model += row.n * (row.below_cut and not missed)
            human += row.n * (missed and not row.below_cut)
            both += row.n * (not missed and not row.below_cut)
    return model, human, both


def _audited(audits: Iterable[JudgedCount], route: Route, right: Answer) -> Tally:
    """Return how many audits of a route did not confirm it."""
    return _tally((0 if row.truth is right else row.n, row.n) for row in audits if row.route is route)


def _tally(rows: Iterable[tuple[int, int]]) -> Tally:
    """Add up errors and parts."""
    seen = list(rows)
    return Tally(sum(k for k, _ in seen), sum(n for _, n in seen))


def _pace(rows: Sequence[JudgedCount]) -> float | None:
    """Return parts an hour between the first and the last; ``None`` where they give no span."""
    if not rows:
        return None
    span = max(row.last for row in rows) - min(row.first for row in rows)
    hours = span.total_seconds() / 3600.0
    return (sum(row.n for row in rows) - 1) / hours if hours > 0.0 else None
