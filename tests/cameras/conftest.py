"""One test rig per kind of camera, so that the same contract can be put to all of them."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

# Basler's emulator reads this once, at the first import of pypylon in a process.
os.environ["PYLON_CAMEMU"] = "2"

from inspector_app.cameras.aravis_library import load_aravis
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.domain.errors import CameraError, CameraLost
from inspector_app.domain.frame import Capture, Frame, Judgement, PictureProblem, Reference, ReferenceSource
from inspector_app.domain.ports import Camera

PARTS = 10
PATIENCE_S = 60.0
SYSTEM_PYTHON = "/usr/bin/python3"
RTSP_SERVER = Path(__file__).with_name("rtsp_server.py")
PROJECT = Path(__file__).resolve().parents[2]


def part_picture(number: int) -> NDArray[np.uint8]:
    """A picture that tells its number, 0 … 9, through any codec: by its brightness."""
    return np.full((96, 128, 3), 15 + 24 * number, np.uint8)


def utc_now() -> datetime:
    return datetime.now(UTC)


def no_references(_folder: Path) -> dict[str, Reference]:
    return {}


def numbered_parts(_request: object) -> Callable[[int], tuple[NDArray[np.uint8], Reference]]:
    reference = Reference(Judgement.ACCEPT, ReferenceSource.GENERATOR)
    return lambda index: (part_picture(index % PARTS), reference)


CAMERA_PARTS = CameraParts(clock=utc_now, references=no_references, make_parts=numbered_parts)


def write_parts(folder: Path, count: int = PARTS) -> None:
    """Names whose natural order differs from the alphabetical one."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        assert cv2.imwrite(str(folder / f"part{number + 1}.png"), part_picture(number))


def nothing() -> None:
    """Stand in where nothing is to be done."""


@dataclass
class Rig:
    """A camera of one kind and what can be done to it.

    ``total`` is the number of parts of a finite source, ``take_away`` makes it vanish (``None``: it cannot), and
    ``gone_for_open`` says whether opening fails until ``bring_back``. A camera with ``packets`` may lose some on a busy
    computer: it has to say so, and that is no fault of it.
    """

    kind: str
    camera: Camera
    total: int | None
    take_away: Callable[[], None] | None = None
    bring_back: Callable[[], None] = nothing
    gone_for_open: bool = True
    packets: bool = False

    def next(self, within_s: float = PATIENCE_S) -> Frame:
        """Return the next usable picture; a source may need some grabs to come up with it."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            capture = self.camera.grab(0.5)
            if isinstance(capture, Frame):
                return capture
            assert capture is None or self.packets, capture
            assert capture is None or capture.problem is PictureProblem.DAMAGED_TRANSFER, capture
        pytest.fail(f"{self.camera.name} delivered nothing within {within_s} s")

    def triggered(self) -> Frame:
        """Trigger and return the usable picture; one that came damaged took its trigger with it."""
        for _ in range(20):
            self.camera.trigger()
            capture = None
            deadline = time.monotonic() + PATIENCE_S
            while capture is None and time.monotonic() < deadline:
                capture = self.camera.grab(0.5)
            if isinstance(capture, Frame):
                return capture
            assert self.packets, capture
        pytest.fail(f"{self.camera.name} delivered nothing usable")

    def is_quiet(self) -> bool:
        """Return True if no picture comes by itself.

        A fake GigE camera that acknowledges a trigger late gets it once more, and takes one picture more.
        """
        return self.camera.grab(0.15) is None or (self.packets and self.camera.grab(0.15) is None)

    def open(self) -> None:
        """Open the camera again, once it has noticed that its last user is gone."""
        opened_when_free(self.camera)

    def until_lost(self, within_s: float = PATIENCE_S) -> list[Capture]:
        """Return what is still delivered before the camera is lost."""
        captures: list[Capture] = []
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            try:
                capture = self.camera.grab(0.5)
            except CameraLost:
                return captures
            if capture is not None:
                captures.append(capture)
        pytest.fail(f"{self.camera.name} was not lost within {within_s} s")


def opened_when_free(camera: Camera) -> None:
    """Open a camera that was in use a moment ago: on a busy machine it keeps its last user for some seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            camera.open()
        except CameraLost as fault:
            if "controlled by another program" not in str(fault) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def folder_rig(tmp_path: Path) -> Iterator[Rig]:
    folder, away = tmp_path / "parts", tmp_path / "away"
    write_parts(folder)
    yield Rig(
        "folder",
        camera_from_uri(f"folder:{folder}", CAMERA_PARTS),
        PARTS,
        take_away=lambda: folder.rename(away) and None,
        bring_back=lambda: away.rename(folder) and None,
    )


def synthetic_rig(tmp_path: Path) -> Iterator[Rig]:
    yield Rig("synthetic", camera_from_uri(f"synthetic:?seed=7&parts={PARTS}", CAMERA_PARTS), PARTS)


def write_video(path: Path, count: int = PARTS) -> None:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (128, 96))
    assert writer.isOpened()
    for number in range(count):
        writer.write(part_picture(number))
    writer.release()


def video_rig(tmp_path: Path) -> Iterator[Rig]:
    path = tmp_path / "line.mp4"
    write_video(path)
    yield Rig("video", camera_from_uri(f"video:{path}", CAMERA_PARTS), PARTS)


def need_pylon() -> None:
    if importlib.util.find_spec("pypylon") is None:
        pytest.skip("pypylon (the [basler] extra) is not installed")


def basler_rig(tmp_path: Path) -> Iterator[Rig]:
    need_pylon()
    folder = tmp_path / "parts"
    write_parts(folder)
    camera = camera_from_uri(f"pylon:emulator?folder={folder}&rate=100", CAMERA_PARTS)

    def pull_out() -> None:
        camera._link.camera.FirePnPCallback.Execute()  # type: ignore[attr-defined]

    yield Rig("basler", camera, PARTS, take_away=pull_out, gone_for_open=False)


class RtspServer:
    """A real RTSP server (GStreamer) in its own process, repeating the ten parts at 20 per second."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._port}/line"

    def start(self) -> None:
        command = [SYSTEM_PYTHON, str(RTSP_SERVER), str(self._port), str(self._folder / "%02d.png")]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def need_gstreamer() -> None:
    if shutil.which(SYSTEM_PYTHON) is None:
        pytest.skip(f"{SYSTEM_PYTHON} is not there to run GStreamer's RTSP server")
    check = subprocess.run([SYSTEM_PYTHON, str(RTSP_SERVER), "check"], capture_output=True, text=True, check=False)
    if check.returncode:
        pytest.skip(
            "GStreamer's RTSP server is not installed (apt: python3-gi gir1.2-gst-rtsp-server-1.0 "
            "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly)"
        )


def rtsp_rig(tmp_path: Path, port: int) -> Iterator[Rig]:
    need_gstreamer()
    for number in range(PARTS):
        assert cv2.imwrite(str(tmp_path / f"{number:02d}.png"), part_picture(number))
    server = RtspServer(tmp_path, port)
    server.start()
    try:
        camera = camera_from_uri(server.url, CAMERA_PARTS)
        yield Rig("rtsp", camera, None, take_away=server.stop, bring_back=server.start)
    finally:
        server.stop()


class GigeCamera:
    """Aravis' fake GigE Vision camera in its own process, showing a folder over the real protocol on 127.0.0.1."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._command = [sys.executable, "-m", "benchmarks.gige_camera", str(folder), *options]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def need_aravis() -> None:
    try:
        load_aravis()
    except CameraError:
        pytest.skip("Aravis is not installed (apt: libaravis-0.8-0)")


def aravis_rig(tmp_path: Path) -> Iterator[Rig]:
    need_aravis()
    write_parts(tmp_path)
    server = GigeCamera(tmp_path)
    server.start()
    try:
        camera = camera_from_uri("aravis:127.0.0.1?packet=1400", CAMERA_PARTS)
        yield Rig("aravis", camera, None, take_away=server.kill, bring_back=server.start, packets=True)
    finally:
        server.kill()


RIGS = {
    "aravis": aravis_rig,
    "folder": folder_rig,
    "synthetic": synthetic_rig,
    "video": video_rig,
    "basler": basler_rig,
    "rtsp": rtsp_rig,
}


@pytest.fixture
def open_when_free() -> Callable[[Camera], None]:
    """Return what opens a camera that was in use a moment ago."""
    return opened_when_free


@pytest.fixture
def start_gige_camera(only_gige_camera: None) -> Iterator[Callable[..., GigeCamera]]:
    """Start fake GigE Vision cameras on a folder, one after the other; killed at the end."""
    started: list[GigeCamera] = []

    def start(folder: Path, *options: str) -> GigeCamera:
        started.append(GigeCamera(folder, *options))
        started[-1].start()
        return started[-1]

    yield start
    for camera in started:
        camera.kill()


@pytest.fixture
def only_gige_camera() -> Iterator[None]:
    """Hold the machine's one address for fake GigE Vision cameras: of two on it, either may answer."""
    with FileLock(Path(tempfile.gettempdir()) / "inspection-station-fake-gige.lock"):
        yield


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Each kind of camera in turn; closed at the end, so that no test leaves a thread behind."""
    more = {}
    if request.param == "aravis":
        request.getfixturevalue("only_gige_camera")
    elif request.param == "rtsp":
        more["port"] = request.getfixturevalue("free_port")()
    made = RIGS[request.param](tmp_path, **more)
    one = next(made)
    try:
        yield one
    finally:
        one.camera.close()
        for _ in itertools.islice(made, 1):
            pytest.fail("a rig yields once")
