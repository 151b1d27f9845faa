"""The data folder: settings, log and models of one station."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from db.log import Log, open_log
from inspector_app.bootstrap.settled import SettledFolder, open_settings, utc_now
from inspector_app.cameras.capture import without_password
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import ControlRefused, LogProblem, LogUnavailable
from inspector_app.domain.logquery import LogFilter
from inspector_app.optics.setup import CameraSetup
from inspector_app.settings import Settings, pin_command
from inspector_app.station.desk import Sign
from inspector_app.station.signatures import SignatureDesk

_ALL = LogFilter()


@dataclass(frozen=True, slots=True)
class DataFolder(SettledFolder):
    """An open data folder.

    Attributes
    ----------
    log : Log
        Its records and pictures.
    """

    log: Log

    def of_station(self, which: LogFilter = _ALL) -> LogFilter:
        """Return a filter narrowed to this station; a log may hold others, whose cameras are called alike."""
        return replace(which, station=self.settings.station.id)

    def camera_setup(self, source: str) -> CameraSetup | None:
        """Return the recorded configuration of a camera, ``None`` where it was never set up."""
        return self.log.cameras.current(without_password(source))

    def control_in_force(self) -> ControlState:
        """Return the recorded control state, or the first one from the settings."""
        return self.log.control.current() or self.settings.automation.first_state()

    def signatures(self) -> SignatureDesk:
        """Return the desk where PINs are checked and set."""
        return SignatureDesk(self.log.pins, utc_now, partial(pin_command, self.path))

    def sign(self) -> Sign | None:
        """Return what checks the signature of a command that moves right; ``None`` where none is required."""
        return self.signatures().sign if self.settings.automation.signatures_required else None

    def set_pin(self, name: str, pin: str, by: str, proof: str | None) -> None:
        """Set a supervisor's PIN.

        The first one anybody may set who may write to the data folder; to replace one takes the old PIN, or the PIN
        of another supervisor (``by``).

        Raises
        ------
        ControlRefused
            If one of the two is no supervisor, the proof is wrong, or the PIN is too simple.
        """
        name, by = name.strip(), by.strip()
        for user in (name, by):
            if not user or not self.may_control(user):
                raise ControlRefused(f"{user or 'Nobody'} is no supervisor of this station.")
        desk = self.signatures()
        if self.log.pins.pin(name) is not None or by != name:
            desk.sign(by, proof, f"PIN of {name}")
        desk.set_pin(name, pin, by, secrets.token_bytes)

    def may_control(self, user: str) -> bool:
        """Return True if a user may change how the station decides: anybody, unless supervisors are named."""
        supervisors = self.settings.automation.supervisors
        return not supervisors or user in supervisors


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
