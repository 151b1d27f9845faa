"""CSP-1: the published table, the closed formulas against the chain they describe, and the state machine."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.csp import (
    AuditPhase,
    AuditPlan,
    AuditSchedule,
    fraction_audited,
    outgoing_limit,
    outgoing_share,
    schedule_after,
    scheduled_share,
)

# Clearance numbers of MIL-STD-1235 for CSP-1, also in Montgomery, "Introduction to Statistical Quality Control".
AOQL = (0.018, 0.033, 0.046, 0.074, 0.113, 0.143, 0.198, 0.33, 0.53, 0.79, 1.22, 1.90, 2.90, 4.94)
PUBLISHED = {
    5: (3960, 2160, 1550, 965, 630, 498, 360, 217, 135, 91, 58, 38, 25, 15),
    10: (6050, 3300, 2370, 1470, 965, 762, 550, 335, 207, 138, 89, 57, 38, 22),
    25: (9110, 4970, 3570, 2215, 1450, 1147, 828, 500, 315, 210, 134, 86, 57, 33),
    50: (11730, 6400, 4590, 2855, 1870, 1477, 1067, 640, 400, 270, 175, 110, 72, 42),
    100: (14320, 7810, 5600, 3485, 2305, 1820, 1302, 790, 500, 330, 215, 135, 89, 52),
    200: (17420, 9500, 6810, 4235, 2760, 2178, 1583, 950, 590, 400, 255, 165, 106, 62),
}
CASES = [(one_in, i, limit) for one_in, row in PUBLISHED.items() for i, limit in zip(row, AOQL, strict=True)]

plans = st.builds(AuditPlan, st.integers(1, 30), st.floats(0.01, 1.0))
shares = st.floats(0.001, 0.5)


@pytest.mark.parametrize(("one_in", "clearance", "limit"), CASES)
def test_the_published_table_within_3_percent(one_in, clearance, limit):
    assert 100 * outgoing_limit(AuditPlan(clearance, 1 / one_in)) == pytest.approx(limit, rel=0.03)


def test_a_worked_example():
    plan = AuditPlan(57, 0.1)
    audited = fraction_audited(plan, 0.02)
    assert audited == pytest.approx(0.26006, abs=5e-6)
    # 0.014799 is Dodge's own AOQ, p (1 - AFI), which puts a good part in the place of each escape that is found.
    assert outgoing_share(plan, 0.02) == pytest.approx(0.014799 / (1 - 0.02 * audited), abs=5e-7)


@given(plans, shares)
def test_the_share_audited_is_that_of_the_two_phases(plan, share):
    clean = (1 - share) ** plan.clearance
    screening, sampling = (1 - clean) / (share * clean), 1 / (plan.fraction * share)
    expected = (screening + plan.fraction * sampling) / (screening + sampling)
    assert fraction_audited(plan, share) == pytest.approx(expected)


@given(plans, shares)
def test_audits_let_out_less_than_came_and_never_more_than_the_limit(plan, share):
    assert outgoing_share(plan, share) <= min(share, outgoing_limit(plan)) + 1e-9


def test_auditing_all_lets_nothing_out():
    plan = AuditPlan(10, 1.0)
    assert outgoing_limit(plan) == 0.0
    assert outgoing_share(plan, 0.1) == 0.0


def test_a_stream_of_bad_parts_never_leaves_the_100_percent_phase():
    plan = AuditPlan(10, 0.1)
    assert fraction_audited(plan, 1.0) == 1.0
    assert outgoing_share(plan, 1.0) == 0.0


def test_the_simulated_schedule_audits_and_lets_out_as_the_formulas_say():
    """Batches of parts are near enough independent for a standard error."""
    plan, share, chance = AuditPlan(57, 0.1), 0.02, random.Random(7)
    schedule, audited, out = AuditSchedule(), [], []
    for _ in range(60):
        parts, seen, found, left = 10_000, 0, 0, 0
        for _ in range(parts):
            bad = chance.random() < share
            if chance.random() < scheduled_share(plan, schedule):
                schedule = schedule_after(plan, schedule, bad)
                seen += 1
                found += bad
            else:
                left += bad
        audited.append(seen / parts)
        out.append(left / (parts - found))
    for each, expected in ((audited, fraction_audited(plan, share)), (out, outgoing_share(plan, share))):
        mean = sum(each) / len(each)
        error = math.sqrt(sum((x - mean) ** 2 for x in each)) / len(each)
        assert abs(mean - expected) < 4 * error


@given(plans, st.lists(st.booleans(), max_size=200))
def test_the_schedule_samples_only_after_enough_clean_audits_in_a_row(plan, escapes):
    schedule, clean = AuditSchedule(), 0
    for escape in escapes:
        schedule = schedule_after(plan, schedule, escape)
        clean = 0 if escape else clean + 1
        assert (schedule.phase is AuditPhase.SAMPLING) == (clean >= plan.clearance)
        assert scheduled_share(plan, schedule) == (plan.fraction if clean >= plan.clearance else 1.0)


@pytest.mark.parametrize(
    ("values", "sentence"), [((0, 0.1), "clearance"), ((5, 0.0), "never left"), ((5, 1.1), "above")]
)
def test_a_plan_out_of_range_is_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        AuditPlan(*values)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="share of bad parts"):
        fraction_audited(AuditPlan(5, 0.1), share)
