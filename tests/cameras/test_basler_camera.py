"""Basler's own emulator as the station's camera: settings, triggers, damage, skipping, removal, folders of pictures."""

from __future__ import annotations

import importlib.util
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector_app.cameras import pylon_runtime
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError, EndOfPictures
from inspector_app.domain.frame import (
    Capture,
    Frame,
    Judgement,
    PictureProblem,
    Reference,
    ReferenceSource,
    UnusableFrame,
)
from inspector_app.domain.ports import CameraControls, TriggerMode

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pypylon") is None, reason="pypylon (the [basler] extra) is not installed"
)

GOOD = Reference(Judgement.ACCEPT, ReferenceSource.ANNOTATION)
PATIENCE_S = 60.0
Make = Callable[..., "object"]


@pytest.fixture
def make() -> Iterator[Callable]:
    """Make emulated cameras, closed at the end of the test."""
    made = []

    def one(options: str = "", references: dict[str, Reference] | None = None):
        parts = CameraParts(lambda: datetime.now(UTC), lambda _: references or {}, lambda _: NotImplemented)
        made.append(camera_from_uri(f"pylon:emulator?{options}", parts))
        return made[-1]

    yield one
    for camera in made:
        camera.close()


def save(folder: Path, *names: str) -> Path:
    """Each picture has its own brightness, by its place: 20, 40, 60 …; the left half is blue, the right one red."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, 1):
        picture = np.zeros((64, 96, 3), np.uint8)
        picture[:, :48, 0] = picture[:, 48:, 2] = 20 * number
        assert cv2.imwrite(str(folder / name), picture)
    return folder


def number_of(capture: Capture | None) -> int:
    assert isinstance(capture, Frame), capture
    return round(int(capture.pixels[5, 5, 0]) / 20)


def pylon_of(camera):
    """The pylon camera itself, for what only the emulator can do."""
    return camera._link.camera


def next_of(camera) -> Capture:
    for _ in range(120):
        capture = camera.grab(0.5)
        if capture is not None:
            return capture
    pytest.fail("no picture came")


def drain(camera) -> None:
    for _ in range(100):
        camera.grab(0.2)


def test_a_folder_keeps_names_truth_and_natural_order(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, "p1.png", "p2.png", "p10.png")
    camera = make(f"folder={tmp_path}", {"p2": GOOD})
    camera.open()
    captures = [next_of(camera) for _ in range(3)]
    assert [(c.name, number_of(c)) for c in captures] == [("p1", 1), ("p2", 2), ("p10", 3)]
    assert [c.reference for c in captures] == [None, GOOD, None]
    assert captures[2].path == str(tmp_path / "p10.png")
    assert captures[0].pixels[5, 5].tolist() == [20, 0, 0]
    assert captures[0].pixels[5, 90].tolist() == [0, 0, 20]
    with pytest.raises(EndOfPictures):
        camera.grab(0.5)


def test_a_folder_in_a_loop_goes_on_after_a_reconnect(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, "a.png", "b.png", "c.png")
    camera = make(f"folder={tmp_path}&loop=1")
    names = []
    for count in (2, 3, 2, 1):
        camera.open()
        names += [next_of(camera).name for _ in range(count)]
        camera.close()
    assert names == ["a", "b", "c", "a~2", "b~2", "c~2", "a~3", "b~3"]


def test_pictures_of_several_sizes_come_whole(make: Callable, tmp_path: Path) -> None:
    sizes = [(64, 96), (480, 640), (100, 50)]
    for number, (height, width) in enumerate(sizes):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((height, width, 3), 99, np.uint8))
    camera = make(f"folder={tmp_path}")
    camera.open()
    assert [next_of(camera).pixels.shape[:2] for _ in sizes] == sizes


def test_bad_files_are_parts_without_a_picture(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.png")
    whole = (tmp_path / "2.jpg").read_bytes()
    (tmp_path / "2.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "3.jpg").write_text("This is no picture.")
    cv2.imwrite(str(tmp_path / "4.jpg"), np.zeros((40, 4100, 3), np.uint8))
    camera = make(f"folder={tmp_path}")
    camera.open()
    captures = [next_of(camera) for _ in range(5)]
    problems = [capture.problem if isinstance(capture, UnusableFrame) else None for capture in captures]
    assert problems == [None, PictureProblem.TRUNCATED, PictureProblem.NOT_A_PICTURE, PictureProblem.TOO_LARGE, None]
    assert [capture.name for capture in captures] == list("12345")
    assert (camera.counts.delivered, camera.counts.unusable) == (2, 3)


def test_pictures_that_the_emulator_would_read_otherwise_come_as_from_a_folder(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, "1.webp", "2.png", "3.jpg")
    jpeg = (tmp_path / "3.jpg").read_bytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    (tmp_path / "3.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
    plain = camera_from_uri(f"folder:{tmp_path}", parts)
    camera = make(f"folder={tmp_path}")
    plain.open()
    camera.open()
    for _ in range(3):
        fed, read = next_of(camera), plain.grab(1.0)
        assert isinstance(fed, Frame)
        assert isinstance(read, Frame)
        np.testing.assert_array_equal(fed.pixels, read.pixels)
    assert fed.pixels.shape == (96, 64, 3)
    plain.close()


def test_no_damage_of_a_jpeg_ends_the_program(make: Callable, tmp_path: Path) -> None:
    """The emulator's own decoder would end the process on these."""
    noise = np.random.default_rng(5).integers(0, 255, (64, 96, 3), dtype=np.uint8)
    random = np.random.default_rng(6)
    for number in range(40):
        data = bytearray(cv2.imencode(".jpg", noise)[1].tobytes())
        place = int(random.integers(2, len(data) - 300))
        data[place : place + 200] = random.bytes(200)
        (tmp_path / f"{number:02d}.jpg").write_bytes(bytes(data))
    camera = make(f"folder={tmp_path}")
    camera.open()
    captures = [next_of(camera) for _ in range(40)]
    assert [capture.name for capture in captures] == [f"{number:02d}" for number in range(40)]
    assert any(isinstance(capture, UnusableFrame) for capture in captures)


def test_a_folder_that_vanishes_is_a_lost_camera(make: Callable, tmp_path: Path) -> None:
    folder = save(tmp_path / "parts", *(f"{number}.png" for number in range(1, 10)))
    camera = make(f"folder={folder}&trigger=software")
    camera.open()
    captures = []
    for _ in range(3):
        camera.trigger()
        captures.append(next_of(camera))
    folder.rename(tmp_path / "away")
    camera.trigger()
    with pytest.raises(CameraLost, match="vanished"):
        next_of(camera)
    camera.close()
    with pytest.raises(CameraLost):
        camera.open()
    (tmp_path / "away").rename(folder)
    camera.configure(CameraControls(trigger=TriggerMode.FREE_RUN))
    camera.open()
    captures += [next_of(camera) for _ in range(6)]
    assert [number_of(capture) for capture in captures] == list(range(1, 10))
    assert camera.counts.unusable == 0


def test_no_links_are_left_behind(make: Callable, tmp_path: Path) -> None:
    camera = make(f"folder={save(tmp_path / 'parts', 'a.png')}")
    camera.open()
    links = Path(pylon_of(camera).ImageFilename.Value)
    assert len(list(links.iterdir())) == 1
    camera.close()
    assert not links.exists()


@pytest.mark.parametrize(
    ("wanted", "own", "grey", "note"),
    [
        ("Mono8", "Mono8", True, None),
        ("Mono12", "Mono12", True, "Mono12 converted to 8-bit grey"),
        ("Mono16", "Mono16", True, "Mono16 converted to 8-bit grey"),
        ("BGR8", "BGR8Packed", False, None),
        ("RGB8", "RGB8Packed", False, "RGB8Packed converted to 8-bit BGR"),
        ("RGB8Packed", "RGB8Packed", False, "RGB8Packed converted to 8-bit BGR"),
        ("BayerRG8", "BayerRG8", False, "BayerRG8 converted to 8-bit BGR"),
        ("BayerGB12", "BayerGB12", False, "BayerGB12 converted to 8-bit BGR"),
    ],
)
def test_pixel_formats_end_as_grey_or_bgr(
    make: Callable, tmp_path: Path, wanted: str, own: str, grey: bool, note: str | None
) -> None:
    save(tmp_path, *(f"{number}.png" for number in range(1, 10)))
    camera = make(f"folder={tmp_path}&loop=1")
    camera.open()
    assert camera.configure(CameraControls(pixel_format=wanted)).pixel_format == own
    for number in range(1, 10):
        capture = next_of(camera)
        assert capture.note == note
        if grey:
            assert capture.pixels.shape == (64, 96)
            # The emulator weighs blue with 1/8 and red with 1/4.
            np.testing.assert_allclose(capture.pixels[30, [20, 70]], [2.5 * number, 5.0 * number], atol=1)
        else:
            assert capture.pixels.shape == (64, 96, 3)
            np.testing.assert_allclose(capture.pixels[30, 20], [20 * number, 0, 0], atol=1)
            np.testing.assert_allclose(capture.pixels[30, 70], [0, 0, 20 * number], atol=1)


def test_exposure_gain_and_rate_are_set_and_read_back(make: Callable) -> None:
    camera = make("exposure=2000&gain=6&rate=50")
    camera.open()
    force = camera.configure(CameraControls())
    assert force.exposure_us == pytest.approx(2000.0)
    assert force.gain_db == pytest.approx(6.0, abs=0.01)
    assert force.frame_rate_hz == pytest.approx(50.0)
    force = camera.configure(CameraControls(exposure_us=3000.0))
    assert (force.exposure_us, force.frame_rate_hz) == (pytest.approx(3000.0), pytest.approx(50.0))
    pylon = pylon_of(camera)
    assert pylon.ExposureTimeAbs.Value == pytest.approx(3000.0)
    assert pylon.AcquisitionFrameRateEnable.Value is True
    assert isinstance(next_of(camera), Frame)


def test_an_open_camera_says_what_it_can_be_asked_for(make: Callable) -> None:
    camera = make("exposure=2000")
    with pytest.raises(CameraLost):
        camera.ranges()
    camera.open()
    ranges = camera.ranges()
    low, high = ranges.exposure_us
    assert low <= 2000.0 <= high
    camera.configure(CameraControls(exposure_us=high))
    assert camera.configure(CameraControls()).exposure_us == pytest.approx(high)
    with pytest.raises(CameraSettingError):
        camera.configure(CameraControls(exposure_us=high * 1.01))
    assert {"Mono8", "BayerRG8"} <= set(ranges.pixel_formats)
    assert set(ranges.triggers) == set(TriggerMode)


def test_the_frame_rate_is_obeyed(make: Callable) -> None:
    """Pictures since before the start per wall time: 10 per second are asked for, 100 would come otherwise."""
    camera = make("rate=10&exposure=1000")
    start = time.monotonic()
    camera.open()
    for _ in range(11):
        next_of(camera)
    assert time.monotonic() - start > 0.9


def test_settings_outlive_a_reconnect(make: Callable) -> None:
    camera = make("")
    camera.open()
    camera.configure(CameraControls(exposure_us=4321.0, pixel_format="BGR8", trigger=TriggerMode.SOFTWARE))
    camera.close()
    camera.open()
    force = camera.configure(CameraControls())
    assert (force.exposure_us, force.pixel_format, force.trigger) == (4321.0, "BGR8Packed", TriggerMode.SOFTWARE)
    assert camera.grab(0.1) is None
    camera.trigger()
    assert isinstance(next_of(camera), Frame)


@pytest.mark.parametrize(
    ("controls", "allowed"),
    [
        (CameraControls(exposure_us=50.0), "takes an exposure of 100 … 3e+06 µs"),
        (CameraControls(gain_db=49.0), "takes a gain of 0 … 48 dB"),
        (CameraControls(frame_rate_hz=1e5), "takes a frame rate of 0.01 … 5000 pictures per second"),
        (CameraControls(pixel_format="YUV422"), "it offers Mono8, Mono10"),
    ],
    ids=str,
)
def test_the_sentence_names_the_allowed_range(make: Callable, controls: CameraControls, allowed: str) -> None:
    camera = make("")
    camera.open()
    with pytest.raises(CameraSettingError) as refused:
        camera.configure(controls)
    assert allowed in str(refused.value)


def test_nothing_is_applied_when_one_of_several_settings_is_bad(make: Callable) -> None:
    camera = make("exposure=2000")
    camera.open()
    with pytest.raises(CameraSettingError):
        camera.configure(CameraControls(exposure_us=5000.0, gain_db=1e3))
    assert camera.configure(CameraControls()).exposure_us == pytest.approx(2000.0)


def test_a_bad_setting_from_the_uri_is_refused_at_opening(make: Callable) -> None:
    camera = make("format=Mono7")
    with pytest.raises(CameraSettingError, match="Mono7"):
        camera.open()
    assert isinstance(camera.name, str)
    camera.configure(CameraControls(pixel_format="Mono8"))
    camera.open()
    assert next_of(camera).pixels.ndim == 2


def test_hardware_trigger_gives_one_part_per_edge(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, "1.png", "2.png", "3.png")
    camera = make(f"folder={tmp_path}&trigger=hardware")
    camera.open()
    for number in (1, 2, 3):
        assert camera.grab(0.1) is None
        # The emulated line has no wire; executing the trigger command while Line1 is chosen stands for an edge.
        pylon_of(camera).TriggerSoftware.Execute()
        assert number_of(next_of(camera)) == number
    assert pylon_of(camera).TriggerSource.Value == "Line1"


def test_the_trigger_line_can_be_chosen(make: Callable) -> None:
    camera = make("trigger=hardware&line=Line3")
    camera.open()
    assert pylon_of(camera).TriggerSource.Value == "Line3"
    with pytest.raises(CameraSettingError, match=r"no trigger source 'Line9'; it offers"):
        make("trigger=hardware&line=Line9").open()


def test_triggers_in_quick_succession_are_not_lost(make: Callable, tmp_path: Path) -> None:
    """Fired without waiting for readiness they would be: see the emulator's own behaviour."""
    save(tmp_path, *(f"{number}.png" for number in range(1, 9)))
    camera = make(f"folder={tmp_path}&trigger=software")
    camera.open()
    for _ in range(8):
        camera.trigger()
    assert [number_of(next_of(camera)) for _ in range(8)] == list(range(1, 9))


def test_a_damaged_transfer_is_a_part_without_a_picture(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, *(f"{number}.png" for number in range(1, 9)))
    camera = make(f"folder={tmp_path}&trigger=software")
    camera.open()
    captures = []
    for turn in range(8):
        if turn == 3:
            pylon_of(camera).ForceFailedBufferCount.Value = 2
            pylon_of(camera).ForceFailedBuffer.Execute()
        camera.trigger()
        captures.append(next_of(camera))
    damaged = [capture for capture in captures if isinstance(capture, UnusableFrame)]
    assert [capture.name for capture in damaged] == ["4", "5"]
    assert {capture.problem for capture in damaged} == {PictureProblem.DAMAGED_TRANSFER}
    assert damaged[0].sentence == f"{camera.name} sent a damaged picture: The buffer was incompletely grabbed."
    assert [number_of(capture) for capture in captures if isinstance(capture, Frame)] == [1, 2, 3, 6, 7, 8]
    assert [capture.sequence for capture in captures] == list(range(1, 9))


def test_a_busy_station_gets_all_pictures_in_order(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, *(f"{number}.png" for number in range(1, 10)))
    camera = make(f"folder={tmp_path}&rate=200&exposure=1000")
    camera.open()
    for number in range(1, 10):
        time.sleep(0.02)
        capture = next_of(camera)
        assert (number_of(capture), capture.skipped) == (number, 0)


def test_skipped_pictures_are_counted_when_only_the_newest_is_wanted(make: Callable, tmp_path: Path) -> None:
    save(tmp_path, *(f"{number}.png" for number in range(1, 10)))
    camera = make(f"folder={tmp_path}&rate=100&exposure=1000&newest=1&loop=1")
    camera.open()
    captures = [next_of(camera)]
    until = time.monotonic() + PATIENCE_S
    while camera.counts.skipped < 6 and time.monotonic() < until:
        time.sleep(0.07)
        captures.append(next_of(camera))
    assert camera.counts.skipped >= 6
    assert camera.counts.skipped == sum(capture.skipped for capture in captures)
    for before, after in itertools.pairwise(captures):
        assert after.sequence - before.sequence == after.skipped + 1
        assert (number_of(after) - number_of(before)) % 9 == (after.skipped + 1) % 9


def test_pictures_dropped_by_a_change_of_format_are_counted(make: Callable) -> None:
    camera = make("rate=100&exposure=1000")
    camera.open()
    next_of(camera)
    until = time.monotonic() + PATIENCE_S
    while not camera._link._ready():
        assert time.monotonic() < until, "no picture came"
        time.sleep(0.01)
    camera.configure(CameraControls(pixel_format="BGR8"))
    assert next_of(camera).skipped > 0


def test_removal_is_noticed_though_the_emulator_goes_on(make: Callable) -> None:
    camera = make("rate=50")
    camera.open()
    next_of(camera)
    pylon_of(camera).FirePnPCallback.Execute()
    with pytest.raises(CameraLost, match=r"\(0815-0000\) was removed\."):
        drain(camera)
    camera.close()
    camera.open()
    assert isinstance(next_of(camera), Frame)


def test_removal_while_nothing_comes(make: Callable) -> None:
    camera = make("trigger=software")
    camera.open()
    pylon_of(camera).FirePnPCallback.Execute()
    with pytest.raises(CameraLost):
        camera.grab(0.2)
    with pytest.raises(CameraLost, match="was removed"):
        camera.trigger()
    with pytest.raises(CameraLost, match="is gone"):
        camera.configure(CameraControls(exposure_us=1000.0))


def test_an_error_of_the_driver_is_a_lost_camera(make: Callable) -> None:
    camera = make("rate=50")
    camera.open()
    next_of(camera)
    grabber = pylon_of(camera).GetStreamGrabberNodeMap().GetNode("ImposedError")
    grabber.Value = "the cable was cut"
    with pytest.raises(CameraLost) as lost:
        drain(camera)
    assert "\n" not in str(lost.value)
    camera.close()
    camera.open()
    assert isinstance(next_of(camera), Frame)


def test_a_camera_that_is_not_there() -> None:
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
    camera = camera_from_uri("pylon:12345678", parts)
    with pytest.raises(CameraLost, match=r"Basler camera 12345678 is not connected; found: 0815-0000, 0815-0001\."):
        camera.open()


def test_a_camera_by_its_serial_number() -> None:
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
    camera = camera_from_uri("pylon:0815-0001", parts)
    camera.open()
    assert camera.name == "Basler Emulation (0815-0001)"
    assert isinstance(next_of(camera), Frame)
    camera.close()


def test_without_pypylon_the_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
    with pytest.raises(CameraError, match=r"\[basler\]"):
        camera_from_uri("pylon:emulator", parts)


def test_in_a_bundle_pylon_is_told_where_its_parts_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setenv("PYLON_TL_PATH", "")
    pylon_runtime.load_pylon(emulated=True)
    assert os.environ["PYLON_TL_PATH"] == str(tmp_path / "pylonpylon").replace("pylonpylon", "pypylon")


def test_real_pictures_come_through_unchanged(make: Callable, real_pictures: Path) -> None:
    camera = make(f"folder={real_pictures / 'phones'}&trigger=software", {"Oil_0002": GOOD})
    camera.open()
    captures = []
    for _ in range(3):
        camera.trigger()
        captures.append(next_of(camera))
    assert [capture.name for capture in captures] == ["Oil_0001", "Oil_0002", "Oil_0003"]
    assert captures[1].reference is GOOD
    for capture in captures:
        original = cv2.imread(capture.path)
        # Basler's JPEG decoder and OpenCV's may differ by rounding.
        assert np.abs(capture.pixels.astype(int) - original).max() <= 4
