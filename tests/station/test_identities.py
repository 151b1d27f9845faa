"""Identities increase whatever the clock does; options are checked."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.station.identities import PartNumbers, TimeOrderedIds
from inspector_app.station.options import Backoff, StationOptions


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=30), st.integers(0, 2**73 - 1))
def test_identities_increase_even_when_the_clock_steps_back(moments, bits):
    clock = iter(moments)
    ids = TimeOrderedIds(lambda: datetime.fromtimestamp(next(clock) / 1000, UTC), lambda n: bits)
    made = [ids.new() for _ in moments]
    assert made == sorted(set(made))
    assert all(uuid.UUID(each).version == 7 for each in made)


def test_random_bits_never_run_over():
    ids = TimeOrderedIds(lambda: datetime.fromtimestamp(1, UTC), lambda n: 2**n - 1)
    made = [ids.new() for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_part_keeps_its_own_name():
    moment = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    parts = PartNumbers("B-")
    assert parts.part_id("glass-7", moment) == "glass-7"
    assert [parts.part_id(None, moment), parts.part_id("", moment)] == [
        "B-20260131-235959-00001",
        "B-20260131-235959-00002",
    ]


def test_backoff_doubles_up_to_its_most():
    assert [Backoff(0.5, 3.0).delay_s(n) for n in (0, 1, 2, 3, 9999)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"undo_window_s": -1.0},
        {"frames_queued": 0},
        {"pictures_queued": 0},
        {"model_deadline_s": 0.0},
        {"told_flush_s": 0},
        {"overflow_wait_s": -0.1},
    ],
)
def test_wrong_options_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        StationOptions(**wrong)


def test_sources_at_our_pace():
    options = StationOptions()
    assert options.waits_for_us("folder:/a/b")
    assert options.waits_for_us("synthetic:?seed=1")
    assert not options.waits_for_us("usb:0")
    assert not options.waits_for_us("pylon:emulator?folder=x")
