"""Feeds Basler's camera emulator from a folder of pictures, so that each picture keeps its name and truth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from inspector_app.cameras.headers import PictureHeader, read_header
from inspector_app.cameras.listing import PictureFile, round_name
from inspector_app.cameras.picture_folder import PictureFolder
from inspector_app.cameras.reading import PictureLimits, PictureRefused, inspect_picture
from inspector_app.cameras.refusal import Refusal
from inspector_app.domain.frame import PictureProblem, Reference

SENSOR_PX: Final = 4096
"""Sides of the emulated sensor; a larger file would be cut off silently."""


@dataclass(frozen=True, slots=True)
class FedPart:
    """The part that the emulator shows with one block."""

    file: PictureFile
    name: str
    reference: Reference | None


@dataclass(frozen=True, slots=True)
class Staged:
    """A folder for the emulator, and the size in px that its region of interest needs."""

    folder: Path
    width_px: int
    height_px: int


class EmulatorFeed:
    """Lays out links to the pictures still to come, in natural order, and knows which block shows which.

    The emulator sorts by name, starts anew with each start of acquisition and repeats for ever: links named by number
    fix the order, and a new layout from the place reached makes it go on where it was.

    Parameters
    ----------
    folder : Path
        Plain folder, or data set.
    references : mapping of str to Reference
        Known truth by natural name.
    limits : PictureLimits
        What size of picture is taken.
    loop : bool
        True: start again after the last picture.
    """

    def __init__(self, folder: Path, references: Mapping[str, Reference], limits: PictureLimits, loop: bool) -> None:
        self._folder = PictureFolder(folder)
        self._references = references
        self._limits = limits
        self._loop = loop
        self._files: tuple[PictureFile, ...] = ()
        self._position = 0
        self._started_at = 0
        self._links: TemporaryDirectory[str] | None = None

    @property
    def finished(self) -> bool:
        """True when every picture was delivered and there is no other round."""
        return bool(self._files) and not self._loop and self._position >= len(self._files)

    def stage(self) -> Staged:
        """Lay out what is still to come; `CameraLost` if the folder is not there."""
        self.clear()
        files = self._folder.files()
        if self._files and files != self._files:
            self._relocate(files)
        self._files, self._started_at = files, self._position
        start = self._position % len(files) if self._loop else min(self._position, len(files) - 1)
        coming = files[start:] + (files[:start] if self._loop else ())
        self._links = TemporaryDirectory(prefix="inspection-feed-")
        folder = Path(self._links.name)
        for number, file in enumerate(coming):
            _link(folder / f"{number:07d}{file.path.suffix.lower()}", file.path)
        return Staged(folder, *_largest(coming))

    def part_at(self, block: int) -> FedPart | None:
        """Return the part of a block, counted from 0 since the last `stage`; ``None`` past the end."""
        index = self._started_at + block
        if index >= len(self._files) and not self._loop:
            return None
        lap, place = divmod(index, len(self._files))
        file = self._files[place]
        return FedPart(file, round_name(file.name, lap + 1), self._references.get(file.name))

    def inspect(self, part: FedPart) -> PictureRefused | None:
        """Say why a part's file gives no picture; `CameraLost` if it is missing because the folder is."""
        found = inspect_picture(part.file.path, self._limits)
        if isinstance(found, PictureRefused):
            self._folder.require(part.file)
            return found
        if max(found.width, found.height) > SENSOR_PX:
            size = f"is {found.width}×{found.height} px; the emulated sensor has {SENSOR_PX}×{SENSOR_PX}"
            return PictureRefused(PictureProblem.TOO_LARGE, f"{part.file.path} {size}.")
        return None

    def delivered(self, block: int) -> None:
        """Step on to the part after this block."""
        self._position = self._started_at + block + 1

    def clear(self) -> None:
        """Remove the links; idempotent."""
        links, self._links = self._links, None
        if links is not None:
            links.cleanup()

    def _relocate(self, files: tuple[PictureFile, ...]) -> None:
        """Find the place again in a folder that has changed: after the last delivered picture."""
        lap, place = divmod(self._position, len(self._files))
        last = self._files[place - 1].key if place else None
        self._position = lap * len(files) + sum(last is not None and file.key <= last for file in files)


def _link(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except OSError:
        # Windows lets only administrators and developers make links.
        shutil.copyfile(target, link)


def _largest(files: tuple[PictureFile, ...]) -> tuple[int, int]:
    headers = [header for header in map(_header, files) if header is not None]
    width = max((header.width for header in headers), default=SENSOR_PX)
    height = max((header.height for header in headers), default=SENSOR_PX)
    return min(width, SENSOR_PX), min(height, SENSOR_PX)


def _header(file: PictureFile) -> PictureHeader | None:
    try:
        with file.path.open("rb") as stream:
            return read_header(stream)
    except (OSError, Refusal):
        return None
