"""The station loop without a window: one plain blocking call."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.events import InspectionRecorded, PictureLost, PictureStored, StationEvent
from inspector_app.domain.inspection import Inspection, LogEntry, PictureFacts
from inspector_app.domain.ports import LogReader
from inspector_app.domain.status import Fault, FaultKind, StationCounts, StationState
from inspector_app.station.recovery import RecoveryReport
from inspector_app.station.station import Station

OnEntry = Callable[[LogEntry], None]
"""Called with each part as the log has it once it is settled, in the order of inspection, on the caller's thread."""

_TURN_S = 0.2
_HINDERS = frozenset({FaultKind.CAMERA_LOST, FaultKind.CAMERA_BUG})


class RunGivenUp(KnownFault):
    """A fault has kept the station from taking parts for too long; the sentence is the fault's."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to.

    Attributes
    ----------
    parts : int
        Parts of production recorded in this run.
    cancelled : bool
        True if it was ended before its time.
    counts : StationCounts
        Of the station, since it was made.
    recovery : RecoveryReport or None
        What the start found.
    """

    parts: int
    cancelled: bool
    counts: StationCounts
    recovery: RecoveryReport | None


def run(
    station: Station,
    reader: LogReader,
    parts: int | None,
    *,
    on_entry: OnEntry,
    cancelled: Callable[[], bool],
    give_up_after_s: float = 30.0,
    stop_deadline_s: float = 30.0,
) -> RunSummary:
    """Start a stopped station, take parts, stop it again.

    Parameters
    ----------
    station : Station
        With deciders, if the parts for humans are to be judged; else they are held and wait in the log.
    reader : LogReader
        Where settled parts are read from.
    parts : int or None
        How many to take; ``None``: until the source has no more.
    on_entry : OnEntry
        Gets every recorded part once its picture is on disk (or lost) and the log knows whether the line has heard.
    cancelled : callable
        Asked several times a second; True ends the run early.
    give_up_after_s : float
        How long a lost camera or an unavailable log may keep the run from going on.
    stop_deadline_s : float
        Deadline of the stop.

    Raises
    ------
    RunGivenUp
        With the fault's sentence; the station is stopped, and all that was recorded has been passed on.
    """
    events: queue.SimpleQueue[StationEvent] = queue.SimpleQueue()
    unsubscribe = station.subscribe(events.put)
    settling = _Settling(reader, on_entry)
    try:
        station.take(parts)
        station.start(cancelled)
        was_cancelled, hindrance = _follow(station, events, settling, cancelled, give_up_after_s)
    finally:
        station.stop(stop_deadline_s)
        unsubscribe()
        while not events.empty():
            settling.see(events.get())
        settling.pass_all_on()
    if hindrance is not None:
        raise RunGivenUp(hindrance.sentence)
    return RunSummary(settling.seen, was_cancelled, station.status().counts, station.recovery)


def _follow(
    station: Station,
    events: queue.SimpleQueue[StationEvent],
    settling: _Settling,
    cancelled: Callable[[], bool],
    give_up_after_s: float,
) -> tuple[bool, Fault | None]:
    """Pass parts on until the station has finished; return whether it was cancelled, and what hindered it too long."""
    progress = time.monotonic()
    while not cancelled():
        with suppress(queue.Empty):
            event = events.get(timeout=_TURN_S)
            settling.see(event)
            if isinstance(event, InspectionRecorded):
                progress = time.monotonic()
        if events.empty() and station.status().state is StationState.FINISHED:
            return False, None
        fault = _hindrance(station, time.monotonic() - progress, give_up_after_s)
        if fault is not None:
            return False, fault
    return True, None


def _hindrance(station: Station, idle_s: float, give_up_after_s: float) -> Fault | None:
    """Return the fault for which a run is to be given up now."""
    for fault in station.status().faults:
        lasting = fault.kind.stops_parts or fault.kind in _HINDERS
        if fault.kind is FaultKind.BUG or (lasting and idle_s > give_up_after_s):
            return fault
    return None


class _Settling:
    """Parts that are recorded but not settled yet: the picture is under way, or the line's answer not in the log."""

    def __init__(self, reader: LogReader, on_entry: OnEntry) -> None:
        self._reader = reader
        self._on_entry = on_entry
        self._recorded: deque[Inspection] = deque()
        self._pictures: set[str] = set()
        self.seen = 0

    def see(self, event: StationEvent) -> None:
        """Take note of an event, and pass on the parts that it settles."""
        if isinstance(event, InspectionRecorded):
            self.seen += event.inspection.seed is None
            self._recorded.append(event.inspection)
        elif isinstance(event, PictureStored | PictureLost):
            self._pictures.add(event.pixels_sha256)
        # The last part's message to the line is committed with the next part.
        while len(self._recorded) > 1 and self._has_picture(self._recorded[0]):
            self._pass_on(self._recorded.popleft())

    def pass_all_on(self) -> None:
        """Pass on what is left: the station has stopped, so nothing will change any more."""
        while self._recorded:
            self._pass_on(self._recorded.popleft())

    def _has_picture(self, inspection: Inspection) -> bool:
        picture = inspection.picture
        return not isinstance(picture, PictureFacts) or picture.pixels_sha256 in self._pictures

    def _pass_on(self, inspection: Inspection) -> None:
        entry = self._reader.entry(inspection.inspection_id)
        if entry is not None:
            self._on_entry(entry)
