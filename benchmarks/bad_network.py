"""A network between a station and its prediction server that can be cut, swallow everything, or be slow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self

_CHUNK = 65_536


class BadNetwork:
    """A TCP proxy on 127.0.0.1 with a thread of its own; a context manager.

    Parameters
    ----------
    target : tuple of (str, int)
        Where connections go; `lead_to` changes it for new ones.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._delay_s = 0.0
        self._refuses = False
        self._swallows = False
        self._pairs: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad network")

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Where a station is to connect."""
        assert self._server is not None
        return f"grpc://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def lead_to(self, target: tuple[str, int]) -> None:
        """Connect to another server from now on."""
        self._target = target

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        self._refuses = True
        self._loop.call_soon_threadsafe(self._abort)

    def swallow(self) -> None:
        """Let nothing through any more, and say nothing."""
        self._swallows = True

    def slow_down(self, delay_s: float) -> None:
        """Let every answer wait."""
        self._delay_s = delay_s

    def mend(self) -> None:
        """Let everything through; connections whose bytes were swallowed are reset."""
        broken, self._swallows = self._swallows, False
        self._refuses, self._delay_s = False, 0.0
        if broken:
            self._loop.call_soon_threadsafe(self._abort)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30.0)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        self._abort()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _abort(self) -> None:
        for writer in tuple(self._pairs):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._pairs.add(writer)
        onward: asyncio.StreamWriter | None = None
        try:
            if self._refuses:
                return
            back, onward = await asyncio.open_connection(*self._target)
            self._pairs.add(onward)
            await asyncio.gather(self._pump(reader, onward, late=False), self._pump(back, writer, late=True))
        except OSError:
            pass  # one side is gone, and with it the connection
        finally:
            for each in (writer, onward):
                if each is not None:
                    self._pairs.discard(each)
                    each.transport.abort()
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
        while chunk := await reader.read(_CHUNK):
            if self._swallows:
                continue
            if late and self._delay_s:
                await asyncio.sleep(self._delay_s)
            writer.write(chunk)
            await writer.drain()
        writer.transport.abort()
