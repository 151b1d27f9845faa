"""Builds a station from a data folder, and runs it without a window."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from inspector_app.bootstrap.data import DataFolder, open_data, utc_now
from inspector_app.bootstrap.devices import open_camera
from inspector_app.domain.control import Level
from inspector_app.domain.errors import KnownFault, LogProblem, LogUnavailable, ModelError
from inspector_app.domain.events import FaultRaised, StationEvent
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.ports import Camera, Classifier, Decider, LineOutput
from inspector_app.domain.status import FaultKind, StationCounts
from inspector_app.line.factory import open_lines
from inspector_app.log import report_unexpected
from inspector_app.settings import Settings
from inspector_app.station.deciders import parse_decider
from inspector_app.station.options import Backoff, StationOptions
from inspector_app.station.run import RunGivenUp, RunSummary
from inspector_app.station.run import run as run_station
from inspector_app.station.station import Equipment, Station

COMMAND_LINE = "command line"
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
        camera_backoff=Backoff(first_s=section.reconnect_s),
    )


def optional_classifier(folder: DataFolder, on_problem: Callable[[str], None]) -> Classifier | None:
    """Load the model; without one the station works on with humans alone, and says so."""
    try:
        return folder.classifier()
    except ModelError as error:
        on_problem(f"{error} All parts go to an inspector.")
        return None


def chosen_camera(folder: DataFolder, source: str | None) -> Camera:
    """Return the camera that a command names, or else the one of the settings, not yet opened.

    Raises
    ------
    CameraSettingError, SettingsError
        If URI or settings are wrong; the sentence says where, and what is allowed.
    """
    section = folder.settings.camera
    if source is not None:
        return open_camera(section, source)
    with folder.naming_the_key("camera"):
        return open_camera(section, None)


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
) -> Iterator[Station]:
    """Yield a station on an open data folder, not yet started; at the end it is stopped and the model freed.

    Raises
    ------
    StationBusy
        If another station works on this data folder: each would take the other's parts under way for left over.
    """
    with only_station(folder.path), assembled(folder, camera, classifier, line, deciders, options) as station:
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
) -> Iterator[Station]:
    """Join the parts of a station; stop it and free the model at the end."""
    log = folder.log
    equipment = Equipment(
        camera=camera,
        classifier=classifier,
        line=chosen_line(folder, line),
        log=log.inspections,
        reader=log.reader,
        control_log=log.control,
        pictures=log.pictures,
    )
    station = Station(
        equipment,
        folder.settings.automation.first_state(),
        may_control=folder.may_control,
        clock=utc_now,
        random_bits=secrets.randbits,
        on_bug=report_unexpected,
        options=options or station_options(folder.settings),
        deciders=deciders,
    )
    try:
        yield station
    finally:
        station.stop(30.0)
        if classifier is not None:
            classifier.close()


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run without a window is asked to do; ``None`` leaves it to settings and control log.

    Attributes
    ----------
    source : str or None
        URI of the camera.
    line : sequence of str or None
        Line outputs.
    level : Level or None
        Set by a recorded command before the first part, if it is not in force already.
    canary : float or None
        Canary share, likewise.
    decider : str or None
        Who stands in for the inspectors; ``None``: parts for humans are held.
    parts : int or None
        How many; ``None``: until the source has no more.
    """

    source: str | None = None
    line: Sequence[str] | None = None
    level: Level | None = None
    canary: float | None = None
    decider: str | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run came to.

    Attributes
    ----------
    summary : RunSummary or None
        ``None`` if a fault ended the run.
    fault : str or None
        The sentence of that fault, or of what went wrong on the way to the end of the run.
    """

    summary: RunSummary | None
    fault: str | None = None

    def lines(self) -> tuple[str, ...]:
        """Return the outcome as lines for people."""
        if self.summary is None:
            return ()
        parts, counts = self.summary.parts, self.summary.counts
        held = parts - counts.accepted - counts.rejected
        decided = f"{parts} parts: {counts.accepted} accepted, {counts.rejected} rejected, {held} held"
        details = (
            f"{counts.routed_to_human} decided by a human, {counts.audits} audited, {counts.unusable} without a usable "
            f"picture, {counts.skipped_by_camera} skipped by the camera"
        )
        return decided, details


def run_parts(
    chosen: Path | None,
    request: RunRequest,
    *,
    on_entry: Callable[[LogEntry], None],
    say: Callable[[str], None],
    cancelled: Callable[[], bool],
) -> RunOutcome:
    """Inspect parts without a window.

    Parameters
    ----------
    chosen : Path or None
        Data folder.
    request : RunRequest
        What to do.
    on_entry : callable
        Gets every part as the log has it, in order.
    say : callable
        Gets sentences for the operator as they become known: that there is no model, what was found from the last
        run, faults. From several threads.
    cancelled : callable
        True ends the run after the part in hand.

    Raises
    ------
    KnownFault
        If something is wrong before the first part.
    """
    deciders = () if request.decider is None else (parse_decider(request.decider),)
    with open_data(chosen) as folder:
        camera = chosen_camera(folder, request.source)
        require_source(camera, station_options(folder.settings))
        classifier = optional_classifier(folder, say)
        with built_station(folder, camera, classifier, line=request.line, deciders=deciders) as station:
            order_level(folder, request)
            station.subscribe(Herald(station, say).hear)
            try:
                summary = run_station(
                    station,
                    folder.log.reader,
                    request.parts,
                    on_entry=on_entry,
                    cancelled=cancelled,
                    give_up_after_s=folder.settings.station.give_up_after_s,
                )
            except RunGivenUp as fault:
                return RunOutcome(None, str(fault))
            return RunOutcome(summary, left_undone(summary.counts))


class Herald:
    """Says on the way what the operator of a run without a window should hear: what was found at the start, and faults.

    Parameters
    ----------
    station : Station
        Whose events it is given.
    say : callable
        Gets each sentence once, on the thread where it became known.
    """

    def __init__(self, station: Station, say: Callable[[str], None]) -> None:
        self._station = station
        self._say = say
        self._found_said = False

    def hear(self, event: StationEvent) -> None:
        """Take an event of the station."""
        # That there is no model was said before the station was built.
        if isinstance(event, FaultRaised) and event.fault.kind is not FaultKind.MODEL_MISSING:
            self._say(event.fault.sentence)
        found = self._station.recovery
        if found is not None and not self._found_said:
            self._found_said = True
            if not found.clean:
                self._say(found.sentence)


def require_source(camera: Camera, options: StationOptions) -> None:
    """Refuse at once a source of files that is not there: nobody plugs it in; `CameraError`.

    A live camera may come later, and the station waits for it.
    """
    if not options.waits_for_us(camera.uri):
        return
    try:
        camera.open()
    finally:
        camera.close()


def left_undone(counts: StationCounts) -> str | None:
    """Return what did not reach line or disk in a run that came to its end, ``None`` if all did."""
    untold, lost = counts.line_failures, counts.pictures_lost
    clauses = [
        f"The line did not take {untold} messages; it holds those parts." if untold else "",
        f"{lost} pictures could not be stored." if lost else "",
    ]
    return " ".join(clause for clause in clauses if clause) or None


def order_level(folder: DataFolder, request: RunRequest) -> None:
    """Record the level and canary share that a run was started with, unless they are in force already."""
    state = folder.control_in_force()
    wanted = {"level": request.level, "canary_share": request.canary}
    changes = {name: value for name, value in wanted.items() if value is not None and getattr(state, name) != value}
    if changes:
        folder.desk().change(COMMAND_LINE, "started with these options", changes)
