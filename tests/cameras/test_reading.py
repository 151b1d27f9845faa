"""Every kind of bad or unusual picture file: a typed outcome and one sentence, or the right pixels."""

from __future__ import annotations

import base64
import itertools
import resource
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inspector_app.cameras.reading import PictureLimits, PictureRead, PictureRefused, read_picture
from inspector_app.domain.frame import PictureProblem

LIMITS = PictureLimits()
KINDS = [".jpg", ".png", ".bmp", ".tif", ".webp"]

# 48×32 px, quarters red, green, blue and (200, 100, 50) in RGB; Adobe marker, inverted CMYK, quality 90.
CMYK_JPEG = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgS"
    "FBUU/8AAFAgAIAAwBEMRAE0RAFkRAEsRAP/EABcAAQEBAQAAAAAAAAAAAAAAAAAKCQj/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBL"
    "AAA/ANU2VTKpqmAACVcVUAAAKqBKuAAAlXFVAAAAqoSrgAAKFWMLoUAABPU2ec9AAAKFWMLoUAAB/9k="
)


def picture(height: int = 60, width: int = 80) -> NDArray[np.uint8]:
    """Smooth, different in every corner and channel, so that a turned or swapped picture is noticed."""
    rows, columns = np.mgrid[0:height, 0:width]
    blue = 255 * columns / (width - 1)
    green = 255 * rows / (height - 1)
    red = 255 * (columns + rows) / (width + height - 2)
    return np.dstack([blue, green, red]).astype(np.uint8)


def encoded(array: NDArray[np.generic], suffix: str, *parameters: int) -> bytes:
    done, data = cv2.imencode(suffix, array, parameters)
    assert done
    return data.tobytes()


def read(path: Path, data: bytes, limits: PictureLimits = LIMITS) -> PictureRead | PictureRefused:
    path.write_bytes(data)
    return read_picture(path, limits)


def usable(path: Path, data: bytes, limits: PictureLimits = LIMITS) -> PictureRead:
    result = read(path, data, limits)
    assert isinstance(result, PictureRead), result
    assert result.pixels.dtype == np.uint8
    assert not result.pixels.flags.writeable
    assert result.pixels.flags.c_contiguous
    return result


def refused(path: Path, data: bytes, problem: PictureProblem, limits: PictureLimits = LIMITS) -> str:
    result = read(path, data, limits)
    assert isinstance(result, PictureRefused), result
    assert result.problem is problem, result.sentence
    assert result.sentence.startswith(str(path))
    assert result.sentence.endswith(".")
    assert "\n" not in result.sentence
    return result.sentence


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_size(width: int, height: int, rows: bytes = b"") -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def with_exif(jpeg: bytes, orientation: int, order: str) -> bytes:
    mark = {"<": b"II", ">": b"MM"}[order]
    entry = struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)
    exif = b"Exif\0\0" + mark + struct.pack(order + "HIH", 42, 8, 1) + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_colour_comes_through_bit_for_bit(tmp_path: Path, suffix: str) -> None:
    result = usable(tmp_path / f"part{suffix}", encoded(picture(), suffix))
    np.testing.assert_array_equal(result.pixels, picture())
    assert result.note is None


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_colour_comes_through(tmp_path: Path, suffix: str) -> None:
    result = usable(tmp_path / f"part{suffix}", encoded(picture(), suffix))
    assert result.pixels.shape == (60, 80, 3)
    assert np.abs(result.pixels.astype(int) - picture()).mean() < 4
    assert result.note is None


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
def test_grey_stays_grey(tmp_path: Path, suffix: str) -> None:
    assert usable(tmp_path / f"part{suffix}", encoded(picture()[..., 0], suffix)).pixels.shape == (60, 80)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_over_the_full_range(tmp_path: Path, suffix: str, channels: int) -> None:
    levels = np.linspace(0, 65535, 60 * 80).round().astype(np.uint16).reshape(60, 80)
    array = levels if channels == 1 else np.dstack([levels, levels[::-1], levels[:, ::-1]])
    result = usable(tmp_path / f"part{suffix}", encoded(array, suffix))
    np.testing.assert_array_equal(result.pixels, np.rint(array / 257).astype(np.uint8))
    assert result.note == "16-bit scaled to 8"


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_alpha_is_dropped_and_noted(tmp_path: Path, suffix: str) -> None:
    opacity = np.full((60, 80, 1), 128, np.uint8)
    data = encoded(
        np.dstack([picture(), opacity]), suffix, *((cv2.IMWRITE_WEBP_QUALITY, 101) if suffix == ".webp" else ())
    )
    result = usable(tmp_path / f"part{suffix}", data)
    np.testing.assert_array_equal(result.pixels, picture())
    assert result.note == "alpha dropped"


def test_cmyk_jpeg_is_converted_and_noted(tmp_path: Path) -> None:
    result = usable(tmp_path / "part.jpg", CMYK_JPEG)
    corners = [result.pixels[4, 4], result.pixels[28, 4], result.pixels[4, 44], result.pixels[28, 44]]
    expected = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (50, 100, 200)]
    for found, wanted in zip(corners, expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=6)
    assert result.note == "CMYK converted to BGR"


@pytest.mark.parametrize(("orientation", "order"), list(itertools.product(range(1, 9), "<>")))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, order: str) -> None:
    upright = picture()
    # How the sensor saw it, so that turning it by the tag (EXIF 2.3, table 6) gives the upright picture.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    jpeg = encoded(np.ascontiguousarray(stored), ".jpg", cv2.IMWRITE_JPEG_QUALITY, 98)
    result = usable(tmp_path / "part.jpg", with_exif(jpeg, orientation, order))
    assert result.pixels.shape == (60, 80, 3)
    assert np.abs(result.pixels.astype(int) - upright).mean() < 3
    assert result.note == (None if orientation == 1 else "turned upright by its EXIF orientation")


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_never_taken_for_a_picture(tmp_path: Path, suffix: str, share: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    data = encoded(noise, suffix)
    sentence = refused(tmp_path / f"part{suffix}", data[: int(len(data) * share)], PictureProblem.TRUNCATED)
    assert "truncated" in sentence or "ends within" in sentence


@pytest.mark.parametrize("progressive", [0, 1])
@pytest.mark.parametrize("restart", [0, 4])
def test_every_cut_of_a_jpeg_is_noticed(tmp_path: Path, progressive: int, restart: int) -> None:
    options = (cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_RST_INTERVAL, restart)
    data = encoded(np.random.default_rng(4).integers(0, 255, (40, 48, 3), dtype=np.uint8), ".jpg", *options)
    usable(tmp_path / "whole.jpg", data)
    for length in [*range(3, len(data) - 40, 13), *range(len(data) - 40, len(data))]:
        refused(tmp_path / "cut.jpg", data[:length], PictureProblem.TRUNCATED)


def test_every_cut_of_a_png_is_noticed(tmp_path: Path) -> None:
    data = encoded(picture(32, 32), ".png")
    for length in range(8, len(data)):
        refused(tmp_path / "cut.png", data[:length], PictureProblem.TRUNCATED)


def test_a_jpeg_without_any_scan_is_truncated(tmp_path: Path) -> None:
    data = encoded(picture(), ".jpg")
    refused(tmp_path / "part.jpg", data[: data.index(b"\xff\xda")] + b"\xff\xd9", PictureProblem.TRUNCATED)


def test_a_jpeg_with_a_stray_marker_in_its_picture_data_is_damaged(tmp_path: Path) -> None:
    data = bytearray(encoded(picture(), ".jpg"))
    data[-40:-38] = b"\xff\xab"
    assert "marker AB" in refused(tmp_path / "part.jpg", bytes(data), PictureProblem.UNREADABLE)


def test_a_jpeg_padded_with_zeros_after_a_crash_is_truncated(tmp_path: Path) -> None:
    data = encoded(picture(), ".jpg")
    refused(tmp_path / "part.jpg", data[: len(data) // 2] + bytes(len(data)), PictureProblem.TRUNCATED)


def test_bytes_after_the_end_of_a_jpeg_do_no_harm(tmp_path: Path) -> None:
    usable(tmp_path / "part.jpg", encoded(picture(), ".jpg") + b"preview" * 100)


def test_a_png_with_a_flipped_bit_is_damaged(tmp_path: Path) -> None:
    data = bytearray(encoded(picture(), ".png"))
    data[len(data) // 2] ^= 1
    refused(tmp_path / "part.png", bytes(data), PictureProblem.UNREADABLE)


def test_a_png_without_its_rows_is_damaged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    refused(tmp_path / "part.png", png_of_size(64, 64), PictureProblem.UNREADABLE)


def test_zero_bytes(tmp_path: Path) -> None:
    assert "empty" in refused(tmp_path / "part.jpg", b"", PictureProblem.EMPTY_FILE)


@pytest.mark.parametrize("content", [b"This is no picture.\n" * 50, b"x", bytes(5000), "Prüfling".encode()])
def test_text_called_jpg_is_no_picture(tmp_path: Path, content: bytes) -> None:
    assert "not a picture" in refused(tmp_path / "part.jpg", content, PictureProblem.NOT_A_PICTURE)


@pytest.mark.parametrize(
    "content", [b"GIF89a" + bytes(60), b"\0\0\0\x20ftypheic" + bytes(60), b"%PDF-1.7" + bytes(60), b"II+\0" + bytes(60)]
)
def test_other_formats_are_named(tmp_path: Path, content: bytes) -> None:
    assert "JPEG, PNG, BMP, TIFF or WebP" in refused(tmp_path / "part.jpg", content, PictureProblem.UNSUPPORTED_FORMAT)


def test_float_pictures_are_not_supported(tmp_path: Path) -> None:
    refused(tmp_path / "part.tif", encoded(picture().astype(np.float32), ".tif"), PictureProblem.UNSUPPORTED_FORMAT)


@pytest.mark.parametrize("suffix", KINDS)
def test_one_by_one_is_too_small(tmp_path: Path, suffix: str) -> None:
    data = encoded(np.zeros((1, 1, 3), np.uint8), suffix)
    assert "at least 32 px" in refused(tmp_path / f"part{suffix}", data, PictureProblem.TOO_SMALL)


@pytest.mark.parametrize(("side", "fits"), [(31, False), (32, True)])
def test_the_smallest_side_counts(tmp_path: Path, side: int, fits: bool) -> None:
    data = encoded(picture(side, 200), ".png")
    if fits:
        usable(tmp_path / "part.png", data)
    else:
        refused(tmp_path / "part.png", data, PictureProblem.TOO_SMALL)


def test_two_hundred_megapixels_are_refused_without_decoding(tmp_path: Path) -> None:
    """The bomb is 200 kB on disk and 200 MB decoded; the peak memory of the process must not show it."""
    bomb = png_of_size(20_000, 10_000, bytes(20_001) * 10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sentence = refused(tmp_path / "part.png", bomb, PictureProblem.TOO_LARGE)
    assert "20000×10000" in sentence
    assert "at most 100 megapixels" in sentence
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_two_hundred_megapixels_as_bmp(tmp_path: Path) -> None:
    header = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 20_000, -10_000, 1, 24, 0, 0, 0, 0, 0, 0)
    refused(tmp_path / "part.bmp", header, PictureProblem.TOO_LARGE)


def test_the_largest_picture_counts_to_the_pixel(tmp_path: Path) -> None:
    data = encoded(picture(50, 60), ".png")
    usable(tmp_path / "part.png", data, PictureLimits(max_pixels=3000))
    refused(tmp_path / "part.png", data, PictureProblem.TOO_LARGE, PictureLimits(max_pixels=2999))


def test_a_huge_file_behind_a_small_header_is_refused(tmp_path: Path) -> None:
    data = encoded(picture(), ".png")
    limits = PictureLimits(max_file_bytes=len(data))
    usable(tmp_path / "part.png", data, limits)
    refused(tmp_path / "part.png", data + b"x", PictureProblem.TOO_LARGE, limits)


@pytest.mark.parametrize("suffix", [".tif", ".png", ".webp"])
def test_the_first_page_is_taken(tmp_path: Path, suffix: str) -> None:
    pages = [picture(), np.zeros((60, 80, 3), np.uint8)]
    path = tmp_path / f"part{suffix}"
    if suffix == ".tif":
        assert cv2.imwritemulti(str(path), pages)
    else:
        animation = cv2.Animation()
        animation.frames = pages
        animation.durations = [100, 100]
        assert cv2.imwriteanimation(str(path), animation)
    result = read_picture(path, LIMITS)
    assert isinstance(result, PictureRead), result
    assert np.abs(result.pixels.astype(int) - picture()).mean() < 5


def test_a_vanished_file_is_a_sentence(tmp_path: Path) -> None:
    result = read_picture(tmp_path / "gone.jpg", LIMITS)
    assert isinstance(result, PictureRefused)
    assert result.problem is PictureProblem.UNREADABLE
    assert "is gone" in result.sentence


def test_a_file_without_permission_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    result = read_picture(tmp_path / "part.jpg", LIMITS)
    assert result == PictureRefused(
        PictureProblem.UNREADABLE, f"{tmp_path / 'part.jpg'} cannot be read: Permission denied."
    )


def test_a_folder_in_place_of_a_file_is_a_sentence(tmp_path: Path) -> None:
    assert isinstance(read_picture(tmp_path, LIMITS), PictureRefused)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from(KINDS))
def test_damaged_bytes_never_raise(tmp_path: Path, data: st.DataObject, suffix: str) -> None:
    content = bytearray(encoded(picture(40, 40), suffix))
    places = st.integers(0, min(len(content), 600) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6)):
        content[place] = value
    result = read(tmp_path / f"part{suffix}", bytes(content))
    assert isinstance(result, PictureRead | PictureRefused)


@pytest.mark.slow
def test_all_real_pictures_are_usable(real_pictures: Path) -> None:
    paths = sorted(real_pictures.glob("*/images/*"))[::10]
    assert len(paths) > 50
    for path in paths:
        result = read_picture(path, LIMITS)
        assert isinstance(result, PictureRead), result
