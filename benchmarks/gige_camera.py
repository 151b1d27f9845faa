"""A GigE Vision camera without hardware that shows the pictures of a folder: Aravis' fake camera with another pattern.

    python -m benchmarks.gige_camera FOLDER [--serial GV01] [--lost 20] [--seconds 60]
    inspector-app run --source "aravis:127.0.0.1?format=RGB8&packet=1400" …

It speaks the real protocol (GVCP and GVSP over UDP) on 127.0.0.1, one such camera at a time. Each picture is one part;
they come in natural order and from the beginning again. A picture larger than the camera's region is cut off, a smaller
one is centred on black, as a lens would do it.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
import threading
from ctypes import CFUNCTYPE, byref, c_char_p, c_double, c_size_t, c_uint32, c_void_p
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.aravis_library import Aravis, load_aravis
from inspector_app.cameras.listing import picture_files

SENSOR_PX = 2048
_WIDTH, _HEIGHT, _PIXEL_FORMAT = 0x100, 0x104, 0x128
"""Registers of the fake camera (``arvfakecamera.h``)."""
_MONO8, _MONO16, _RGB8 = 0x01080001, 0x01100007, 0x02180014
_BAYER = {0x01080008: "GR", 0x01080009: "RG", 0x0108000A: "GB", 0x0108000B: "BG"}
_FILL = CFUNCTYPE(None, c_void_p, c_void_p, c_uint32, c_uint32, c_uint32)

Picture = NDArray[np.uint8]


class FolderPattern:
    """Fills a fake camera's buffers with the pictures of a folder; called on the camera's own thread."""

    def __init__(self, aravis: Aravis, folder: Path) -> None:
        self._aravis = aravis
        self.pictures = [cv2.imread(str(file.path)) for file in picture_files(folder)]
        self.shown = 0
        self.callback = _FILL(self._fill)

    def _fill(self, buffer: int, _data: object, _exposure_us: int, _gain: int, pixel_format: int) -> None:
        width, height = (int(self._aravis.call(f"arv_buffer_get_image_{side}", buffer)) for side in ("width", "height"))
        picture = _framed(self.pictures[self.shown % len(self.pictures)], width, height)
        self.shown += 1
        data = _encoded(picture, pixel_format)
        address = self._aravis.call("arv_buffer_get_data", buffer, byref(c_size_t()))
        ctypes.memmove(address, data, len(data))


class FakeGigeCamera:
    """The camera; `close` ends it."""

    def __init__(self, folder: Path, serial: str, lost: int = 0) -> None:
        self._aravis = aravis = load_aravis()
        library = aravis.library
        library.arv_gv_fake_camera_new.restype = library.arv_gv_fake_camera_get_fake_camera.restype = c_void_p
        library.arv_gv_fake_camera_new.argtypes = (c_char_p, c_char_p)
        library.arv_gv_fake_camera_get_fake_camera.argtypes = (c_void_p,)
        library.arv_gv_fake_camera_is_running.argtypes = (c_void_p,)
        library.arv_fake_camera_set_fill_pattern.argtypes = (c_void_p, _FILL, c_void_p)
        library.arv_fake_camera_write_register.argtypes = (c_void_p, c_uint32, c_uint32)
        self._camera = library.arv_gv_fake_camera_new(b"127.0.0.1", serial.encode())
        if not library.arv_gv_fake_camera_is_running(self._camera):
            raise OSError("the camera cannot start: is another one running on 127.0.0.1?")
        self._pattern = FolderPattern(aravis, folder)
        inner = library.arv_gv_fake_camera_get_fake_camera(self._camera)
        height, width = self._pattern.pictures[0].shape[:2]
        for register, value in (
            (_WIDTH, min(width, SENSOR_PX)),
            (_HEIGHT, min(height, SENSOR_PX)),
            (_PIXEL_FORMAT, _RGB8),
        ):
            library.arv_fake_camera_write_register(inner, register, value)
        library.arv_fake_camera_set_fill_pattern(inner, self._pattern.callback, None)
        if lost:
            gobject = ctypes.CDLL("libgobject-2.0.so.0")
            gobject.g_object_set(c_void_p(self._camera), b"gvsp-lost-ratio", c_double(lost / 1000), c_void_p(None))

    @property
    def shown(self) -> int:
        """Pictures shown so far."""
        return self._pattern.shown

    def close(self) -> None:
        """End it; idempotent."""
        self._aravis.release(self._camera)
        self._camera = None


def _framed(picture: Picture, width: int, height: int) -> Picture:
    """Return a picture as a camera of this size sees it: cut off, or centred on black."""
    seen = picture[:height, :width]
    if seen.shape[:2] == (height, width):
        return seen
    framed = np.zeros((height, width, 3), np.uint8)
    top, left = (height - seen.shape[0]) // 2, (width - seen.shape[1]) // 2
    framed[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    return framed


def _encoded(picture: Picture, pixel_format: int) -> bytes:
    """Return a BGR picture in one of the fake camera's formats."""
    if pixel_format == _RGB8:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).tobytes()
    if pixel_format in _BAYER:
        return mosaic(picture, _BAYER[pixel_format]).tobytes()
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if pixel_format == _MONO16:
        return (grey.astype("<u2") * 257).tobytes()
    return grey.tobytes()


def mosaic(picture: Picture, tile: str) -> Picture:
    """Return a BGR picture as a sensor behind a Bayer filter sees it; ``tile`` names the first row's two colours."""
    blue, green, red = cv2.split(picture)
    colours = {"R": red, "G": green, "B": blue}
    second = {"RG": "GB", "GR": "BG", "GB": "RG", "BG": "GR"}[tile]
    grey = np.empty(picture.shape[:2], np.uint8)
    for row, names in enumerate((tile, second)):
        for column, name in enumerate(names):
            grey[row::2, column::2] = colours[name][row::2, column::2]
    return grey


def main() -> None:
    """Run one camera until the time is up or the standard input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--serial", default="GV01")
    parser.add_argument("--lost", type=int, default=0, help="lost packets per thousand")
    parser.add_argument("--seconds", type=float, default=None, help="how long (default: until the input ends)")
    chosen = parser.parse_args()
    camera = FakeGigeCamera(chosen.folder, chosen.serial, chosen.lost)
    print("ready", flush=True)
    try:
        if chosen.seconds is None:
            sys.stdin.read()
        else:
            threading.Event().wait(chosen.seconds)
    finally:
        camera.close()


if __name__ == "__main__":
    main()
