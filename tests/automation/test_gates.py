"""Gates: what is asked, what is missing, and that the same evidence gives the same answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.gate_counts import judged_counts
from inspector_app.automation.gate_evidence import (
    Recorded,
    StudyFound,
    gate_evidence,
    last_latched,
    rolled_back_since_it_came,
    set_as_it_is_since,
)
from inspector_app.automation.gate_inputs import Evidence, GateLimits, Tally
from inspector_app.automation.gates import GATES_VERSION, gate_report, gates_record
from inspector_app.domain.control import AssistStyle, ControlChange, Level
from inspector_app.domain.decision import Draw, Route
from inspector_app.domain.judged import JudgedCounts, JudgedPart, JudgedQuestion, Setting
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.verdict import Answer, VerdictKind

LIMITS = GateLimits()
ALL = Evidence(
    level=Level.SHADOW,
    study_parts=50,
    study_trials=3,
    study_appraisers=3,
    golden_answers=True,
    parts_without_drift=5000,
    over_reliance=Tally(1, 20),
    seeded_unaided=Tally(4, 40),
    seeded_assisted=Tally(3, 20),
    coverage=0.8,
    rolled_back=True,
    both_found=60,
    misses=Tally(0, 74),
    false_alarms=Tally(0, 36),
    certificate_stands=True,
    escapes=Tally(0, 756),
    false_rejects=Tally(0, 74),
    clean_audits=300,
    parts_per_hour=100.0,
)


def condition(evidence, name):
    gates = gate_report(evidence, LIMITS).gates
    return next(each for gate in gates for each in gate.conditions if each.name == name)


# The sizes for looking at any time at 95 %: 74 parts below 5 %, 36 below 10 %, 756 below 0.5 %.
@pytest.mark.parametrize(
    ("name", "field", "n"),
    [
        ("model_misses", "misses", 74),
        ("model_false_alarms", "false_alarms", 36),
        ("escapes", "escapes", 756),
        ("false_rejects", "false_rejects", 74),
    ],
)
def test_a_rate_needs_its_parts(name, field, n):
    enough = condition(ALL, name)
    assert (enough.holds, enough.needed, enough.n) == (True, 0, n)
    assert enough.e_value >= 20.0
    few = condition(replace(ALL, **{field: Tally(0, n - 1)}), name)
    assert (few.holds, few.needed) == (False, 1)
    assert condition(replace(ALL, **{field: Tally(1, n)}), name).needed > 1


@pytest.mark.parametrize("level", list(Level))
def test_one_step_is_recommended_where_all_holds(level):
    report = gate_report(replace(ALL, level=level), LIMITS)
    assert report.recommended.rank == min(level.rank + 1, 4)
    assert report.missing(report.recommended) is None
    if level.rank < 3:
        assert "One step at a time" in report.missing(Level.FULL)


@pytest.mark.parametrize(
    ("level", "change", "sentence"),
    [
        (Level.HUMAN_ONLY, {"study_parts": 49}, "attribute study of 50 parts"),
        (Level.HUMAN_ONLY, {"study_trials": 2}, "in 3 trials"),
        (Level.HUMAN_ONLY, {"study_appraisers": 2}, "by 3 inspectors"),
        (Level.HUMAN_ONLY, {"study_faults": ("the kappa of Ana is unacceptable",)}, "now: the kappa of Ana is"),
        (Level.HUMAN_ONLY, {"golden_answers": False}, "gave its golden answers when"),
        (Level.HUMAN_ONLY, {"golden_answers": None}, "install it in this station's registry"),
        (Level.SHADOW, {"parts_without_drift": 4999}, "No drift alarm in the last 5000 parts"),
        (Level.SHADOW, {"parts_without_drift": None}, "turn them on in the settings"),
        (Level.ASSIST, {"over_reliance": Tally(0, 19)}, "are not shown to follow wrong advice in more than 10 % of"),
        (Level.ASSIST, {"over_reliance": Tally(9, 20)}, "are not shown to follow wrong advice"),
        (Level.PARTIAL, {"coverage": 0.79}, "decide at least 80 % of the parts"),
        (Level.PARTIAL, {"rolled_back": False}, "A rollback is on record since the model in charge came"),
        (Level.SHADOW, {"both_found": 0}, "both missed can be estimated from those that both found"),
        (Level.SHADOW, {"latched": ("harm", "of_tomorrow")}, "must be re-armed: Too many escapes, of_tomorrow."),
        (Level.SHADOW, {"misses": Tally()}, "The model misses less than 5 % of the defective parts"),
        (Level.ASSIST, {"certificate_stands": None}, "come from a certificate"),
        (Level.ASSIST, {"certificate_stands": False}, "come from a certificate"),
        (Level.PARTIAL, {"clean_audits": 299}, "The last 300 audited accepts"),
        (Level.PARTIAL, {"escapes": Tally(3, 800)}, "less than 0.5 % of the audited accepts"),
    ],
)
def test_what_is_missing_is_said(level, change, sentence):
    report = gate_report(replace(ALL, level=level, **change), LIMITS)
    assert report.recommended is level
    ahead = list(Level)[level.rank + 1]
    assert sentence in report.missing(ahead)
    assert report.missing(level) is None


def test_hours_are_unknown_without_a_pace_or_before_the_first_part_of_its_kind():
    assert condition(replace(ALL, clean_audits=0, parts_per_hour=None), "clean_audits").hours is None
    assert condition(replace(ALL, misses=Tally()), "model_misses").hours is None


def test_rare_defects_take_as_many_more_hours():
    rare = replace(ALL, misses=Tally(0, 10), false_alarms=Tally(0, 990), parts_per_hour=500.0)
    # One part in a hundred is defective: 64 more of them are 6400 parts.
    assert condition(rare, "model_misses").needed == 64
    assert condition(rare, "model_misses").hours == pytest.approx(12.8)
    audited = replace(ALL, escapes=Tally(0, 150), false_rejects=Tally(0, 50), clean_audits=150)
    assert condition(audited, "clean_audits").hours == pytest.approx(2.0)
    # Two hours in which 3,000 parts are made, most of which nobody judges.
    assert condition(audited, "clean_audits").parts is None
    assert condition(replace(audited, made_per_hour=1500.0), "clean_audits").parts == 3000
    assert (condition(ALL, "clean_audits").hours, condition(ALL, "clean_audits").parts) == (0.0, 0)


def test_second_looks_at_wrong_advice_come_as_they_have_come():
    few = replace(ALL, over_reliance=Tally(0, 10), assisted=500, made_per_hour=100.0)
    assert condition(few, "reliance").hours == pytest.approx(5.0)
    assert condition(few, "reliance").parts == 500
    assert condition(replace(few, assisted=0), "reliance").hours is None


def test_without_a_model_in_charge_nobody_can_follow_its_advice(control):
    alone = control(slots=Slots(Slot.BLUE, None, MODEL), rollout=Rollout("first", RolloutPhase.SHADOW))
    evidence = gate_evidence(alone, JudgedCounts(), Recorded())
    for name in ("reliance", "seeded_defects"):
        assert condition(evidence, name).holds
        assert not condition(replace(evidence, advised=True), name).holds


def test_defects_that_both_missed_are_estimated_by_capture_and_recapture():
    """Two samples of 10 and 15 with 5 in both: 28.3 in all, so 8.3 besides the 20 found (Chapman's estimator)."""
    found = condition(replace(ALL, only_human_missed=10, only_model_missed=5, both_found=5), "unseen")
    assert found.holds
    assert "at least 8.3 besides the 20 that one of them found" in found.sentence


@given(st.integers(0, 50), st.integers(0, 5000))
def test_record_replays(k, n):
    evidence = replace(ALL, misses=Tally(min(k, n), n))
    record = gates_record(gate_report(evidence, LIMITS), evidence, LIMITS)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record == gates_record(gate_report(evidence, LIMITS), evidence, LIMITS)
    assert record["gates_version"] == GATES_VERSION == 4


MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
START = datetime(2026, 5, 1, tzinfo=UTC)


def judged(number, probability, answer, level=Level.SHADOW, route=Route.HUMAN, **changes):
    audit = None if route is Route.HUMAN else Draw(True, 0.1, 0.05)
    part = JudgedPart(
        f"i-{number}",
        f"p-{number}",
        START + timedelta(hours=number),
        "station-1",
        "usb:0",
        probability,
        MODEL,
        level,
        AssistStyle.HIGHLIGHT,
        0.1,
        0.1,
        route,
        audit,
        None,
        False,
        ((VerdictKind.AUDIT if audit else VerdictKind.UNAIDED, Answer(answer)),),
    )
    return replace(part, **changes)


def evidence_of(state, rows, setting=None, recorded=None, **since):
    """Count parts and return the evidence under a control state."""
    question = JudgedQuestion(setting or Setting(MODEL, "station-1", "usb:0"), state.cut, **since)
    return gate_evidence(state, judged_counts(rows, question), recorded or Recorded())


def test_evidence_is_counted(control):
    accept, reject = Route.MODEL_ACCEPT, Route.MODEL_REJECT
    rows = [
        judged(0, 0.2, "reject"),
        judged(1, 0.9, "reject"),
        judged(2, 0.9, "accept"),
        judged(3, 0.1, "unsure"),
        judged(4, 0.1, "accept", model=replace(MODEL, version="2")),
        judged(5, 0.1, "reject", seeded=True),
        judged(6, 0.01, "reject", Level.PARTIAL, accept),
        judged(7, 0.01, "unsure", Level.PARTIAL, accept),
        judged(8, 0.01, "accept", Level.PARTIAL, accept),
        judged(9, 0.99, "accept", Level.FULL, reject),
        judged(10, 0.01, "accept", Level.FULL, accept),
        judged(11, 0.01, "accept", Level.FULL, accept, audit=Draw(False, 0.1, 0.5)),
        judged(12, 0.5, "accept", Level.FULL),
    ]
    recorded = Recorded(StudyFound(50, 2, 4, ("x",)))
    since = {"thresholds_since": START + timedelta(hours=7), "drift_since": START + timedelta(hours=8)}
    found = evidence_of(control(Level.FULL), rows, None, recorded, **since)
    assert (found.study_parts, found.study_trials, found.study_appraisers) == (50, 2, 4)
    assert (found.study_faults, found.parts_without_drift) == (("x",), 5)
    assert (found.misses, found.false_alarms) == (Tally(2, 3), Tally(1, 2))
    assert (found.escapes, found.false_rejects, found.clean_audits) == (Tally(1, 3), Tally(1, 1), 2)
    assert found.parts_per_hour == pytest.approx(1.0)
    always = evidence_of(control(Level.SHADOW), rows[:10], recorded=Recorded(drift_watched=False))
    assert (always.escapes, always.parts_without_drift) == (Tally(2, 3), None)
    assert always.parts_per_hour == pytest.approx(1.0)
    alone = [rows[0], replace(rows[1], captured_at=START)]
    assert evidence_of(control(Level.SHADOW), alone).parts_per_hour is None
    nothing = evidence_of(control(Level.HUMAN_ONLY), rows, Setting(None, "station-1", ""))
    assert (nothing.parts_per_hour, nothing.clean_audits) == (None, 0)


def test_parts_count_as_for_certificates(control):
    rows = [
        judged(0, 0.9, "reject"),
        judged(1, 0.2, "reject", source="usb:1"),
        judged(1, 0.2, "reject", station="station-2"),
        judged(2, 0.2, "reject", part_id="p-0"),
        judged(3, 0.9, "reject"),
    ]
    whole = evidence_of(control(Level.SHADOW), rows)
    assert whole.misses == Tally(0, 2)
    later = Setting(MODEL, "station-1", "usb:0", START + timedelta(hours=1))
    since = evidence_of(control(Level.SHADOW), rows, later)
    assert since.misses == Tally(1, 2)


def test_who_alone_missed_a_defect(control):
    unaided, third = VerdictKind.UNAIDED, VerdictKind.ADJUDICATION
    looks = [
        (0.1, ((unaided, Answer.REJECT),)),
        (0.9, ((unaided, Answer.ACCEPT), (third, Answer.REJECT))),
        (0.1, ((unaided, Answer.ACCEPT), (third, Answer.REJECT))),
        (0.9, ((unaided, Answer.ACCEPT), (third, Answer.ACCEPT))),
        (0.1, ((unaided, Answer.UNSURE), (third, Answer.REJECT))),
        (0.1, ((third, Answer.REJECT),)),
        (0.9, ((unaided, Answer.REJECT),)),
    ]
    rows = [judged(number, p, "reject", answers=answers) for number, (p, answers) in enumerate(looks)]
    found = evidence_of(control(Level.SHADOW), rows)
    assert (found.only_model_missed, found.only_human_missed, found.both_found) == (1, 1, 1)


def test_a_model_that_misses_less_than_the_inspectors_will_do():
    better = replace(ALL, misses=Tally(9, 74), only_model_missed=1, only_human_missed=20)
    found = condition(better, "model_misses")
    assert (found.holds, found.k, found.n, found.needed) == (True, 1, 21, 0)
    assert "less than the inspectors" in found.sentence
    assert not condition(replace(better, only_human_missed=3), "model_misses").holds
    assert not condition(replace(better, only_model_missed=20, only_human_missed=1), "model_misses").holds


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("attribute_study", {"study_parts": 0}),
        ("study_bands", {"study_parts": 0}),
        ("golden_answers", {"golden_answers": None}),
        ("no_drift", {"parts_without_drift": None}),
        ("reliance", {"over_reliance": Tally()}),
        ("coverage", {"coverage": None}),
    ],
)
def test_what_nobody_recorded_is_not_measurable(name, change):
    found = condition(replace(ALL, **change), name)
    assert (found.holds, found.measurable) == (False, False)
    assert condition(ALL, name).measurable


def test_a_drift_alarm_is_read_from_the_commands(control):
    first = control(Level.ASSIST)
    alarm = replace(first, version=2, latched=("score_drift",))
    other = replace(alarm, version=3, latched=("score_drift", "harm"))
    changes = [
        ControlChange("settings", "first", START, None, first),
        ControlChange("guard", "x", START + timedelta(hours=1), first, alarm),
        ControlChange("guard", "x", START + timedelta(hours=2), alarm, other),
    ]
    assert last_latched(changes, "score_drift") == START + timedelta(hours=1)
    assert last_latched(changes, "heartbeat_lost") is None
    assert not rolled_back_since_it_came(changes)


def test_a_rollback_counts_for_the_model_that_is_in_charge(control):
    first = control(Level.PARTIAL)
    slots = Slots(Slot.BLUE, MODEL, replace(MODEL, version="2"))
    shadow = replace(first, version=2, slots=slots, rollout=Rollout("x", RolloutPhase.SHADOW))
    watch = replace(
        shadow, version=3, slots=replace(slots, in_charge=Slot.GREEN), rollout=Rollout("x", RolloutPhase.WATCH)
    )
    back = replace(watch, version=4, slots=slots, rollout=Rollout("x", RolloutPhase.ROLLED_BACK))
    again = replace(watch, version=5, rollout=Rollout("y", RolloutPhase.WATCH))
    states = [first, shadow, watch, back, again]
    changes = [
        ControlChange("boss", "x", START, before, after) for before, after in zip([None, *states], states, strict=False)
    ]
    assert [rolled_back_since_it_came(changes[:n]) for n in range(6)] == [False, False, False, False, True, False]


def test_since_when_the_camera_is_set_as_it_is():
    def at(*digests):
        return set_as_it_is_since([(START + timedelta(hours=n), digest) for n, digest in enumerate(digests)])

    assert at() is at("a") is at("a", "a") is None
    assert at("a", "b", "b", "a", "a") == START + timedelta(hours=3)


@given(st.integers(0, 30), st.integers(0, 30))
def test_more_misses_of_the_model_never_open_the_gate(model, human):
    before = replace(ALL, misses=Tally(9, 74), only_model_missed=model + 1, only_human_missed=human)
    if condition(before, "model_misses").holds:
        assert condition(replace(before, only_model_missed=model), "model_misses").holds


@pytest.mark.parametrize(
    ("alone", "helped", "holds", "measurable", "needed"),
    [
        (Tally(), Tally(), False, False, 20),
        (Tally(4, 40), Tally(), False, False, 20),
        (Tally(4, 40), Tally(0, 19), False, True, 1),
        (Tally(4, 40), Tally(0, 20), True, True, 0),
        # The one-sided 95 % bound of 5 in 20 is 10.4 %, of 4 in 20 it is 7.1 % (Clopper-Pearson).
        (Tally(4, 40), Tally(4, 20), True, True, 0),
        (Tally(4, 40), Tally(5, 20), False, True, 0),
    ],
)
def test_seeded_defects_must_not_be_found_less_with_the_model_in_view(alone, helped, holds, measurable, needed):
    found = condition(replace(ALL, seeded_unaided=alone, seeded_assisted=helped), "seeded_defects")
    assert (found.holds, found.measurable, found.needed) == (holds, measurable, needed)
