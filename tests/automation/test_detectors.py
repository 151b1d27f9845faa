"""The Shiryaev-Roberts detector against its guarantee."""

from __future__ import annotations

import numpy as np
import pytest

from inspector_app.automation.detectors import shiryaev_roberts


def _delay(rate, generator):
    value = 0.0
    parts = 0
    while value < 1000.0:
        parts += 1
        value = shiryaev_roberts(value, 0.03 / 0.01 if generator.random() < rate else 0.97 / 0.99)
    return parts


# Computed once: 1348 parts to a false alarm (guaranteed: 1000), 194 at 3 %, 83 at 6 %.
@pytest.mark.parametrize(("rate", "low", "high"), [(0.01, 1150, 1550), (0.03, 175, 215), (0.06, 75, 92)])
def test_run_lengths(rate, low, high):
    generator = np.random.default_rng(11)
    assert low < np.mean([_delay(rate, generator) for _ in range(400)]) < high


@pytest.mark.parametrize(("before", "e"), [(-1.0, 1.0), (0.0, float("nan"))])
def test_out_of_range_is_refused(before, e):
    with pytest.raises(ValueError, match="not"):
        shiryaev_roberts(before, e)
