"""Pieces of a map are OpenCV's components with its own statistics, whatever part of the picture they cover."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.pieces import find_pieces

LOW, HIGH = 0.5, 0.75


def expected(heat: NDArray[np.float32]) -> list[tuple[int, int, int, float, bytes]]:
    """Return x, y, area, summed probability and mask of each component that holds a high value."""
    above = np.asarray(heat >= LOW, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
    found = []
    for label in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[label])
        inside = labels == label
        if heat[inside].max() >= HIGH:
            total = float(heat[inside].astype(np.float64).sum())
            found.append((x, y, area, total, inside[y : y + height, x : x + width].astype(np.uint8).tobytes()))
    return sorted(found, key=lambda piece: -piece[3])


@given(
    height=st.integers(1, 30),
    width=st.integers(1, 30),
    seed=st.integers(0, 10**6),
    share=st.floats(0.0, 1.0),
    margin=st.integers(0, 5),
)
def test_pieces_are_the_components_of_the_whole_map(
    height: int, width: int, seed: int, share: float, margin: int
) -> None:
    rng = np.random.default_rng(seed)
    heat = rng.random((height, width)).astype(np.float32)
    heat[rng.random((height, width)) > share] = 0.0
    heat = np.pad(heat, margin)
    pieces = find_pieces(heat, LOW, HIGH)
    wanted = expected(heat)
    assert [piece.total for piece in pieces] == pytest.approx([each[3] for each in wanted])
    seen = {(piece.x, piece.y, piece.area, piece.mask.tobytes()) for piece in pieces}
    assert seen == {(x, y, area, mask) for x, y, area, _, mask in wanted}


def test_the_pieces_of_greatest_weight_are_kept() -> None:
    heat = np.zeros((120, 120), np.float32)
    heat[::4, ::4] = np.linspace(0.76, 0.99, 900, dtype=np.float32).reshape(30, 30)
    pieces = find_pieces(heat, LOW, HIGH)
    assert len(pieces) == 400
    assert min(piece.total for piece in pieces) == pytest.approx(float(np.sort(heat[::4, ::4].ravel())[-400]))
