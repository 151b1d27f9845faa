"""Measures and limits of picture quality, on pictures made here and on real ones where there are any."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.frame import PictureFlaw
from inspector_app.optics.measures import grey_of, measure, sharpness
from inspector_app.optics.placement import place, small_picture
from inspector_app.optics.quality import complaint, frozen_complaint, teach

REAL = Path(__file__).parents[3] / "shared" / "data"


def part(seed: int, *, shift=(0, 0), turned=0.0, size=(360, 480)):
    """A bright, textured plate with a hole on a dark ground, with sensor noise."""
    rng = np.random.default_rng(seed)
    height, width = size
    plate = np.full(size, 30.0)
    cv2.rectangle(plate, (width // 4, height // 4), (3 * width // 4, 3 * height // 4), 140.0, -1)
    cv2.circle(plate, (width // 3, height // 2), height // 14, 60.0, -1)
    for _ in range(40):
        x, y = rng.integers(width // 4, 3 * width // 4), rng.integers(height // 4, 3 * height // 4)
        cv2.line(plate, (int(x), int(y)), (int(x) + 9, int(y) + 5), 190.0, 1)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -turned, 1.0)
    turn[:, 2] += shift
    plate = cv2.warpAffine(plate, turn, (width, height), borderValue=30.0)
    return np.clip(plate + rng.normal(0, 2, size), 0, 255).astype(np.uint8)


GOOD = [part(seed, shift=(seed % 3 - 1, seed % 2)) for seed in range(16)]


@pytest.fixture(scope="module")
def limits():
    return teach(GOOD, live=True)


def flaw(picture, limits):
    found = complaint(picture, limits)
    return None if found is None else found.flaw


def test_good_parts_that_were_not_taught_pass(limits):
    assert limits.placement is not None
    assert [flaw(part(seed), limits) for seed in range(100, 130)] == [None] * 30


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda p: cv2.GaussianBlur(p, (0, 0), 1.5), PictureFlaw.BLURRED),
        (lambda p: cv2.blur(p, (9, 1)), PictureFlaw.BLURRED),
        (lambda p: cv2.convertScaleAbs(p, alpha=0.4), PictureFlaw.TOO_DARK),
        (lambda p: cv2.convertScaleAbs(p, alpha=1.8), PictureFlaw.TOO_BRIGHT),
        (np.zeros_like, PictureFlaw.BLANK),
        (lambda p: np.full_like(p, 255), PictureFlaw.BLANK),
        (lambda p: np.full_like(p, 77), PictureFlaw.BLANK),
        (lambda p: np.ascontiguousarray(p[:, :-2]), PictureFlaw.OTHER_SIZE),
        (lambda p: np.random.default_rng(1).normal(57, 25, p.shape).clip(0, 255).astype(np.uint8), PictureFlaw.NO_PART),
    ],
)
def test_spoilt_pictures_are_refused_for_the_right_reason(limits, spoil, expected):
    assert flaw(spoil(part(200)), limits) is expected


@pytest.mark.parametrize("moved", [{"shift": (48, 0)}, {"shift": (0, -30)}, {"turned": 6.0}])
def test_a_part_that_lies_elsewhere_is_misplaced(limits, moved):
    assert flaw(part(201, **moved), limits) is PictureFlaw.MISPLACED


def test_placement_is_measured_in_size_and_sense():
    reference, moved = small_picture(part(1)), small_picture(part(1, shift=(24, -18)))
    found = place(moved, reference)
    assert found.right == pytest.approx(24 / 480, abs=0.004)
    assert found.down == pytest.approx(-18 / 360, abs=0.004)
    turned = place(small_picture(part(1, turned=4.0)), reference)
    assert turned.turned_deg == pytest.approx(4.0, abs=0.1)
    assert place(reference, reference).likeness == pytest.approx(1.0)


def test_good_parts_that_lie_anyhow_leave_placement_unjudged():
    rng = np.random.default_rng(3)
    scattered = [part(n, shift=tuple(rng.integers(-100, 100, 2).tolist())) for n in range(14)]
    assert teach(scattered, live=False).placement is None


def test_without_limits_only_a_picture_of_nothing_is_refused():
    blurred = cv2.GaussianBlur(part(0), (0, 0), 9)
    assert complaint(blurred, None) is None
    assert flaw(np.zeros((64, 64), np.uint8), None) is PictureFlaw.BLANK
    assert flaw(np.full((64, 64, 3), 254, np.uint8), None) is PictureFlaw.BLANK


def test_a_hanging_camera_repeats_its_picture_to_the_px():
    picture = part(5)
    other = picture.copy()
    other[133, 7] ^= 1
    assert frozen_complaint(picture, picture.copy()).flaw is PictureFlaw.FROZEN
    assert frozen_complaint(other, picture) is None
    assert frozen_complaint(picture, None) is None
    assert frozen_complaint(picture[:, :9], picture) is None


def test_limits_are_not_taught_from_too_little_or_from_nothing():
    with pytest.raises(OpticsRefused, match="at least 10"):
        teach(GOOD[:9], live=True)
    with pytest.raises(OpticsRefused, match="several sizes"):
        teach([*GOOD[:10], GOOD[0][:-2]], live=True)
    with pytest.raises(OpticsRefused, match="picture 11 shows nothing"):
        teach([*GOOD[:10], np.zeros_like(GOOD[0])], live=True)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), sigma=st.floats(0.8, 6.0))
def test_blur_always_lowers_sharpness(seed, sigma):
    picture = part(seed)
    assert sharpness(cv2.GaussianBlur(picture, (0, 0), sigma)) < sharpness(picture)


@settings(max_examples=30, deadline=None)
@given(gain=st.floats(0.6, 1.3), offset=st.floats(0.0, 20.0))
def test_sharpness_hardly_depends_on_brightness(gain, offset):
    picture = part(7)
    assert sharpness(cv2.convertScaleAbs(picture, alpha=gain, beta=offset)) == pytest.approx(
        sharpness(picture), abs=0.3
    )


@pytest.mark.parametrize("size", [(3, 40), (64, 50), (65, 50), (131, 50), (400, 37)])
def test_strips_sum_up_to_the_whole_picture(size):
    picture = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    now, again = (
        float((cv2.Laplacian(each, cv2.CV_16S, ksize=1).astype(float) ** 2).sum())
        for each in (picture, cv2.GaussianBlur(picture, (5, 5), 1.2))
    )
    assert sharpness(picture) == pytest.approx(np.log(now / again), rel=1e-6)


def test_shares_and_means_are_those_of_the_px():
    grey = np.array([[0, 0, 255, 100]] * 4, np.uint8)
    found = measure(grey)
    assert (found.black, found.clipped, found.mean) == (0.5, 0.25, 88.75)
    assert grey_of(np.dstack([grey] * 3)).tolist() == grey.tolist()


@pytest.mark.skipif(not REAL.is_dir(), reason="no real pictures beside the project")
@pytest.mark.parametrize("name", ["phones", "glass"])
def test_real_pictures_pass_and_blurred_ones_do_not(name):
    files = sorted((REAL / name / "images").iterdir())[:40]
    pictures = [cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files]
    limits = teach(pictures[::2], live=False)
    assert sum(complaint(picture, limits) is not None for picture in pictures[1::2]) <= 1
    assert all(complaint(cv2.GaussianBlur(p, (0, 0), 2.0), limits) is not None for p in pictures[1::2])
