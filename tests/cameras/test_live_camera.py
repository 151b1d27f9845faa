"""USB cameras and streams on a scripted source: keeping up, counting, settings, loss."""

from __future__ import annotations

import os
import queue
import threading
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from inspector_app.cameras.capture import open_device, open_stream
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.cameras.live import DeviceSettings, LiveCamera
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.ports import CameraControls, CameraCounts, TriggerMode


class ScriptedSource:
    """A video source whose frames the test hands in; ``None`` ends it, an exception is raised by `read`."""

    def __init__(self, fixed: dict[int, float] | None = None) -> None:
        self.frames: queue.Queue[np.ndarray | Exception | None] = queue.Queue()
        self.idle = threading.Semaphore(0)
        self.released = threading.Event()
        self.properties: dict[int, float] = {}
        self.fixed = fixed or {}

    def send(self, *levels: int) -> None:
        """Hand in frames and wait until the reader has taken all and asks for the next."""
        for level in levels:
            self.frames.put(np.full((48, 64, 3), level, np.uint8))
        for _ in levels:
            assert self.idle.acquire(timeout=60.0)

    def read(self):
        self.idle.release()
        while True:
            try:
                item = self.frames.get(timeout=0.05)
                break
            except queue.Empty:
                if self.released.is_set():
                    item = None
                    break
        if isinstance(item, Exception):
            raise item
        return item is not None, item

    def grab(self) -> bool:
        raise NotImplementedError

    def get(self, prop: int) -> float:
        return self.fixed.get(prop, self.properties.get(prop, 0.0))

    def set(self, prop: int, value: float) -> bool:
        self.properties[prop] = value
        return prop not in self.fixed

    def release(self) -> None:
        self.released.set()


class Bench:
    """A live camera over scripted sources, a new one at each connection."""

    def __init__(self, settable: bool = True, settings: DeviceSettings | None = None, depth: int = 3) -> None:
        self.sources: list[ScriptedSource] = []
        self.fixed: dict[int, float] = {}
        self.camera = LiveCamera(
            "Camera 0",
            "usb:0",
            lambda: datetime.now(UTC),
            self._connect,
            settable=settable,
            settings=settings or DeviceSettings(),
            depth=depth,
        )

    @property
    def source(self) -> ScriptedSource:
        return self.sources[-1]

    def _connect(self) -> ScriptedSource:
        self.sources.append(ScriptedSource(self.fixed))
        return self.source

    def open(self) -> None:
        self.camera.open()
        assert self.source.idle.acquire(timeout=60.0)

    def levels(self, count: int) -> list[tuple[int, int, int]]:
        captures = [self.camera.grab(60.0) for _ in range(count)]
        return [(int(c.pixels[0, 0, 0]), c.sequence, c.skipped) for c in captures]

    def close(self) -> None:
        """End the read under way, as a real source does when it is let go."""
        for source in self.sources:
            source.released.set()
        self.camera.close()


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.close()


def test_frames_come_in_order(bench: Bench) -> None:
    bench.open()
    bench.source.send(1, 2, 3)
    assert bench.levels(3) == [(1, 1, 0), (2, 2, 0), (3, 3, 0)]
    assert bench.camera.grab(0.0) is None


def test_what_a_busy_station_misses_is_counted(bench: Bench) -> None:
    bench.open()
    bench.source.send(1)
    assert bench.levels(1) == [(1, 1, 0)]
    bench.source.send(*range(2, 10))
    assert bench.levels(3) == [(7, 7, 5), (8, 8, 0), (9, 9, 0)]
    bench.source.send(10)
    assert bench.levels(1) == [(10, 10, 0)]
    assert bench.camera.counts == CameraCounts(delivered=5, skipped=5)


def test_frames_that_had_arrived_are_delivered_before_the_loss(bench: Bench) -> None:
    bench.open()
    bench.source.send(1, 2)
    bench.source.frames.put(None)
    assert bench.levels(2) == [(1, 1, 0), (2, 2, 0)]
    for _ in range(2):
        with pytest.raises(CameraLost, match=r"Camera 0 sends no more frames\."):
            bench.camera.grab(60.0)
    assert bench.source.released.wait(60.0)
    bench.camera.close()
    bench.open()
    bench.source.send(5)
    assert bench.levels(1) == [(5, 1, 0)]
    assert bench.camera.counts == CameraCounts(delivered=3)


def test_frames_that_opencv_cannot_read_are_a_loss(bench: Bench) -> None:
    bench.open()
    bench.source.frames.put(cv2.error("bad frame"))
    with pytest.raises(CameraLost, match="cannot be read"):
        bench.camera.grab(60.0)


def test_a_bug_in_the_reader_surfaces_where_the_station_sees_it(bench: Bench) -> None:
    bench.open()
    bench.source.frames.put(ZeroDivisionError("bug"))
    with pytest.raises(ZeroDivisionError):
        bench.camera.grab(60.0)
    assert bench.source.released.wait(60.0)


def test_the_trigger_takes_the_next_frame_and_no_other(bench: Bench) -> None:
    bench.open()
    bench.source.send(1)
    bench.camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE))
    bench.source.send(2, 3)
    assert bench.camera.grab(0.0) is None
    bench.camera.trigger()
    bench.source.send(4, 5)
    assert bench.levels(1) == [(4, 1, 0)]
    assert bench.camera.grab(0.0) is None
    assert bench.camera.counts.skipped == 0
    assert len(bench.sources) == 1


def test_settings_are_made_when_the_device_is_opened(bench: Bench) -> None:
    before = bench.camera.configure(CameraControls(exposure_us=5000.0, frame_rate_hz=25.0))
    assert before == CameraControls(exposure_us=5000.0, frame_rate_hz=25.0, trigger=TriggerMode.FREE_RUN)
    bench.open()
    assert bench.source.properties == {
        cv2.CAP_PROP_FPS: 25.0,
        cv2.CAP_PROP_AUTO_EXPOSURE: 1,
        cv2.CAP_PROP_EXPOSURE: 50.0,
    }


def test_the_size_is_set_and_read_back() -> None:
    bench = Bench(settings=DeviceSettings(size_px=(1920, 1080)))
    bench.fixed = {cv2.CAP_PROP_FRAME_HEIGHT: 720.0}
    with pytest.raises(CameraSettingError, match=r"does not take 1080 px of height; it offers 720\."):
        bench.camera.open()
    assert bench.source.released.is_set()


def test_what_the_device_does_not_take_is_taken_back(bench: Bench) -> None:
    bench.open()
    first = bench.source
    first.frames.put(None)
    bench.fixed = {cv2.CAP_PROP_FPS: 30.0}
    with pytest.raises(CameraSettingError, match=r"does not take 60 pictures per second; it offers 30\."):
        bench.camera.configure(CameraControls(frame_rate_hz=60.0))
    assert first.released.is_set()
    assert bench.source.idle.acquire(timeout=60.0)
    bench.source.send(7)
    assert bench.levels(1) == [(7, 1, 0)]
    assert bench.camera.configure(CameraControls()).frame_rate_hz is None


@pytest.mark.parametrize(
    "controls",
    [CameraControls(gain_db=1.0), CameraControls(pixel_format="Mono8"), CameraControls(trigger=TriggerMode.HARDWARE)],
    ids=str,
)
def test_a_usb_camera_has_no_such_setting(bench: Bench, controls: CameraControls) -> None:
    with pytest.raises(CameraSettingError):
        bench.camera.configure(controls)


def test_a_stream_takes_nothing_but_a_trigger() -> None:
    bench = Bench(settable=False)
    with pytest.raises(CameraSettingError, match="set at its sender"):
        bench.camera.configure(CameraControls(frame_rate_hz=10.0))
    assert bench.camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE)).trigger is TriggerMode.SOFTWARE


def test_a_usb_camera_that_is_not_there() -> None:
    with pytest.raises(CameraLost, match=r"There is no USB camera 97"):
        open_device(97)
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
    camera = camera_from_uri("usb:97?rate=10", parts)
    with pytest.raises(CameraLost):
        camera.open()
    camera.close()


def test_a_stream_that_does_not_answer_is_lost_and_the_environment_is_left_alone() -> None:
    before = dict(os.environ)
    with pytest.raises(CameraLost, match=r"rtsp://ann:\*\*\*@127\.0\.0\.1:9/x does not answer\."):
        open_stream("rtsp://ann:secret@127.0.0.1:9/x")
    assert dict(os.environ) == before
