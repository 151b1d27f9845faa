"""A pytest plugin for a bad day: every thread stands still for a while, somewhere, as on a machine that is overloaded.

    make stress [SEED=7] [ROOMS=tests/station]

Each thread of a test, its own included, sleeps once for up to ``LONGEST_S`` at a call or return that the seed picks
within the project or in the library's threading modules. A test whose outcome hangs on a thread being quick fails then,
and so does code that loses something when one is slow. Threads that Python did not start (Qt's, OpenVINO's) go on.
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

LONGEST_S = 1.2
CALLS = 30
"""How many calls a thread makes on average before it stands still."""

_PROJECT = str(Path(__file__).parents[1])
_WAITS = ("/threading.py", "/queue.py", "/socket.py", "/futures/_base.py", "/futures/thread.py", "/base_events.py")


class Stall:
    """The one stop of a thread; given to `sys.setprofile`, which it leaves again when it is over."""

    def __init__(self, rng: random.Random) -> None:
        self._left = rng.expovariate(1.0 / CALLS)
        self._pause_s = rng.uniform(0.2, LONGEST_S)

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Count a call; stop at the last."""
        name = frame.f_code.co_filename
        ours = name.startswith(_PROJECT) and "site-packages" not in name
        if event not in {"call", "return"} or not (ours or name.endswith(_WAITS)):
            return
        self._left -= 1.0
        if self._left <= 0.0:
            sys.setprofile(None)
            time.sleep(self._pause_s)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--stalls SEED``."""
    parser.addoption("--stalls", type=int, default=1, help="where threads stand still: any number, another each time")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Have the test's thread, and each that it starts, stand still once."""
    numbers = itertools.count()

    def stall() -> Stall:
        return Stall(random.Random(f"{item.config.getoption('stalls')} {item.nodeid} {next(numbers)}"))

    threading.setprofile(lambda *what: sys.setprofile(stall()))
    sys.setprofile(stall())
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
