"""A folder of pictures as a camera: each file is one part."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from inspector_app.cameras.listing import NaturalKey, PictureFile, picture_files, picture_root
from inspector_app.cameras.paced import PacedCamera
from inspector_app.cameras.reading import PictureLimits, PictureRead, PictureRefused, read_picture
from inspector_app.domain.errors import CameraLost, EndOfPictures
from inspector_app.domain.frame import Capture, PictureProblem, Reference
from inspector_app.domain.ports import Clock


class FolderCamera(PacedCamera):
    """Delivers the pictures of a folder in natural order (`listing.picture_files`).

    The folder is listed when it is opened, and again at the start of each round of a loop. Parts of the second round
    are named ``name~2``, and so on.

    Parameters
    ----------
    folder : Path
        Plain folder, or data set.
    uri : str
        The URI it was made from.
    clock : Clock
        UTC.
    references : mapping of str to Reference
        Known truth by natural name; empty if there is none.
    limits : PictureLimits
        What size of picture is taken.
    loop : bool
        True: start again after the last picture.
    rate_hz : float or None
        Pictures per second, ``None`` as fast as they are asked for.
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(
        self,
        folder: Path,
        *,
        uri: str,
        clock: Clock,
        references: Mapping[str, Reference],
        limits: PictureLimits,
        loop: bool = False,
        rate_hz: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"Folder {folder}", uri, clock, rate_hz, monotonic)
        self._folder = folder
        self._references = references
        self._limits = limits
        self._loop = loop
        self._round = 1
        self._last: NaturalKey | None = None
        self._waiting: list[PictureFile] = []
        self._identity: tuple[int, int] | None = None

    def _connect(self) -> None:
        files = self._list()
        self._waiting = [file for file in reversed(files) if self._last is None or file.key > self._last]

    def _list(self) -> tuple[PictureFile, ...]:
        try:
            self._identity = _identity(self._folder)
            files = picture_files(self._folder)
        except OSError as error:
            raise CameraLost(f"{self._name} cannot be read: {error.strerror or error}.") from error
        if not files:
            raise CameraLost(f"{self._name} holds no pictures (.jpg, .png, .bmp, .tif, .webp).")
        return files

    def _prepare(self) -> None:
        if self._waiting:
            return
        if not self._loop:
            raise EndOfPictures(f"{self._name} has no more pictures.")
        self._waiting = list(reversed(self._list()))
        self._round, self._last = self._round + 1, None

    def _take(self) -> Capture:
        file = self._waiting[-1]
        picture = read_picture(file.path, self._limits)
        if isinstance(picture, PictureRefused) and picture.problem is PictureProblem.UNREADABLE:
            self._require_folder(file)
        self._waiting.pop()
        self._last = file.key
        return self._capture(file, picture)

    def _require_folder(self, file: PictureFile) -> None:
        """Tell a lost file from a lost folder: gone, another one (unmounted), or suddenly without any pictures."""
        try:
            if file.path.exists():
                return
            here = _identity(self._folder) == self._identity and bool(picture_files(self._folder))
        except OSError as error:
            raise CameraLost(f"{self._name} has vanished: {error.strerror or error}.") from error
        if not here:
            raise CameraLost(f"{self._name} has vanished.")

    def _capture(self, file: PictureFile, picture: PictureRead | PictureRefused) -> Capture:
        name = file.name if self._round == 1 else f"{file.name}~{self._round}"
        path, reference = str(file.path), self._references.get(file.name)
        if isinstance(picture, PictureRefused):
            return self._delivery.unusable(picture.problem, picture.sentence, name=name, path=path, reference=reference)
        return self._delivery.frame(picture.pixels, name=name, path=path, reference=reference, note=picture.note)

    def _disconnect(self) -> None:
        self._waiting = []


def _identity(folder: Path) -> tuple[int, int]:
    found = picture_root(folder)[0].stat()
    return found.st_dev, found.st_ino
