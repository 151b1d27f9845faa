"""OpenCV's video sources, opened with an explicit back end and with time-outs."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import cv2

from inspector_app.domain.errors import CameraLost

OPEN_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 3.0

_FFMPEG_OPTIONS: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_ENVIRONMENT = threading.Lock()
_DEVICE_BACKENDS: Final = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}


class VideoSource(Protocol):
    """What the station uses of `cv2.VideoCapture`; used by one thread at a time."""

    def read(self) -> tuple[bool, Any]:
        """Return the next frame, uint8 (H, W, 3) BGR; False when there is none."""
        ...

    def grab(self) -> bool:
        """Step over a frame; False when there is none."""
        ...

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's own name
        """Return a property."""
        ...

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803 - OpenCV's own name
        """Change a property; False when the source does not have it."""
        ...

    def release(self) -> None:
        """Let go."""
        ...


def open_file(path: Path) -> VideoSource:
    """Open a video file; `CameraLost` if it is not there or no video."""
    if not path.is_file():
        raise CameraLost(f"There is no video file {path}.")
    return _opened(cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), f"{path} cannot be read as a video.")


def open_stream(url: str) -> VideoSource:
    """Open a network stream over TCP; `CameraLost` if it does not answer in time."""
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        round(OPEN_TIMEOUT_S * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        round(READ_TIMEOUT_S * 1000),
    ]
    with _over_tcp():
        source = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
    return _opened(source, f"{without_password(url)} does not answer.")


def open_device(index: int) -> VideoSource:
    """Open a camera of the operating system; `CameraLost` if there is none."""
    backend = _DEVICE_BACKENDS.get(sys.platform, cv2.CAP_V4L2)
    return _opened(cv2.VideoCapture(index, backend), f"There is no USB camera {index}, or another program uses it.")


def without_password(url: str) -> str:
    """Return a URL with the password hidden, for logs and screens."""
    return re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1:***@", url)


def _opened(source: cv2.VideoCapture, sentence: str) -> VideoSource:
    if not source.isOpened():
        source.release()
        raise CameraLost(sentence)
    return source


@contextmanager
def _over_tcp() -> Iterator[None]:
    """Ask FFMPEG for RTSP over TCP while a stream is opened, unless the integrator has chosen options.

    OpenCV takes FFMPEG's options from the environment only; over UDP lost packets become smeared pictures.
    """
    with _ENVIRONMENT:
        if _FFMPEG_OPTIONS in os.environ:
            yield
            return
        os.environ[_FFMPEG_OPTIONS] = "rtsp_transport;tcp"
        try:
            yield
        finally:
            del os.environ[_FFMPEG_OPTIONS]
