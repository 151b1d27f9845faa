"""A server's thread: ready or refused with one sentence, never in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from inspector_app.domain.errors import LineError
from inspector_app.line.loop_thread import LoopThread


async def _until(stop: asyncio.Event, ready: Callable[[], None]) -> None:
    ready()
    await stop.wait()


def test_a_server_that_is_not_ready_in_time_is_not_open() -> None:
    async def never_ready(stop: asyncio.Event, _ready: Callable[[], None]) -> None:
        await stop.wait()

    loop = LoopThread("test-loop", "The server")
    with pytest.raises(LineError, match="it did not start in time"):
        loop.open(never_ready, 0.2)
    assert not loop.is_open


def test_a_server_given_up_before_its_thread_came_to_run_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()
    run = asyncio.run

    def late(work: Coroutine[Any, Any, None]) -> None:
        assert given_up.wait(60.0)
        run(work)

    class Closing(LoopThread):
        def close(self) -> None:
            threading.Timer(0.1, given_up.set).start()
            super().close()

    monkeypatch.setattr(asyncio, "run", late)
    loop = Closing("test-loop", "The server")
    with pytest.raises(LineError, match="it did not start in time"):
        loop.open(_until, 0.05)
    assert not loop.is_open


def test_whatever_a_server_fails_with_at_its_start_is_one_sentence() -> None:
    async def fails(_stop: asyncio.Event, _ready: Callable[[], None]) -> None:
        raise ValueError("the certificate is no certificate")

    loop = LoopThread("test-loop", "The server")
    with pytest.raises(LineError, match="the certificate is no certificate"):
        loop.open(fails, 60.0)
    assert not loop.is_open


def test_work_that_fails_did_not_reach_the_line_and_a_loop_opens_again() -> None:
    async def work() -> None:
        raise KeyError("node")

    loop = LoopThread("test-loop", "The server")
    for _ in range(2):
        loop.open(_until, 60.0)
        with pytest.raises(LineError, match="The server failed with KeyError"):
            loop.run(work(), 60.0)
        loop.close()
    with pytest.raises(LineError, match="is not open"):
        loop.run(work(), 60.0)


def test_a_loop_that_ends_while_it_is_asked_is_not_open() -> None:
    async def work() -> None:
        pytest.fail("nothing runs any more")

    ended = asyncio.new_event_loop()
    ended.close()
    let_go = threading.Event()
    loop = LoopThread("test-loop", "The server")
    loop._thread = threading.Thread(target=let_go.wait, name="ending")
    loop._thread.start()
    loop._loop, loop._stop = ended, asyncio.Event()
    try:
        with pytest.raises(LineError, match="The server is not open"):
            loop.run(work(), 5.0)
    finally:
        let_go.set()
        loop.close()
    assert not loop.is_open
