"""New models in a simulated plant: through the station's own shadow, ramp, guardrails, switch and gates."""

from __future__ import annotations

import pytest

from inspector_app.domain.control import Level

RAMP = {"escape_limit": 0.1, "worse_limit": 0.05, "missed_limit": 0.3, "false_reject_limit": 0.3, "failed_limit": 0.1}
GOOD = {"at_shift": 12, "name": "next", "separation": 5.5, "likeness": 0.9}
BAD = {"at_shift": 12, "name": "next", "separation": 1.5, "likeness": 0.5}


@pytest.fixture
def brought_in(scenario, simulate):
    """Bring a new model into a small plant, and return the run with the steps of the rollout."""

    def run(rollout, shifts=60, ramp=RAMP, **sections):
        result = simulate(scenario(rollout=[rollout], line={"shifts": shifts}, ramp=ramp, **sections))
        steps = [step for step in result.steps if step.why in {"rollout", "guardrail", "left"}]
        return result, steps

    return run


def test_a_good_model_earns_each_stage_and_then_its_own_certificate(brought_in):
    result, steps = brought_in(GOOD)
    said = [step.sentence for step in steps]
    assert said[:6] == [
        "next begins in shadow.",
        *(f"next: advance to {share} % of the parts." for share in (1, 5, 25, 50, 100)),
    ]
    assert said[6:8] == ["next: switch.", "next: end."]
    assert steps[8].why == "left"
    outcome = result.rollouts[0]
    assert (outcome.outcome, outcome.share, outcome.because) == ("in charge", 1.0, "")
    assert outcome.accepts > outcome.escapes
    assert len(result.certificates) == 2  # that of the old model does not move along
    assert result.shifts[-1].level == Level.PARTIAL.value


def test_a_bad_model_never_leaves_the_shadow_by_evidence(brought_in):
    result, steps = brought_in(BAD)
    assert [step.sentence for step in steps] == ["next begins in shadow."]
    outcome = result.rollouts[0]
    assert (outcome.outcome, outcome.accepts) == ("going on", 0)
    assert outcome.adjudications > 0


def test_a_bad_model_that_is_pushed_is_rolled_back_by_its_guardrail_and_the_old_one_goes_on(brought_in):
    result, steps = brought_in(BAD | {"hurry_shifts": 1})
    assert steps[-1].why == "guardrail"
    assert steps[-1].sentence.startswith("Rolled back (worse)")
    outcome = result.rollouts[0]
    assert (outcome.outcome, outcome.because) == ("rolled back", "worse")
    assert outcome.ended > 12
    assert len(result.certificates) == 1
    assert result.shifts[-1].level == Level.PARTIAL.value


@pytest.mark.parametrize(("fault", "rail"), [("failing", "no answer"), ("slow", "latency")])
def test_a_model_that_does_not_answer_in_time_is_rolled_back(brought_in, fault, rail):
    _, steps = brought_in(GOOD | {"hurry_shifts": 1, fault: 0.3}, shifts=20)
    assert steps[-1].sentence.startswith(f"Rolled back ({rail})")


def test_a_new_product_goes_from_inspectors_to_the_model_by_gates_and_ramp(brought_in):
    first = {"at_shift": 1, "name": "first", "from_nothing": True}
    result, steps = brought_in(first, shifts=60)
    assert steps[-1].sentence == "first: end."
    outcome = result.rollouts[0]
    assert (outcome.outcome, outcome.share) == ("in charge", 1.0)
    # Nothing is decided by a model before the gates have opened and the ramp has begun.
    begun = next(step.shift for step in steps if "advance to 1 %" in step.sentence)
    assert sum(shift.model_accepts + shift.model_rejects for shift in result.shifts[: begun - 1]) == 0
    gates = [step.after for step in result.steps if step.why == "gates"]
    assert gates == [Level.ASSIST, Level.PARTIAL]
    # The certificate was made beside the inspectors and is that of the model that came into charge.
    assert len(result.certificates) == 1
    assert result.shifts[-1].level == Level.PARTIAL.value


def test_a_guard_that_speaks_against_the_model_in_charge_rolls_the_new_one_back(brought_in):
    """A critical defect that neither model sees turns up in the ramp: the guard is the first to tell."""
    change = [{"at_shift": 15, "new_share": 0.9, "critical_share": 1.0}]
    result, steps = brought_in(GOOD | {"hurry_shifts": 1}, shifts=20, change=change)
    assert steps[-1].why == "rollout"  # no guardrail of the ramp was needed
    outcome = result.rollouts[0]
    assert (outcome.outcome, outcome.because) == ("rolled back", "critical_escape")
    assert result.shifts[-1].level == Level.SHADOW.value


@pytest.mark.parametrize(
    ("rollouts", "sentence"),
    [
        ([{"at_shift": 1, "name": "model"}], "a name of its own"),
        ([{"at_shift": 1, "name": "a"}, {"at_shift": 5, "name": "a"}], "a name of its own"),
        ([{"at_shift": 2, "name": "a", "from_nothing": True}], "goes with the first rollout"),
    ],
)
def test_rollouts_that_cannot_be_are_refused(scenario, rollouts, sentence):
    with pytest.raises(ValueError, match=sentence):
        scenario(rollout=rollouts)
