"""Pictures on disk: lossless PNG files, named by what they show, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.frame import Pixels, frozen_pixels, pixels_sha256
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.durable import sync_folder, write_whole

FOLDER = "images"
_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]
"""Level 1: about a third larger than level 9, ten times as fast."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_SENTENCES = {
    LogProblem.DISK_FULL: "The picture folder {folder} cannot grow: the disk is full; free some space on it.",
    LogProblem.READ_ONLY: "The picture folder {folder} is read-only; make it writable for this user.",
    LogProblem.UNREACHABLE: "The picture folder {folder} cannot be used ({why}).",
}


class FilePictureStore:
    """`inspector_app.domain.ports.PictureStore` in a folder: ``images/ab/cd/<pixels_sha256>.png``.

    A file is written under another name beside its place, synchronised, renamed, and its folder synchronised: under
    its own name it is always whole, and once `write` has returned it survives a loss of power.

    Parameters
    ----------
    data_folder : Path
        Paths in `StoredPicture` are relative to it, with forward slashes.
    """

    def __init__(self, data_folder: Path) -> None:
        self._data = data_folder
        self._images = data_folder / FOLDER

    def write(self, pixels_sha256: str, pixels: Pixels) -> StoredPicture:
        """Encode and write one picture durably; a picture that is there already is checked and kept.

        Raises
        ------
        LogUnavailable
            Disk full, read-only or unreachable; nothing is left behind.
        """
        there = self.recover(pixels_sha256)
        if there is not None:
            return there
        target = self._place(pixels_sha256)
        encoded, png = cv2.imencode(".png", pixels, _FAST)
        if not encoded:
            raise ValueError(f"a picture of shape {pixels.shape} cannot be a PNG file")
        content = png.tobytes()
        with self._in_operators_words():
            self._make_folder(target.parent)
            write_whole(target, content, mode=0o600)
        return self._stored(target, content)

    def read(self, picture: StoredPicture) -> Pixels:
        """Return the pixels.

        Raises
        ------
        LogUnavailable
            ``UNREACHABLE`` if the file is gone, ``CORRUPT`` if it is not the one that was stored.
        """
        if picture.path is None:
            raise LogUnavailable(LogProblem.UNREACHABLE, "The picture was never stored.")
        path = self._inside(picture.path)
        try:
            content = path.read_bytes()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise LogUnavailable(LogProblem.UNREACHABLE, f"The picture {path} cannot be read ({why}).") from error
        pixels = _decoded(content)
        fits = pixels is not None and hashlib.sha256(content).hexdigest() == picture.file_sha256
        if pixels is None or not fits or pixels_sha256(pixels) != path.stem:
            raise _changed(path)
        return pixels

    def check(self, picture: StoredPicture) -> str | None:
        """Return one sentence if the file of a stored picture is gone or changed, without decoding it."""
        try:
            path = self._inside(picture.path or "")
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except LogUnavailable as fault:
            return str(fault)
        except OSError as error:
            return f"The picture {picture.path} cannot be read ({(error.strerror or str(error)).lower()})."
        return None if digest == picture.file_sha256 else str(_changed(path))

    def recover(self, pixels_sha256: str) -> StoredPicture | None:
        """Return the picture if it is whole on disk, else ``None``; clears what a crash has left of it."""
        target = self._place(pixels_sha256)
        with self._in_operators_words():
            for left in target.parent.glob(f".{pixels_sha256}.*.part"):
                left.unlink(missing_ok=True)
            if not target.is_file():
                return None
            content = target.read_bytes()
            if not _shows(content, pixels_sha256):
                target.unlink()
                return None
        return self._stored(target, content)

    def free_bytes(self) -> int:
        """Return the free space of the data folder's file system, in bytes."""
        with self._in_operators_words():
            return shutil.disk_usage(self._data).free

    def _place(self, digest: str) -> Path:
        return self._images / digest[:2] / digest[2:4] / f"{digest}.png"

    def _stored(self, target: Path, content: bytes) -> StoredPicture:
        relative = target.relative_to(self._data).as_posix()
        return StoredPicture(PictureState.STORED, relative, hashlib.sha256(content).hexdigest())

    def _inside(self, relative: str) -> Path:
        """Return the file of a recorded path; a path that leaves the picture folder was tampered with."""
        path = self._data / relative
        if not path.resolve().is_relative_to(self._images.resolve()):
            raise _changed(path)
        return path

    def _make_folder(self, folder: Path) -> None:
        """Make a folder so that it survives a loss of power: its parent is synchronised too."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)

    @contextmanager
    def _in_operators_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            problem = LogProblem.UNREACHABLE
            if error.errno in _FULL:
                problem = LogProblem.DISK_FULL
            elif error.errno in _READ_ONLY:
                problem = LogProblem.READ_ONLY
            why = (error.strerror or str(error)).lower()
            raise LogUnavailable(problem, _SENTENCES[problem].format(folder=self._images, why=why)) from error


def _decoded(content: bytes) -> Pixels | None:
    """Return the pixels of a PNG file, ``None`` if it is none."""
    if not content:
        return None
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint8 or (decoded.ndim == 3 and decoded.shape[2] != 3):
        return None
    return frozen_pixels(cast("Pixels", decoded))


def _shows(content: bytes, digest: str) -> bool:
    pixels = _decoded(content)
    return pixels is not None and pixels_sha256(pixels) == digest


def _changed(path: Path) -> LogUnavailable:
    return LogUnavailable(LogProblem.CORRUPT, f"The picture {path} is not the one that was stored.")
