"""The gates of the slider, from the log of a data folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from inspector_app.agreement.estimates import leaning
from inspector_app.agreement.study.acceptance import unacceptable_figures
from inspector_app.agreement.study.analysis import Wanted, analyse
from inspector_app.agreement.study.guided import Standing, completed_study, next_place, standing_answers
from inspector_app.agreement.values import NotMeasurable
from inspector_app.automation.gate_evidence import (
    Recorded,
    StudyFound,
    gate_evidence,
    last_latched,
    rolled_back_since_it_came,
    set_as_it_is_since,
)
from inspector_app.automation.gate_inputs import Evidence, GateLimits, Tally
from inspector_app.automation.gates import GateReport, gate_report
from inspector_app.automation.guard_events import GuardKind
from inspector_app.automation.seed_hits import SeedHits, seed_hits
from inspector_app.bootstrap.certifying import in_force, thresholds_in_force
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.judged import JudgedQuestion, Setting
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.study import StudyPlan

_TAKT_PARTS = 200
"""Newest parts whose takt is looked at."""
_SILENCE = timedelta(hours=1)
"""No figure that people watch counts a seeded part so soon after it came."""


def gate_limits(folder: DataFolder) -> GateLimits:
    """Return what the settings ask of each step."""
    gates, contract = folder.settings.gates, folder.settings.contract
    return gates.limits(contract.contract(), gates.confidence)


def evidence_of(folder: DataFolder) -> Evidence:
    """Return what the log has counted so far."""
    now, thresholds = in_force(folder), thresholds_in_force(folder)
    changes, looks = folder.log.control.changes(), folder.log.reports.second_looks(folder.of_station())
    pooled, *_ = leaning(looks, folder.settings.gates.confidence)
    over = pooled.rates.over
    followed = Tally() if isinstance(over, NotMeasurable) else Tally(over.k, over.n)
    seeds = settled_seeds(folder)
    takt = takt_s(folder)
    coverage = None if thresholds.certificate is None else thresholds.certificate["coverage"]
    recorded = Recorded(
        study=_study(folder, gate_limits(folder)),
        drift_watched=folder.settings.guards.enabled,
        certificate_stands=None if thresholds.standing is None else thresholds.standing.valid,
        golden_answers=None if now is None else _golden_answers(folder, now.model),
        over_reliance=Tally(followed.k + seeds.misled.k, followed.n + seeds.misled.n),
        seeded_unaided=Tally(seeds.unaided.n - seeds.unaided.k, seeds.unaided.n),
        seeded_assisted=Tally(seeds.assisted.n - seeds.assisted.k, seeds.assisted.n),
        coverage=None if coverage is None else coverage["low"],
        rolled_back=rolled_back_since_it_came(changes),
        made_per_hour=None if takt is None else 3600.0 / takt,
    )
    station = folder.settings.station.id
    setting = (
        Setting(None, station, "")
        if now is None
        else Setting(now.model, station, now.source, set_as_it_is_since(folder.log.guards.cameras()))
    )
    control = folder.control_in_force()
    question = JudgedQuestion(
        setting, control.cut, _thresholds_since(folder), last_latched(changes, GuardKind.SCORE_DRIFT)
    )
    return gate_evidence(control, folder.log.reader.judged_counts(question), recorded)


def gates_now(folder: DataFolder) -> tuple[GateReport, Evidence, GateLimits]:
    """Return the gates with the evidence and limits that they follow from."""
    evidence, limits = evidence_of(folder), gate_limits(folder)
    return gate_report(evidence, limits), evidence, limits


def settled_seeds(folder: DataFolder) -> SeedHits:
    """Return what became of the seeded parts; nobody is to learn from a figure that grows that a part was one."""
    settled = folder.log.reports.seeded_parts(folder.of_station(LogFilter(until=utc_now() - _SILENCE)))
    return seed_hits(each for each in settled if not each.waits)


def takt_s(folder: DataFolder) -> float | None:
    """Return the median time between the newest parts; a pause among them does not count for more than one part."""
    newest = folder.log.reader.search(folder.of_station(LogFilter(seeded=False)), _TAKT_PARTS)
    times = sorted(entry.inspection.captured_at for entry in newest)
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    usual = median(gaps) if gaps else 0.0
    return usual if usual > 0.0 else None


def _thresholds_since(folder: DataFolder) -> datetime | None:
    since = None
    for change in folder.log.control.changes():
        before, after = change.before, change.after
        if before is None or (before.accept_below, before.reject_above) != (after.accept_below, after.reject_above):
            since = change.at
    return since


def _study(folder: DataFolder, limits: GateLimits) -> StudyFound | None:
    """Return the newest finished study of this station that is large enough, else the newest finished one."""
    finished = []
    for plan in folder.log.studies.plans():
        people = replace(plan, model=None) if plan.appraisers else plan
        answers = standing_answers(folder.log.studies.answers(plan.study_id))
        if plan.appraisers and all(next_place(people, answers, who) is None for who in people.judges):
            finished.append((people, answers))
            if _large_enough(people, limits):
                return _study_found(people, answers, limits)
    return _study_found(*finished[0], limits) if finished else None


def _golden_answers(folder: DataFolder, model: ModelIdentity) -> bool | None:
    """Return whether the papers of the installed model say that it gave its golden answers; ``None`` without papers."""
    for each in folder.registry().models():
        if each.manifest is not None and each.entry is not None and each.manifest.identity == model:
            parity = each.entry.parity
            within = all(
                pair.score <= parity.score_tolerance and pair.mask <= parity.mask_tolerance for pair in parity.pairs
            )
            return each.problem is None and within
    return None


def _large_enough(plan: StudyPlan, limits: GateLimits) -> bool:
    return (
        len(plan.parts) >= limits.study_parts
        and plan.trials >= limits.study_trials
        and len(plan.appraisers) >= limits.study_appraisers
    )


def _study_found(plan: StudyPlan, answers: Standing, limits: GateLimits) -> StudyFound:
    study = completed_study(plan, answers)
    faults = () if study is None else unacceptable_figures(analyse(study, Wanted(1.0 - limits.delta, draws=500)))
    return StudyFound(len(plan.parts), plan.trials, len(plan.appraisers), faults)
