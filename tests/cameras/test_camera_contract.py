"""What every camera promises, put to all of them."""

from __future__ import annotations

import threading
from datetime import timedelta

import numpy as np
import pytest

from inspector_app.domain.errors import CameraLost, CameraSettingError, EndOfPictures
from inspector_app.domain.frame import Frame
from inspector_app.domain.ports import CameraControls, CameraCounts, TriggerMode

PARTS = 10


def numbers(captures: list[object]) -> list[int]:
    levels = [float(capture.pixels.mean()) for capture in captures]  # type: ignore[attr-defined]
    return [round((level - 15) / 24) for level in levels]


def seen(camera: object) -> int:
    """Return how many pictures a camera accounts for: delivered, unusable or skipped."""
    counts = camera.counts  # type: ignore[attr-defined]
    return counts.delivered + counts.unusable + counts.skipped


def assert_consecutive(captures: list[object], total: int | None) -> None:
    """A finite source counts 0, 1, 2 …; an endless one may start anywhere, wraps around, and says what it lost."""
    found = numbers(captures)
    if total is not None:
        assert found == list(range(len(found)))
        return
    places = [capture.sequence for capture in captures]  # type: ignore[attr-defined]
    assert places == sorted(set(places))
    shown = [(found[0] + place - places[0]) % PARTS for place in places]
    assert found == shown, places


def test_opens_and_closes_as_often_as_one_likes(rig) -> None:
    rig.camera.close()
    for _ in range(3):
        rig.open()
        rig.camera.open()
        rig.camera.close()
        rig.camera.close()
    rig.open()
    assert isinstance(rig.next(), Frame)


def test_starts_no_thread_before_it_is_opened_and_none_is_left(rig) -> None:
    before = set(threading.enumerate())
    rig.camera.open()
    rig.next()
    rig.camera.close()
    assert not [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]


def test_delivers_in_order_and_stamps_each_part(rig) -> None:
    rig.camera.open()
    captures = [rig.next() for _ in range(6)]
    assert_consecutive(captures, rig.total)
    assert rig.camera.counts.delivered == 6
    assert seen(rig.camera) == captures[-1].sequence
    if rig.total is not None:
        assert [capture.sequence for capture in captures] == list(range(1, 7))
        assert [capture.skipped for capture in captures] == [0] * 6
    for capture in captures:
        assert capture.source == rig.camera.uri
        assert capture.captured_at.utcoffset() == timedelta(0)
    assert sorted(capture.captured_at for capture in captures) == [capture.captured_at for capture in captures]


def test_pixels_are_frozen_and_stay_as_they_were(rig) -> None:
    rig.camera.open()
    first = rig.next()
    copy = first.pixels.copy()
    assert first.pixels.dtype == np.uint8
    assert first.pixels.shape == (96, 128, 3)
    assert first.pixels.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        first.pixels[0, 0] = 0
    for _ in range(3):
        rig.next()
    np.testing.assert_array_equal(first.pixels, copy)


def test_a_finite_source_ends_and_stays_at_its_end(rig) -> None:
    if rig.total is None:
        pytest.skip("the source has no end")
    rig.camera.open()
    captures = [rig.next() for _ in range(rig.total)]
    assert numbers(captures) == list(range(rig.total))
    names = [capture.name for capture in captures]
    assert None not in names
    assert len(set(names)) == rig.total
    for _ in range(2):
        with pytest.raises(EndOfPictures):
            rig.camera.grab(0.5)
    rig.camera.close()
    rig.camera.open()
    with pytest.raises(EndOfPictures):
        rig.camera.grab(0.5)


def test_goes_on_after_close_and_open_without_losing_or_doubling(rig) -> None:
    if rig.total is None:
        pytest.skip("a live source goes on while nobody looks")
    captures = []
    for wanted in (3, 1, 4, 2):
        rig.camera.open()
        captures += [rig.next() for _ in range(wanted)]
        rig.camera.close()
    assert numbers(captures) == list(range(PARTS))
    assert [capture.sequence for capture in captures] == [1, 2, 3, 1, 1, 2, 3, 4, 1, 2]
    assert rig.camera.counts == CameraCounts(delivered=PARTS)


def test_a_closed_camera_delivers_nothing(rig) -> None:
    for _ in range(2):
        with pytest.raises(CameraLost, match="not open"):
            rig.camera.grab(0.1)
        with pytest.raises(CameraLost, match="not open"):
            rig.camera.trigger()
        rig.camera.open()
        rig.camera.close()


def test_software_trigger_gives_one_part_each(rig) -> None:
    rig.camera.open()
    assert rig.camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE)).trigger is TriggerMode.SOFTWARE
    captures = []
    for _ in range(4):
        assert rig.is_quiet()
        captures.append(rig.triggered())
    assert rig.is_quiet()
    if rig.total is not None:
        assert numbers(captures) == [0, 1, 2, 3]
    assert rig.camera.configure(CameraControls(trigger=TriggerMode.FREE_RUN)).trigger is TriggerMode.FREE_RUN
    after = rig.next()
    if rig.total is not None:
        assert numbers([after]) == [4]


def test_the_trigger_mode_outlives_a_reconnect(rig) -> None:
    rig.camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE))
    for _ in range(2):
        rig.open()
        assert rig.is_quiet()
        rig.triggered()
        rig.camera.close()


def test_a_trigger_in_free_run_is_refused(rig) -> None:
    rig.camera.open()
    with pytest.raises(CameraSettingError) as refused:
        rig.camera.trigger()
    assert str(refused.value).endswith(".")


BAD_SETTINGS = [
    CameraControls(exposure_us=-1.0),
    CameraControls(gain_db=1e6),
    CameraControls(frame_rate_hz=0.0),
    CameraControls(frame_rate_hz=-5.0),
    CameraControls(frame_rate_hz=float("inf")),
    CameraControls(frame_rate_hz=float("nan")),
    CameraControls(pixel_format="Mono7"),
]


def test_bad_settings_are_refused_with_a_sentence_and_change_nothing(rig) -> None:
    rig.camera.open()
    before = rig.camera.configure(CameraControls())
    for controls in BAD_SETTINGS:
        with pytest.raises(CameraSettingError) as refused:
            rig.camera.configure(controls)
        sentence = str(refused.value)
        assert sentence.startswith(rig.camera.name)
        assert sentence.endswith(".")
        assert rig.camera.configure(CameraControls()) == before
    assert_consecutive([rig.next() for _ in range(3)], rig.total)


def test_survives_being_taken_away_without_losing_or_doubling(rig) -> None:
    if rig.take_away is None:
        pytest.skip("the source cannot be taken away")
    rig.camera.open()
    captures = [rig.next() for _ in range(4)]
    rig.take_away()
    captures += rig.until_lost()
    rig.camera.close()
    if rig.gone_for_open:
        with pytest.raises(CameraLost):
            rig.camera.open()
    rig.bring_back()
    before = seen(rig.camera)
    rig.open()
    if rig.total is None:
        again = [rig.next() for _ in range(4)]
        assert_consecutive(again, None)
        assert again[-1].sequence == seen(rig.camera) - before
        return
    captures += [rig.next() for _ in range(rig.total - len(captures))]
    assert numbers(captures) == list(range(rig.total))
    with pytest.raises(EndOfPictures):
        rig.camera.grab(0.5)
    assert rig.camera.counts == CameraCounts(delivered=rig.total)


def test_says_who_it_is(rig) -> None:
    assert rig.camera.name
    assert rig.camera.uri.startswith(("folder:", "synthetic:", "video:", "pylon:", "rtsp:", "aravis:"))
