"""An even ground is told from parts, on fields made here and on real pictures where there are any."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.domain.errors import OpticsRefused
from inspector_app.optics.corrections import check_dark, check_even, mean_frame
from inspector_app.optics.evenness import lit_share, uneven_share, unlike_share

REAL = Path(__file__).parents[3] / "shared" / "data"
ENOUGH = 0.01
SIZES = ((64, 96), (240, 320))


def lens(height, width, tangent, right, down):
    """Return what a lens leaves of the light, by the fourth power of the cosine, with its axis off the middle."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.cos(np.arctan(tangent * np.hypot(x - right, y - down))) ** 4


def frames(field, level, noise, seed=0, count=6):
    """Return noisy frames of a field under a lamp that flickers by 2 %."""
    rng = np.random.default_rng(seed)
    lamp = rng.uniform(0.98, 1.02, count)
    return [np.clip(level * k * field + rng.normal(0, noise, field.shape), 0, 255).astype(np.uint8) for k in lamp]


@settings(max_examples=30, deadline=None)
@given(
    size=st.sampled_from(SIZES),
    tangent=st.floats(0.0, 0.7),
    right=st.floats(-0.4, 0.4),
    down=st.floats(-0.4, 0.4),
    side=st.floats(-0.3, 0.3),
    level=st.floats(60.0, 220.0),
    seed=st.integers(0, 99),
)
def test_light_and_lens_alone_are_even(size, tangent, right, down, side, level, seed):
    field = lens(*size, tangent, right, down) * (1.0 + side * np.linspace(-1, 1, size[1]))
    shots = frames(field / field.max(), level, 1.5, seed)
    assert uneven_share(np.mean(shots, axis=0)) <= ENOUGH
    assert unlike_share(shots) <= ENOUGH


@pytest.mark.parametrize("tangent", [0.0, 0.6])
@pytest.mark.parametrize(
    "part",
    [
        lambda field: cv2.rectangle(field, (60, 50), (200, 170), 0.9, -1),
        lambda field: cv2.circle(field, (160, 120), 30, 0.8, -1),
        lambda field: cv2.line(field, (0, 30), (319, 200), 0.7, 5),
    ],
)
def test_a_part_is_not(tangent, part):
    field = np.ones((240, 320))
    part(field)
    shots = frames(field * lens(240, 320, tangent, 0.1, 0.0), 180.0, 1.5)
    with pytest.raises(OpticsRefused, match="such as a part"):
        check_even(mean_frame(shots), None, shots)


def test_parts_that_are_even_on_average_differ_from_frame_to_frame():
    shots = []
    for number in range(16):
        field = np.ones((240, 320))
        cv2.circle(field, (40 + 16 * number, 60 + 8 * number), 20, 0.75, -1)
        shots += frames(field, 180.0, 1.5, number, 1)
    with pytest.raises(OpticsRefused, match="the frames differ"):
        check_even(mean_frame(shots), None, shots)


def test_dust_is_allowed_and_every_channel_is_looked_at():
    field = lens(240, 320, 0.5, 0.0, 0.0)
    for x, y in ((30, 40), (200, 90), (120, 200)):
        cv2.circle(field, (x, y), 3, 0.5, -1)
    dusty = frames(field, 180.0, 1.5)
    check_even(mean_frame(dusty), None, dusty)
    coloured = [np.dstack([shot, shot, shot]) for shot in dusty]
    check_even(mean_frame(coloured), None, coloured)
    for shot in coloured:
        shot[60:160, 60:260, 2] = shot[60:160, 60:260, 2] * 0.8
    with pytest.raises(OpticsRefused, match="such as a part"):
        check_even(mean_frame(coloured), None, coloured)


def test_a_covered_lens_may_have_an_offset_and_hot_pixels_but_sees_nothing():
    rng = np.random.default_rng(3)
    covered = [np.clip(rng.normal(12, 2, (240, 320)), 0, 255).astype(np.uint8) for _ in range(6)]
    for shot in covered:
        shot[::40, ::40] = 250
    check_dark(mean_frame(covered))
    leak = [shot.copy() for shot in covered]
    for shot in leak:
        shot[:, 290:] += 15
    with pytest.raises(OpticsRefused, match="brighter than the rest"):
        check_dark(mean_frame(leak))


@pytest.mark.skipif(not REAL.is_dir(), reason="no real pictures beside the project")
@pytest.mark.parametrize("name", ["glass", "goggles", "phones", "steel", "commutators"])
def test_real_parts_are_neither_flat_fields_nor_dark_frames(name):
    files = sorted(file for file in (REAL / name / "images").rglob("*") if file.suffix in {".jpg", ".png", ".bmp"})[:24]
    pictures = [picture for file in files[::6] if (picture := cv2.imread(str(file))) is not None]
    alike = [picture for picture in pictures if picture.shape == pictures[0].shape]
    assert unlike_share(alike) > ENOUGH or len(alike) < 2
    uneven = [uneven_share(picture) for picture in pictures]
    # A pane of glass without a fault is an even ground; most pictures show something.
    assert np.mean([share > ENOUGH for share in uneven]) >= (0.5 if name == "glass" else 1.0)
    assert all(lit_share(picture) > ENOUGH for picture in pictures)
