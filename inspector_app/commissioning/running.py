"""What the station that is running says of its own devices: they cannot be tried while parts depend on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from inspector_app.domain.commissioning import Check, Figure, Finding, Grade
from inspector_app.domain.status import Fault, FaultKind, ServerState, StationState, StationStatus

_WHOSE: Final = {
    FaultKind.CAMERA_LOST: Check.CAMERA,
    FaultKind.CAMERA_BUG: Check.CAMERA,
    FaultKind.QUEUE_OVERFLOW: Check.CAMERA,
    FaultKind.PICTURES_UNFIT: Check.CAMERA,
    FaultKind.MODEL_MISSING: Check.MODEL,
    FaultKind.MODEL_FAILING: Check.MODEL,
    FaultKind.LINE_LOST: Check.LINE,
    FaultKind.DISK_FULL: Check.DISK,
    FaultKind.PICTURES_NOT_STORED: Check.DISK,
    FaultKind.LOG_READ_ONLY: Check.LOG,
    FaultKind.LOG_UNAVAILABLE: Check.LOG,
}
_REMEDY: Final = "It comes back by itself once its cause is mended; until then parts go to an inspector or wait."

_MISSED_OFTEN: Final = 0.01
_TOO_SLOW: Final = (
    "Parts without an answer go to inspectors. Take load off this computer, give the model more time under "
    "model.deadline_ms, or let parts come less often."
)


def findings_of(status: StationStatus) -> tuple[Finding, ...]:
    """Return what a running station says of camera, model, server and line, and of anything that is amiss."""
    named: dict[Check, list[Fault]] = {Check.CAMERA: [], Check.MODEL: [], Check.SERVER: [], Check.LINE: []}
    for fault in status.faults:
        check = _WHOSE.get(fault.kind)
        if check is not None:
            named.setdefault(check, []).append(fault)
    return tuple(_finding(check, faults, status) for check, faults in named.items())


def _finding(check: Check, faults: list[Fault], status: StationStatus) -> Finding:
    if faults:
        return Finding(check, Grade.BAD, faults[0].sentence, _REMEDY)
    if status.state in {StationState.STOPPED, StationState.STARTING}:
        return Finding(check, Grade.SKIPPED, "The station is not running yet.")
    return _AT_WORK[check](status)


def _camera(status: StationStatus) -> Finding:
    taken = status.counts.captured
    said = f"{status.camera} is at work: {taken} {'part' if taken == 1 else 'parts'} since the start."
    return Finding(Check.CAMERA, Grade.GOOD, said, figures=(Figure("parts", taken, ""),))


def _model(status: StationStatus) -> Finding:
    if status.model == "none":
        return Finding(Check.MODEL, Grade.WARNING, "There is no model; every part goes to an inspector.")
    missed = status.counts.late_predictions + status.counts.failed_predictions
    said = (
        f"{status.model} is loaded; {missed} {'answer' if missed == 1 else 'answers'} late or failed since the start."
    )
    # One may be that of a start; more are parts that inspectors judge although the model should.
    often = missed > 1 and missed > _MISSED_OFTEN * status.counts.captured
    grade, remedy = (Grade.WARNING, _TOO_SLOW) if often else (Grade.GOOD, "")
    return Finding(Check.MODEL, grade, said, remedy, (Figure("late_or_failed", missed, ""),))


def _server(status: StationStatus) -> Finding:
    server = status.server
    if server is None:
        return Finding(Check.SERVER, Grade.GOOD, "No prediction server is named; the station asks its own model.")
    if server.state is ServerState.ANSWERING:
        return Finding(Check.SERVER, Grade.GOOD, f"The prediction server {server.url} answers.")
    instead = "its own model answers in its place" if server.local else "every part goes to an inspector"
    said = f"The prediction server {server.url} is not asked; {instead}. {server.why or ''}".rstrip()
    return Finding(Check.SERVER, Grade.WARNING, said, "Look at network and server; it is tried again by itself.")


def _line(status: StationStatus) -> Finding:
    if status.line == "none":
        return Finding(Check.LINE, Grade.WARNING, "No line is told of any part.", "Name it under line.outputs.")
    return Finding(Check.LINE, Grade.GOOD, f"{status.line} is connected.")


_AT_WORK: Final[dict[Check, Callable[[StationStatus], Finding]]] = {
    Check.CAMERA: _camera,
    Check.MODEL: _model,
    Check.SERVER: _server,
    Check.LINE: _line,
}
