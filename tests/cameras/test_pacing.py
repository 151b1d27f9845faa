"""Rates and triggers on a clock that the test turns."""

from __future__ import annotations

import threading

import pytest

from inspector_app.cameras.pacing import Pacer
from inspector_app.domain.ports import TriggerMode


class Clock:
    """Seconds that go on by themselves a little at each look, so that waits end without real time."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now


def due_times(pacer: Pacer, clock: Clock, count: int, work_s: float = 0.0) -> list[float]:
    times = []
    while len(times) < count:
        if pacer.wait(0.0):
            times.append(round(clock.now - 100.0, 2))
            pacer.taken()
            clock.now += work_s
        else:
            clock.now += 0.001
    return times


def test_without_a_rate_everything_is_due_at_once() -> None:
    clock = Clock()
    pacer = Pacer(None, clock)
    pacer.start()
    assert due_times(pacer, clock, 4) == [0.0] * 4


def test_a_rate_spaces_pictures_without_drift() -> None:
    clock = Clock()
    pacer = Pacer(10.0, clock)
    pacer.start()
    assert due_times(pacer, clock, 5, work_s=0.03) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4], abs=0.011)


def test_a_late_reader_is_not_hurried_afterwards() -> None:
    clock = Clock()
    pacer = Pacer(10.0, clock)
    pacer.start()
    due_times(pacer, clock, 1)
    clock.now = 105.0
    assert due_times(pacer, clock, 3) == pytest.approx([5.0, 5.0, 5.1], abs=0.011)


def test_each_trigger_makes_one_picture_due() -> None:
    clock = Clock()
    pacer = Pacer(10.0, clock)
    pacer.start()
    pacer.change(TriggerMode.SOFTWARE, 10.0)
    assert not pacer.wait(0.0)
    pacer.fire()
    pacer.fire()
    for expected in (True, True, False):
        assert pacer.wait(0.0) is expected
        pacer.taken()


def test_a_picture_that_was_not_taken_stays_due() -> None:
    pacer = Pacer(None, Clock())
    pacer.start()
    pacer.change(TriggerMode.SOFTWARE, None)
    pacer.fire()
    assert pacer.wait(0.0)
    assert pacer.wait(0.0)


def test_triggers_from_before_are_forgotten() -> None:
    pacer = Pacer(None, Clock())
    pacer.start()
    pacer.change(TriggerMode.SOFTWARE, None)
    pacer.fire()
    pacer.start()
    assert not pacer.wait(0.0)
    pacer.fire()
    pacer.change(TriggerMode.SOFTWARE, None)
    assert not pacer.wait(0.0)


@pytest.mark.parametrize("wake", ["fire", "stop"])
def test_a_waiter_is_woken(wake: str) -> None:
    pacer = Pacer(None, lambda: 0.0)
    pacer.start()
    pacer.change(TriggerMode.SOFTWARE, None)
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(pacer.wait(30.0)))
    waiter.start()
    getattr(pacer, wake)()
    waiter.join(20.0)
    assert answers == [wake == "fire"]


def test_a_stopped_pacer_makes_nothing_due() -> None:
    pacer = Pacer(None, Clock())
    assert not pacer.wait(0.0)
    pacer.start()
    pacer.stop()
    assert not pacer.wait(0.0)
