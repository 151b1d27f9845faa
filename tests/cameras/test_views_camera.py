"""Several views as one part: pairing, composing, missing views, lost cameras."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.cameras.view_groups import MOST_OPEN, Pairing, ViewGroups
from inspector_app.cameras.view_picture import GAP_PX, composed, side_by_side
from inspector_app.cameras.views import View, ViewsCamera
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError, EndOfPictures
from inspector_app.domain.frame import (
    Capture,
    Frame,
    Judgement,
    PictureFlaw,
    PictureProblem,
    Reference,
    ReferenceSource,
    UnusableFrame,
    frozen_pixels,
)
from inspector_app.domain.ports import CameraControls, CameraCounts, TriggerMode
from inspector_app.domain.views import ViewPlace, cut_views, view_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = Reference(Judgement.ACCEPT, ReferenceSource.ANNOTATION)
BAD = Reference(Judgement.REJECT, ReferenceSource.ANNOTATION)


def frame(number: int, *, at_s: float = 0.0, skipped: int = 0, height: int = 4, grey: bool = True, **more) -> Frame:
    shape = (height, 6) if grey else (height, 6, 3)
    pixels = frozen_pixels(np.full(shape, number, np.uint8))
    return Frame(pixels, NOW + timedelta(seconds=at_s), "fake:", number, skipped, **more)


def gone(number: int = 1) -> UnusableFrame:
    return UnusableFrame(PictureProblem.DAMAGED_TRANSFER, "Packets are missing.", NOW, "fake:", number)


class Scripted:
    """A camera that gives what it is given, and one picture for each firing; time is its own."""

    def __init__(self, *script: Capture | Exception | None) -> None:
        self.name, self.uri, self.counts = "scripted", "fake:", CameraCounts()
        self.script = list(script)
        self.opened = 0
        self.on_fire: list[Capture | None] = []

    def open(self) -> None:
        self.opened += 1

    def close(self) -> None:
        pass

    def configure(self, controls: CameraControls) -> CameraControls:
        return CameraControls(exposure_us=100.0, trigger=controls.trigger or TriggerMode.FREE_RUN)

    def trigger(self) -> None:
        self.script.append(self.on_fire.pop(0))

    def grab(self, timeout_s: float) -> Capture | None:
        item = self.script.pop(0) if self.script else None
        if isinstance(item, Exception):
            raise item
        return item


def two(left: Scripted, right: Scripted, pairing: Pairing, wait_s: float = 0.05) -> ViewsCamera:
    views = [View("front", left), View("back", right)]
    looks = itertools.count()  # each look at the clock is 1 ms later
    camera = ViewsCamera(
        views, pairing, wait_s, uri="views:test", clock=lambda: NOW, monotonic=lambda: 0.001 * next(looks)
    )
    camera.open()
    return camera


def parts_of(camera: ViewsCamera, most: int = 20) -> list[Capture]:
    found = []
    for _ in range(most):
        try:
            capture = camera.grab(0.2)
        except EndOfPictures:
            break
        if capture is not None:
            found.append(capture)
    return found


def shown(capture: Capture) -> dict[str, int]:
    assert isinstance(capture, Frame), capture
    return {view.name: int(capture.pixels[view.y, view.x]) for view in capture.views}


# ── which pictures belong together ──


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.floats(0.0, 0.3)), max_size=60))
def test_every_picture_is_in_exactly_one_part_and_none_has_two_of_a_view(course: list[tuple[int, int, float]]) -> None:
    groups: ViewGroups[tuple[int, int, int]] = ViewGroups(3, wait_s=0.5)
    now, given_out = 0.0, []
    for number, (view, key, pause) in enumerate(course):
        now += pause
        groups.add(view, (number, view, key), key, now)
        while (part := groups.ready(now)) is not None:
            given_out.append(part)
        assert len(groups) <= MOST_OPEN
    while (part := groups.left()) is not None:
        given_out.append(part)
    pictures = sorted(picture for part in given_out for picture in part.values())
    assert pictures == [(number, view, key) for number, (view, key, _) in enumerate(course)]
    for part in given_out:
        assert {view for _, view, _ in part.values()} == set(part)
        assert len({key for _, _, key in part.values()}) == 1


def test_a_part_goes_on_when_overdue_or_overtaken() -> None:
    groups: ViewGroups[str] = ViewGroups(2, wait_s=1.0)
    groups.add(0, "a1", 1, 0.0)
    assert groups.ready(0.9) is None
    assert groups.wanted == {1}
    assert groups.ready(1.0) == {0: "a1"}
    groups.add(0, "a2", 2, 2.0)
    groups.add(0, "a3", 3, 2.1)
    groups.add(1, "b3", 3, 2.1)
    assert groups.ready(2.1) == {0: "a2"}
    assert groups.ready(2.1) == {0: "a3", 1: "b3"}


# ── one picture of several ──


def test_views_stand_side_by_side_unscaled() -> None:
    left, right = np.full((4, 6), 10, np.uint8), np.full((8, 5, 3), (1, 2, 3), np.uint8)
    picture, places = side_by_side([("front", left), ("back", right)])
    assert picture is not None
    assert picture.shape == (8, 6 + GAP_PX + 5, 3)
    assert places == (ViewPlace("front", 0, 0, 6, 4), ViewPlace("back", 6 + GAP_PX, 0, 5, 8))
    np.testing.assert_array_equal(picture[:4, :6], np.repeat(left[..., None], 3, 2))
    np.testing.assert_array_equal(picture[:, 6 + GAP_PX :], right)
    assert not picture[4:, :6].any()
    assert not picture[:, 6 : 6 + GAP_PX].any()
    assert not picture.flags.writeable
    both, _ = side_by_side([("a", left), ("b", left)])
    assert both is not None
    assert both.ndim == 2


def test_a_point_lies_in_its_view_and_a_cut_moves_the_places() -> None:
    places = (ViewPlace("front", 0, 0, 100, 50), ViewPlace("back", 132, 0, 100, 50))
    assert [getattr(view_at(places, x, 20), "name", None) for x in (0, 99, 110, 132, 231, 232)] == [
        "front", "front", None, "back", "back", None
    ]  # fmt: skip
    assert cut_views(places, 150, 10, 40, 100) == (ViewPlace("back", 0, 0, 40, 40),)
    assert cut_views(places, 50, 0, 100, 50) == (ViewPlace("front", 0, 0, 50, 50), ViewPlace("back", 82, 0, 18, 50))


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [(GOOD, GOOD, GOOD), (GOOD, BAD, BAD), (BAD, None, BAD), (GOOD, None, None), (None, None, None)],
)
def test_a_part_is_bad_if_a_view_is_and_good_if_all_are(
    first: Reference | None, second: Reference | None, truth: Reference | None
) -> None:
    captures = {0: frame(1, reference=first), 1: frame(2, reference=second)}
    assert composed(("a", "b"), captures).reference == truth


# ── the camera ──


def test_files_are_paired_by_their_order() -> None:
    camera = two(
        Scripted(frame(1, name="p1"), frame(2, name="p2"), EndOfPictures("no more"), EndOfPictures("no more")),
        Scripted(frame(1), frame(2), EndOfPictures("no more"), EndOfPictures("no more")),
        Pairing.ORDER,
    )
    parts = parts_of(camera)
    assert [shown(part) for part in parts] == [{"front": 1, "back": 1}, {"front": 2, "back": 2}]
    assert [(part.name, part.sequence, part.skipped) for part in parts] == [("p1", 1, 0), ("p2", 2, 0)]
    with pytest.raises(EndOfPictures):
        camera.grab(0.0)
    assert camera.counts == CameraCounts(delivered=2)


def test_a_lost_picture_leaves_its_part_without_the_view_and_the_others_together() -> None:
    end = EndOfPictures("no more")
    camera = two(
        Scripted(frame(1), frame(2), frame(3), frame(5), end, end, end, end),
        Scripted(frame(1), frame(3, skipped=1), frame(5), end, end, end, end),
        Pairing.ORDER,
    )
    parts = parts_of(camera)
    assert [shown(part) for part in parts] == [
        {"front": 1, "back": 1}, {"front": 2}, {"front": 3, "back": 3}, {"front": 5, "back": 5}
    ]  # fmt: skip
    assert [part.skipped for part in parts] == [0, 0, 0, 1]
    assert [part.unfit and part.unfit.sentence for part in parts] == [None, "The view back is missing.", None, None]
    assert parts[1].unfit.flaw is PictureFlaw.VIEW_MISSING


def test_a_damaged_view_is_missing_with_its_reason() -> None:
    camera = two(Scripted(frame(1)), Scripted(gone()), Pairing.ORDER)
    part = camera.grab(1.0)
    assert isinstance(part, Frame)
    assert shown(part) == {"front": 1}
    assert part.unfit is not None
    assert part.unfit.sentence == "The view back is missing: Packets are missing."
    nothing = two(Scripted(gone()), Scripted(gone()), Pairing.ORDER).grab(1.0)
    assert isinstance(nothing, UnusableFrame)
    assert nothing.problem is PictureProblem.DAMAGED_TRANSFER


def test_names_pair_parts_that_came_in_another_order() -> None:
    camera = two(
        Scripted(frame(1, name="p1"), frame(2, name="p2")),
        Scripted(frame(2, name="p2"), frame(1, name="p1")),
        Pairing.NAME,
    )
    assert [shown(part) for part in parts_of(camera, 4)] == [{"front": 1, "back": 1}, {"front": 2, "back": 2}]


def test_time_pairs_what_was_taken_together_and_a_loss_makes_doubtful() -> None:
    camera = two(
        Scripted(frame(1, at_s=1.0), frame(2, at_s=2.0), frame(3, at_s=3.0)),
        Scripted(frame(1, at_s=1.01), None, frame(3, at_s=3.01, skipped=1)),
        Pairing.TIME,
    )
    parts = parts_of(camera, 8)
    assert [shown(part) for part in parts] == [{"front": 1, "back": 1}, {"front": 2}, {"front": 3, "back": 3}]
    assert parts[0].captured_at == NOW + timedelta(seconds=1.0)
    assert parts[0].unfit is None
    assert parts[2].unfit is not None
    assert "lost just before" in parts[2].unfit.sentence


def test_on_software_trigger_a_late_view_is_never_the_next_parts() -> None:
    left, right = Scripted(), Scripted()
    camera = two(left, right, Pairing.TIME)
    assert camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE)).trigger is TriggerMode.SOFTWARE
    left.on_fire, right.on_fire = [frame(1), frame(2)], [None, frame(2)]
    camera.trigger()
    part = camera.grab(1.0)
    assert isinstance(part, Frame)
    assert shown(part) == {"front": 1}
    assert (left.opened, right.opened) == (1, 2)  # the late one is thrown away with its connection
    camera.trigger()
    part = camera.grab(1.0)
    assert isinstance(part, Frame)
    assert shown(part) == {"front": 2, "back": 2}
    assert part.unfit is None


def test_a_part_is_not_lost_over_a_view_that_cannot_be_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = Scripted(), Scripted()
    camera = two(left, right, Pairing.TIME)
    camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE))
    left.on_fire, right.on_fire = [frame(1)], [None]

    def refuses() -> None:
        raise CameraSettingError("The exposure is out of range.")

    monkeypatch.setattr(right, "open", refuses)
    camera.trigger()
    part = camera.grab(1.0)
    assert isinstance(part, Frame)
    assert shown(part) == {"front": 1}
    with pytest.raises(CameraLost, match=r"View back: The exposure is out of range\."):
        camera.grab(1.0)


def test_a_lost_camera_is_named_after_what_had_come() -> None:
    camera = two(Scripted(frame(1)), Scripted(CameraLost("it was unplugged.")), Pairing.ORDER, wait_s=5.0)
    part = camera.grab(1.0)
    assert isinstance(part, Frame)
    assert shown(part) == {"front": 1}
    with pytest.raises(CameraLost, match=r"View back: it was unplugged\."):
        camera.grab(1.0)


def test_settings_belong_to_each_view_and_what_is_in_force_tells_them_apart() -> None:
    camera = two(Scripted(), Scripted(), Pairing.TIME)
    with pytest.raises(CameraSettingError, match=r"set one by one, under \[\[camera.views\]\]"):
        camera.configure(CameraControls(exposure_us=5.0))
    assert (
        camera.configure(CameraControls()).pixel_format == "front - free_run 1.0e+02 - -; back - free_run 1.0e+02 - -"
    )


# ── from a URI ──


@pytest.fixture
def make() -> Iterator[Callable]:
    """Make cameras of views, closed at the end of the test."""
    made = []

    def one(text: str):
        parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
        made.append(camera_from_uri(f"views:{text}", parts))
        return made[-1]

    yield one
    for camera in made:
        camera.close()


def save(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for number, name in enumerate(names, 1):
        cv2.imwrite(str(folder / f"{name}.png"), np.full((40, 50), 10 * number, np.uint8))
    return folder


def test_two_folders_make_parts_and_go_on_after_a_reconnect(make: Callable, tmp_path: Path) -> None:
    a, b = save(tmp_path / "a", "p1", "p2", "p3"), save(tmp_path / "b", "q1", "q2", "q3")
    camera = make(f"front=folder:{a}|back=folder:{b}?rate=500")
    found = []
    for count in (1, 2):
        camera.open()
        found += [camera.grab(60.0) for _ in range(count)]
        camera.close()
    assert [shown(part) for part in found] == [{"front": n, "back": n} for n in (10, 20, 30)]
    assert [part.name for part in found] == ["p1", "p2", "p3"]
    camera.open()
    with pytest.raises(EndOfPictures):
        camera.grab(60.0)


def test_a_folder_that_lacks_a_part_leaves_it_to_a_human(make: Callable, tmp_path: Path) -> None:
    a, b = save(tmp_path / "a", "p1", "p2", "p3"), save(tmp_path / "b", "p1", "p3")
    camera = make(f"front=folder:{a}|back=folder:{b}|pair=name|wait=50")
    camera.open()
    found = [camera.grab(60.0) for _ in range(3)]
    assert [(part.name, sorted(shown(part)), part.unfit is None) for part in found] == [
        ("p1", ["back", "front"], True), ("p2", ["front"], False), ("p3", ["back", "front"], True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("front=usb:0", "at least two views"),
        ("front=usb:0|front=usb:1", "each name once"),
        ("front=usb:0|usb:1", "NAME=SOURCE"),
        ("a=usb:0|b=usb:1|pair=order", "pair=order is for files"),
        ("a=usb:0|b=usb:1|pair=luck", "pair must be one of order, name, time"),
        ("a=usb:0|b=usb:1|wait=0", "wait must be 1 … 60000 ms"),
        ("a=usb:0|b=tape:1", "names no camera"),
        ("a=usb:0|b=views:c=usb:1", "NAME=SOURCE"),
    ],
)
def test_what_is_wrong_with_a_uri_is_said(make: Callable, text: str, words: str) -> None:
    with pytest.raises(CameraSettingError, match=words):
        make(text)


@pytest.mark.parametrize("fault", [CameraError("it needs pypylon."), ZeroDivisionError("a driver's bug")])
def test_views_that_cannot_all_be_opened_are_all_closed(fault: Exception) -> None:
    class Closable(Scripted):
        is_open = False

        def open(self) -> None:
            self.is_open = True

        def close(self) -> None:
            self.is_open = False

    class Refusing(Closable):
        def open(self) -> None:
            raise fault

    left = Closable()
    views = [View("front", left), View("back", Refusing())]
    camera = ViewsCamera(views, Pairing.ORDER, 0.05, uri="views:test", clock=lambda: NOW)
    sentence = "View back: it needs pypylon" if isinstance(fault, CameraError) else "a driver's bug"
    with pytest.raises(type(fault), match=sentence):
        camera.open()
    assert not left.is_open


@pytest.mark.parametrize("fault", [CameraError("it hangs."), ZeroDivisionError("a driver's bug")])
def test_whatever_goes_wrong_with_a_view_what_had_come_is_delivered_first(fault: Exception) -> None:
    camera = two(Scripted(frame(1)), Scripted(fault), Pairing.ORDER, wait_s=5.0)
    part = camera.grab(0.2)
    assert part is not None
    assert shown(part) == {"front": 1}
    sentence = r"View back: it hangs\." if isinstance(fault, CameraError) else "a driver's bug"
    with pytest.raises(type(fault), match=sentence):
        camera.grab(0.2)
