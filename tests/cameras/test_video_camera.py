"""A video file as a camera: beyond the contract, names, loops and bad files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector_app.cameras.video import VideoCamera
from inspector_app.domain.errors import CameraLost, EndOfPictures


def write(path: Path, count: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25.0, (96, 64))
    assert writer.isOpened()
    for number in range(count):
        writer.write(np.full((64, 96, 3), 20 + 30 * number, np.uint8))
    writer.release()
    return path


def camera(path: Path, loop: bool = False) -> VideoCamera:
    return VideoCamera(path, uri=f"video:{path}", clock=lambda: datetime.now(UTC), loop=loop)


def test_frames_are_named_by_file_and_number(tmp_path: Path) -> None:
    source = camera(write(tmp_path / "line3.mp4", 3))
    source.open()
    captures = [source.grab(1.0) for _ in range(3)]
    source.close()
    assert [c and c.name for c in captures] == ["line3-000001", "line3-000002", "line3-000003"]
    assert [c and c.path for c in captures] == [str(tmp_path / "line3.mp4")] * 3


def test_a_loop_goes_round_with_new_names(tmp_path: Path) -> None:
    source = camera(write(tmp_path / "v.mp4", 2), loop=True)
    names = []
    for _ in range(5):
        source.open()
        capture = source.grab(1.0)
        source.close()
        assert capture is not None
        names.append(capture.name)
    assert names == ["v-000001", "v-000002", "v-000001~2", "v-000002~2", "v-000001~3"]


@pytest.mark.parametrize("content", [None, b"", b"This is no video." * 100])
def test_what_is_no_video_cannot_be_opened(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraLost) as lost:
        camera(path).open()
    assert str(path) in str(lost.value)


def test_a_file_that_was_cut_off_while_it_was_written(tmp_path: Path) -> None:
    path = write(tmp_path / "v.avi", 1)
    whole = write(tmp_path / "w.mp4", 8).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CameraLost):
        camera(path).open()


def test_a_file_that_vanishes_while_the_camera_is_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", 3)
    source = camera(path)
    source.open()
    assert source.grab(1.0)
    source.close()
    path.rename(tmp_path / "away.mp4")
    with pytest.raises(CameraLost, match="no video file"):
        source.open()
    (tmp_path / "away.mp4").rename(path)
    source.open()
    capture = source.grab(1.0)
    assert capture is not None
    assert capture.name == "v-000002"
    source.close()


def test_a_file_that_vanishes_mid_run_is_lost_at_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", 2)
    source = camera(path)
    source.open()
    path.unlink()
    assert source.grab(1.0)
    assert source.grab(1.0)
    with pytest.raises(CameraLost, match="vanished"):
        source.grab(1.0)
    source.close()
    assert source.counts.delivered == 2


def test_the_end_is_not_the_cameras_fault(tmp_path: Path) -> None:
    source = camera(write(tmp_path / "v.mp4", 1))
    source.open()
    source.grab(1.0)
    with pytest.raises(EndOfPictures):
        source.grab(1.0)
    source.close()
