"""Builds a station from a data folder: settings, devices, model and log joined."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from inspector_app.automation.guards import GuardSettings, usual_chart
from inspector_app.automation.ramp import RampLimits
from inspector_app.bootstrap.commanding import speaks_against
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.devices import open_camera
from inspector_app.bootstrap.parts_in import part_identifier, watched_camera
from inspector_app.bootstrap.remote import server_of, server_options
from inspector_app.bootstrap.seeds import seed_orders
from inspector_app.bootstrap.settled import utc_now
from inspector_app.cameras.masters import MasterShelf
from inspector_app.cameras.set_up import SetUpCamera, loaded_optics
from inspector_app.domain.errors import KnownFault, LogProblem, LogUnavailable, ModelError
from inspector_app.domain.ports import Camera, Classifier, Decider, LineOutput
from inspector_app.line.factory import open_lines
from inspector_app.log import report_unexpected
from inspector_app.optics.setup import CameraSetup
from inspector_app.settings import Settings
from inspector_app.station.equipment import Equipment
from inspector_app.station.guard_orders import GuardOrders
from inspector_app.station.options import Backoff, StationOptions
from inspector_app.station.station import Station

LOCK_FILE = "station.lock"


class StationBusy(KnownFault):
    """Another station works on the data folder."""


def station_options(settings: Settings) -> StationOptions:
    """Return the station's tuning that the settings give."""
    section = settings.station
    return StationOptions(
        frames_queued=section.queue_size,
        pictures_queued=section.picture_queue_size,
        undo_window_s=section.undo_s,
        model_deadline_s=settings.model.deadline_ms / 1000.0,
        appear_after_s=section.appear_after_s,
        part_prefix=f"{section.id}-",
        product=section.product,
        camera_backoff=Backoff(first_s=section.reconnect_s),
        server=server_options(settings.remote),
    )


def guard_orders(settings: Settings) -> GuardOrders | None:
    """Return how the settings want guards, ``None`` where they are off."""
    section = settings.guards
    if not section.enabled:
        return None
    values = GuardSettings(
        escape_limit=section.escape_limit,
        harm_delta=1.0 - section.confidence,
        cusum=usual_chart(section.escape_limit),
        drift_parts=section.drift_parts,
        audit_wait_s=60.0 * section.audit_wait_min,
        silence_s=section.silence_s,
    )
    return GuardOrders(
        values,
        ramp_limits(settings),
        frozenset(section.critical_classes),
        audits=settings.audits.plan(),
        confirm_escapes=section.confirm_escapes,
    )


def ramp_limits(settings: Settings) -> RampLimits:
    """Return what the settings demand of a new model."""
    values = settings.rollout.model_dump()
    delta, harm_delta = 1.0 - values.pop("confidence"), 1.0 - values.pop("guardrail_confidence")
    return RampLimits(**values, delta=delta, harm_delta=harm_delta)


def optional_classifier(folder: DataFolder, on_problem: Callable[[str], None]) -> Classifier | None:
    """Load the model; without one the station works on with humans alone, and says so."""
    try:
        return folder.classifier()
    except ModelError as error:
        on_problem(f"{error} All parts go to an inspector.")
        return None


def chosen_camera(folder: DataFolder, source: str | None) -> SetUpCamera:
    """Return the camera that a command names, or else the one of the settings, as it was set up; not yet opened.

    Raises
    ------
    CameraSettingError, SettingsError
        If URI or settings are wrong; the sentence says where, and what is allowed.
    """
    section = folder.settings.camera
    if source is not None:
        return set_up(folder, open_camera(section, source))
    with folder.naming_the_key("camera"):
        return set_up(folder, open_camera(section, None))


def set_up(folder: DataFolder, camera: Camera) -> SetUpCamera:
    """Return a camera with the configuration that is recorded for it."""
    setup = folder.camera_setup(camera.uri) or CameraSetup(camera.uri)
    return SetUpCamera(camera, loaded_optics(setup, MasterShelf(folder.path)))


def chosen_line(folder: DataFolder, specs: Sequence[str] | None) -> LineOutput:
    """Return the line outputs that a command names, or else those of the settings; `SettingsError`."""
    if specs:
        return open_lines(specs)
    with folder.naming_the_key("line.outputs"):
        return open_lines(folder.settings.line.outputs)


@contextmanager
def built_station(
    folder: DataFolder,
    camera: Camera,
    classifier: Classifier | None,
    *,
    line: Sequence[str] | None = None,
    deciders: Sequence[Decider] = (),
    options: StationOptions | None = None,
    server: str | None = None,
) -> Iterator[Station]:
    """Yield a station on an open data folder, not yet started; at the end it is stopped and the model freed.

    Raises
    ------
    StationBusy
        If another station works on this data folder: each would take the other's parts under way for left over.
    """
    with only_station(folder.path), assembled(folder, camera, classifier, line, deciders, options, server) as station:
        yield station


@contextmanager
def only_station(folder: Path) -> Iterator[None]:
    """Hold the data folder for one station; the operating system lets go of it when the process ends, however."""
    lock = FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise StationBusy(f"Another station is running on {folder}; close it or choose another data folder.") from None
    except OSError as error:
        raise LogUnavailable(LogProblem.READ_ONLY, f"{folder} cannot be written: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def assembled(
    folder: DataFolder,
    camera: Camera,
    classifier: Classifier | None,
    line: Sequence[str] | None,
    deciders: Sequence[Decider],
    options: StationOptions | None,
    server: str | None = None,
) -> Iterator[Station]:
    """Join the parts of a station; stop it and free the model at the end."""
    log = folder.log
    output = chosen_line(folder, line)
    with folder.naming_the_key("trigger"):
        watched = watched_camera(camera, output, folder.settings.trigger)
    with folder.naming_the_key("part_id"):
        identify = part_identifier(folder.settings)
    equipment = Equipment(
        camera=watched,
        classifier=classifier,
        line=output,
        log=log.inspections,
        reader=log.reader,
        control_log=log.control,
        pictures=log.pictures,
        load_model=folder.load_model,
        history=log.guards,
        camera_setup=camera.configuration_sha256 if isinstance(camera, SetUpCamera) else lambda: None,
        connect_server=server_of(folder, server),
    )
    station = Station(
        equipment,
        folder.settings.automation.first_state(),
        may_control=folder.may_control,
        sign=folder.sign(),
        speaks_against=speaks_against(folder),
        clock=utc_now,
        random_bits=secrets.randbits,
        on_bug=report_unexpected,
        options=options or station_options(folder.settings),
        deciders=deciders,
        guards=guard_orders(folder.settings),
        identify=identify,
        seeds=seed_orders(folder),
    )
    if isinstance(camera, SetUpCamera):
        camera.listen(station.camera_changed, station.note_camera)
    try:
        yield station
    finally:
        station.stop(30.0)
        if classifier is not None:
            classifier.close()
