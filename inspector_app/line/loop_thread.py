"""An asyncio loop on a thread of its own, for servers that a line output keeps open."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, TypeVar

from inspector_app.domain.errors import LineError

_log = logging.getLogger(__name__)

T = TypeVar("T")
Serve = Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]
"""Serves until the event is set; calls the second argument once, when it is ready to be asked."""


class LoopThread:
    """Runs one server.

    Parameters
    ----------
    thread : str
        The thread's name.
    name : str
        Display name of the output, for sentences.
    """

    def __init__(self, thread: str, name: str) -> None:
        self._thread_name = thread
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._lock = threading.Lock()
        self._closing = False
        self._failed = ""

    @property
    def is_open(self) -> bool:
        """True from `open` to `close`."""
        return self._thread is not None

    def open(self, serve: Serve, within_s: float) -> None:
        """Start serving; a no-op while it does.

        Raises
        ------
        LineError
            If it is not ready within ``within_s`` seconds, or ended with an error before.
        """
        if self._thread is not None:
            return
        ready = threading.Event()
        self._failed, self._closing = "", False
        self._thread = threading.Thread(target=self._work, args=(serve, ready), name=self._thread_name)
        self._thread.start()
        in_time = ready.wait(within_s)
        if not in_time or self._loop is None or self._failed:
            why = self._failed if in_time else "it did not start in time"
            self.close()
            raise LineError(f"{self._name} cannot listen: {why or 'the address cannot be had'}.")

    def run(self, work: Coroutine[Any, Any, T], within_s: float) -> T:
        """Run a coroutine on the loop and return its result; `LineError` if it hangs or fails, or nothing is open."""
        loop, thread = self._loop, self._thread
        future = None
        if loop is not None and thread is not None and thread.is_alive():
            with suppress(RuntimeError):  # the loop may be closed while its thread still ends
                future = asyncio.run_coroutine_threadsafe(work, loop)
        if future is None:
            work.close()
            raise LineError(f"{self._name} is not open.")
        try:
            return future.result(within_s)
        except TimeoutError:
            future.cancel()
            raise LineError(f"{self._name} did not take the message in time.") from None
        except CancelledError:
            raise LineError(f"{self._name} was closed before it took the message.") from None
        except LineError:
            raise
        except Exception as fault:
            _log.exception("%s failed", self._name)
            raise LineError(f"{self._name} failed with {type(fault).__name__}: {fault}.") from fault

    def close(self) -> None:
        """Stop serving and wait for it; idempotent."""
        thread = self._thread
        if thread is None:
            return
        with self._lock:
            self._closing = True
            if self._loop is not None and self._stop is not None:
                with suppress(RuntimeError):  # it has ended by itself
                    self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()
        self._thread = self._loop = self._stop = None

    def _work(self, serve: Serve, ready: threading.Event) -> None:
        async def whole() -> None:
            with self._lock:
                if self._closing:  # given up before it came to run
                    return
                self._stop = asyncio.Event()
                self._loop = asyncio.get_running_loop()
            await serve(self._stop, ready.set)

        try:
            asyncio.run(whole())
        except OSError as error:
            self._failed = (error.strerror or str(error)).rstrip(".")
        except Exception as error:  # noqa: BLE001  told by `open`, or by the next message that nobody takes
            _log.exception("%s failed", self._name)
            self._failed = (str(error) or type(error).__name__).rstrip(".")
        finally:
            ready.set()
