"""Dark frame, flat field, white balance, region of interest: against the formula in plain numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.prediction import Box
from inspector_app.optics.corrections import STEPS, Corrector, check_dark, check_flat, mean_frame, taught_white

RNG = np.random.default_rng(0)
SHADE = (0.55 + 0.45 * np.hanning(90)[None, :] * np.hanning(60)[:, None]).astype(np.float64)


def frames(level, offset=0.0, count=8, shade=SHADE):
    return [
        np.clip(level * shade + offset + RNG.normal(0, 1, shade.shape), 0, 255).astype(np.uint8) for _ in range(count)
    ]


def test_a_shaded_picture_comes_out_even():
    dark, flat = mean_frame(frames(0.0, 6.0)), mean_frame(frames(180.0, 6.0))
    raw = np.clip(120.0 * SHADE + 6.0, 0, 255).astype(np.uint8)
    corrected = Corrector(None, dark, flat, None).apply(raw)
    assert raw.std() > 5.0
    assert corrected.std() < 1.5
    assert corrected.mean() == pytest.approx(120.0 * SHADE.mean(), rel=0.03)
    assert not corrected.flags.writeable


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), colour=st.booleans(), cut=st.booleans())
def test_the_corrector_is_the_formula(seed, colour, cut):
    rng = np.random.default_rng(seed)
    shape = (40, 50, 3) if colour else (40, 50)
    raw = rng.integers(0, 256, shape, np.uint8)
    dark = rng.integers(0, 10 * STEPS, shape).astype(np.uint16)
    flat = rng.integers(90 * STEPS, 240 * STEPS, shape).astype(np.uint16)
    white = (1.2, 1.0, 0.9) if colour else None
    roi = Box(5, 7, 32, 20) if cut else None
    place = np.s_[7:27, 5:37] if cut else np.s_[:, :]
    light = flat[place].astype(float) - dark[place]
    gain = light.reshape(-1, *light.shape[2:]).mean(axis=0) / light * (np.array(white) if colour else 1.0)
    expected = np.clip((np.maximum(raw[place].astype(float) - np.rint(dark[place] / STEPS), 0)) * gain, 0, 255)
    found = Corrector(roi, dark, flat, white).apply(raw)
    assert np.abs(found.astype(float) - expected).max() <= 0.51


def test_white_balance_alone_makes_a_grey_card_grey():
    card = np.broadcast_to(np.array([80, 120, 160], np.uint8), (40, 60, 3)).copy()
    white = taught_white([card] * 4)
    assert Corrector(None, None, None, white).apply(card)[20, 30].tolist() == [120, 120, 120]
    assert Corrector(None, None, None, white).apply(card[..., 0]).tolist() == card[..., 0].tolist()


def test_nothing_set_up_changes_nothing():
    raw = RNG.integers(0, 256, (9, 9, 3), np.uint8)
    assert Corrector(None, None, None, None).apply(raw).tolist() == raw.tolist()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_frame(frames(9.0, count=3)), "At least 4"),
        (lambda: mean_frame([*frames(9.0), np.zeros((3, 3), np.uint8)]), "differ in size"),
        (lambda: check_dark(mean_frame(frames(120.0))), "Cover the lens"),
        (lambda: check_flat(mean_frame(frames(9.0)), None), "too dark"),
        (lambda: check_flat(mean_frame(frames(400.0)), None), "clipped"),
        (lambda: check_flat(mean_frame(frames(150.0)), np.zeros((3, 3), np.uint16)), "same camera settings"),
        (lambda: taught_white(frames(99.0)), "grey ones"),
        (lambda: taught_white([np.full((9, 9, 3), 9, np.uint8)] * 4), "too dark or clipped"),
        (lambda: taught_white([np.full((9, 9, 3), (31, 200, 31), np.uint8)] * 4), "too coloured"),
        (lambda: Corrector(Box(0, 0, 40, 40), None, None, None).apply(np.zeros((30, 50), np.uint8)), "smaller than"),
        (
            lambda: Corrector(None, np.zeros((3, 3), np.uint16), None, None).apply(np.zeros((3, 3, 3), np.uint8)),
            "3 × 3 px, colour; the corrections were taught with 3 × 3 px, grey",
        ),
    ],
)
def test_what_cannot_be_is_said(call, words):
    with pytest.raises(OpticsRefused, match=words):
        call()
