"""Encodes and writes pictures off the decision path."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from inspector_app.domain.errors import LogUnavailable
from inspector_app.domain.events import PictureLost, PictureStored, StationEvent
from inspector_app.domain.frame import Pixels
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.ports import InspectionLog, PictureStore
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.log_keeper import LogKeeper
from inspector_app.station.options import StationOptions
from inspector_app.station.threads import ReportBug, Worker

_log = logging.getLogger(__name__)


class PictureWriter:
    """A thread that stores the pictures of committed parts; until then they are read from memory.

    Its queue is bounded: when it is full, `put` waits for a bounded time and then gives the picture up as lost,
    which is recorded. While the disk refuses pictures, those in the queue are kept and tried again.

    Parameters
    ----------
    store : PictureStore
        Where pictures go.
    log : InspectionLog
        Where it is recorded that they are there, or lost.
    keeper : LogKeeper
        For writes that wait for the log.
    board, tally : StateBoard, Tally
        Faults and counts.
    tell : callable
        Told of stored and lost pictures.
    options : StationOptions
        Queue size and waits.
    on_bug : ReportBug
        The thread's top boundary.
    """

    def __init__(
        self,
        store: PictureStore,
        log: InspectionLog,
        keeper: LogKeeper,
        board: StateBoard,
        tally: Tally,
        tell: Callable[[StationEvent], None],
        options: StationOptions,
        on_bug: ReportBug,
    ) -> None:
        self._store = store
        self._log = log
        self._keeper = keeper
        self._board = board
        self._tally = tally
        self._tell = tell
        self._options = options
        self._on_bug = on_bug
        self._changed = threading.Condition()
        self._held: dict[str, Pixels] = {}
        self._queue: deque[str] = deque()
        self._worker: Worker | None = None
        self._free_bytes = 0

    @property
    def queued(self) -> int:
        """Pictures that are not on disk yet."""
        return len(self._held)

    @property
    def free_bytes(self) -> int:
        """Free space of the pictures' file system when last looked at."""
        return self._free_bytes

    def look_at_disk(self) -> None:
        """Look at the free space; may wait for the disk. A disk that cannot be asked has none."""
        try:
            self._free_bytes = self._store.free_bytes()
        except LogUnavailable:
            self._free_bytes = 0

    def start(self) -> None:
        """Start the thread."""
        self._worker = Worker("pictures", self._work, self._on_bug, self._wake, steps_aside=True)
        self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """Store what waits, then end; False if that takes longer than ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def in_memory(self, pixels_sha256: str) -> Pixels | None:
        """Return a picture that is not on disk yet."""
        with self._changed:
            return self._held.get(pixels_sha256)

    def put(self, pixels_sha256: str, pixels: Pixels, stop: threading.Event) -> None:
        """Hand over the picture of a committed part.

        Raises
        ------
        LogUnavailable
            If the picture is lost, the log is away too, and ``stop`` is set.
        """
        if self._enqueue(pixels_sha256, pixels):
            return
        there = self._on_disk(pixels_sha256)
        if there is not None:
            self._keeper.insist(lambda: self._record_stored(pixels_sha256, there), stop)
            return
        sentence = "The picture could not be kept because too many others were waiting for the disk."
        self._keeper.insist(lambda: self._record_lost(pixels_sha256, sentence), stop)

    def _enqueue(self, pixels_sha256: str, pixels: Pixels) -> bool:
        """Queue a picture, waiting for room unless the disk refuses pictures anyway; False if there was none."""
        failing = self._board.lasts(FaultKind.PICTURES_NOT_STORED)
        with self._changed:
            if pixels_sha256 in self._held:
                return True
            # Readable at once, also while it waits for room.
            self._held[pixels_sha256] = pixels
            wait_s = 0.0 if failing else self._options.picture_wait_s
            if not self._changed.wait_for(lambda: len(self._queue) < self._options.pictures_queued, wait_s):
                del self._held[pixels_sha256]
                return False
            self._queue.append(pixels_sha256)
            self._changed.notify_all()
            return True

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stop: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._queue) or stop.is_set())
                if not self._queue:
                    return
                pixels_sha256 = self._queue.popleft()
                pixels = self._held[pixels_sha256]
                self._changed.notify_all()
            try:
                self._keep(pixels_sha256, pixels, stop)
            finally:
                with self._changed:
                    del self._held[pixels_sha256]

    def _keep(self, pixels_sha256: str, pixels: Pixels, stop: threading.Event) -> None:
        """Store one picture and record it; what the log cannot take before the stop is left to the next start."""
        try:
            picture = self._write(pixels_sha256, pixels, stop)
            if picture is None:
                sentence = "The disk refused the picture until the station was stopped."
                self._keeper.insist(lambda: self._record_lost(pixels_sha256, sentence), stop)
                return
            self._keeper.insist(lambda: self._record_stored(pixels_sha256, picture), stop)
        except LogUnavailable as fault:
            _log.warning("picture %s is left to the next start: %s", pixels_sha256, fault)

    def _write(self, pixels_sha256: str, pixels: Pixels, stop: threading.Event) -> StoredPicture | None:
        """Write until the disk takes it; ``None`` if it still refuses at the last attempt, once ``stop`` is set."""
        attempt = 0
        while True:
            try:
                picture = self._store.write(pixels_sha256, pixels)
            except LogUnavailable as fault:
                self._board.raise_fault(FaultKind.PICTURES_NOT_STORED, str(fault))
                if stop.is_set():
                    return None
                stop.wait(self._options.picture_backoff.delay_s(attempt))
                attempt += 1
            else:
                self._board.clear_fault(FaultKind.PICTURES_NOT_STORED)
                return picture

    def _on_disk(self, pixels_sha256: str) -> StoredPicture | None:
        """Return the picture if an earlier part that looked exactly the same has left it there."""
        try:
            return self._store.recover(pixels_sha256)
        except LogUnavailable:
            return None

    def _record_stored(self, pixels_sha256: str, picture: StoredPicture) -> None:
        self._log.record_picture(pixels_sha256, picture)
        self._tally.add(pictures_stored=1)
        self._tell(PictureStored(pixels_sha256))

    def _record_lost(self, pixels_sha256: str, sentence: str) -> None:
        self._log.record_picture(pixels_sha256, StoredPicture(PictureState.LOST, detail=sentence))
        self._tally.add(pictures_lost=1)
        self._tell(PictureLost(pixels_sha256, sentence))
        self._board.raise_fault(FaultKind.PICTURES_NOT_STORED, sentence)
