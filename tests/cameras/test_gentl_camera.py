"""GenTL cameras through a real producer: the simulator that the package ``genicam`` brings."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from inspector_app.cameras import gentl_producers
from inspector_app.cameras.discovery import found_cameras
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError
from inspector_app.domain.frame import Frame
from inspector_app.domain.ports import CameraControls, TriggerMode

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("harvesters") is None, reason="Harvesters (the [gentl] extra) is not installed"
)


def producer() -> Path:
    found = importlib.util.find_spec("genicam")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "viky.cti"


@pytest.fixture
def make() -> Iterator[Callable]:
    """Make cameras of one program, closed at the end of the test."""
    made = []
    parts = CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented)

    def one(serial: str = "", options: str = "", file: Path | None = None):
        made.append(camera_from_uri(f"gentl:{serial}?producer={file or producer()}{options}", parts))
        return made[-1]

    yield one
    for camera in made:
        camera.close()


def next_of(camera) -> Frame:
    for _ in range(120):
        capture = camera.grab(0.5)
        if capture is not None:
            assert isinstance(capture, Frame), capture
            return capture
    pytest.fail("no picture came")


def test_pictures_come_in_order_and_go_on_after_a_reconnect(make: Callable) -> None:
    camera = make("1")
    for _ in range(2):
        camera.open()
        captures = [next_of(camera) for _ in range(3)]
        assert [capture.sequence for capture in captures] == [1, 2, 3]
        assert [capture.skipped for capture in captures] == [0, 0, 0]
        camera.close()
        with pytest.raises(CameraLost, match="not open"):
            camera.grab(0.1)
    assert camera.name == "Machine Vision Games Ltd. Viky (1)"
    assert captures[0].pixels.shape == (400, 400, 3)
    assert captures[0].note == "RGBa8 converted to 8-bit BGR"
    assert not captures[0].pixels.flags.writeable
    assert not np.array_equal(captures[0].pixels, captures[2].pixels)


def test_two_cameras_of_one_producer_run_side_by_side(make: Callable) -> None:
    one, two = make("1"), make("2", "&format=Mono8&roi=200x100")
    one.open()
    two.open()
    assert [next_of(camera).pixels.shape for camera in (one, two, one, two)] == [(400, 400, 3), (100, 200)] * 2
    one.close()
    assert next_of(two).pixels.shape == (100, 200)


def test_a_new_format_takes_effect_and_bad_settings_change_nothing(make: Callable) -> None:
    camera = make()
    camera.open()
    assert camera.configure(CameraControls(pixel_format="Mono8")).pixel_format == "Mono8"
    assert next_of(camera).pixels.ndim == 2
    for controls, words in (
        (CameraControls(exposure_us=10.0), "has no exposure in µs that can be set"),
        (CameraControls(pixel_format="Mono7"), "has no pixel format 'Mono7'; it offers RGBa8, Mono8"),
        (CameraControls(trigger=TriggerMode.SOFTWARE), "it cannot be triggered"),
    ):
        with pytest.raises(CameraSettingError, match=words):
            camera.configure(controls)
    assert next_of(camera).pixels.ndim == 2


def test_what_is_missing_is_named(make: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CameraLost, match=r"Camera 77 is not connected; viky\.cti finds: 0, 1, 2"):
        make("77").open()
    make("0").open()  # the producer was let go of
    with pytest.raises(CameraError, match=r"There is no GenTL producer .*none\.cti"):
        make(file=tmp_path / "none.cti").open()
    broken = tmp_path / "broken.cti"
    broken.write_bytes(b"no library")
    with pytest.raises(CameraLost, match="cannot be opened"):
        make(file=broken).open()
    with pytest.raises(CameraSettingError, match="producer must name the file"):
        camera_from_uri("gentl:1", CameraParts(lambda: datetime.now(UTC), lambda _: {}, lambda _: NotImplemented))
    there = producer()
    monkeypatch.setattr(gentl_producers.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(CameraError, match=r"inspection-station\[gentl\]"):
        make(file=there)


def test_the_cameras_of_a_producer_are_listed_with_their_uris(make: Callable) -> None:
    found = found_cameras(producer())
    uris = [camera.uri for camera in found.cameras if camera.uri.startswith("gentl:")]
    assert uris == [f"gentl:{serial}?producer={producer()}" for serial in "012"]
    make("1").open()  # the producer was let go of
    with pytest.raises(CameraError, match="There is no GenTL producer"):
        found_cameras(Path("/none.cti"))
