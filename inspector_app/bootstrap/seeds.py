"""Known defects that are shown again: from the folder ``seeds`` of the data folder, and from the log's own rejects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import Field

from db.picture_store import FilePictureStore
from db.seed_queries import SqlSeedHistory
from inspector_app.automation.seeds import SeedRules
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.settled import utc_now
from inspector_app.cameras.reading import PictureLimits, PictureRefused, read_picture
from inspector_app.checked_toml import Section, read_checked
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.inspection import StoredPicture
from inspector_app.domain.ports import Clock
from inspector_app.domain.seed import KnownDefect
from inspector_app.sections import Name
from inspector_app.settings import Settings
from inspector_app.station.seeding import SeedOrders

SEED_FOLDER = "seeds"
MANIFEST = "seeds.toml"
_FROM_LOG = 1000


class SeedPicture(Section):
    """``[[seed]]``: one picture, its defect, and how that is known."""

    picture: Name
    defect: Name
    truth: Name


class SeedManifest(Section):
    """``seeds.toml``."""

    seed: tuple[SeedPicture, ...] = Field(min_length=1)


class SeedFileRefused(SettingsError):
    """A picture of a known defect cannot be used."""


@dataclass(frozen=True, slots=True)
class FolderArchive:
    """The pictures that a plant has put into the folder ``seeds``.

    Attributes
    ----------
    pictures : dict of KnownDefect to Path
        In the order of the manifest.
    limits : PictureLimits
        What size of picture is taken.
    """

    pictures: dict[KnownDefect, Path]
    limits: PictureLimits

    def defects(self) -> tuple[KnownDefect, ...]:
        """Return all of them."""
        return tuple(self.pictures)

    def pixels(self, defect: KnownDefect) -> Pixels:
        """Return the picture of one; `SeedFileRefused` if it cannot be read."""
        found = read_picture(self.pictures[defect], self.limits)
        if isinstance(found, PictureRefused):
            raise SeedFileRefused(found.sentence)
        return found.pixels


@dataclass(slots=True)
class LogArchive:
    """The parts that a third look has found defective, unless they are too fresh in memory.

    Attributes
    ----------
    history : SqlSeedHistory
        Finds them.
    store : FilePictureStore
        Reads them.
    apart : timedelta
        How long ago they must have been captured.
    clock : Clock
        UTC now.
    """

    history: SqlSeedHistory
    store: FilePictureStore
    apart: timedelta
    clock: Clock
    _pictures: dict[KnownDefect, StoredPicture] = field(default_factory=dict)

    def defects(self) -> tuple[KnownDefect, ...]:
        """Return those that the log knows now; `LogUnavailable`."""
        before: datetime = self.clock() - self.apart
        self._pictures = dict(self.history.confirmed_rejects(before, _FROM_LOG))
        return tuple(self._pictures)

    def pixels(self, defect: KnownDefect) -> Pixels:
        """Return the picture of one; `LogUnavailable` if it is gone or damaged."""
        return self.store.read(self._pictures[defect])


@dataclass(frozen=True, slots=True)
class Archives:
    """Several archives as one."""

    archives: tuple[FolderArchive | LogArchive, ...]

    def defects(self) -> tuple[KnownDefect, ...]:
        """Return all of them."""
        return tuple(defect for archive in self.archives for defect in archive.defects())

    def pixels(self, defect: KnownDefect) -> Pixels:
        """Return the picture of one, from the archive that has it; `KnownFault`."""
        folder = defect.name.startswith("folder:")
        archive = next(each for each in self.archives if isinstance(each, FolderArchive) is folder)
        return archive.pixels(defect)


def seed_rules(settings: Settings) -> SeedRules:
    """Return how often and how far apart the settings want parts seeded."""
    section = settings.seeds
    return SeedRules(section.share, section.probe_share, section.apart_parts, section.apart_days)


def seed_orders(folder: DataFolder) -> SeedOrders | None:
    """Return how the settings want parts seeded, ``None`` where that is off.

    Raises
    ------
    SettingsError
        If the folder of known defects is asked for and its manifest or a picture is not there or wrong.
    """
    section = folder.settings.seeds
    if section.share == 0.0:
        return None
    archives: list[FolderArchive | LogArchive] = []
    shelf = shelved_seeds(folder.settings, folder.path)
    if shelf is not None:
        archives.append(shelf)
    if section.source in {"log", "both"}:
        log = folder.log
        archives.append(LogArchive(log.seeds, log.pictures, timedelta(days=section.apart_days), utc_now))
    return SeedOrders(seed_rules(folder.settings), section.salt, Archives(tuple(archives)), folder.log.seeds)


def shelved_seeds(settings: Settings, data: Path) -> FolderArchive | None:
    """Return the known defects in the data folder, ``None`` where none are asked for; raises as `folder_archive`."""
    if settings.seeds.share == 0.0 or settings.seeds.source == "log":
        return None
    return folder_archive(data / SEED_FOLDER, picture_limits(settings.camera))


def folder_archive(folder: Path, limits: PictureLimits) -> FolderArchive:
    """Return the archive of a folder with pictures and ``seeds.toml``; `SettingsError` with one sentence."""
    path = folder / MANIFEST
    try:
        manifest = read_checked(path, SeedManifest)
    except FileNotFoundError:
        raise SettingsError(
            f"{path} is not there; it names each picture of a known defect, its defect, and how that is known."
        ) from None
    pictures: dict[KnownDefect, Path] = {}
    named: set[str] = set()
    for each in manifest.seed:
        picture = folder / each.picture
        if not picture.resolve().is_relative_to(folder.resolve()) or not picture.is_file():
            raise SettingsError(f"{path}: there is no picture {each.picture} in {folder}.")
        if each.picture in named:
            raise SettingsError(f"{path}: the picture {each.picture} is named twice.")
        named.add(each.picture)
        pictures[KnownDefect(f"folder:{each.picture}", each.defect, each.truth)] = picture
    return FolderArchive(pictures, limits)
