"""Pixel formats of GenICam cameras, against an encoder written from the layouts' bit pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gige_camera import mosaic
from inspector_app.cameras.pixel_formats import UnknownFormat, decode


def bit_stream(values: list[int], bits: int) -> bytes:
    """Lowest bit first, as PFNC draws ``Mono10p`` and ``Mono12p``."""
    word = sum(value << (bits * place) for place, value in enumerate(values))
    return word.to_bytes(-(-len(values) * bits // 8), "little")


def gige_packed(values: list[int], bits: int) -> bytes:
    """High bytes outside, low bits in the middle byte, as GigE Vision draws ``Mono12Packed``."""
    out = bytearray()
    for first, second in zip(values[::2], [*values[1::2], 0][: len(values[::2])], strict=True):
        low = bits - 8
        mask = 2**low - 1
        out += bytes([first >> low, (first & mask) | (second & mask) << 4, second >> low])
    return bytes(out)


ENCODERS = {
    "8": lambda values, _bits: bytes(values),
    "": lambda values, _bits: np.array(values, "<u2").tobytes(),
    "p": bit_stream,
    "Packed": gige_packed,
}
FORMATS = [
    (8, "8", ""), (10, "", ""), (12, "", ""), (14, "", ""), (16, "", ""),
    (10, "p", "p"), (12, "p", "p"), (10, "Packed", "Packed"), (12, "Packed", "Packed"),
]  # fmt: skip


@pytest.mark.parametrize(("bits", "encoder", "suffix"), FORMATS)
@given(data=st.data())
def test_grey_formats_scale_over_their_full_range(bits: int, encoder: str, suffix: str, data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 5))
    size = width * height
    values = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=size, max_size=size))
    sent = np.frombuffer(ENCODERS[encoder](values, bits) + b"\xff" * 3, np.uint8)
    pixels, note = decode(sent, width, height, f"Mono{bits}{suffix}")
    expected = np.array(values).reshape(height, width) * 255 / (2**bits - 1)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels - expected).max() <= 0.5 + 1e-3
    assert (note is None) == (bits == 8)
    assert not np.shares_memory(pixels, sent)


@pytest.mark.parametrize("tile", ["RG", "GR", "GB", "BG"])
def test_bayer_gives_the_colours_back(tile: str) -> None:
    picture = np.zeros((16, 20, 3), np.uint8)
    picture[:, :10], picture[:, 10:] = (200, 30, 60), (10, 90, 250)
    sent = mosaic(picture, tile)
    pixels, note = decode(sent.ravel(), 20, 16, f"Bayer{tile}8")
    np.testing.assert_array_equal(pixels[4:12, 3:8], picture[4:12, 3:8])
    np.testing.assert_array_equal(pixels[4:12, 13:18], picture[4:12, 13:18])
    assert note == f"Bayer{tile}8 converted to 8-bit BGR"
    wide = decode((sent.astype("<u2") * 16 + sent // 16).ravel().view(np.uint8), 20, 16, f"Bayer{tile}12")[0]
    np.testing.assert_allclose(wide.astype(int), pixels.astype(int), atol=1)


def test_colour_formats_become_bgr() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    for name, code in (("RGB8", cv2.COLOR_BGR2RGB), ("RGBa8", cv2.COLOR_BGR2RGBA), ("BGRa8", cv2.COLOR_BGR2BGRA)):
        sent = cv2.cvtColor(picture, code)
        for spelled in (name, f"{name}Packed"):
            np.testing.assert_array_equal(decode(sent.ravel(), 8, 6, spelled)[0], picture)
    pixels, note = decode(picture.ravel(), 8, 6, "BGR8")
    np.testing.assert_array_equal(pixels, picture)
    assert note is None
    grey = np.tile(np.array([128, 77], np.uint8), 24)
    assert np.abs(decode(grey, 4, 6, "YUV422_8_UYVY")[0].astype(int) - 71).max() <= 1


def test_what_is_not_known_or_too_short_is_said() -> None:
    with pytest.raises(UnknownFormat, match="the pixel format Coord3D_C16 is not supported"):
        decode(np.zeros(100, np.uint8), 4, 4, "Coord3D_C16")
    with pytest.raises(UnknownFormat, match="15 bytes came where Mono8 needs 16"):
        decode(np.zeros(15, np.uint8), 4, 4, "Mono8")
