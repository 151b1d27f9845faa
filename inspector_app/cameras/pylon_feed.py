"""Feeds Basler's camera emulator from a folder of pictures, so that each picture keeps its name and truth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np

from inspector_app.cameras.completeness import single_scan_jpeg
from inspector_app.cameras.headers import PictureHeader
from inspector_app.cameras.listing import PictureFile, round_name
from inspector_app.cameras.picture_folder import PictureFolder
from inspector_app.cameras.reading import PictureLimits, PictureRead, PictureRefused, inspect_picture, read_picture
from inspector_app.domain.frame import PictureProblem, Reference

SENSOR_PX: Final = 4096
"""Sides of the emulated sensor; a larger file would be cut off silently."""
_NEVER: Final = (-1, -1)
_BLANK: Final = np.zeros((64, 64), np.uint8)


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


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a file was found to be when it had this length and time of change."""

    stamp: tuple[int, int]
    outcome: PictureHeader | PictureRefused


class EmulatorFeed:
    """Lays out the pictures still to come, in natural order, and knows which block shows which.

    The emulator sorts by name, starts anew with each start of acquisition and repeats for ever: links named by number
    fix the order, and a new layout from the place reached makes it go on where it was. Its JPEG decoder ends the whole
    process on damaged markers (pylon 12.4): a JPEG reaches it only if OpenCV has decoded it and nothing but one scan
    follows the header; others are converted.

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
        self._checked: dict[Path, _Checked] = {}
        self._position = 0
        self._started_at = 0
        self._layout: TemporaryDirectory[str] | None = None

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
        self._layout = TemporaryDirectory(prefix="inspection-feed-")
        folder = Path(self._layout.name)
        sizes = [self._lay(folder, number, file) for number, file in enumerate(coming)]
        return Staged(folder, max(width for width, _ in sizes), max(height for _, height in sizes))

    def part_at(self, block: int) -> FedPart | None:
        """Return the part of a block, counted from 0 since the last `stage`; ``None`` past the end."""
        index = self._started_at + block
        if index >= len(self._files) and not self._loop:
            return None
        lap, place = divmod(index, len(self._files))
        file = self._files[place]
        return FedPart(file, round_name(file.name, lap + 1), self._references.get(file.name))

    def refusal(self, part: FedPart, grabbed: bool) -> PictureRefused | None:
        """Say why a part's file gives no picture.

        `CameraLost` if the emulator could not grab it because the folder has vanished.
        """
        if not grabbed:
            self._folder.require(part.file)
        outcome = self._checked[part.file.path].outcome
        return outcome if isinstance(outcome, PictureRefused) else None

    def delivered(self, block: int) -> None:
        """Step on to the part after this block."""
        self._position = self._started_at + block + 1

    def clear(self) -> None:
        """Remove the layout; idempotent."""
        layout, self._layout = self._layout, None
        if layout is not None:
            layout.cleanup()

    def _relocate(self, files: tuple[PictureFile, ...]) -> None:
        """Find the place again in a folder that has changed: after the last delivered picture."""
        lap, place = divmod(self._position, len(self._files))
        last = self._files[place - 1].key if place else None
        self._position = lap * len(files) + sum(last is not None and file.key <= last for file in files)

    def _lay(self, folder: Path, number: int, file: PictureFile) -> tuple[int, int]:
        """Lay out one picture and return its size in px; a blank one stands in for what cannot be used."""
        outcome = self._check(file)
        place = folder / f"{number:07d}"
        if isinstance(outcome, PictureHeader):
            _link(place.with_suffix(file.path.suffix.lower()), file.path)
            return outcome.width, outcome.height
        pixels = outcome.pixels if isinstance(outcome, PictureRead) else _BLANK
        cv2.imwrite(str(place.with_suffix(".png")), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return pixels.shape[1], pixels.shape[0]

    def _check(self, file: PictureFile) -> PictureHeader | PictureRead | PictureRefused:
        """Return the header of a file that the emulator reads rightly, else the picture, or why there is none."""
        stamp = _stamp(file.path)
        known = self._checked.get(file.path)
        if known is not None and known.stamp == stamp:
            return known.outcome
        outcome = self._inspect(file)
        if not isinstance(outcome, PictureHeader) or _readable_by_emulator(file.path, outcome):
            self._checked[file.path] = _Checked(stamp, outcome)
            return outcome
        picture = read_picture(file.path, self._limits)
        # Only the header is kept: pictures of a whole folder would fill the memory.
        self._checked[file.path] = _Checked(_NEVER, picture if isinstance(picture, PictureRefused) else outcome)
        return picture

    def _inspect(self, file: PictureFile) -> PictureHeader | PictureRefused:
        outcome = inspect_picture(file.path, self._limits)
        if isinstance(outcome, PictureHeader) and max(outcome.width, outcome.height) > SENSOR_PX:
            size = f"is {outcome.width}×{outcome.height} px; the emulated sensor has {SENSOR_PX}×{SENSOR_PX}"
            return PictureRefused(PictureProblem.TOO_LARGE, f"{file.path} {size}.")
        return outcome


def _readable_by_emulator(path: Path, header: PictureHeader) -> bool:
    """Return False for what the emulator reads otherwise than the station, or might die of."""
    if header.kind == "WebP" or header.conversions:
        return False
    try:
        return header.kind != "JPEG" or single_scan_jpeg(path.read_bytes())
    except OSError:
        return False


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _link(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except OSError:
        # Windows lets only administrators and developers make links.
        shutil.copyfile(target, link)
