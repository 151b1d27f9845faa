"""Times taken in turn, percentiles, and how they are printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np


def in_turn(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return ms of every job, each timed once a round; the first round does not count."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(1 + rounds):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            if number:
                times[name].append((time.perf_counter() - began) * 1000.0)
    return times


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return p50, p99 and the maximum."""
    array = np.asarray(values)
    return float(np.percentile(array, 50)), float(np.percentile(array, 99)), float(array.max())


def row(name: str, values_ms: Sequence[float]) -> str:
    """Return one line of a table of times in ms."""
    p50, p99, most = percentiles(values_ms)
    return f"{name:<58} p50 {p50:8.2f} ms   p99 {p99:8.2f} ms   max {most:8.2f} ms   n {len(values_ms)}"


def ratio(name: str, ours_ms: Sequence[float], theirs_ms: Sequence[float]) -> str:
    """Return one line with the ratios of p50 and p99."""
    ours, theirs = percentiles(ours_ms), percentiles(theirs_ms)
    return f"{name:<58} p50 {ours[0] / theirs[0]:8.2f} x    p99 {ours[1] / theirs[1]:8.2f} x"
