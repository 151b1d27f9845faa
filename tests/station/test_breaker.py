"""The breaker: when a prediction server is left alone, and that it always comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.station.breaker import Breaker, BreakerState
from inspector_app.station.options import Backoff, BreakerLimits

LIMITS = BreakerLimits(failures=3, window=10, probes=2, settled=5, backoff=Backoff(1.0, 60.0))


def closed(limits=LIMITS):
    breaker = Breaker.untried(limits, 0.0).probed(0.0, 0.5, good=True)
    assert breaker.state is BreakerState.CLOSED
    return breaker


def opened(breaker, at=0.0, u=0.5):
    return breaker.failed(at, u, decisive=True)


def test_an_untried_server_is_tried_at_once_and_one_good_trial_is_enough():
    untried = Breaker.untried(LIMITS, 7.0)
    assert (untried.asks, untried.probe_at) == (False, 7.0)
    assert untried.probed(7.0, 0.5, good=True).asks


def test_it_opens_at_so_many_bad_answers_of_the_last_ones():
    breaker = closed()
    for good in (False, True, False, True):
        breaker = breaker.answered() if good else breaker.failed(0.0, 0.5, decisive=False)
    assert breaker.asks
    assert not breaker.failed(0.0, 0.5, decisive=False).asks


def test_bad_answers_are_forgotten_with_the_window():
    breaker = closed().failed(0.0, 0.5, decisive=False).failed(0.0, 0.5, decisive=False)
    for _ in range(LIMITS.window):
        breaker = breaker.answered()
    assert breaker.failed(0.0, 0.5, decisive=False).asks


def test_a_lost_connection_opens_it_at_once():
    assert opened(closed()).state is BreakerState.OPEN


def test_it_closes_after_good_trials_in_a_row_only():
    half = opened(closed()).probed(1.0, 0.5, good=True)
    assert (half.state, half.asks) == (BreakerState.HALF_OPEN, False)
    assert half.probed(2.0, 0.5, good=True).asks
    again = half.probed(2.0, 0.5, good=False)
    assert again.state is BreakerState.OPEN
    assert again.probed(3.0, 0.5, good=True).state is BreakerState.HALF_OPEN


def test_pauses_grow_up_to_a_limit_and_start_over_once_it_has_settled():
    breaker, pauses = opened(closed()), []
    for _ in range(9):
        pauses.append(breaker.probe_at)
        breaker = breaker.probed(0.0, 0.5, good=False)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    flapping = breaker.probed(0.0, 0.5, good=True).probed(0.0, 0.5, good=True)
    assert opened(flapping).probe_at == 60.0
    for _ in range(LIMITS.settled):
        flapping = flapping.answered()
    assert opened(flapping).probe_at == 1.0


def test_stations_that_lost_a_server_together_come_back_apart():
    assert [opened(closed(), u=u).probe_at for u in (0.0, 0.25, 0.75)] == [0.5, 0.75, 1.25]


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"failures": 21}, {"probes": 0}, {"settled": 0}])
def test_limits_that_make_no_sense(wrong):
    with pytest.raises(ValueError, match="failures"):
        BreakerLimits(**wrong)


@given(
    st.lists(st.sampled_from(["good", "bad", "lost", "probe good", "probe bad"]), max_size=60), st.floats(0.0, 0.999)
)
def test_whatever_happens_it_can_come_back_and_never_waits_longer_than_its_limit(events, u):
    breaker = Breaker.untried(LIMITS, 0.0)
    for at, event in enumerate(events):
        match event:
            case "good":
                breaker = breaker.answered()
            case "bad" | "lost":
                breaker = breaker.failed(at, u, decisive=event == "lost")
            case _:
                breaker = breaker.probed(at, u, good=event == "probe good")
        assert breaker.asks == (breaker.probe_at is None)
        assert len(breaker.recent) <= LIMITS.window
        assert breaker.recent.count(False) < LIMITS.failures
        if breaker.probe_at is not None:
            assert breaker.probe_at <= at + 1.5 * LIMITS.backoff.most_s
    for _ in range(LIMITS.probes):
        breaker = breaker.probed(100.0, u, good=True)
    assert breaker.asks
