"""What the status strip says, worked out from the station's snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.status import Fault, FaultKind, ServerState, ServerStatus, StationState, StationStatus
from ui.texts import duration, local_time, tr

_LITTLE_SPACE_BYTES = 2 * 1024**3
_RUNNING = {StationState.RUNNING, StationState.PAUSED, StationState.FINISHED, StationState.FAULTED}


class Tone(StrEnum):
    """How a cell looks: shape and colour go together."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: icon of the thing, its name, a word or two, and the tone."""

    icon: str
    name: str
    word: str
    tone: Tone


def cells_of(status: StationStatus, oldest_s: float | None) -> tuple[Cell, ...]:
    """Return camera, model, line, disk and queue.

    Parameters
    ----------
    status : StationStatus
        The station's snapshot.
    oldest_s : float or None
        Age of the part that has waited longest, ``None`` if none waits.
    """
    faults = {fault.kind for fault in status.faults}
    return (
        _camera(status, faults),
        _model(status, faults),
        _line(status, faults),
        _disk(status, faults),
        _queue(status, faults, oldest_s),
    )


def first_fault(status: StationStatus) -> Fault | None:
    """Return the fault to show first: one that stops parts, else the oldest; ``None`` without faults."""
    stopping = [fault for fault in status.faults if fault.kind.stops_parts]
    return next(iter(stopping or status.faults), None)


def _camera(status: StationStatus, faults: set[FaultKind]) -> Cell:
    name = tr("Camera")
    if FaultKind.CAMERA_LOST in faults:
        return Cell("camera", name, tr("Lost: {name}").format(name=status.camera), Tone.BAD)
    if FaultKind.CAMERA_BUG in faults:
        return Cell("camera", name, tr("Fault: {name}").format(name=status.camera), Tone.BAD)
    if status.state not in _RUNNING:
        return Cell("camera", name, tr("Off"), Tone.OFF)
    trouble = _camera_trouble(status, faults)
    if trouble is not None:
        return Cell("camera", name, trouble, Tone.WARN)
    return Cell("camera", name, status.camera, Tone.OK)


def _camera_trouble(status: StationStatus, faults: set[FaultKind]) -> str | None:
    """Return what is amiss with the pictures of a camera that is there, the worst first."""
    if FaultKind.PICTURES_UNFIT in faults:
        return tr("Poor pictures: {name}").format(name=status.camera)
    counts = status.counts
    for count, words in (
        (counts.missed_triggers, tr("{n} missed: {name}")),
        (counts.pictures_not_asked_for, tr("{n} without trigger: {name}")),
        (counts.late_pictures, tr("{n} late: {name}")),
        (counts.doubled_parts, tr("{n} doubled: {name}")),
        (counts.skipped_by_camera, tr("{n} skipped: {name}")),
    ):
        if count:
            return words.format(n=count, name=status.camera)
    return None


def _model(status: StationStatus, faults: set[FaultKind]) -> Cell:
    name = tr("Model")
    if FaultKind.MODEL_MISSING in faults:
        return Cell("model", name, tr("None: parts go to inspectors"), Tone.WARN)
    if FaultKind.MODEL_FAILING in faults:
        return Cell("model", name, tr("Failing: {name}").format(name=status.model), Tone.BAD)
    if status.server is not None and status.state in _RUNNING:
        return _served(name, status.server, status.model)
    if status.model == "none":
        return Cell("model", name, tr("None"), Tone.OFF)
    return Cell("model", name, status.model, Tone.OK)


def _served(name: str, server: ServerStatus, title: str) -> Cell:
    """Return who judges at a station that asks a prediction server first."""
    if server.state is ServerState.ANSWERING:
        return Cell("model", name, tr("Server: {name}").format(name=title), Tone.OK)
    if not server.local:
        return Cell("model", name, tr("None: parts go to inspectors"), Tone.WARN)
    since = local_time(server.since)[:5]
    return Cell("model", name, tr("Local (server away since {time})").format(time=since), Tone.WARN)


def _line(status: StationStatus, faults: set[FaultKind]) -> Cell:
    name = tr("Line")
    if FaultKind.LINE_LOST in faults:
        return Cell("line", name, tr("Lost: parts on hold"), Tone.BAD)
    if status.line == "none":
        return Cell("line", name, tr("None connected"), Tone.OFF)
    return Cell("line", name, status.line, Tone.OK)


def _disk(status: StationStatus, faults: set[FaultKind]) -> Cell:
    name = tr("Disk")
    for kind, word in (
        (FaultKind.DISK_FULL, tr("Full")),
        (FaultKind.LOG_READ_ONLY, tr("Read-only")),
        (FaultKind.LOG_UNAVAILABLE, tr("Log unreachable")),
        (FaultKind.PICTURES_NOT_STORED, tr("Pictures not kept")),
    ):
        if kind in faults:
            return Cell("disk", name, word, Tone.BAD)
    free = tr("{n:.1f} GB free").format(n=status.disk_free_bytes / 1e9)
    return Cell("disk", name, free, Tone.WARN if status.disk_free_bytes < _LITTLE_SPACE_BYTES else Tone.OK)


def _queue(status: StationStatus, faults: set[FaultKind], oldest_s: float | None) -> Cell:
    name = tr("Queue")
    waiting = tr("{n} waiting").format(n=status.waiting_for_human)
    if FaultKind.QUEUE_OVERFLOW in faults:
        return Cell("queue", name, tr("Overflow: {words}").format(words=waiting), Tone.BAD)
    if oldest_s is not None:
        waiting = tr("{n}, oldest {age}").format(n=status.waiting_for_human, age=duration(oldest_s))
    return Cell("queue", name, waiting, Tone.OK)
