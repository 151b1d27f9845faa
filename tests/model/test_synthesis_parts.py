"""Generated parts: reproducible, of any size, with truth that fits the picture."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from model.synthesis import FULL_FRAME, Label, Look, generate_crop, generate_part, paint_part, plan_part, render_part

SMALL = (240, 320)


def test_same_seed_gives_the_same_bytes() -> None:
    first, second = render_part(11, SMALL), render_part(11, SMALL)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.labels.tobytes() == second.labels.tobytes()
    assert first.scratches == second.scratches


def test_same_generator_state_gives_the_same_part() -> None:
    parts = [generate_part(np.random.default_rng(5), SMALL) for _ in range(2)]
    assert parts[0].pixels.tobytes() == parts[1].pixels.tobytes()
    assert render_part(parts[0].seed, SMALL).pixels.tobytes() == parts[0].pixels.tobytes()


def test_other_seed_gives_another_part() -> None:
    assert render_part(1, SMALL).pixels.tobytes() != render_part(2, SMALL).pixels.tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 57), (33, 1), (101, 203), (64, 64), (480, 270)])
@pytest.mark.parametrize("look", list(Look))
def test_any_size_and_look(size: tuple[int, int], look: Look) -> None:
    part = render_part(3, size, defective=True, look=look)
    assert part.pixels.shape == (*size, 3)
    assert part.labels.shape == size
    assert part.pixels.dtype == part.labels.dtype == np.uint8
    assert part.look is look


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 4)])
def test_a_size_below_one_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        render_part(1, size)


def test_arrays_are_read_only() -> None:
    part = render_part(4, SMALL)
    assert not part.pixels.flags.writeable
    assert not part.labels.flags.writeable


@pytest.mark.parametrize("seed", range(6))
def test_good_parts_have_no_scratch(seed: int) -> None:
    part = render_part(seed, SMALL, defective=False)
    assert part.good
    assert part.scratches == ()
    assert not (part.labels == Label.SCRATCH).any()


def test_only_scratches_differ_from_the_good_twin() -> None:
    """Scratch pixels stand out from the same part without scratches; far from any scratch nothing differs."""
    stand_out = []
    for seed in range(40):
        if plan_part(seed, SMALL).optics.jpeg_quality:  # its blocks spread a difference
            continue
        bad, good = render_part(seed, SMALL, defective=True), render_part(seed, SMALL, defective=False)
        difference = np.abs(bad.pixels.astype(int) - good.pixels.astype(int)).max(axis=2)
        scratch = bad.labels == Label.SCRATCH
        near = cv2.dilate(scratch.astype(np.uint8), np.ones((61, 61), np.uint8)) == 1
        assert difference[~near].max(initial=0) <= 6  # an end too faint to be labelled may reach further
        if scratch.any():
            stand_out.append(float(np.median(difference[scratch])))
    assert len(stand_out) >= 15
    assert min(stand_out) >= 3.0
    assert float(np.median(stand_out)) >= 12.0


def test_a_window_shows_the_same_truth_as_the_whole() -> None:
    compared = 0
    for seed in range(12):
        plan = plan_part(seed, (300, 400), defective=True, look=Look.CLEAR)
        whole = paint_part(plan, (0, 0, 400, 300))
        window = paint_part(plan, (120, 80, 160, 128))
        wanted = whole.labels[80:208, 120:280] == Label.SCRATCH
        found = window.labels == Label.SCRATCH
        assert (wanted != found).mean() < 0.01
        compared += int(wanted.any())
    assert compared >= 4


def test_scratch_list_describes_the_label_map() -> None:
    listed = 0
    for seed in range(30):
        part = render_part(seed, SMALL, defective=True)
        for scratch in part.scratches:
            x, y, w, h = scratch.box
            assert x >= 0
            assert y >= 0
            assert x + w <= SMALL[1]
            assert y + h <= SMALL[0]
            assert scratch.length_px > 0
            assert 0.5 < scratch.width_px <= 24
            assert 10 <= abs(scratch.contrast) <= 255
            assert len(scratch.polygon) >= 6
            listed += 1
        outside = part.labels == Label.SCRATCH
        for scratch in part.scratches:
            x, y, w, h = scratch.box
            outside[max(0, y - 3) : y + h + 3, max(0, x - 3) : x + w + 3] = False
        assert not outside.any()
    assert listed >= 25


def test_distribution_of_many_parts() -> None:
    rng = np.random.default_rng(0)
    plans = [plan_part(int(seed), FULL_FRAME) for seed in rng.integers(0, 2**62, 250)]
    defective = np.mean([bool(plan.scratches) for plan in plans])
    assert 0.42 < defective < 0.58
    shares = {look: np.mean([plan.look is look for plan in plans]) for look in Look}
    assert 0.5 < shares[Look.PHONE] < 0.75
    assert min(shares.values()) > 0.03
    scratches = [scratch for plan in plans for scratch in plan.scratches]
    lengths = np.array([scratch.body.length_px for scratch in scratches])
    widths = np.array([scratch.body.widths.max() for scratch in scratches])
    assert lengths.min() < 50
    assert lengths.max() > 500
    assert np.quantile(widths, 0.1) < 2.5
    assert np.quantile(widths, 0.95) > 6


def test_every_class_occurs() -> None:
    seen: set[int] = set()
    for seed in range(12):
        seen |= set(np.unique(render_part(seed, (540, 960), defective=True).labels).tolist())
    assert seen == {int(label) for label in Label}


def test_crops_of_one_generator_state_agree_and_show_scratches() -> None:
    first = generate_crop(np.random.default_rng(8), 160)
    second = generate_crop(np.random.default_rng(8), 160)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    rng = np.random.default_rng(9)
    shown = [bool((generate_crop(rng, 96).labels == Label.SCRATCH).any()) for _ in range(60)]
    assert 0.15 < np.mean(shown) < 0.6


def test_the_generator_needs_no_torch() -> None:
    code = "import sys, model.synthesis; assert 'torch' not in sys.modules and 'openvino' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
