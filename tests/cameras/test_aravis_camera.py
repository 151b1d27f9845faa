"""GigE Vision over the real protocol on 127.0.0.1: formats, regions, damage, a camera that dies or is taken."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector_app.cameras import aravis_library
from inspector_app.cameras.aravis import block_number
from inspector_app.cameras.aravis_library import Aravis, AravisFault, load_aravis, require_aravis
from inspector_app.cameras.discovery import FoundCamera, found_cameras
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError
from inspector_app.domain.frame import Capture, Frame, PictureProblem, UnusableFrame
from inspector_app.domain.ports import CameraControls

PATIENCE_S = 60.0
HERE = "127.0.0.1?packet=1400"
PICTURE = np.zeros((96, 128, 3), np.uint8)
PICTURE[:, :64], PICTURE[:, 64:] = (200, 30, 60), (10, 90, 250)

try:
    require_aravis()
except CameraError:
    pytestmark = pytest.mark.skip(reason="Aravis is not installed (apt: libaravis-0.8-0)")


@pytest.fixture
def serve(tmp_path: Path, start_gige_camera: Callable) -> Callable:
    """Start fake cameras that show one picture."""
    assert cv2.imwrite(str(tmp_path / "part.png"), PICTURE)
    return partial(start_gige_camera, tmp_path)


@pytest.fixture
def make() -> Iterator[Callable]:
    """Make cameras, closed at the end of the test."""
    made = []

    def one(place: str = HERE):
        parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)
        made.append(camera_from_uri(f"aravis:{place}", parts))
        return made[-1]

    yield one
    for camera in made:
        camera.close()


def grabbed(camera) -> Capture:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        capture = camera.grab(0.5)
        if capture is not None:
            return capture
    pytest.fail("no picture came")


def grab_until_lost(camera) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        camera.grab(0.25)


def usable(camera) -> Frame:
    """Return the next whole picture; on a busy computer some may come damaged."""
    for _ in range(200):
        capture = grabbed(camera)
        if isinstance(capture, Frame):
            return capture
        assert capture.problem is PictureProblem.DAMAGED_TRANSFER, capture
    pytest.fail("no whole picture came")


def test_is_found_by_its_serial_number_and_shows_its_colours(serve: Callable, make: Callable) -> None:
    serve("--serial", "LINE7")
    wanted, found = FoundCamera("aravis:LINE7", "Aravis Fake", "127.0.0.1"), ()
    deadline = time.monotonic() + PATIENCE_S
    while wanted not in found:  # Aravis waits 1 s for cameras to call back, and a busy one may need longer
        assert time.monotonic() < deadline, found
        found = found_cameras().cameras
    camera = make("LINE7?packet=1400&exposure=5000&rate=50")
    camera.open()
    assert camera.name == "Aravis Fake (LINE7)"
    np.testing.assert_array_equal(usable(camera).pixels, PICTURE)
    in_force = camera.configure(CameraControls())
    assert (in_force.exposure_us, in_force.frame_rate_hz, in_force.pixel_format) == (5000.0, 50.0, "RGB8")


def test_every_format_of_the_camera_gives_the_same_part(serve: Callable, make: Callable) -> None:
    serve()
    camera = make()
    camera.open()
    grey = cv2.cvtColor(PICTURE, cv2.COLOR_BGR2GRAY)
    for name in ("Mono8", "Mono16", "BayerRG8", "BayerGR8", "BayerGB8", "BayerBG8", "RGB8"):
        assert camera.configure(CameraControls(pixel_format=name)).pixel_format == name
        pixels = usable(camera).pixels
        expected = grey if name.startswith("Mono") else PICTURE
        inner = (slice(4, -4), slice(4, 60))
        np.testing.assert_array_equal(pixels[inner], expected[inner])


def test_a_region_of_the_sensor_is_read_out_and_checked(
    serve: Callable, make: Callable, open_when_free: Callable
) -> None:
    serve()
    camera = make(f"{HERE}&roi=64x32")
    camera.open()
    np.testing.assert_array_equal(usable(camera).pixels, PICTURE[:32, :64])
    camera.close()
    with pytest.raises(CameraSettingError, match="takes Width of 1 … 2048 px, not 4000"):
        open_when_free(make(f"{HERE}&roi=4000x32"))
    with pytest.raises(CameraSettingError, match="roi must be WIDTHxHEIGHT"):
        make(f"{HERE}&roi=big")


def test_a_hardware_trigger_waits_for_its_line(serve: Callable, make: Callable, open_when_free: Callable) -> None:
    serve()
    camera = make(f"{HERE}&trigger=hardware&line=Line0")
    camera.open()
    # A stray packet may show as a damaged picture; the part itself comes only with its line.
    assert not [capture for capture in (camera.grab(0.2) for _ in range(3)) if isinstance(capture, Frame)]
    with pytest.raises(CameraSettingError, match="not on software trigger"):
        camera.trigger()
    camera.close()
    other = make(f"{HERE}&trigger=hardware&line=Line9")
    with pytest.raises(CameraSettingError, match="no trigger source 'Line9'; it offers Line0, Software"):
        open_when_free(other)


def test_lost_packets_are_damaged_parts_and_nothing_else_is_lost(serve: Callable, make: Callable) -> None:
    serve("--lost", "20")
    camera = make(f"{HERE}&resend=0&rate=50")
    camera.open()
    captures = [grabbed(camera) for _ in range(40)]
    damaged = [capture for capture in captures if isinstance(capture, UnusableFrame)]
    assert damaged
    assert {capture.problem for capture in damaged} == {PictureProblem.DAMAGED_TRANSFER}
    sentences = {capture.sentence for capture in damaged}
    assert "Aravis Fake (GV01) sent a picture that cannot be used: packets are missing." in sentences
    for capture in captures:
        if isinstance(capture, Frame):
            np.testing.assert_array_equal(capture.pixels, PICTURE)
    counts = camera.counts
    assert counts.unusable == len(damaged)
    # A picture of which no packet came leaves no trace but a gap.
    assert counts.delivered + counts.unusable + counts.skipped == captures[-1].sequence


def test_packets_are_kept_while_the_computer_is_busy(serve: Callable, make: Callable) -> None:
    """Left to itself Aravis has room for one picture, and what comes while nobody reads is damaged."""
    serve()
    camera = make()
    camera.open()
    assert _stream_property(camera, b"socket-buffer-size") >= 16 * PICTURE.size
    assert _stream_property(camera, b"socket-buffer") == 0  # this size, not that of one picture


def _stream_property(camera, name: bytes) -> int:
    value = ctypes.c_int(-1)
    gobject = ctypes.CDLL("libgobject-2.0.so.0")
    gobject.g_object_get(ctypes.c_void_p(camera._link._stream), name, ctypes.byref(value), None)
    return value.value


@pytest.mark.parametrize(
    ("told", "last", "whole", "number"),
    [
        (7, None, True, 7),
        (0, None, False, None),
        (8, 7, True, 8),
        (9, 7, False, 9),  # damaged, and another lost before it
        (0, 7, False, 8),
        (7, 7, False, 8),
        (103, 118, False, 119),  # what its buffer held sixteen blocks ago
        (65_530, 10, False, 11),  # and the same across the wrap
        (1, 65_535, True, 1),
        (0, 65_535, False, 1),
        (2, 65_534, False, 2),
        (90_000, 90_000, False, 90_001),  # 64-bit numbers of GigE Vision 2
    ],
)
def test_a_block_without_its_first_packet_gets_the_next_number(
    told: int, last: int | None, whole: bool, number: int | None
) -> None:
    assert block_number(told, last, whole=whole) == number


@pytest.mark.slow
def test_a_camera_in_other_hands_is_named(serve: Callable, make: Callable) -> None:
    serve()
    make().open()
    with pytest.raises(CameraLost, match=r"Aravis Fake \(GV01\) is controlled by another program"):
        make().open()


@pytest.mark.slow
def test_a_killed_camera_without_pictures_to_wait_for_is_missed_too(serve: Callable, make: Callable) -> None:
    server = serve()
    camera = make(f"{HERE}&trigger=software")
    camera.open()
    camera.trigger()
    grabbed(camera)
    server.kill()
    with pytest.raises(CameraLost, match="is gone"):
        grab_until_lost(camera)
    with pytest.raises(CameraLost, match="is gone: it does not answer"):
        camera.configure(CameraControls())
    camera.close()
    serve()
    camera.open()
    camera.trigger()
    assert grabbed(camera).sequence == 1


def test_without_aravis_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_path: str) -> Aravis:
        raise OSError

    monkeypatch.setattr(aravis_library, "Aravis", nothing)
    with pytest.raises(CameraError, match=r"install the system package libaravis-0\.8-0"):
        require_aravis()


def test_a_fault_is_told_without_nodes_and_registers() -> None:
    told = aravis_library._plain("[TriggerSoftware] [TriggerSoftwareRegister] GigEVision write_register timeout.")
    assert told == "it does not answer"
    assert aravis_library._plain("Device 'X' not found") == "Device 'X' not found"


def test_a_fault_of_the_library_is_its_own_words() -> None:
    with pytest.raises(AravisFault, match="not found"):
        load_aravis().call("arv_camera_new", b"there-is-none")
