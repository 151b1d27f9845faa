"""URIs of cameras: what is understood, and the sentence for what is not."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cameras.capture import without_password
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.cameras.synthetic import PartRequest
from inspector_app.cameras.uri import parse_uri
from inspector_app.domain.errors import CameraSettingError
from inspector_app.domain.frame import Judgement, Reference, ReferenceSource

TRUTH = Reference(Judgement.REJECT, ReferenceSource.GENERATOR)


class Recorder:
    """Keeps what the factory asked for."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.requests: list[PartRequest] = []

    def parts(self) -> CameraParts:
        return CameraParts(lambda: datetime.now(UTC), self._references, self._make_parts)

    def _references(self, folder: Path) -> dict[str, Reference]:
        self.folders.append(folder)
        return {}

    def _make_parts(self, request: PartRequest):
        self.requests.append(request)
        return lambda index: (np.full((64, 64), index, np.uint8), TRUTH)


@pytest.mark.parametrize(
    ("text", "place", "options"),
    [
        ("folder:/a/b", "/a/b", {}),
        ("folder:/a/b?loop=1&rate=10", "/a/b", {"loop": "1", "rate": "10"}),
        ("folder:C:\\parts\\100%", "C:\\parts\\100%", {}),
        ("folder:/what?", "/what", {}),
        ("folder:/what?/x", "/what?/x", {}),
        ("folder:/a?b?loop=1", "/a?b", {"loop": "1"}),
        ("synthetic:", "", {}),
        ("pylon:emulator?folder=/my%20parts", "emulator", {"folder": "/my parts"}),
    ],
)
def test_uris_are_taken_apart(text: str, place: str, options: dict[str, str]) -> None:
    uri = parse_uri(text)
    assert uri is not None
    assert (uri.place, uri.options) == (place, options)


@given(st.text(max_size=40))
def test_no_text_breaks_the_factory(text: str) -> None:
    with contextlib.suppress(CameraSettingError):
        camera_from_uri(f"synthetic:?{text}", Recorder().parts())
    with contextlib.suppress(CameraSettingError):
        camera_from_uri(text, Recorder().parts())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "allowed forms are folder:PATH"),
        ("webcam", "allowed forms are folder:PATH"),
        ("ftp://x", "allowed forms are folder:PATH"),
        ("folder:", "the path of a folder is missing"),
        ("video:", "the path of a video file is missing"),
        ("folder:/x?lop=1", "there is no option 'lop'; allowed: loop, rate"),
        ("folder:/x?loop=yes", "loop must be 0 or 1"),
        ("folder:/x?rate=0", "rate must be a number in 0.001 … 1000"),
        ("folder:/x?rate=fast", "rate must be a number"),
        ("folder:/x?rate=nan", "rate must be a number"),
        ("synthetic:parts", "nothing may stand between"),
        ("synthetic:?defects=1.5", "defects must be a number in 0 … 1"),
        ("synthetic:?size=1920", "size must be WIDTHxHEIGHT"),
        ("synthetic:?size=10x1920", "each side 64 … 8192"),
        ("synthetic:?seed=-1", "seed must be a whole number"),
        ("synthetic:?parts=0", "parts must be a whole number in 1"),
        ("usb:front", "such as usb:0"),
        ("usb:0?gain=3", "there is no option 'gain'"),
        ("pylon:emulator?trigger=laser", "trigger must be one of free_run, software, hardware"),
        ("pylon:0815?folder=/x", "there is no option 'folder'"),
    ],
)
def test_a_wrong_uri_is_one_sentence(text: str, sentence: str) -> None:
    if text.startswith("pylon"):
        pytest.importorskip("pypylon")
    with pytest.raises(CameraSettingError) as refused:
        camera_from_uri(text, Recorder().parts())
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")


def test_synthetic_options_reach_the_maker() -> None:
    recorder = Recorder()
    camera = camera_from_uri("synthetic:?seed=5&size=640x480&defects=0.25&parts=2", recorder.parts())
    assert recorder.requests == [PartRequest(5, 640, 480, 0.25)]
    camera.open()
    captures = [camera.grab(1.0), camera.grab(1.0)]
    camera.close()
    assert [capture and (capture.name, capture.reference) for capture in captures] == [
        ("S5-000000", TRUTH),
        ("S5-000001", TRUTH),
    ]


def test_synthetic_defaults() -> None:
    recorder = Recorder()
    camera_from_uri("synthetic:", recorder.parts())
    assert recorder.requests == [PartRequest(1, 1920, 1080, 0.3)]


def test_defects_may_be_none_at_all() -> None:
    recorder = Recorder()
    camera_from_uri("synthetic:?defects=0&seed=0", recorder.parts())
    assert recorder.requests == [PartRequest(0, 1920, 1080, 0.0)]


def test_the_folder_is_asked_for_its_truth(tmp_path: Path) -> None:
    recorder = Recorder()
    camera_from_uri(f"folder:{tmp_path}?loop=1", recorder.parts())
    assert recorder.folders == [tmp_path]


def test_a_password_is_never_shown() -> None:
    camera = camera_from_uri("rtsp://ann:p:w@10.0.0.5:554/live?channel=1", Recorder().parts())
    assert "p:w" not in camera.name + camera.uri
    assert camera.uri == "rtsp://ann:***@10.0.0.5:554/live?channel=1"
    assert without_password("rtsp://10.0.0.5/a@b:c") == "rtsp://10.0.0.5/a@b:c"
