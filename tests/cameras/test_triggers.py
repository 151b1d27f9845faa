"""One part for each trigger, whatever the camera does: in time, late, missed, not asked for."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cameras.takt import LINE_STOP_TAKTS, TaktCamera, TaktStep, takt_step
from inspector_app.cameras.triggered import TriggeredCamera, TriggerInbox, TriggerTimes
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.frame import Frame, PictureFlaw, PictureProblem, UnusableFrame, frozen_pixels
from inspector_app.domain.ports import CameraControls, CameraCounts, TriggerMode
from inspector_app.domain.trigger import PartTrigger

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = TriggerTimes(late_s=0.5, give_up_s=2.0)


def picture(number: int, skipped: int = 0) -> Frame:
    return Frame(frozen_pixels(np.full((4, 4), number, np.uint8)), NOW, "fake:", number, skipped)


class TimedCamera:
    """A camera on a clock of its own: each firing brings a picture after the next of ``delays``; ``None`` never."""

    name, uri, counts = "timed", "fake:", CameraCounts()

    def __init__(self, *delays: float | None) -> None:
        self.now = 100.0
        self.delays = deque(delays)
        self.coming: deque[tuple[float, Frame]] = deque()
        self.fired = self.opened = 0
        self.lost: str | Exception | None = None

    def monotonic(self) -> float:
        return self.now

    def open(self) -> None:
        self.opened += 1
        self.coming.clear()

    def close(self) -> None:
        self.coming.clear()

    def configure(self, controls: CameraControls) -> CameraControls:
        return controls

    def trigger(self) -> None:
        if self.lost:
            raise CameraLost(self.lost) if isinstance(self.lost, str) else self.lost
        self.fired += 1
        delay = self.delays.popleft() if self.delays else 0.05
        if delay is not None:
            self.coming.append((self.now + delay, picture(self.fired)))

    def grab(self, timeout_s: float) -> Frame | None:
        if self.coming and self.coming[0][0] <= self.now + timeout_s:
            at, frame = self.coming.popleft()
            self.now = max(self.now, at)
            return frame
        self.now += timeout_s
        return None


def made(camera: TimedCamera, fires: bool = True) -> tuple[TriggeredCamera, TriggerInbox]:
    inbox = TriggerInbox()
    triggered = TriggeredCamera(camera, inbox, fires, TIMES, lambda: NOW, camera.monotonic)
    triggered.open()
    return triggered, inbox


def test_a_trigger_in_time_gives_its_part_with_the_lines_number() -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera)
    assert triggered.grab(0.0) is None
    for number in (1, 2):
        inbox.put(PartTrigger(f"P{number}", camera.now))
        part = triggered.grab(0.0)
        assert isinstance(part, Frame)
        assert (part.name, part.unfit, part.sequence, part.pixels[0, 0]) == (f"P{number}", None, number, number)
    assert camera.opened == 1


def test_a_late_picture_goes_to_a_human() -> None:
    camera = TimedCamera(0.8)
    triggered, inbox = made(camera)
    inbox.put(PartTrigger("P1", camera.now))
    part = triggered.grab(0.0)
    assert isinstance(part, Frame)
    assert part.unfit is not None
    assert part.unfit.flaw is PictureFlaw.LATE
    assert part.unfit.sentence.startswith("The picture came 0.8 s after the trigger")


def test_a_missed_trigger_is_a_part_and_its_picture_never_becomes_the_next_ones() -> None:
    camera = TimedCamera(2.5, 0.1)  # the first picture comes half a second after it was given up
    triggered, inbox = made(camera)
    inbox.put(PartTrigger("P1", camera.now))
    missed = triggered.grab(0.0)
    assert isinstance(missed, UnusableFrame)
    assert (missed.name, missed.problem) == ("P1", PictureProblem.MISSED_TRIGGER)
    assert missed.sentence == "The trigger gave no picture: no picture came within 2 s."
    assert camera.opened == 2
    inbox.put(PartTrigger("P2", camera.now))
    part = triggered.grab(0.0)
    assert isinstance(part, Frame)
    assert (part.name, part.pixels[0, 0], part.sequence) == ("P2", 2, 2)


def test_a_trigger_that_waited_too_long_is_not_fired() -> None:
    camera = TimedCamera(1.9)
    triggered, inbox = made(camera)
    inbox.put(PartTrigger("P1", camera.now))
    inbox.put(PartTrigger("P2", camera.now + 0.1))
    assert isinstance(triggered.grab(0.0), Frame)
    missed = triggered.grab(0.0)
    assert isinstance(missed, UnusableFrame)
    assert (missed.name, camera.fired) == ("P2", 1)


def test_a_picture_without_a_trigger_is_a_part_for_a_human() -> None:
    camera = TimedCamera()
    triggered, _ = made(camera)
    camera.coming.append((camera.now, picture(9)))
    part = triggered.grab(0.0)
    assert isinstance(part, Frame)
    assert part.unfit is not None
    assert part.unfit.flaw is PictureFlaw.NOT_ASKED_FOR


@pytest.mark.parametrize("picture_first", [True, False])
def test_a_camera_fired_by_wire_is_paired_with_the_lines_message(picture_first: bool) -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera, fires=False)
    inbox.put(PartTrigger("P1", camera.now))
    camera.coming.append((camera.now + (0.0 if picture_first else 0.2), picture(1)))
    part = triggered.grab(0.0)
    assert isinstance(part, Frame)
    assert (part.name, part.unfit, camera.fired) == ("P1", None, 0)


def test_a_camera_lost_over_a_trigger_loses_no_part() -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera)
    camera.lost = "unplugged"
    inbox.put(PartTrigger("P1", camera.now))
    part = triggered.grab(0.0)
    assert isinstance(part, UnusableFrame)
    assert part.name == "P1"
    with pytest.raises(CameraLost, match="unplugged"):
        triggered.grab(0.0)
    triggered.close()
    camera.lost = None
    triggered.open()
    inbox.put(PartTrigger("P2", camera.now))
    assert isinstance(triggered.grab(0.0), Frame)


def test_after_a_lost_picture_of_a_camera_fired_by_wire_the_next_ones_are_not_shifted() -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera, fires=False)
    for number in (1, 2, 3):  # one part a second; the first one's picture is lost
        inbox.put(PartTrigger(f"P{number}", camera.now + number))
        if number > 1:
            camera.coming.append((camera.now + number + 0.1, picture(number)))
    camera.now += 1.0
    parts = [triggered.grab(0.0) for _ in range(3)]
    assert isinstance(parts[0], UnusableFrame)
    assert parts[0].name == "P1"
    assert [(part.name, part.pixels[0, 0], part.unfit) for part in parts[1:] if isinstance(part, Frame)] == [
        ("P2", 2, None), ("P3", 3, None)
    ]  # fmt: skip


@pytest.mark.parametrize("fault", [CameraSettingError("The exposure is out of range."), RuntimeError("a bug")])
def test_whatever_goes_wrong_over_a_trigger_loses_no_part_and_is_raised_then(fault: Exception) -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera)
    camera.lost = fault
    inbox.put(PartTrigger("P1", camera.now))
    part = triggered.grab(0.0)
    assert isinstance(part, UnusableFrame)
    assert (part.name, part.problem) == ("P1", PictureProblem.MISSED_TRIGGER)
    with pytest.raises(type(fault), match=str(fault)):
        triggered.grab(0.0)


def test_a_picture_never_takes_the_number_of_a_trigger_that_is_long_past() -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera, fires=False)
    inbox.put(PartTrigger("P1", camera.now))  # nobody was there to take its picture
    camera.now += 10.0
    inbox.put(PartTrigger("P2", camera.now))
    camera.coming.append((camera.now, picture(2)))
    parts = [triggered.grab(0.0), triggered.grab(0.0)]
    assert [(type(part), part.name) for part in parts if part] == [(UnusableFrame, "P1"), (Frame, "P2")]
    assert [part.sequence for part in parts if part] == [1, 2]
    camera.coming.append((camera.now, picture(3)))
    inbox.put(PartTrigger("P3", camera.now - 10.0))
    parts = [triggered.grab(0.0), triggered.grab(0.0)]
    assert isinstance(parts[0], UnusableFrame)
    assert isinstance(parts[1], Frame)
    assert (parts[0].name, parts[1].name) == ("P3", None)
    assert parts[1].unfit is not None
    assert parts[1].unfit.flaw is PictureFlaw.NOT_ASKED_FOR


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.none() | st.floats(0.0, 4.0)), min_size=1, max_size=12))
def test_each_trigger_gives_one_part_and_a_fit_one_shows_its_own_picture(
    course: list[tuple[float, float | None]],
) -> None:
    camera = TimedCamera(*[delay for _, delay in course])
    triggered, inbox = made(camera)
    at = camera.now
    for number, (pause, _) in enumerate(course):
        at += pause
        inbox.put(PartTrigger(f"P{number}", at))
    parts, fired_for = [], {}
    for number in range(len(course)):
        camera.now = max(camera.now, 100.0 + sum(pause for pause, _ in course[: number + 1]))
        before = camera.fired
        part = triggered.grab(0.0)
        if isinstance(part, Frame) and part.unfit is not None and part.unfit.flaw is PictureFlaw.NOT_ASKED_FOR:
            pytest.fail("every picture here was asked for")
        parts.append(part)
        if camera.fired > before:
            fired_for[f"P{number}"] = camera.fired
    assert [part.name for part in parts if part] == [f"P{number}" for number in range(len(course))]
    assert [part.sequence for part in parts if part] == list(range(1, len(course) + 1))
    for part in parts:
        if isinstance(part, Frame):
            assert part.pixels[0, 0] == fired_for[part.name or ""]


@pytest.mark.parametrize(
    ("since_s", "skipped", "step"),
    [
        (None, 0, TaktStep()),
        (1.0, 0, TaktStep()),
        (1.4, 0, TaktStep()),
        (1.6, 0, TaktStep(missed=1)),
        (2.9, 0, TaktStep(missed=2)),
        (2.9, 3, TaktStep(missed=3)),
        (0.4, 0, TaktStep(too_soon=True)),
        (0.4, 1, TaktStep(missed=1)),
        (LINE_STOP_TAKTS + 0.5, 0, TaktStep(missed=1)),
    ],
)
def test_the_takt_tells_what_is_missing(since_s: float | None, skipped: int, step: TaktStep) -> None:
    assert takt_step(since_s, 1.0, skipped) == step
    assert takt_step(since_s, 0.0, skipped) == TaktStep(missed=skipped)


def test_missing_parts_come_before_the_picture_that_showed_them() -> None:
    camera = TimedCamera()
    watched = TaktCamera(camera, 1.0, lambda: NOW, camera.monotonic)
    watched.open()
    for pause, number in ((0.0, 1), (3.0, 2), (0.2, 3)):
        camera.coming.append((camera.now + pause, picture(number)))
        parts = [watched.grab(5.0)]
        while watched._ready:
            parts.append(watched.grab(0.0))
        kinds = [part.problem if isinstance(part, UnusableFrame) else part.unfit and part.unfit.flaw for part in parts]
        expected = {1: [None], 2: [PictureProblem.MISSED_TRIGGER] * 2 + [None], 3: [PictureFlaw.DOUBLED]}[number]
        assert kinds == expected
    watched.close()
    watched.open()  # a reconnect begins the takt anew
    camera.coming.append((camera.now + 7.0, replace(picture(4), skipped=0)))
    part = watched.grab(10.0)
    assert isinstance(part, Frame)
    assert part.sequence == 6


class SetCamera(TimedCamera):
    """A timed camera that says on which trigger it is."""

    mode = TriggerMode.SOFTWARE

    def configure(self, controls: CameraControls) -> CameraControls:
        self.mode = controls.trigger or self.mode
        return CameraControls(trigger=self.mode)


def test_the_trigger_that_is_chosen_while_it_runs_holds_from_the_next_part_on() -> None:
    camera = SetCamera()
    triggered, inbox = made(camera)
    inbox.put(PartTrigger("A", camera.now))
    assert triggered.grab(1.0).name == "A"
    camera.mode = TriggerMode.HARDWARE
    triggered.settle(TriggerMode.HARDWARE)
    camera.coming.append((camera.now + 0.1, picture(7)))  # the line's own wire has fired it
    inbox.put(PartTrigger("B", camera.now))
    assert isinstance(part := triggered.grab(1.0), Frame)
    assert (part.name, part.unfit, camera.fired) == ("B", None, 1)
    triggered.settle(TriggerMode.FREE_RUN)
    inbox.put(PartTrigger("C", camera.now))
    assert triggered.grab(1.0).name == "C"
    assert (camera.mode, camera.fired) == (TriggerMode.SOFTWARE, 2)


def test_a_camera_that_was_left_running_free_is_put_on_software_trigger_at_each_start() -> None:
    camera = SetCamera()
    camera.mode = TriggerMode.FREE_RUN
    made(camera)
    assert camera.mode is TriggerMode.SOFTWARE


def test_a_camera_that_is_set_up_to_run_free_is_on_software_trigger_again_after_a_missed_trigger() -> None:
    class SetUpFree(SetCamera):
        def open(self) -> None:
            super().open()
            self.mode = TriggerMode.FREE_RUN  # what its configuration says is in force whenever it is opened

    camera = SetUpFree(None)
    triggered, inbox = made(camera)
    inbox.put(PartTrigger("P1", camera.now))
    assert isinstance(triggered.grab(0.0), UnusableFrame)
    assert (camera.opened, camera.mode) == (2, TriggerMode.SOFTWARE)


def test_the_cameras_count_speaks_once_the_line_fires_it_and_no_longer_when_it_runs_free() -> None:
    camera = SetCamera()
    camera.mode = TriggerMode.FREE_RUN
    watched = TaktCamera(camera, 0.0, lambda: NOW, camera.monotonic)
    watched.open()
    for mode, number, expected in (
        (None, 3, [3]),
        (TriggerMode.HARDWARE, 9, [None, 9]),
        (TriggerMode.FREE_RUN, 12, [12]),
    ):
        watched.settle(mode)
        camera.coming.append((camera.now, picture(number, skipped=1)))
        parts = [watched.grab(1.0)]
        while watched._ready:
            parts.append(watched.grab(0.0))
        assert [int(part.pixels[0, 0]) if isinstance(part, Frame) else None for part in parts] == expected


def test_what_is_in_hand_when_the_camera_stops_is_not_kept_for_later() -> None:
    camera = TimedCamera()
    triggered, inbox = made(camera, fires=False)
    inbox.put(PartTrigger("P1", camera.now))
    camera.now += 10.0
    inbox.put(PartTrigger("P2", camera.now))
    camera.coming.append((camera.now, picture(2)))
    first = triggered.grab(0.0)
    inbox.put(PartTrigger("P3", camera.now))
    left = triggered.missed_parts()
    assert first is not None
    assert [(part.name, part.sequence) for part in (first, *left)] == [("P1", 1), ("P2", 2), ("P3", 3)]
    assert [type(part) for part in left] == [Frame, UnusableFrame]
    assert triggered.missed_parts() == ()
    watched = TaktCamera(camera, 1.0, lambda: NOW, camera.monotonic)
    watched.open()
    for pause, number in ((0.0, 1), (3.0, 2)):
        camera.coming.append((camera.now + pause, picture(number)))
        watched.grab(5.0)
    assert [type(part) for part in watched.missed_parts()] == [UnusableFrame, Frame]
