"""Guardrails and evidence of a rollout: who counts where, and what is shown when."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from inspector_app.automation.ramp import RampLimits, against, guardrails, report, requirements, rolls_back
from inspector_app.automation.ramp_tally import RampTally, Rate, experiment_tally, tally
from inspector_app.automation.sequential import log_e_harm, parts_to_certify, shown
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, PredictionStatus
from inspector_app.domain.rollout import Rollout, RolloutCount, RolloutPhase, Said, Slot, Slots

OLD = ModelIdentity("old", "1", "a" * 64, "b" * 64)
NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)
BOTH = Slots(Slot.BLUE, OLD, NEW)
ACCEPT, REJECT = Judgement.ACCEPT, Judgement.REJECT
LIMITS = RampLimits()


def state(rollout, slots=BOTH, version=1):
    return ControlState(
        version,
        Level.FULL,
        AssistStyle.HIGHLIGHT,
        0.2,
        0.5,
        0.8,
        1.0,
        0.1,
        0.1,
        True,
        Salts("c", "a", "f"),
        slots,
        rollout,
    )


SHADOW = state(Rollout("exp", RolloutPhase.SHADOW))
CANARY = state(Rollout("exp", RolloutPhase.CANARY, 0.25, 0.2), version=2)
WATCH = state(Rollout("exp", RolloutPhase.WATCH), Slots(Slot.GREEN, OLD, NEW), 3)
STATES = {each.version: each for each in (SHADOW, CANARY, WATCH)}


def said(judgement, slow=False):
    status = PredictionStatus.OK if judgement is not None else PredictionStatus.FAILED
    return Said(status, judgement, slow)


def row(version, in_charge, beside, n, *, drawn=None, audited=False, truth=None, aided=None):
    return RolloutCount(version, drawn, in_charge, beside, audited, truth, aided, n)


def count(control, *rows):
    return tally(control, STATES, rows)


def test_answers_are_the_new_models_wherever_it_stands():
    found = count(
        CANARY,
        row(1, said(ACCEPT), said(ACCEPT, slow=True), 10),
        row(1, said(ACCEPT), said(None), 3),
        row(1, said(ACCEPT), None, 2),
        row(1, said(ACCEPT), Said(PredictionStatus.ABSENT, None, False), 1),
        row(2, said(None), said(ACCEPT), 4, drawn=True),
        row(2, said(None), said(ACCEPT), 5, drawn=False),
        row(3, said(ACCEPT), said(None), 6),
    )
    assert found.failed == Rate(3 + 4, 10 + 3 + 4 + 5 + 6)
    assert found.slow == Rate(10, found.failed.n)
    assert found.not_asked == 3


def test_differences_count_by_who_was_right_and_unknown_ones_against_the_new_model():
    found = count(
        SHADOW,
        row(1, said(ACCEPT), said(ACCEPT), 100),
        row(1, said(ACCEPT), said(REJECT), 5, truth=REJECT),
        row(1, said(ACCEPT), said(REJECT), 2, truth=ACCEPT),
        row(1, said(REJECT), said(ACCEPT), 3),
        row(2, said(REJECT), said(ACCEPT), 4, drawn=True, truth=REJECT),
    )
    assert (found.only_old_wrong, found.only_new_wrong, found.open_differences) == (5 + 4, 2, 3)
    assert found.worse == Rate(2 + 3, 114)
    assert (found.rejects, found.old_rejects) == (Rate(5 + 2 + 4, 114), Rate(3, 114))


def test_truth_and_overrides():
    found = count(
        CANARY,
        row(2, said(ACCEPT), said(REJECT), 2, drawn=True, truth=REJECT, aided=REJECT),
        row(2, said(ACCEPT), said(ACCEPT), 3, drawn=True, truth=ACCEPT, aided=ACCEPT),
        row(2, said(REJECT), said(REJECT), 4, drawn=False, truth=ACCEPT, aided=ACCEPT),
        row(2, said(None), said(ACCEPT), 1, drawn=False, aided=ACCEPT),
    )
    assert (found.missed, found.false_rejects) == (Rate(2, 2), Rate(4, 7))
    assert (found.overridden, found.old_overridden) == (Rate(2, 5), Rate(4, 4))


def test_a_stage_counts_its_own_share_alone():
    other = replace(CANARY, version=4, rollout=Rollout("exp", RolloutPhase.CANARY, 0.05, 1.0))
    rows = [
        row(2, said(ACCEPT), said(ACCEPT), 10, drawn=True, audited=True, truth=ACCEPT),
        row(2, said(ACCEPT), said(ACCEPT), 1, drawn=True, audited=True, truth=REJECT),
        row(2, said(ACCEPT), said(ACCEPT), 7, drawn=True, audited=True),
        row(2, said(ACCEPT), said(ACCEPT), 30, drawn=False, audited=True, truth=REJECT),
        row(4, said(ACCEPT), said(ACCEPT), 50, drawn=True, audited=True, truth=REJECT),
    ]
    found = tally(CANARY, STATES | {4: other}, rows)
    assert found.stage_escapes == Rate(1, 11)
    assert found.stage_drawn == Rate(18, 48)


def test_other_experiments_are_left_out():
    other = replace(SHADOW, rollout=Rollout("other", RolloutPhase.SHADOW))
    none = replace(SHADOW, slots=None, rollout=None)
    rows = [row(1, said(ACCEPT), said(None), 9), row(5, said(ACCEPT), said(None), 9)]
    assert tally(CANARY, {1: other, 5: none}, rows) == RampTally()
    assert tally(none, STATES, rows[:1]) == RampTally()


def test_the_counts_are_asked_for_from_the_beginning_of_the_experiment():
    at = datetime(2026, 5, 1, tzinfo=UTC)
    first = replace(SHADOW, version=6, slots=None, rollout=None)
    states = [first, *(replace(each, version=each.version + 6) for each in (SHADOW, CANARY))]
    changes = [
        ControlChange("boss", "because", at, before, after)
        for before, after in zip([None, *states], states, strict=False)
    ]
    asked = []

    def counts(since):
        asked.append(since)
        return [row(7, said(ACCEPT), said(ACCEPT), 5)]

    assert experiment_tally(states[-1], changes, counts).failed == Rate(0, 5)
    assert asked == [7]
    assert experiment_tally(first, changes, counts) == RampTally()
    assert asked == [7]


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("no answer", RampTally(failed=Rate(10, 100))),
        ("latency", RampTally(slow=Rate(10, 100))),
        ("escapes", RampTally(stage_escapes=Rate(5, 50))),
        ("worse", RampTally(only_new_wrong=14, only_old_wrong=1)),
        ("reject rate", RampTally(rejects=Rate(300, 1000), old_rejects=Rate(50, 1000))),
        ("reject rate", RampTally(rejects=Rate(50, 1000), old_rejects=Rate(300, 1000))),
        ("overrides", RampTally(overridden=Rate(300, 1000), old_overridden=Rate(50, 1000))),
        ("sample ratio", RampTally(stage_drawn=Rate(500, 1000))),
    ],
)
def test_each_guardrail_fires_and_rolls_back_only_where_the_new_model_decides(name, counted):
    (rail,) = guardrails(CANARY, counted, LIMITS)
    assert rail.name == name
    assert rolls_back(CANARY, counted, LIMITS) == rail
    assert rolls_back(SHADOW, counted, LIMITS) is None
    assert not report(CANARY, counted, LIMITS).recommended
    assert rail.sentence in report(CANARY, counted, LIMITS).missing


def test_guardrails_let_pass_what_may_be_chance():
    counted = RampTally(
        failed=Rate(1, 1),
        slow=Rate(1, 100),
        stage_escapes=Rate(1, 50),
        only_new_wrong=3,
        only_old_wrong=1,
        rejects=Rate(60, 1000),
        old_rejects=Rate(50, 1000),
        overridden=Rate(0, 0),
        old_overridden=Rate(5, 9),
        stage_drawn=Rate(260, 1000),
    )
    assert guardrails(CANARY, counted, LIMITS) == ()
    # One event alone is an accident, even where the limit is so small that it would be evidence by itself.
    strict = replace(LIMITS, escape_limit=1e-4)
    assert shown(log_e_harm(1, 1, strict.escape_limit), strict.harm_delta)
    assert guardrails(CANARY, RampTally(stage_escapes=Rate(1, 1)), strict) == ()
    fewer = RampTally(overridden=Rate(50, 1000), old_overridden=Rate(300, 1000))
    assert guardrails(CANARY, fewer, LIMITS) == ()


def test_nothing_is_asked_of_what_is_over():
    back = state(Rollout("exp", RolloutPhase.ROLLED_BACK))
    none = state(None)
    bad = RampTally(failed=Rate(10, 10))
    for each in (back, none):
        assert guardrails(each, bad, LIMITS) == ()
        assert requirements(each, bad, LIMITS) == ()
        assert rolls_back(each, bad, LIMITS) is None
    assert report(none, bad, LIMITS).guardrails == ()
    assert report(none, bad, LIMITS).missing is None


def test_into_the_canary_with_the_published_numbers_of_parts():
    """377 parts without a single event show a rate below 1 % at any time (the table of the e-process)."""
    assert parts_to_certify(0.01, 0.05) == 377
    short = RampTally(failed=Rate(0, 376), worse=Rate(0, 376))
    enough = RampTally(failed=Rate(0, 377), worse=Rate(0, 377))
    assert [each.holds for each in requirements(SHADOW, short, LIMITS)] == [False, False]
    assert [each.needed for each in requirements(SHADOW, short, LIMITS)] == [1, 1]
    assert report(SHADOW, enough, LIMITS).recommended
    one_open = replace(enough, worse=Rate(1, 377))
    (need,) = [each for each in requirements(SHADOW, one_open, LIMITS) if not each.holds]
    assert need.needed == 663 - 377


def test_a_new_product_must_show_misses_and_false_rejects_instead():
    alone = state(Rollout("exp", RolloutPhase.SHADOW), Slots(Slot.BLUE, None, NEW))
    counted = RampTally(failed=Rate(0, 400), missed=Rate(0, 74), false_rejects=Rate(0, 36))
    assert [each.name for each in requirements(alone, counted, LIMITS)] == [
        "answers in time",
        "misses",
        "false rejects",
    ]
    assert report(alone, counted, LIMITS).recommended
    assert not report(alone, replace(counted, missed=Rate(0, 73)), LIMITS).recommended


@pytest.mark.parametrize("control", [CANARY, WATCH])
def test_each_stage_shows_escapes_anew(control):
    counted = RampTally(failed=Rate(0, 400), stage_escapes=Rate(0, 377))
    assert report(control, counted, LIMITS).recommended
    assert not report(control, replace(counted, stage_escapes=Rate(0, 376)), LIMITS).recommended


def test_a_model_no_worse_is_rolled_back_in_few_runs_however_often_it_is_looked_at():
    rng = random.Random(11)
    rolled = 0
    for _ in range(60):
        counted = RampTally()
        for _ in range(60):
            new, old = rng.random() < 0.5, 0
            counted = replace(
                counted,
                only_new_wrong=counted.only_new_wrong + new,
                only_old_wrong=counted.only_old_wrong + (not new) + old,
            )
            if rolls_back(CANARY, counted, LIMITS):
                rolled += 1
                break
    assert rolled <= 3


@pytest.mark.parametrize("name", [field.name for field in fields(RampLimits)])
def test_limits_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=name):
        RampLimits(**{name: 0.0})
    if name != "slow_ms":
        with pytest.raises(ValueError, match=name):
            RampLimits(**{name: 1.0})


def test_what_speaks_against_a_step():
    good = RampTally(failed=Rate(0, 400), worse=Rate(0, 400), stage_escapes=Rate(0, 400))
    assert against("advance", SHADOW, report(SHADOW, good, LIMITS)) is None
    assert against("rollback", SHADOW, report(SHADOW, RampTally(), LIMITS)) is None
    assert against("switch", CANARY, report(CANARY, good, LIMITS)) == "The ramp has not reached 100 %."
    whole = replace(CANARY, rollout=Rollout("exp", RolloutPhase.CANARY, 1.0, 0.05))
    assert against("switch", whole, report(whole, good, LIMITS)) is None
    short = report(CANARY, replace(good, stage_escapes=Rate(0, 0)), LIMITS)
    assert "377 more without one" in against("advance", CANARY, short)
    assert against("switch", CANARY, short).endswith("The ramp has not reached 100 %.")
    for failed in (Rate(0, 0), Rate(5, 5)):
        with pytest.raises(ControlRefused, match="has not answered once"):
            against("switch", CANARY, report(CANARY, RampTally(failed=failed), LIMITS))
