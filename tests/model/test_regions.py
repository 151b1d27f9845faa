"""Regions of drawn shapes: class, place, length, width, score, and pieces that make one line."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.lines import LineEnd, continues, line_ends, line_length
from model.manifest import Activation, ClassSpec, ModelManifest, OutputSpec, RegionSpec
from model.regions import find_regions, region_score

MakeManifest = Callable[..., ModelManifest]
CLASSES = (
    ClassSpec("background", False),
    ClassSpec("scratch", True),
    ClassSpec("crack", True),
    ClassSpec("dust", False),
)
HEIGHT, WIDTH = 360, 480


def line_mask(start: tuple[int, int], stop: tuple[int, int], width: int = 1) -> NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.line(mask, start, stop, 1, width)
    return mask


def arc_mask(radius: int, degrees: float, width: int) -> NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (WIDTH // 2, HEIGHT // 2), (radius, radius), 0, 0, degrees, 1, width)
    return mask


def maps_of(*layers: tuple[NDArray[np.uint8], int, float]) -> NDArray[np.float32]:
    """Return maps of (mask, class, probability) layers, later ones over earlier ones, background the rest."""
    maps = np.zeros((len(CLASSES), *layers[0][0].shape), np.float32)
    for mask, channel, probability in layers:
        maps[:, mask == 1] = 0.0
        maps[channel, mask == 1] = probability
    maps[0] = 1.0 - maps[1:].sum(axis=0)
    return maps


@pytest.fixture(scope="module")
def manifest(make_manifest: MakeManifest) -> ModelManifest:
    """Return a manifest whose maps have the resolution of the picture and whose regions are not filtered."""
    return make_manifest(classes=CLASSES, output=OutputSpec(Activation.SOFTMAX, 1), regions=RegionSpec(0.5, 0.3))


def band_mask(start: tuple[float, float], stop: tuple[float, float], width: float) -> NDArray[np.uint8]:
    """Return the pixels within half a width of a segment, ends cut straight: an exact band, unlike OpenCV's lines."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    length = math.hypot(dx, dy)
    along = ((columns - start[0]) * dx + (rows - start[1]) * dy) / length
    across = ((columns - start[0]) * dy - (rows - start[1]) * dx) / length
    return np.asarray((np.abs(across) <= width / 2) & (along >= 0) & (along <= length), np.uint8)


@settings(max_examples=50)
@given(
    x=st.integers(20, WIDTH - 20),
    y=st.integers(20, HEIGHT - 20),
    degrees=st.floats(0, 360),
    length=st.floats(20, 300),
    width=st.floats(1.0, 8.0),
)
def test_a_straight_line_is_measured(
    x: int, y: int, degrees: float, length: float, width: float, manifest: ModelManifest
) -> None:
    length = max(length, 5 * width)
    stop = (x + length * math.cos(math.radians(degrees)), y + length * math.sin(math.radians(degrees)))
    assume(10 <= stop[0] < WIDTH - 10 and 10 <= stop[1] < HEIGHT - 10)
    mask = band_mask((x, y), stop, width)
    (region,) = find_regions(maps_of((mask, 1, 0.9)), manifest, HEIGHT, WIDTH)
    assert region.length_px == pytest.approx(length, rel=0.03, abs=2.0)
    assert region.width_px == pytest.approx(width, abs=1.0)
    rows, columns = np.nonzero(mask)
    box = region.box
    assert (box.x, box.y) == (columns.min(), rows.min())
    assert (box.x + box.w, box.y + box.h) == (columns.max() + 1, rows.max() + 1)
    assert region.score == pytest.approx(0.9, abs=1e-6)


@given(radius=st.integers(40, 160), degrees=st.floats(40, 300), width=st.integers(1, 5))
def test_a_curve_is_measured_along_itself(radius: int, degrees: float, width: int) -> None:
    true = radius * math.radians(degrees)
    assert line_length(arc_mask(radius, degrees, width)) == pytest.approx(true, rel=0.04, abs=width + 2)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_rings_crosses_and_waves_are_measured(width: int) -> None:
    assert line_length(arc_mask(120, 360, width)) == pytest.approx(2 * math.pi * 120, rel=0.03)
    cross = line_mask((60, 60), (260, 260), width) | line_mask((60, 260), (260, 60), width)
    assert line_length(cross) == pytest.approx(2 * math.hypot(200, 200), rel=0.03)
    x = np.arange(20, 460)
    points = np.stack([x, 180 + 60 * np.sin(x / 30)], axis=1)
    wave = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.polylines(wave, [points.round().astype(np.int32)], isClosed=False, color=1, thickness=width)
    assert line_length(wave) == pytest.approx(np.hypot(*np.diff(points, axis=0).T).sum(), rel=0.03)


def test_blobs_are_as_long_as_their_longest_side() -> None:
    disc = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(disc, (200, 150), 60, 1, -1)
    assert line_length(disc) == pytest.approx(121, rel=0.02)
    assert line_length(np.ones((1, 1), np.uint8)) == pytest.approx(1.0)
    assert line_length(np.ones((40, 80), np.uint8)) == pytest.approx(80.0)
    assert line_length(np.zeros((5, 5), np.uint8)) == 0.0


@given(degrees=st.floats(0, 360), length=st.integers(15, 80))
def test_ends_point_out_of_a_line(degrees: float, length: int) -> None:
    dx, dy = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    start = (round(100 - dx * length / 2), round(100 - dy * length / 2))
    stop = (round(100 + dx * length / 2), round(100 + dy * length / 2))
    contours, _ = cv2.findContours(line_mask(start, stop), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    ends = line_ends(np.asarray(contours[0], np.int32), 12.0)
    assert {(end.x, end.y) for end in ends} == {start, stop}
    for end in ends:
        outward = math.copysign(1.0, (end.x - 100) * dx + (end.y - 100) * dy)
        assert end.dx * dx * outward + end.dy * dy * outward > 0.97


def test_a_dot_has_no_direction_and_does_not_continue_a_dot() -> None:
    dot, other = LineEnd(0, 0, 0, 0), LineEnd(3, 0, 0, 0)
    line = LineEnd(0, 0, 1, 0)
    assert not dot.directed
    assert not continues(dot, other, 10, 30)
    assert continues(line, other, 10, 30)
    assert not continues(line, LineEnd(0, 3, 0, 0), 10, 30)
    assert not continues(line, other, 2, 30)


def broken_line(gap: int, turn_deg: float = 0.0) -> NDArray[np.uint8]:
    """Return two lines of 100 px with a gap between, the second turned."""
    mask = line_mask((50, 180), (150, 180), 2)
    turn = math.radians(turn_deg)
    start = (150 + gap, 180)
    stop = (round(start[0] + 100 * math.cos(turn)), round(start[1] + 100 * math.sin(turn)))
    return mask | line_mask(start, stop, 2)


@pytest.mark.parametrize(("gap", "turn_deg", "count"), [(12, 0, 1), (12, 20, 1), (40, 0, 2), (12, 60, 2), (20, 90, 2)])
def test_pieces_of_one_line_are_one_region(gap: int, turn_deg: float, count: int, manifest: ModelManifest) -> None:
    found = find_regions(maps_of((broken_line(gap, turn_deg), 1, 0.8)), manifest, HEIGHT, WIDTH)
    assert len(found) == count
    if count == 1:
        (region,) = found
        assert region.length_px == pytest.approx(200 + gap, rel=0.04)
        assert region.box.w > 190
        # the outline is one shape that spans the gap
        outline = np.array(region.polygon, np.float32)
        assert cv2.pointPolygonTest(outline, (150 + gap / 2, 180.0), measureDist=True) >= -2.0


def test_no_pieces_are_joined_when_the_gap_is_zero(manifest: ModelManifest) -> None:
    apart = replace(manifest, regions=replace(manifest.regions, merge_gap_px=0.0))
    assert len(find_regions(maps_of((broken_line(5), 1, 0.8)), apart, HEIGHT, WIDTH)) == 2


def test_parallel_lines_stay_apart(manifest: ModelManifest) -> None:
    mask = line_mask((50, 100), (250, 100), 2) | line_mask((50, 112), (250, 112), 2)
    assert len(find_regions(maps_of((mask, 1, 0.8)), manifest, HEIGHT, WIDTH)) == 2


def test_a_dotted_line_is_joined_through_its_dashes(manifest: ModelManifest) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(50, 290, 30):
        cv2.line(mask, (x, 50 + x // 3), (x + 18, 56 + x // 3), 1, 2)
    (region,) = find_regions(maps_of((mask, 1, 0.8)), manifest, HEIGHT, WIDTH)
    assert region.box.w > 220


def test_a_scratch_across_dust_stays_one_scratch(manifest: ModelManifest) -> None:
    blob = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(blob, (150, 150), 30, 1, -1)
    scratch = line_mask((50, 150), (250, 155), 3)
    found = find_regions(maps_of((blob, 3, 0.9), (scratch, 1, 0.7)), manifest, HEIGHT, WIDTH)
    rejecting = [region for region in found if region.rejects]
    assert [region.class_name for region in rejecting] == ["scratch"]
    assert rejecting[0].length_px == pytest.approx(201, rel=0.03)
    assert {region.class_name for region in found} == {"scratch", "dust"}


def test_a_defect_that_two_reject_classes_share_is_found_and_named_by_the_stronger(manifest: ModelManifest) -> None:
    mask = line_mask((50, 50), (200, 60), 2)
    maps = maps_of((mask, 1, 0.3))
    maps[2][mask == 1] = 0.4
    maps[0][mask == 1] = 0.3
    (region,) = find_regions(maps, manifest, HEIGHT, WIDTH)
    assert region.class_name == "crack"
    assert region.score == pytest.approx(0.7, abs=1e-6)


def test_hysteresis_follows_a_faint_tail_but_starts_from_no_faint_line(manifest: ModelManifest) -> None:
    strong, tail = line_mask((50, 50), (100, 50)), line_mask((100, 50), (200, 50))
    alone = line_mask((50, 200), (200, 200))
    (region,) = find_regions(maps_of((tail, 1, 0.4), (strong, 1, 0.9), (alone, 1, 0.4)), manifest, HEIGHT, WIDTH)
    assert region.length_px == pytest.approx(151, rel=0.02)
    assert region.box.y == 50


def test_small_and_short_regions_are_dropped_and_the_best_kept(manifest: ModelManifest) -> None:
    short, long = line_mask((50, 50), (60, 50)), line_mask((50, 100), (250, 100))
    maps = maps_of((short, 1, 0.9), (long, 1, 0.8))
    for changes in ({"min_length_px": 20.0}, {"min_area_px": 20.0}, {"max_regions": 1, "score_length_px": 20.0}):
        spec = replace(manifest, regions=replace(manifest.regions, **changes))  # type: ignore[arg-type]
        (region,) = find_regions(maps, spec, HEIGHT, WIDTH)
        assert region.box.y == 100
    both = find_regions(maps, manifest, HEIGHT, WIDTH)
    assert [region.box.y for region in both] == [50, 100]


def test_the_score_grows_with_length_when_asked() -> None:
    spec = RegionSpec(0.5, 0.5, score_length_px=30.0)
    assert region_score(0.8, 30.0, spec) == pytest.approx(0.4)
    assert region_score(0.8, 30.0, replace(spec, score_length_px=0.0)) == pytest.approx(0.8)


@given(
    stride=st.sampled_from([1, 2, 4]), height=st.integers(33, 60), width=st.integers(33, 60), seed=st.integers(0, 99)
)
def test_regions_lie_inside_the_picture_and_are_in_order(
    stride: int, height: int, width: int, seed: int, manifest: ModelManifest
) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = -(-height // stride), -(-width // stride)
    heat = cv2.GaussianBlur(rng.random((rows, columns)).astype(np.float32), (3, 3), 0)
    maps = np.stack([1 - heat, heat * 0.9, heat * 0.05, heat * 0.05]).astype(np.float32)
    strided = replace(manifest, output=OutputSpec(Activation.SOFTMAX, stride))
    found = find_regions(maps, strided, height, width)
    assert [region.score for region in found] == sorted((region.score for region in found), reverse=True)
    for region in found:
        box = region.box
        assert 0 <= box.x < box.x + box.w <= width
        assert 0 <= box.y < box.y + box.h <= height
        assert len(region.polygon) >= 3
        assert all(box.x <= x < box.x + box.w and box.y <= y < box.y + box.h for x, y in region.polygon)
        assert 0.0 < region.score <= 1.0
        assert region.length_px >= stride
        assert region.width_px > 0.0


def test_lengths_are_in_px_of_the_picture(manifest: ModelManifest) -> None:
    strided = replace(manifest, output=OutputSpec(Activation.SOFTMAX, 4))
    maps = maps_of((line_mask((20, 20), (100, 60), 2), 1, 0.9))
    (region,) = find_regions(maps, strided, HEIGHT * 4, WIDTH * 4)
    assert region.length_px == pytest.approx(4 * math.hypot(80, 40), rel=0.05)
    assert (region.box.x, region.box.y) == pytest.approx((80, 80), abs=8)


def test_an_empty_map_has_no_regions(manifest: ModelManifest) -> None:
    assert find_regions(maps_of((np.zeros((HEIGHT, WIDTH), np.uint8), 1, 0.9)), manifest, HEIGHT, WIDTH) == ()


def test_noise_is_bounded(manifest: ModelManifest) -> None:
    heat = np.random.default_rng(0).random((HEIGHT, WIDTH)).astype(np.float32)
    maps = np.stack([1 - heat, heat, heat * 0, heat * 0])
    spec = replace(manifest, regions=RegionSpec(0.95, 0.9))
    assert 1 <= len(find_regions(maps, spec, HEIGHT, WIDTH)) <= spec.regions.max_regions
