"""Blocking calls (log, disk, station) run here, off the GUI thread; their answers come back to it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from inspector_app.domain.errors import KnownFault

T = TypeVar("T")
Job = Callable[[], T]
OnSuccess = Callable[[T], None]
OnFailure = Callable[[KnownFault], None]


class Background(QObject):
    """A small pool of named threads for blocking calls.

    A job's result goes to ``success`` and a `KnownFault` to ``failure``, both on the GUI thread. Any other exception
    is a bug: it is raised again on the GUI thread, where `sys.excepthook` meets it.

    Parameters
    ----------
    threads : int
        Size of the pool.

    Signals
    -------
    busy_changed(bool)
        When the first job begins and when the last has ended.
    """

    busy_changed = Signal(bool)
    _finished = Signal()

    def __init__(self, threads: int = 3) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="window-background")
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running: set[Future[None]] = set()
        self._open = True
        self._unanswered = 0
        self._finished.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """True while a job runs or its answer waits to be delivered."""
        return self._unanswered > 0

    def run(self, job: Job[T], success: OnSuccess[T], failure: OnFailure) -> None:
        """Run a job; call on the GUI thread. After `close` nothing runs and nobody is called."""
        if not self._open:
            return
        self._unanswered += 1
        if self._unanswered == 1:
            self.busy_changed.emit(True)
        future = self._pool.submit(self._work, job, success, failure)
        self._running.add(future)
        self._running = {running for running in self._running if not running.done()}

    def close(self, deadline_s: float) -> bool:
        """Start nothing more and wait for what runs; idempotent.

        Returns
        -------
        bool
            True if everything has ended within ``deadline_s``.
        """
        self._open = False
        self._pool.shutdown(wait=False, cancel_futures=True)
        # A future cancelled in the queue never counts as done for `wait`: no worker takes it up any more.
        running = {future for future in self._running if not future.cancelled()}
        return not wait(running, timeout=deadline_s).not_done

    def _work(self, job: Job[T], success: OnSuccess[T], failure: OnFailure) -> None:
        try:
            result = job()
        except KnownFault as fault:
            self._done.put(_call(failure, fault))
        except BaseException as bug:  # noqa: BLE001 - a thread's top boundary: raised again on the GUI thread
            self._done.put(_raise(bug))
        else:
            self._done.put(_call(success, result))
        if self._open:
            self._finished.emit()

    @Slot()
    def _answer(self) -> None:
        if not self._open:
            return
        answer = self._done.get_nowait()
        self._unanswered -= 1
        if self._unanswered == 0:
            self.busy_changed.emit(False)
        answer()


def _call(function: Callable[[Any], None], argument: object) -> Callable[[], None]:
    return lambda: function(argument)


def _raise(bug: BaseException) -> Callable[[], None]:
    def again() -> None:
        raise bug

    return again


class LatestJob:
    """Runs jobs of one purpose of which only the newest counts; answers of older ones are dropped.

    Parameters
    ----------
    background : Background
        Where the jobs run.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._serial = 0

    def run(self, job: Job[T], success: OnSuccess[T], failure: OnFailure) -> None:
        """Run a job in place of all earlier ones."""
        self._serial += 1
        serial = self._serial

        def if_newest(function: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda answer: function(answer) if serial == self._serial else None

        self._background.run(job, if_newest(success), if_newest(failure))

    def forget(self) -> None:
        """Drop the answers still to come."""
        self._serial += 1
