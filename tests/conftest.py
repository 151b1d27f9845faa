"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine must not fail a property: no test here asserts a time.
settings.register_profile("station", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("station")

PROJECT = Path(__file__).resolve().parent.parent
REAL_PICTURES = PROJECT.parent / "shared" / "data"


@pytest.fixture
def real_pictures() -> Path:
    """Return the folder of real picture sets, or skip where it is absent."""
    if not REAL_PICTURES.is_dir():
        pytest.skip("the real picture sets (../shared/data) are not on this machine")
    return REAL_PICTURES


@pytest.fixture(autouse=True)
def _no_threads_left_behind() -> Iterator[None]:
    """Fail a test that leaves a running thread of ours behind."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()]
    for thread in left:
        thread.join(timeout=2.0)
    alive = [t.name for t in left if t.is_alive()]
    assert not alive, f"threads left behind: {alive}"
