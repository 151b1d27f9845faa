"""Pictures: what is one, and its identity."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from inspector_app.domain.frame import frozen_pixels, pixels_sha256


def test_the_identity_is_over_shape_and_bytes():
    pixels = frozen_pixels(np.arange(24, dtype=np.uint8).reshape(2, 4, 3))
    assert pixels_sha256(pixels) == hashlib.sha256(b"2x4x3\n" + bytes(range(24))).hexdigest()


def test_equal_bytes_of_another_shape_are_another_picture():
    data = np.arange(24, dtype=np.uint8)
    shapes = [(24, 1), (1, 24), (4, 6), (6, 4), (2, 4, 3), (4, 2, 3)]
    assert len({pixels_sha256(frozen_pixels(data.reshape(shape))) for shape in shapes}) == len(shapes)


def test_one_changed_value_is_another_picture():
    pixels = np.zeros((5, 5), np.uint8)
    before = pixels_sha256(frozen_pixels(pixels.copy()))
    pixels[4, 4] = 1
    assert pixels_sha256(frozen_pixels(pixels)) != before


def test_the_identity_does_not_depend_on_the_memory_layout():
    pixels = np.random.default_rng(3).integers(0, 256, (6, 8, 3), np.uint8)
    view = np.asfortranarray(pixels)
    assert pixels_sha256(view) == pixels_sha256(pixels)
    assert pixels_sha256(pixels[::2, ::-1]) == pixels_sha256(pixels[::2, ::-1].copy())


def test_frozen_pixels_are_read_only_and_leave_the_original_alone():
    original = np.zeros((3, 3), np.uint8)
    pixels = frozen_pixels(original)
    assert not pixels.flags.writeable
    assert pixels.flags.c_contiguous
    assert np.shares_memory(pixels, original)
    assert original.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1


def test_frozen_pixels_of_a_view_are_contiguous():
    pixels = frozen_pixels(np.zeros((4, 6, 3), np.uint8)[:, ::2])
    assert pixels.flags.c_contiguous
    assert pixels.shape == (4, 3, 3)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 3), np.uint16),
        np.zeros((3, 3), np.float64),
        np.zeros((3, 3, 4), np.uint8),
        np.zeros((3, 3, 1), np.uint8),
        np.zeros(9, np.uint8),
        np.zeros((1, 3, 3, 3), np.uint8),
    ],
)
def test_anything_else_is_no_picture(array):
    with pytest.raises(ValueError, match="a picture is uint8"):
        frozen_pixels(array)
