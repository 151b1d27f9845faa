"""Percentiles and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
