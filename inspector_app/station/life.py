"""The life of a station: which threads begin and end, in which order, and that a stop leaves nothing unsaid."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Capture
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.station.beside import BesideModel
from inspector_app.station.board import Life, StateBoard, Tally
from inspector_app.station.buffers import FrameQueue
from inspector_app.station.camera_loop import CameraLoop
from inspector_app.station.guarding import GuardKeeper
from inspector_app.station.housekeeping import Housekeeping
from inspector_app.station.inspection_loop import THREAD, InspectionLoop
from inspector_app.station.log_keeper import IncidentBook
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.review import ReviewDesk
from inspector_app.station.slots import ModelSlots
from inspector_app.station.telling import LineTeller
from inspector_app.station.waiting import WaitingParts

_log = logging.getLogger(__name__)

_LOOK_S: Final = 0.2


class StationLife:
    """Starts and stops a station, one call at a time.

    Parameters
    ----------
    board, tally, incidents : StateBoard, Tally, IncidentBook
        State, counts, notes for the log.
    camera, frames, inspection, pictures, beside, models, housekeeping : CameraLoop, FrameQueue, InspectionLoop, \
    PictureWriter, BesideModel, ModelSlots, Housekeeping
        The stages, each with a thread of its own, and the queue between the first two.
    review, waiting : ReviewDesk, WaitingParts
        Taking verdicts, and the parts that wait for them.
    guards, teller : GuardKeeper, LineTeller
        Settled and stopped at the end.
    """

    def __init__(
        self,
        *,
        board: StateBoard,
        tally: Tally,
        incidents: IncidentBook,
        camera: CameraLoop,
        frames: FrameQueue,
        inspection: InspectionLoop,
        pictures: PictureWriter,
        beside: BesideModel,
        models: ModelSlots,
        housekeeping: Housekeeping,
        review: ReviewDesk,
        waiting: WaitingParts,
        guards: GuardKeeper,
        teller: LineTeller,
    ) -> None:
        self._board = board
        self._tally = tally
        self._incidents = incidents
        self._camera = camera
        self._frames = frames
        self._inspection = inspection
        self._pictures = pictures
        self._beside = beside
        self._models = models
        self._housekeeping = housekeeping
        self._review = review
        self._waiting = waiting
        self._guards = guards
        self._teller = teller
        self._lock = threading.Lock()
        self._stop_asked = threading.Event()
        self._stuck: tuple[str, ...] = ()
        self._unrecorded: list[Capture] = []

    @property
    def unrecorded(self) -> tuple[Capture, ...]:
        """Captures that the last stop had to leave unrecorded."""
        return tuple(self._unrecorded)

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Begin to take parts; see `inspector_app.station.station.Station.start`."""
        with self._lock:
            if self._board.state is not StationState.STOPPED:
                return
            if self._stuck:
                self._stuck = self._end_threads(time.monotonic())  # what was slow may have ended since
                if self._stuck:
                    raise KnownFault(f"The {self._stuck[0]} thread has not ended yet; restart the program.")
                self._leave_nothing_silent()
            self._board.clear_fault(*FaultKind)
            self._board.set_paused(paused=False)
            self._board.set_finished(lambda: False)
            self._board.set_life(Life.STARTING)
            self._unrecorded.clear()
            self._frames.reopen()
            self._review.open()
            self._pictures.start()
            self._beside.start()
            self._inspection.start()
            if self._wait_for_start(cancelled):
                self._housekeeping.start()
                self._camera.start()

    def _wait_for_start(self, cancelled: Callable[[], bool]) -> bool:
        """Wait until log and line are there; False if somebody wants it to end before, as a line may take minutes."""
        goes_on = True
        while not self._board.wait_until(lambda state: state is not StationState.STARTING, _LOOK_S):
            if self._stop_asked.is_set() or cancelled():
                goes_on = False
                if self._inspection.stop(0.0):  # it has ended without getting so far: the log is away
                    break
        return goes_on

    def stop(self, deadline_s: float) -> None:
        """End all threads, oldest stage first; see `inspector_app.station.station.Station.stop`."""
        self._stop_asked.set()
        with self._lock:
            self._stop_asked.clear()
            if self._board.state is StationState.STOPPED:
                return
            self._board.set_life(Life.STOPPING)
            self._review.close()
            self._stuck = self._end_threads(time.monotonic() + deadline_s)
            self._leave_nothing_silent()
            self._guards.settle()
            self._guards.carry_out()
            self._housekeeping.write_out()
            self._waiting.clear()
            self._board.set_life(Life.STOPPED)

    def pause(self) -> None:
        """Take no new pictures until `resume`; does nothing unless the station runs or is held up by a fault."""
        if self._board.state in {StationState.RUNNING, StationState.FAULTED}:
            self._board.set_paused(paused=True)
            self._camera.wake()

    def resume(self) -> None:
        """Go on after `pause`; does nothing unless it is paused."""
        if self._board.paused:
            self._board.set_paused(paused=False)
            self._camera.wake()

    def take(self, parts: int | None) -> None:
        """Take this many parts from now on, then finish (``None``: all that come)."""
        self._camera.take_more(parts)
        self._board.set_finished(lambda: self._board.finished and self._camera.exhausted)

    def _end_threads(self, end: float) -> tuple[str, ...]:
        """End the threads from the camera on, each stage finishing what the one before left; return those that hang."""
        stages: tuple[tuple[str, Callable[[float], bool]], ...] = (
            ("camera", self._end_camera),
            (THREAD, self._inspection.stop),
            ("releases", self._housekeeping.stop),
            # Pictures first: a model or a line that hangs must not take the time in which they reach the disk.
            ("pictures", self._pictures.stop),
            ("beside", self._beside.stop),
            ("model", self._models.stop),
            ("line", self._teller.stop),
        )
        stuck = []
        for name, stop in stages:
            if not stop(max(0.0, end - time.monotonic())):
                stuck.append(name)
        return tuple(stuck)

    def _end_camera(self, deadline_s: float) -> bool:
        ended = self._camera.stop(deadline_s)
        self._frames.close()
        return ended

    def _leave_nothing_silent(self) -> None:
        """Name the threads that hang and the parts that could not be recorded."""
        for name in self._stuck:
            self._incidents.note("thread_hangs", f"The {name} thread did not end in time.")
            _log.error("the %s thread did not end in time", name)
        in_hand = None if THREAD in self._stuck else self._inspection.take_in_hand()
        if in_hand is not None:
            self._unrecorded.append(in_hand)
        self._unrecorded.extend(self._frames.remove_all())
        if self._unrecorded:
            parts = ", ".join(capture.name or f"picture {capture.sequence}" for capture in self._unrecorded)
            sentence = f"Not recorded and held, because the line has not heard of them: {parts}."
            self._incidents.note("unrecorded", sentence)
            _log.error("%s", sentence)
        self._incidents.note("stopped", f"The station was stopped after {self._tally.counts.recorded} parts.")
