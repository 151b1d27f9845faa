"""Each guard is shown by a simulated cause; what it costs and how late it is, against theory; latch and replay."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.automation.guard_events import (
    AuditConfirmed,
    ClockTicked,
    GuardEvent,
    GuardKind,
    Identity,
    PartScored,
    SeedJudged,
    SignedAgain,
)
from inspector_app.automation.guards import GuardSettings, GuardState, observe
from inspector_app.automation.sequential import log_e_harm, shown
from inspector_app.domain.control import Level
from inspector_app.monitoring.score_drift import BETS, drift_e_values

ME = Identity("a" * 64, "b" * 64, "c" * 64)
OTHER_MODEL = Identity("d" * 64, "b" * 64, "c" * 64)
OTHER_PREPROCESSING = Identity("a" * 64, "d" * 64, "c" * 64)
OTHER_CAMERA = Identity("a" * 64, "b" * 64, "d" * 64)
CAMERA_UNKNOWN = Identity("a" * 64, "b" * 64)
SETTINGS = GuardSettings()


def told(settings: GuardSettings, events: Iterable[GuardEvent], state: GuardState | None = None) -> GuardState:
    state = state or GuardState()
    for event in events:
        state, _ = observe(settings, state, event)
    return state


def events_until(settings: GuardSettings, kind: GuardKind, make: Callable[[], GuardEvent], state=None) -> int:
    """Return how many events of a cause it takes until the guard fires."""
    state = state or GuardState()
    for n in itertools.count(1):
        state, trips = observe(settings, state, make())
        if any(trip.kind is kind for trip in trips):
            return n
    raise AssertionError


def audits(share: float, seed: int) -> Callable[[], GuardEvent]:
    chance = random.Random(seed)
    return lambda: AuditConfirmed(escape=chance.random() < share)


def harm_alarms(settings: GuardSettings, share: float, audits: int) -> list[float]:
    """Return the exact probability that the harm guard fires at audit 1, 2, …: a walk over the count of escapes."""
    alive, fired = {0: 1.0}, []
    for n in range(1, audits + 1):
        after: dict[int, float] = {}
        for k, weight in alive.items():
            after[k] = after.get(k, 0.0) + weight * (1.0 - share)
            after[k + 1] = after.get(k + 1, 0.0) + weight * share
        # Without an escape E only falls, so an alarm can come with the newest escape alone.
        out = {k for k in after if k > 1 and shown(log_e_harm(k, n, settings.escape_limit), settings.harm_delta)}
        fired.append(math.fsum(after.pop(k) for k in out))
        alive = after
    return fired


def test_the_harm_guard_seldom_fires_while_escapes_keep_to_the_limit():
    fired = math.fsum(harm_alarms(SETTINGS, SETTINGS.escape_limit, 3000))
    assert 0.0 < fired <= SETTINGS.harm_delta


@pytest.mark.parametrize("share", [0.03, 0.1])
def test_the_delay_of_the_harm_guard_is_the_exact_one(share):
    fired = harm_alarms(SETTINGS, share, 3000)
    assert math.fsum(fired) > 0.9999
    exact = math.fsum(n * weight for n, weight in enumerate(fired, 1))
    found = [events_until(SETTINGS, GuardKind.HARM, audits(share, seed)) for seed in range(400)]
    assert abs(fmean(found) - exact) < 4 * stdev(found) / math.sqrt(len(found))
    assert exact == pytest.approx({0.03: 259.0, 0.1: 34.1}[share], abs=0.1)


# Exact run lengths, by the chain in `test_cusum`.
@pytest.mark.parametrize(("share", "exact"), [(0.015, 587.06), (0.03, 195.43)])
def test_the_delay_of_the_chart_is_its_exact_run_length(share, exact):
    settings = GuardSettings(harm_delta=1e-300)
    found = [events_until(settings, GuardKind.ESCAPES_RISING, audits(share, seed)) for seed in range(400)]
    assert abs(fmean(found) - exact) < 4 * stdev(found) / math.sqrt(len(found))


def test_after_years_of_good_audits_the_chart_still_sees_what_the_total_hides():
    state = GuardState(audits=100_000, escapes=200)
    assert events_until(SETTINGS, GuardKind.ESCAPES_RISING, audits(0.1, 1), state) < 120
    assert not shown(log_e_harm(240, 100_400, SETTINGS.escape_limit), SETTINGS.harm_delta)


def scored(probability: float, u: float = 0.5, identity: Identity = ME) -> PartScored:
    return PartScored(probability, u, identity)


def production(seed: int, shift: float = 0.0) -> Callable[[], GuardEvent]:
    """Return a stream of scores, logistic of a normal number, shifted by so many standard deviations."""
    chance = random.Random(seed)
    return lambda: scored(1 / (1 + math.exp(-chance.gauss(shift - 3.0, 1.0))), chance.random())


def reference(seed: int, n: int = 2000) -> tuple[float, ...]:
    make = production(seed)
    return tuple(sorted(make().probability for _ in range(n)))


def test_without_drift_false_alarms_are_as_rare_as_promised():
    settings = GuardSettings(drift_parts=300.0)
    found = []
    for seed in range(40):
        state = told(settings, [SignedAgain(ME, reference(1000 + seed))])
        found.append(events_until(settings, GuardKind.SCORE_DRIFT, production(seed), state))
    assert fmean(found) > settings.drift_parts


@pytest.mark.parametrize("shift", [-1.0, 0.5, 1.0])
def test_the_delay_of_the_drift_guard_is_at_most_what_its_best_bet_alone_would_need(shift):
    """Alone, a bet needs about ln(12 A) / mean log gain parts to bring the mean of the twelve to A."""
    state = told(SETTINGS, [SignedAgain(ME, reference(5, 5000))])
    found = [events_until(SETTINGS, GuardKind.SCORE_DRIFT, production(seed, shift), state) for seed in range(60)]
    law = [normal_p(shift, (i + 0.5) / 2000) for i in range(2000)]
    gains = zip(*([math.log(e) for e in drift_e_values(p, SETTINGS.drift_tolerance)] for p in law), strict=True)
    rate = max(fmean(column) for column in gains)
    # The overshoot at the alarm is less than the largest single gain.
    assert fmean(found) < (math.log(BETS * SETTINGS.drift_parts) + math.log(1.8)) / rate * 1.1
    assert fmean(found) > math.log(SETTINGS.drift_parts) / math.log(1.8)


def normal_p(shift: float, level: float) -> float:
    """Return the quantile of the p-values of standard normal scores that have moved by the shift."""
    from statistics import NormalDist

    return NormalDist().cdf(-NormalDist(shift).inv_cdf(level))


@pytest.mark.parametrize(
    ("kind", "events", "step_to"),
    [
        (GuardKind.CRITICAL_ESCAPE, [AuditConfirmed(True, critical=True)], Level.SHADOW),
        (GuardKind.CRITICAL_ESCAPE, [AuditConfirmed(True, critical=True, uniform=False)], Level.SHADOW),
        (GuardKind.MODEL_CHANGED, [scored(0.1), scored(0.1, identity=OTHER_MODEL)], Level.SHADOW),
        (GuardKind.MODEL_CHANGED, [scored(0.1), scored(0.1, identity=OTHER_PREPROCESSING)], Level.SHADOW),
        (GuardKind.CAMERA_CHANGED, [scored(0.1), scored(0.1, identity=OTHER_CAMERA)], Level.SHADOW),
        (GuardKind.SEED_MISSED, [SeedJudged(accepted=True)], Level.ASSIST),
        (GuardKind.AUDIT_BACKLOG, [ClockTicked(3601.0, 0.0)], Level.ASSIST),
        (GuardKind.HEARTBEAT_LOST, [ClockTicked(0.0, 10.1)], Level.ASSIST),
        (GuardKind.HARM, [AuditConfirmed(True)] * 2, Level.ASSIST),
        (GuardKind.ESCAPES_RISING, [AuditConfirmed(True)] * 5, Level.ASSIST),
        (GuardKind.SCORE_DRIFT, [SignedAgain(ME, reference(1)), *[scored(0.999)] * 60], Level.PARTIAL),
    ],
)
def test_each_cause_fires_its_guard_and_steps_as_far_left_as_it_must(kind, events, step_to):
    before = told(SETTINGS, events[:1]) if isinstance(events[0], SignedAgain) else GuardState()
    assert not before.latched
    state = told(SETTINGS, events)
    assert state.has_fired(kind)
    trip = next(trip for trip in state.latched if trip.kind is kind)
    assert trip.step_to is step_to is kind.step_to
    assert trip.sentence.endswith(".")
    assert state.audits_all == (kind is GuardKind.SCORE_DRIFT)


def test_what_is_all_right_fires_nothing():
    quiet = [
        AuditConfirmed(False),
        AuditConfirmed(False, critical=True),
        AuditConfirmed(True, uniform=False),
        AuditConfirmed(True),
        SeedJudged(accepted=False),
        ClockTicked(3600.0, 10.0),
        scored(0.1),
        scored(0.9),
        scored(0.9, identity=CAMERA_UNKNOWN),
    ]
    state = told(SETTINGS, quiet)
    assert state.latched == ()
    assert (state.audits, state.escapes) == (3, 1)
    assert state.drift == (0.0,) * BETS


def test_another_model_and_another_camera_are_two_causes_and_its_scores_no_drift():
    other = Identity("d" * 64, "b" * 64, "d" * 64)
    state = told(SETTINGS, [SignedAgain(ME, reference(1)), scored(0.1, identity=other)])
    assert [trip.kind for trip in state.latched] == [GuardKind.MODEL_CHANGED, GuardKind.CAMERA_CHANGED]
    assert state.drift == (0.0,) * BETS


def test_one_escape_alone_is_no_rate_however_early_it_comes():
    assert shown(log_e_harm(1, 1, SETTINGS.escape_limit), SETTINGS.harm_delta)
    assert told(SETTINGS, [AuditConfirmed(True)]).latched == ()


def test_the_chart_alarms_when_it_reaches_its_limit():
    chart = SETTINGS.cusum
    below = GuardState(audits=10_000, cusum=chart.alarm_at - chart.steps)
    at = GuardState(audits=10_000, cusum=chart.alarm_at - chart.steps + 1)
    assert not told(SETTINGS, [AuditConfirmed(True)], below).latched
    assert told(SETTINGS, [AuditConfirmed(True)], at).has_fired(GuardKind.ESCAPES_RISING)


def test_evidence_says_on_what_the_guard_fired():
    trips = told(SETTINGS, [AuditConfirmed(True)] * 5).latched
    assert [trip.kind for trip in trips] == [GuardKind.HARM, GuardKind.ESCAPES_RISING]
    harm, rising = (dict(trip.evidence) for trip in trips)
    assert harm["e"] >= 1 / SETTINGS.harm_delta
    assert harm["escapes"] == harm["audits"]
    assert rising["statistic"] >= rising["limit"] == SETTINGS.cusum.limit
    drift = told(SETTINGS, [SignedAgain(ME, reference(1)), *[scored(0.999)] * 60]).latched[0]
    assert dict(drift.evidence)["statistic"] >= SETTINGS.drift_parts


def test_a_new_signature_vouches_for_another_model():
    state = told(SETTINGS, [scored(0.1), scored(0.1, identity=OTHER_MODEL), SignedAgain(OTHER_MODEL)])
    assert state == GuardState(identity=OTHER_MODEL)
    assert told(SETTINGS, [scored(0.1, identity=OTHER_MODEL)], state).latched == ()


EVENTS = st.one_of(
    st.builds(scored, st.floats(0, 1), st.floats(0, 1, exclude_max=True), st.sampled_from([ME, ME, ME, OTHER_MODEL])),
    st.builds(AuditConfirmed, st.booleans(), st.booleans(), st.booleans()),
    st.builds(SeedJudged, st.booleans()),
    st.builds(ClockTicked, st.floats(0, 5000), st.floats(0, 12)),
)
STREAMS = st.lists(EVENTS, max_size=60)
REFERENCES = st.sampled_from([(), (0.1, 0.2, 0.3)])


@given(STREAMS, REFERENCES)
def test_without_a_signature_no_guard_lets_go_and_none_fires_twice(events, scores):
    state = told(SETTINGS, [SignedAgain(ME, scores)])
    for event in events:
        before = state
        state, trips = observe(SETTINGS, state, event)
        assert state.latched == before.latched + trips
        assert state.audits_all or not before.audits_all
    kinds = [trip.kind for trip in state.latched]
    assert len(kinds) == len(set(kinds))


@given(STREAMS, REFERENCES)
def test_the_same_events_give_the_same_trips(events, scores):
    once, again = (told(SETTINGS, [SignedAgain(ME, scores), *events]) for _ in range(2))
    assert once == again


@given(STREAMS)
def test_a_signature_opens_every_latch(events):
    assert told(SETTINGS, [*events, SignedAgain(ME)]) == GuardState(identity=ME)


def test_every_guard_has_a_step():
    assert {kind.step_to for kind in GuardKind} == {Level.SHADOW, Level.ASSIST, Level.PARTIAL}


@pytest.mark.parametrize(
    "values",
    [
        {"escape_limit": 0.0},
        {"harm_delta": 1.0},
        {"drift_parts": 0.5},
        {"drift_parts": math.nan},
        {"drift_tolerance": 0.2},
        {"audit_wait_s": 0.0},
        {"silence_s": -1.0},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        GuardSettings(**values)
