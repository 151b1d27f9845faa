"""A folder of pictures as a camera: each file is one part."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from inspector_app.cameras.listing import NaturalKey, PictureFile, round_name
from inspector_app.cameras.paced import PacedCamera
from inspector_app.cameras.picture_folder import PictureFolder
from inspector_app.cameras.reading import PictureLimits, PictureRead, PictureRefused, read_picture
from inspector_app.domain.errors import EndOfPictures
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
        self._folder = PictureFolder(folder)
        self._references = references
        self._limits = limits
        self._loop = loop
        self._round = 1
        self._last: NaturalKey | None = None
        self._waiting: list[PictureFile] = []

    def _connect(self) -> None:
        files = self._folder.files()
        self._waiting = [file for file in reversed(files) if self._last is None or file.key > self._last]

    def _prepare(self) -> None:
        if self._waiting:
            return
        if not self._loop:
            raise EndOfPictures(f"{self._name} has no more pictures.")
        self._waiting = list(reversed(self._folder.files()))
        self._round, self._last = self._round + 1, None

    def _take(self) -> Capture:
        file = self._waiting[-1]
        picture = read_picture(file.path, self._limits)
        if isinstance(picture, PictureRefused) and picture.problem is PictureProblem.UNREADABLE:
            self._folder.require(file)
        self._waiting.pop()
        self._last = file.key
        return self._capture(file, picture)

    def _capture(self, file: PictureFile, picture: PictureRead | PictureRefused) -> Capture:
        name = round_name(file.name, self._round)
        path, reference = str(file.path), self._references.get(file.name)
        if isinstance(picture, PictureRefused):
            return self._delivery.unusable(picture.problem, picture.sentence, name=name, path=path, reference=reference)
        return self._delivery.frame(picture.pixels, name=name, path=path, reference=reference, note=picture.note)

    def _disconnect(self) -> None:
        self._waiting = []
