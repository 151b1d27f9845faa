"""Where the window has a data folder examined, and set up for the first time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inspector_app.bootstrap.devices import open_camera
from inspector_app.bootstrap.doctor import examine
from inspector_app.bootstrap.first_settings import settings_of, write_first_settings
from inspector_app.cameras.discovery import found_cameras
from inspector_app.commissioning.devices import camera_finding, line_finding
from inspector_app.domain.commissioning import Check, Finding, FirstAnswers, FoundCamera, Grade
from inspector_app.domain.errors import CameraError, SettingsError
from inspector_app.domain.frame import Pixels
from inspector_app.line.factory import open_line
from inspector_app.settings import SETTINGS_FILE, CameraSection, data_folder, pin_command


class FolderCommissioningRoom:
    """`inspector_app.domain.commissioning.CommissioningRoom` on a data folder.

    Parameters
    ----------
    chosen : Path or None
        As for `inspector_app.bootstrap.data.open_data`.
    """

    def __init__(self, chosen: Path | None) -> None:
        self._chosen = chosen
        self._folder = data_folder(chosen).absolute()

    @property
    def is_new(self) -> bool:
        """True while there is no settings file."""
        return not self.settings_file.exists()

    @property
    def settings_file(self) -> Path:
        """Where the settings stand, or will."""
        return self._folder / SETTINGS_FILE

    def pin_command(self, name: str) -> str:
        """Return the command with which a supervisor sets a PIN."""
        return pin_command(self._folder, name)

    def cameras(self) -> tuple[FoundCamera, ...]:
        """Look for cameras on this computer and its network."""
        return found_cameras().cameras

    def try_camera(self, uri: str) -> tuple[Finding, Pixels | None]:
        """Take a few pictures with a camera."""
        try:
            camera = open_camera(CameraSection(source=uri), None)
        except CameraError as fault:
            return Finding(Check.CAMERA, Grade.BAD, str(fault)), None
        return camera_finding(camera)

    def try_line(self, spec: str) -> Finding:
        """Connect a line output and let go of it."""
        try:
            return line_finding(open_line(spec))
        except SettingsError as fault:
            return Finding(Check.LINE, Grade.BAD, str(fault))

    def check(self, answers: FirstAnswers) -> None:
        """Make sure that settings can be made of the answers; `SettingsError`."""
        settings_of(answers)

    def examine(
        self,
        answers: FirstAnswers | None,
        on_finding: Callable[[Finding], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Examine the station as the answers would set it, or as it is set; see `examine`."""
        settings = None if answers is None else settings_of(answers)
        for finding in examine(self._chosen, answers=settings, cancelled=cancelled):
            on_finding(finding)

    def write(self, answers: FirstAnswers) -> None:
        """Write the settings; see `write_first_settings`."""
        write_first_settings(self._folder, answers)
