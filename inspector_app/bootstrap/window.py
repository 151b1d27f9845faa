"""Opens the station's window on a data folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from inspector_app.bootstrap.agreement_room import FolderAgreementRoom
from inspector_app.bootstrap.automation_room import FolderAutomationRoom
from inspector_app.bootstrap.building import built_station, chosen_camera, optional_classifier
from inspector_app.bootstrap.camera_room import FolderCameraRoom
from inspector_app.bootstrap.commissioning_room import FolderCommissioningRoom
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.bootstrap.model_room import FolderModelRoom
from inspector_app.bootstrap.rollouts import rollout_status
from inspector_app.bootstrap.study_room import FolderStudyRoom
from inspector_app.cameras.set_up import SetUpCamera
from inspector_app.log import install_hooks, start_logging
from inspector_app.station.station import Station
from ui.application import run_first_start, run_window
from ui.look.theme import ThemeName
from ui.screenshots import ScreenshotStudio, offscreen_application
from ui.window_settings import Records, WindowSettings

_log = logging.getLogger(__name__)


def window_settings(folder: DataFolder) -> WindowSettings:
    """Return what the settings say about the window."""
    section = folder.settings.window
    return WindowSettings(
        station_name=folder.settings.station.id,
        theme=ThemeName(section.theme),
        full_screen=section.full_screen,
        defect_classes=section.defect_classes,
        supervisors=folder.settings.automation.supervisors,
        signatures=folder.settings.automation.signatures_required,
    )


def open_window(
    chosen: Path | None,
    *,
    source: str | None,
    line: Sequence[str] | None,
    theme: str | None = None,
    server: str | None = None,
) -> int:
    """Open the window, run the station until the window is closed, and return the exit code.

    A station that has no settings yet, and is not told its source here, asks for them first.

    Raises
    ------
    KnownFault
        If something is wrong before the window is there; the station's own faults are shown in it.
    """
    room = FolderCommissioningRoom(chosen)
    if source is None and room.is_new and not run_first_start(room, ThemeName(theme or ThemeName.LIGHT)):
        return 0
    with open_data(chosen) as folder:
        start_logging(folder.path)
        install_hooks()
        camera = chosen_camera(folder, source)
        classifier = optional_classifier(folder, _log.warning)
        with built_station(folder, camera, classifier, line=line, server=server) as station:
            settings = window_settings(folder)
            if theme is not None:
                settings = replace(settings, theme=ThemeName(theme))
            return show(folder, station, settings, camera)


@contextmanager
def window_records(folder: DataFolder, camera: SetUpCamera | None = None) -> Iterator[Records]:
    """Yield what the window reads, and where its exports go; with a camera there is a page for it."""
    studies = FolderStudyRoom(folder)
    models = FolderModelRoom(folder)
    try:
        yield Records(
            reader=folder.log.reader,
            control_changes=folder.log.control.changes,
            agreement=FolderAgreementRoom(folder),
            studies=studies,
            models=models,
            automation=FolderAutomationRoom(folder),
            commissioning=FolderCommissioningRoom(folder.path),
            ramp_report=lambda state: rollout_status(folder, state).report,
            camera=None if camera is None else FolderCameraRoom(folder, camera),
        )
    finally:
        models.close()
        studies.close()


def show(folder: DataFolder, station: Station, settings: WindowSettings, camera: SetUpCamera) -> int:
    """Open the window on a station; blocks until it is closed."""
    with window_records(folder, camera) as records:
        return run_window(station, records, settings)


@contextmanager
def photographed(
    folder: DataFolder, station: Station, inspector: str, camera: SetUpCamera
) -> Iterator[ScreenshotStudio]:
    """Yield a window on a station and its camera that nobody sees and that can be photographed; needs no display."""
    settings = replace(window_settings(folder), inspector=inspector)
    offscreen_application()
    with window_records(folder, camera) as records:
        studio = ScreenshotStudio(station, records, settings)
        try:
            yield studio
        finally:
            studio.close()
