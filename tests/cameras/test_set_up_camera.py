"""A camera with its configuration: what it delivers, and how it is exchanged while somebody takes pictures."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from inspector_app.cameras.masters import MasterShelf
from inspector_app.cameras.set_up import Gathering, SetUpCamera, loaded_optics
from inspector_app.domain.errors import CameraError, CameraSettingError, OpticsRefused
from inspector_app.domain.frame import Frame, PictureFlaw, PictureProblem, Unfit, UnusableFrame
from inspector_app.domain.ports import Camera, CameraControls, CameraCounts, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.optics.quality import teach
from inspector_app.optics.setup import CameraSetup

RNG = np.random.default_rng(0)


def noisy(number=0, mean=100):
    return np.clip(np.random.default_rng(number).normal(mean, 20, (64, 80)), 0, 255).astype(np.uint8)


class Scripted:
    """A live camera whose pictures are given; exposure up to 100 µs."""

    uri, name, counts = "usb:0", "scripted", CameraCounts()

    def __init__(self, pictures=()):
        self.pictures = list(pictures)
        self.controls = CameraControls(exposure_us=10.0)
        self.users = set()

    def open(self):
        pass

    def close(self):
        pass

    def trigger(self):
        pass

    def configure(self, controls):
        self.users.add(threading.current_thread().name)
        if (controls.exposure_us or 0.0) > 100.0:
            raise CameraSettingError("the exposure goes up to 100 µs")
        if controls.exposure_us is not None:
            self.controls = replace(self.controls, exposure_us=controls.exposure_us)
        if controls.trigger is not None:
            self.controls = replace(self.controls, trigger=controls.trigger)
        return self.controls

    def grab(self, timeout_s):
        if not self.pictures:
            return None
        pixels = self.pictures.pop(0)
        return pixels if not isinstance(pixels, np.ndarray) else Frame(pixels, None, self.uri, 1)


@pytest.fixture
def shelf(tmp_path):
    return MasterShelf(tmp_path)


def camera_with(shelf, setup=None, pictures=()):
    camera: Camera = SetUpCamera(Scripted(pictures), loaded_optics(setup or CameraSetup("usb:0"), shelf))
    camera.open()
    return camera


def flaws(camera, count):
    return [None if (unfit := camera.grab(0.0).unfit) is None else unfit.flaw for _ in range(count)]


def test_an_untouched_camera_delivers_what_it_takes(shelf):
    picture = noisy()
    camera = camera_with(shelf, pictures=[picture, np.zeros_like(picture), picture, picture])
    assert np.array_equal(camera.grab(0.0).pixels, picture)
    assert flaws(camera, 3) == [PictureFlaw.BLANK, None, None]
    assert camera.configuration_sha256() is None
    assert camera.grab(0.0) is None


def test_corrections_and_limits_are_applied_in_this_order(shelf):
    dark = shelf.keep(np.full((64, 80), 10 * 256, np.uint16), 4)
    roi = Box(8, 8, 64, 48)
    good = [np.ascontiguousarray(noisy(n)[8:56, 8:72]) - 10 for n in range(12)]
    quality = shelf.keep_limits(teach(good, live=True))
    setup = CameraSetup("usb:0", roi=roi, dark=dark, quality=quality)
    camera = camera_with(shelf, setup, [noisy(50), noisy(50), cv2.GaussianBlur(noisy(51), (0, 0), 2.0), noisy(52, 30)])
    first = camera.grab(0.0)
    assert np.array_equal(first.pixels, cv2.subtract(noisy(50)[8:56, 8:72], np.full((48, 64), 10, np.uint8)))
    assert first.unfit is None
    seen = camera.sight()
    assert np.array_equal(seen.pixels, first.pixels)
    assert seen.histogram.sum() == 48 * 64
    assert seen.least_sharpness == quality.sharpness
    assert flaws(camera, 3) == [PictureFlaw.FROZEN, PictureFlaw.BLURRED, PictureFlaw.TOO_DARK]
    assert camera.configuration_sha256() == replace(setup, reported=camera.optics.setup.reported).sha256


def test_what_the_adapter_says_against_a_picture_stays(shelf):
    missing = Unfit(PictureFlaw.VIEW_MISSING, "The view from below is missing.")
    frame = Frame(np.zeros((64, 80), np.uint8), None, "usb:0", 1, unfit=missing)
    unusable = UnusableFrame(PictureProblem.TRUNCATED, "cut", None, "usb:0", 2)
    camera = camera_with(shelf, pictures=[frame, unusable])
    assert camera.grab(0.0).unfit == missing
    assert camera.grab(0.0) is unusable


def test_a_picture_that_does_not_fit_the_corrections_goes_to_a_human_as_it_is(shelf):
    setup = CameraSetup("usb:0", dark=shelf.keep(np.zeros((9, 9), np.uint16), 4))
    frame = camera_with(shelf, setup, [noisy()]).grab(0.0)
    assert frame.unfit.flaw is PictureFlaw.NOT_CORRECTED
    assert np.array_equal(frame.pixels, noisy())


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_without_its_files_no_picture_may_be_judged(shelf, tmp_path, harm):
    kept = shelf.keep(np.zeros((64, 80), np.uint16), 4)
    path = tmp_path / "camera" / f"{kept.sha256}.png"
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"x")
    camera = camera_with(shelf, CameraSetup("usb:0", dark=kept), [noisy()])
    unfit = camera.grab(0.0).unfit
    assert unfit.flaw is PictureFlaw.NOT_CORRECTED
    assert "Teach it again" in unfit.sentence


def test_settings_are_made_by_the_thread_that_takes_pictures(shelf):
    scripted = Scripted()
    camera = SetUpCamera(scripted, loaded_optics(CameraSetup("usb:0"), shelf))
    heard = []
    camera.listen(heard.append, lambda _sentence: None)
    camera.open()
    stop = threading.Event()

    def take():
        while not stop.wait(0.002):
            camera.grab(0.0)

    thread = threading.Thread(target=take, name="camera")
    thread.start()
    try:
        after = camera.exchange(loaded_optics(CameraSetup("usb:0", CameraControls(exposure_us=50.0)), shelf))
        assert after.reported.exposure_us == 50.0
        assert heard == [scripted.controls]
        with pytest.raises(CameraSettingError, match="up to 100"):
            camera.exchange(loaded_optics(CameraSetup("usb:0", CameraControls(exposure_us=500.0)), shelf))
        assert camera.optics.setup == after
    finally:
        stop.set()
        thread.join()
    assert scripted.users == {"camera"}
    camera.close()
    with pytest.raises(CameraError, match="does not run"):
        camera.exchange(loaded_optics(CameraSetup("usb:0", CameraControls(exposure_us=60.0)), shelf))


def test_it_is_not_set_between_a_trigger_and_its_picture_and_says_on_which_trigger_it_is(shelf):
    scripted = Scripted([noisy()])
    camera = SetUpCamera(scripted, loaded_optics(CameraSetup("usb:0"), shelf))
    told = []
    camera.when_set(told.append)
    camera.open()
    camera.trigger()
    wanted = loaded_optics(CameraSetup("usb:0", CameraControls(exposure_us=50.0, trigger=TriggerMode.HARDWARE)), shelf)
    thread = threading.Thread(target=camera.exchange, args=(wanted,))
    thread.start()
    while camera._waiting is None:
        time.sleep(0.001)
    assert camera.grab(0.0) is not None
    assert (scripted.controls.exposure_us, told) == (10.0, [])
    camera.grab(0.0)
    thread.join()
    assert (scripted.controls.exposure_us, told) == (50.0, [TriggerMode.HARDWARE])


def exchange_refused(camera, shelf):
    """Begin an exchange on a thread of its own; return the thread, once it waits, and where its refusal will stand."""
    refused: list[str] = []

    def exchange():
        try:
            camera.exchange(loaded_optics(CameraSetup("usb:0", CameraControls(exposure_us=50.0)), shelf))
        except CameraError as error:
            refused.append(str(error))

    thread = threading.Thread(target=exchange)
    thread.start()
    while camera._waiting is None:
        time.sleep(0.001)
    return thread, refused


def test_a_driver_that_fails_while_it_is_set_is_no_success(shelf):
    scripted = Scripted()
    camera = SetUpCamera(scripted, loaded_optics(CameraSetup("usb:0"), shelf))
    camera.open()
    scripted.configure = lambda _controls: 1 // 0
    thread, refused = exchange_refused(camera, shelf)
    with pytest.raises(ZeroDivisionError):
        camera.grab(0.0)
    thread.join(60.0)
    assert refused == ["The camera's driver failed while it was being set."]


def test_a_camera_that_is_closed_lets_go_of_whoever_waits(shelf):
    camera = camera_with(shelf)
    thread, refused = exchange_refused(camera, shelf)
    camera.close()
    thread.join(60.0)
    assert refused == ["The camera was closed before it was set."]


def test_a_camera_that_came_back_otherwise_says_so_once(shelf):
    setup = CameraSetup("usb:0", roi=Box(0, 0, 64, 48), reported=CameraControls(exposure_us=80.0))
    camera = SetUpCamera(Scripted(), loaded_optics(setup, shelf))
    said = []
    camera.listen(lambda _controls: None, said.append)
    camera.open()
    assert said == ["The camera is not set as it was set up: exposure 10 µs instead of 80 µs."]
    assert camera.drift == said[0]


def test_frames_of_a_target_are_no_parts_and_good_parts_stay_parts(shelf):
    camera = camera_with(shelf, pictures=[noisy(n) for n in range(6)])
    target = Gathering(2, keeps_parts=False)
    camera.gather(target)
    with pytest.raises(OpticsRefused, match="Something else"):
        camera.gather(Gathering(1, keeps_parts=True))
    assert [camera.grab(0.0), camera.grab(0.0), camera.grab(0.0)] == [None] * 3
    assert target.wait(0.0)
    assert len(target.frames) == 2
    camera.let_go()
    good = Gathering(2, keeps_parts=True)
    camera.gather(good)
    assert camera.grab(0.0) is not None
    assert not good.wait(0.0)
    assert camera.grab(0.0) is not None
    assert np.array_equal(good.frames[1], noisy(4))
