"""Runs a station without a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector_app.bootstrap.building import built_station, chosen_camera, optional_classifier, station_options
from inspector_app.bootstrap.commanding import desk_of
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.domain.control import Level
from inspector_app.domain.events import FaultRaised, ServerChanged, StationEvent
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.ports import Camera
from inspector_app.domain.status import FaultKind, StationCounts
from inspector_app.station.deciders import parse_decider
from inspector_app.station.options import StationOptions
from inspector_app.station.run import RunGivenUp, RunSummary
from inspector_app.station.run import run as run_station
from inspector_app.station.station import Station

COMMAND_LINE = "command line"


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
    server : str or None
        URL of the prediction server that is asked first.
    """

    source: str | None = None
    line: Sequence[str] | None = None
    level: Level | None = None
    canary: float | None = None
    decider: str | None = None
    parts: int | None = None
    server: str | None = None


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
        in_place = f", {counts.local_answers} judged by the local model in place of the server"
        details = (
            f"{counts.routed_to_human} decided by a human, {counts.audits} audited, {counts.unusable} without a usable "
            f"picture ({counts.unfit} of them kept), {counts.skipped_by_camera} skipped by the camera"
            f"{in_place if counts.local_answers else ''}"
        )
        seeded = (f"{counts.seeded} seeded parts besides",) if counts.seeded else ()
        return decided, details, *seeded


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
        with built_station(
            folder, camera, classifier, line=request.line, deciders=deciders, server=request.server
        ) as station:
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
        if isinstance(event, ServerChanged):
            self._say(event.sentence)
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
        desk_of(folder).change(COMMAND_LINE, "started with these options", changes)
