"""What people, guards and the audit schedule changed, and how the evidence of audits grew."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.agreement.course import course_of
from inspector_app.agreement.document import Share
from inspector_app.agreement.evidence_tables import course_table
from inspector_app.agreement.step_tables import GuardPromises, guard_table, schedule_table, steps_table
from inspector_app.agreement.values import Count, NotMeasurable
from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.sequential import confidence_sequence, log_e_certify
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.logquery import AuditedStretch, LogFilter, StationChange

START = datetime(2026, 3, 1, tzinfo=UTC)
ALL = LogFilter()
NOBODY = NotMeasurable("the model has accepted no part")
PROMISES = GuardPromises(50_000.0, 0.01, 0.005, AuditPlan(57, 0.1))
FIRST = ControlState(
    1, Level.PARTIAL, AssistStyle.SECOND_LOOK, 0.05, 0.5, 0.95, 1.0, 1.0, 0.1, True, Salts("c", "a", "f")
)


def at(hours):
    return START + timedelta(hours=hours)


@pytest.fixture
def steps():
    """Return a shift: schedule to sampling, two guards at once, both re-armed later, one of them never on line-2."""
    made, state = [], FIRST

    def change(hours, by, because="so", station="line-1", before=None, *, signed=False, against=None, **changes):
        nonlocal state
        earlier = before or state
        after = dataclasses.replace(earlier, version=earlier.version + 1, **changes)
        made.append(StationChange(station, ControlChange(by, because, at(hours), earlier, after, signed, against)))
        if station == "line-1":
            state = after

    made.append(StationChange("line-1", ControlChange("settings", "first", at(0), None, FIRST)))
    change(1, "schedule:audits", "Audit schedule: sampling phase.", audit_share=0.1)
    change(2, "guard:harm", "3 of 50", latched=("harm",), level=Level.ASSIST)
    change(3, "guard:score_drift", "Drift.", latched=("harm", "score_drift"), audit_share=1.0)
    change(4, "erika", "looked", latched=("score_drift",))
    change(5, "erika", "again", latched=(), signed=True, against="Nothing was shown.", level=Level.PARTIAL)
    change(6, "schedule:audits", "Audit schedule: screening phase.", audit_share=1.0)
    change(2, "guard:harm", "2 of 9", "line-2", FIRST, latched=("harm",), level=Level.ASSIST)
    change(3, "guard:rollout slow", "Slow.", "line-2", FIRST)
    return made


def test_a_guard_is_listed_with_its_step_its_reason_and_who_re_armed_it(steps):
    table = guard_table(steps, ALL, PROMISES)
    harm, drift, other, rollout = table.rows
    assert harm == (at(2), "line-1", "harm", "partial to assist", "3 of 50", at(4), "erika")
    assert drift[2:] == ("score drift", "same level", "Drift.", at(5), "erika")
    assert other[1:3] == ("line-2", "harm")
    assert other[5:] == (None, None)
    assert rollout[2:] == ("rollout slow", "same level", "Slow.", None, None)
    assert "50,000 parts (ARL0)" in table.notes[0]
    assert "at most 1 %" in table.notes[0]


def test_phases_of_the_audit_schedule_with_what_they_promise(steps):
    table = schedule_table(steps, ALL, PROMISES, Count(30, 200))
    assert table.rows == (
        (at(1), "line-1", "sampling", Share(0.1), at(3)),
        (at(6), "line-1", "100 % (screening)", Share(1.0), None),
    )
    assert "57 in a row" in table.notes[0]
    assert "Of the model's 200 accepts 30 were audited: 15 %" in table.notes[1]
    assert "at most 1.93 %" in table.notes[0]  # the published table has 1.90 for f = 1/10, i = 57


def test_without_steps_or_settings_the_tables_say_so(steps):
    for table in (guard_table([], ALL, None), schedule_table([], ALL, None, NOBODY), steps_table([], ALL)):
        assert not table.rows
        assert table.notes == ("None in this period.",)
    assert schedule_table(steps, ALL, None, NOBODY).notes == ()
    assert guard_table(steps, LogFilter(since=at(2.5)), None).rows[0][2] == "score drift"


def test_a_step_against_the_evidence_and_its_signature_stand_in_the_list(steps):
    row = next(row for row in steps_table(steps, ALL).rows if row[7] == "again")
    assert (row[4], row[5], row[6], row[8]) == ("1 to the right", "erika", "signed with PIN", "Nothing was shown.")
    assert steps_table(steps, ALL).rows[0][6] is None
    by = [row[5] for row in steps_table(steps, ALL).rows]
    assert by[:4] == ["settings", "audit schedule", "guard: harm", "guard: score drift"]


def test_the_course_is_what_one_look_at_each_moment_says():
    rows = [AuditedStretch(at(48), 100, 1), AuditedStretch(at(24), 200, 0)]
    first, second = course_of(rows, 0.01, 0.95).points
    assert (first.until, first.audited, first.bad) == (at(24), 200, 0)
    assert (second.audited, second.bad) == (300, 1)
    assert (second.low, second.high) == confidence_sequence(1, 300, 1.0 - 0.95)
    assert second.log_e_below == log_e_certify(1, 300, 0.01)
    table = course_table(course_of(rows, 0.01, 0.95))
    assert table.rows[1][:3] == (at(48), 300, 1)
    assert f"ln E of {math.log(20):.2f}" in table.notes[0]


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1)), max_size=8))
def test_a_course_only_ever_adds(counts):
    rows = [AuditedStretch(at(n), audited, int(audited * share)) for n, (audited, share) in enumerate(counts)]
    points = course_of(reversed(rows), 0.005, 0.95).points
    assert len(points) == len(rows)
    for before, after in pairwise(points):
        assert after.audited > before.audited
        assert after.bad >= before.bad
    assert all(point.low <= point.bad / point.audited <= point.high for point in points)
