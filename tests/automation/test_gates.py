"""Gates: what is asked, what is missing, and that the same evidence gives the same answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.gate_evidence import gate_evidence
from inspector_app.automation.gates import Evidence, GateLimits, Tally, gate_report, gates_record
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Draw, Route
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

LIMITS = GateLimits()
ALL = Evidence(
    level=Level.SHADOW,
    study_parts=50,
    study_trials=3,
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
    assert (few.holds, few.needed, few.hours) == (False, 1, 0.01)
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
        (Level.SHADOW, {"latched": ("harm",)}, "guards harm must be re-armed"),
        (Level.SHADOW, {"misses": Tally()}, "The model misses less than 0.05 of the defective parts"),
        (Level.ASSIST, {"certificate_stands": None}, "come from a certificate"),
        (Level.ASSIST, {"certificate_stands": False}, "come from a certificate"),
        (Level.PARTIAL, {"clean_audits": 299}, "The last 300 audited accepts"),
        (Level.PARTIAL, {"escapes": Tally(3, 800)}, "less than 0.005 of the audited accepts"),
    ],
)
def test_what_is_missing_is_said(level, change, sentence):
    report = gate_report(replace(ALL, level=level, **change), LIMITS)
    assert report.recommended is level
    ahead = list(Level)[level.rank + 1]
    assert sentence in report.missing(ahead)
    assert report.missing(level) is None


def test_hours_are_unknown_without_a_pace():
    assert condition(replace(ALL, clean_audits=0, parts_per_hour=None), "clean_audits").hours is None


@given(st.integers(0, 50), st.integers(0, 5000))
def test_record_replays(k, n):
    evidence = replace(ALL, misses=Tally(min(k, n), n))
    record = gates_record(gate_report(evidence, LIMITS), evidence, LIMITS)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record == gates_record(gate_report(evidence, LIMITS), evidence, LIMITS)
    assert record["gates_version"] == 1


MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
START = datetime(2026, 5, 1, tzinfo=UTC)


def judged(number, probability, answer, level=Level.SHADOW, route=Route.HUMAN, **changes):
    audit = None if route is Route.HUMAN else Draw(True, 0.1, 0.05)
    part = JudgedPart(
        f"i-{number}",
        f"p-{number}",
        START + timedelta(hours=number),
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
    found = gate_evidence(control(Level.FULL), rows, MODEL, START + timedelta(hours=7), [(20, 3), (50, 2)], True)
    assert (found.study_parts, found.study_trials) == (50, 2)
    assert (found.misses, found.false_alarms) == (Tally(2, 3), Tally(1, 2))
    assert (found.escapes, found.false_rejects, found.clean_audits) == (Tally(1, 3), Tally(1, 1), 2)
    assert found.parts_per_hour == pytest.approx(1.0)
    always = gate_evidence(control(Level.SHADOW), rows[:10], MODEL, None, [], None)
    assert always.escapes == Tally(2, 3)
    assert always.parts_per_hour == pytest.approx(1.0)
    alone = gate_evidence(control(Level.SHADOW), [rows[0], replace(rows[1], captured_at=START)], MODEL, None, [], None)
    assert alone.parts_per_hour is None
    nothing = gate_evidence(control(Level.HUMAN_ONLY), [], None, None, [], None)
    assert (nothing.parts_per_hour, nothing.clean_audits) == (None, 0)
