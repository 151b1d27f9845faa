"""The data folder: settings, log and models of one station."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.log import Log, open_log
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import CameraSettingError, LogProblem, LogUnavailable, SettingsError
from inspector_app.settings import SETTINGS_FILE, Settings, data_folder, load_settings
from inspector_app.station.desk import ControlDesk
from model.classifier import OpenVinoClassifier, Precision
from model.registry import ModelRegistry, load_bundled

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class SettledFolder:
    """A data folder whose settings are read; nothing in it is opened or made.

    Attributes
    ----------
    path : Path
        The folder.
    settings : Settings
        Of its ``station.toml``.
    """

    path: Path
    settings: Settings

    @contextmanager
    def naming_the_key(self, key: str) -> Iterator[None]:
        """Say of a setting that proves wrong when it is used in which file and under which key it stands."""
        try:
            yield
        except (SettingsError, CameraSettingError) as error:
            raise SettingsError(f'{self.path / SETTINGS_FILE}: "{key}": {error}') from error

    def classifier(self) -> OpenVinoClassifier:
        """Load the model that the settings name; `ModelError` if there is none."""
        section = self.settings.model
        registry = ModelRegistry(self.path / "models")
        name, _, version = section.name.partition(" ")
        files = load_bundled() if section.name == BUNDLED else registry.load(name, version or None)
        return OpenVinoClassifier(files, section.threads or None, Precision(section.precision))


@dataclass(frozen=True, slots=True)
class DataFolder(SettledFolder):
    """An open data folder.

    Attributes
    ----------
    log : Log
        Its records and pictures.
    """

    log: Log

    def control_in_force(self) -> ControlState:
        """Return the recorded control state, or the first one from the settings."""
        return self.log.control.current() or self.settings.automation.first_state()

    def desk(self) -> ControlDesk:
        """Return a control desk on this log, for commands given without a station."""
        return ControlDesk(
            self.log.control, self.settings.automation.first_state(), self.may_control, utc_now, lambda _event: None
        )

    def may_control(self, user: str) -> bool:
        """Return True if a user may change how the station decides: anybody, unless supervisors are named."""
        supervisors = self.settings.automation.supervisors
        return not supervisors or user in supervisors


def utc_now() -> datetime:
    """Return the time now, UTC."""
    return datetime.now(UTC)


def open_settings(chosen: Path | None, settings: Settings | None = None) -> SettledFolder:
    """Read a data folder's settings; parameters and errors as of `open_data`."""
    path = data_folder(chosen).absolute()
    return SettledFolder(path, settings or load_settings(path))


@contextmanager
def open_data(chosen: Path | None, settings: Settings | None = None) -> Iterator[DataFolder]:
    """Open a data folder, and make it if it is not there.

    Parameters
    ----------
    chosen : Path or None
        As given on the command line; see `settings.data_folder`.
    settings : Settings or None
        In place of the folder's ``station.toml``.

    Raises
    ------
    SettingsError, LogUnavailable
        With one sentence.
    """
    settled = open_settings(chosen, settings)
    path = settled.path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogUnavailable(
            LogProblem.READ_ONLY, f"The data folder {path} cannot be made: {error.strerror or error}."
        ) from error
    with settled.naming_the_key("log.url"):
        log = open_log(settled.settings.log.url, path, settled.settings.station.id, utc_now)
    try:
        yield DataFolder(path, settled.settings, log)
    finally:
        log.close()
