"""Whole runs: repeatable, consistent, and every guard shown by its cause through policy, audits and certificate."""

from __future__ import annotations

import pytest

from inspector_app.agreement.audit_sampling import weighted_escapes
from inspector_app.domain.control import Level
from inspector_app.simulation.run import Simulation

CAUSES = {
    "escapes_rising": ({"change": [{"at_shift": 10, "new_share": 0.9}]}, "assist"),
    "harm": (
        {"change": [{"at_shift": 10, "new_share": 0.9}], "guards": {"cusum_limit": 50, "drift_parts": 1e12}},
        "assist",
    ),
    "critical_escape": ({"change": [{"at_shift": 10, "new_share": 0.5, "critical_share": 0.5}]}, "shadow"),
    "score_drift": ({"change": [{"at_shift": 10, "shift": -1.5}]}, "partial"),
    "model_changed": ({"fault": [{"at_shift": 10, "kind": "model_swapped"}]}, "shadow"),
    "camera_changed": ({"fault": [{"at_shift": 10, "kind": "camera_moved"}]}, "shadow"),
    "heartbeat_lost": ({"fault": [{"at_shift": 10, "kind": "model_silent"}]}, "assist"),
    "audit_backlog": ({"fault": [{"at_shift": 10, "kind": "no_inspectors"}]}, "assist"),
    "seed_missed": (
        {
            "seeds": {"share": 0.1},
            "change": [{"at_shift": 10, "separation": 2.5}],
            "fault": [{"at_shift": 10, "kind": "model_dulled"}],
        },
        "assist",
    ),
}


@pytest.fixture(scope="module")
def steady(scenario, simulate):
    return simulate(scenario())


def test_the_same_seed_gives_the_same_run_and_another_run_another(scenario, simulate, steady):
    assert simulate(scenario()) == steady
    assert simulate(scenario(), number=2).shifts != steady.shifts
    assert simulate(scenario(), seed=2).shifts != steady.shifts


def test_a_steady_plant_is_certified_and_goes_on(steady):
    signed = [(step.before, step.after) for step in steady.steps if step.why == "gates"]
    assert signed == [(Level.SHADOW, Level.ASSIST), (Level.ASSIST, Level.PARTIAL)]
    assert [step.why for step in steady.steps if step.why != "gates"] == ["certificate"]
    assert steady.certificates[0].kept
    assert steady.spells == ()
    assert steady.complete
    assert {shift.level for shift in steady.shifts[9:]} == {"partial"}


def test_the_counts_of_a_shift_add_up(steady):
    for shift in steady.shifts:
        assert shift.parts == 400 == shift.accepted + shift.rejected
        assert shift.escapes <= min(shift.bad, shift.accepted)
        assert shift.bad - shift.escapes == shift.rejected - shift.overkill
        assert shift.model_accepts_bad <= shift.model_accepts <= shift.parts
        assert shift.audits <= shift.model_accepts
    by_audits = sum(cell.audited for cell in steady.audit_cells)
    assert by_audits == sum(shift.audits for shift in steady.shifts)
    assert sum(n for *_, n in steady.seeds) > 0


@pytest.mark.parametrize("kind", list(CAUSES))
def test_each_cause_fires_its_guard_and_steps_left(scenario, simulate, kind):
    sections, to = CAUSES[kind]
    result = simulate(scenario(supervisor={"looks_after_shifts": 0}, **sections))
    fired = next(step for step in result.steps if step.why == kind)
    assert fired.shift >= 10
    assert fired.after.rank <= Level(to).rank
    assert fired.before is Level.PARTIAL or any(step.why not in {"certificate", "gates", kind} for step in result.steps)
    last = result.shifts[-1]
    assert Level(last.level).rank <= Level(to).rank
    if to != "partial":
        assert last.model_accepts == 0


def test_misses_known_at_the_signature_fire_no_guard(scenario, simulate):
    """The model accepts some seeded defects from the first day on: nobody has vouched for those."""
    result = simulate(
        scenario(
            model={"separation": 3.0},
            seeds={"share": 0.1},
            gates={"miss": 0.5},
            guards={"cusum_limit": 1000, "harm_delta": 1e-300, "drift_parts": 1e12},
        )
    )
    assert result.shifts[-1].level == "partial"
    assert sum(shift.model_accepts_bad for shift in result.shifts) > 0
    assert not any(step.why == "seed_missed" for step in result.steps)


def test_without_guards_the_contract_stays_broken(scenario, simulate):
    change = [{"at_shift": 10, "new_share": 0.9}]
    guarded, bare = (
        simulate(scenario(change=change, guards={"on": on, "drift_parts": 1e12}, supervisor={"looks_after_shifts": 0}))
        for on in (True, False)
    )
    assert not any(step.why == "escapes_rising" for step in bare.steps)
    assert bare.spells[-1].ended_by == "end"
    assert guarded.spells[-1].ended_by in {"escapes_rising", "harm"}
    assert sum(s.escapes for s in guarded.shifts) < sum(s.escapes for s in bare.shifts)
    assert sum(s.hours_broken for s in guarded.shifts) < sum(s.hours_broken for s in bare.shifts)


def test_after_people_were_away_the_old_certificate_is_signed_again(scenario, simulate):
    result = simulate(scenario(fault=[{"at_shift": 10, "kind": "no_inspectors"}]))
    after = [step.why for step in result.steps if step.shift >= 10]
    assert after == ["audit_backlog", "rearmed", "gates"]
    assert len(result.certificates) == 1
    assert result.shifts[-1].level == "partial"


def test_after_a_change_of_the_model_new_labels_certify_anew(scenario, simulate):
    result = simulate(scenario(fault=[{"at_shift": 10, "kind": "model_swapped"}], line={"shifts": 26}))
    after = [step.why for step in result.steps if step.shift >= 10]
    assert after == ["model_changed", "certificate", "rearmed", "gates", "gates"]
    assert result.certificates[1].labels < 400 * 12
    assert result.shifts[-1].level == "partial"


def test_the_gates_hold_a_station_whose_inspectors_follow_wrong_advice(scenario, simulate):
    """With a model that errs often enough to be followed; the certificate stands, and yet nobody steps to partial."""
    people = [{"name": "Ana", "sensitivity": 0.95, "anchoring": 0.9}]
    result = simulate(scenario(inspector=people, line={"shifts": 24}))
    assert result.certificates
    assert {shift.level for shift in result.shifts[8:]} == {"assist"}


def test_with_nobody_certified_the_model_decides_nothing(scenario, simulate):
    result = simulate(scenario(contract={"escape": 1e-6, "false_reject": 1e-6}, line={"shifts": 12}))
    assert not result.certificates
    assert {shift.level for shift in result.shifts} == {"shadow", "assist"}


def test_a_run_stops_between_two_shifts_and_says_so(scenario):
    seen = []
    result = Simulation(scenario(), 1).result(seen.append, lambda: len(seen) >= 3)
    assert seen == [1, 2, 3]
    assert not result.complete
    assert len(result.shifts) == 3


def test_audits_of_both_streams_weighted_by_their_probability_tell_the_true_number(scenario, simulate):
    sure = {"name": "Ana", "sensitivity": 1.0, "fatigue_per_hour": 0.0}
    result = simulate(
        scenario(
            inspector=[sure],
            automation={"targeted_share": 0.5, "audit_share": 0.2, "clearance": 1},
            guards={"on": False},
            change=[{"at_shift": 10, "new_share": 0.5, "new_separation": 2.0}],
            line={"shifts": 40},
        )
    )
    accepts = sum(shift.model_accepts for shift in result.shifts)
    told = weighted_escapes(result.audit_cells, accepts, 0.99).total
    true = sum(shift.model_accepts_bad for shift in result.shifts)
    assert {round(cell.probability, 6) for cell in result.audit_cells} == {0.2, 0.6, 1.0}
    assert true > 100
    assert told.interval.low < true < told.interval.high
