"""Nothing that is put into the frame queue is lost or changes its order."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.frame import PictureProblem, UnusableFrame
from inspector_app.station.buffers import FrameQueue, LatestSlot, QueueMark, overflow_of


@pytest.fixture
def frames():
    return FrameQueue(room=2, marker_room=3)


def test_first_in_first_out_and_bounded(frames, kit):
    a, b, c = (kit.frame(n) for n in range(3))
    assert frames.put(a, 0.0)
    assert frames.put(b, 0.0)
    assert not frames.put(c, 0.0)
    assert len(frames) == 2
    assert frames.take(0.0) is a
    assert frames.put(c, 0.0)
    assert [frames.take(0.0), frames.take(0.0)] == [b, c]
    assert frames.take(0.0) is QueueMark.EMPTY


def test_a_part_without_a_picture_takes_no_picture_room(frames, kit):
    assert frames.put(kit.frame(1), 0.0)
    assert frames.put(kit.frame(2), 0.0)
    markers = [kit.unusable(n) for n in range(4)]
    assert [frames.put(marker, 0.0) for marker in markers] == [True, True, True, False]


def test_a_put_waits_for_room(frames, kit):
    frames.put(kit.frame(1), 0.0)
    frames.put(kit.frame(2), 0.0)
    results = []
    putter = threading.Thread(target=lambda: results.append(frames.put(kit.frame(3), kit.PATIENCE_S)))
    putter.start()
    frames.take(0.0)
    putter.join(kit.PATIENCE_S)
    assert results == [True]


def test_closing_lets_what_waits_be_taken(frames, kit):
    frames.put(kit.frame(1), 0.0)
    frames.close()
    assert not frames.drained
    assert frames.take(0.0).sequence == 1
    assert frames.drained
    assert frames.take(0.0) is QueueMark.END
    frames.reopen()
    assert frames.take(0.0) is QueueMark.EMPTY


def test_closing_wakes_who_waits(frames, kit):
    got = []
    taker = threading.Thread(target=lambda: got.append(frames.take(kit.PATIENCE_S)))
    taker.start()
    frames.close()
    taker.join(kit.PATIENCE_S)
    assert got == [QueueMark.END]


def test_end_marks_keep_their_place(frames, kit):
    frames.put(kit.frame(1), 0.0)
    frames.put_end()
    frames.put(kit.frame(2), 0.0)
    assert frames.take(0.0).sequence == 1
    assert frames.take(0.0) is QueueMark.END
    assert frames.take(0.0).sequence == 2


def test_taking_all_out_frees_the_room(frames, kit):
    frames.put(kit.frame(1), 0.0)
    frames.put(kit.frame(2), 0.0)
    frames.put_end()
    frames.force(kit.frame(3))
    assert [capture.sequence for capture in frames.remove_all()] == [1, 2, 3]
    assert frames.wait_for_room(0.0)


def test_an_overflow_keeps_everything_but_the_picture(kit):
    frame = kit.frame(7, defect=True)
    part = overflow_of(frame)
    assert isinstance(part, UnusableFrame)
    assert part.problem is PictureProblem.OVERFLOW
    assert (part.name, part.sequence, part.captured_at, part.reference) == (
        frame.name,
        7,
        frame.captured_at,
        frame.reference,
    )
    damaged = kit.unusable(8)
    assert overflow_of(damaged) is damaged


@given(st.lists(st.sampled_from(["picture", "marker", "take"]), max_size=60))
def test_what_was_put_comes_out_once_in_order(steps):
    frames = FrameQueue(room=3, marker_room=2)
    put, got = [], []
    for number, step in enumerate(steps):
        if step == "take":
            item = frames.take(0.0)
            if not isinstance(item, QueueMark):
                got.append(item.sequence)
        else:
            make = _picture if step == "picture" else _marker
            if frames.put(make(number), 0.0):
                put.append(number)
    got += [capture.sequence for capture in frames.remove_all()]
    assert got == put


def _picture(number):
    from datetime import UTC, datetime

    import numpy as np

    from inspector_app.domain.frame import Frame, frozen_pixels

    return Frame(frozen_pixels(np.zeros((1, 1), np.uint8)), datetime.now(UTC), "x", number)


def _marker(number):
    return overflow_of(_picture(number))


def test_latest_slot_keeps_only_the_newest(kit):
    slot = LatestSlot()
    assert slot.latest() is None
    slot.publish(kit.frame(1))
    slot.publish(kit.frame(2))
    assert slot.latest().sequence == 2
