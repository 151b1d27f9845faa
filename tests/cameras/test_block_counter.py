"""Gaps in a camera's block numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cameras.blocks import BlockCounter


def skips(*blocks: tuple[int, int]) -> list[int]:
    counter = BlockCounter()
    return [counter.skipped(block, reported) for block, reported in blocks]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([(0, 0), (1, 0), (2, 0)], [0, 0, 0]),
        ([(1, 0), (2, 0), (5, 0), (6, 0)], [0, 0, 2, 0]),
        ([(3, 3), (9, 5), (14, 4)], [3, 5, 4]),
        ([(0, 0), (1, 2)], [0, 2]),
        ([(65_534, 0), (65_535, 0), (1, 0), (2, 0)], [0, 0, 0, 0]),
        ([(65_533, 0), (3, 0)], [0, 4]),
        ([(7, 0), (7, 0), (7, 3)], [0, 0, 3]),
        ([(900, 0), (0, 0), (1, 0)], [0, 0, 0]),
    ],
)
def test_gaps(blocks: list[tuple[int, int]], expected: list[int]) -> None:
    assert skips(*blocks) == expected


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(0, 2**40))
def test_all_that_is_missing_is_counted(gaps: list[int], start: int) -> None:
    counter, block, counted = BlockCounter(), start, 0
    counter.skipped(start, 0)
    for gap in gaps:
        block += gap + 1
        counted += counter.skipped(block, 0)
    assert counted == sum(gaps)
