"""mm per px from targets that are drawn here with a known scale."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inspector_app.domain.errors import OpticsRefused
from inspector_app.optics.scale import ScaleTarget, Target, measured_scale

PITCH_PX = 40.0


def drawn(kind: Target, columns: int, rows: int, turned_deg: float = 0.0, stretch: float = 1.0, bend: float = 0.0):
    """Draw a target eightfold and bring it to size, so that edges lie between px."""
    over = 4
    pitch = PITCH_PX * over
    width, height = int((columns + 3) * pitch), int((rows + 3) * pitch)
    big = np.full((height, width), 220, np.uint8)
    if kind is Target.CHECKERBOARD:
        for row in range(rows + 1):
            for column in range(columns + 1):
                if (row + column) % 2 == 0:
                    corner = (int((column + 1) * pitch), int((row + 1) * pitch))
                    cv2.rectangle(big, corner, (corner[0] + int(pitch) - 1, corner[1] + int(pitch) - 1), 20, -1)
    else:
        for row in range(rows):
            for column in range(columns):
                cv2.circle(big, (int((column + 2) * pitch), int((row + 2) * pitch)), int(pitch / 4), 20, -1)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turned_deg, 1.0)
    turn[0] *= stretch
    big = cv2.warpAffine(big, turn, (int(width * max(stretch, 1)), height), borderValue=220)
    if bend:
        ys, xs = np.mgrid[0 : big.shape[0], 0 : big.shape[1]].astype(np.float32)
        u, v = xs / big.shape[1] - 0.5, ys / big.shape[0] - 0.5
        grow = 1.0 + bend * (u * u + v * v)
        big = cv2.remap(
            big, (u * grow + 0.5) * big.shape[1], (v * grow + 0.5) * big.shape[0], cv2.INTER_LINEAR, borderValue=220
        )
    return cv2.resize(big, None, fx=1 / over, fy=1 / over, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("turned", [0.0, 7.0, -12.0])
@pytest.mark.parametrize("kind", list(Target))
def test_the_scale_of_a_drawn_target_is_found(kind, turned):
    scale = measured_scale(drawn(kind, 9, 6, turned), ScaleTarget(kind, 9, 6, 2.5))
    truth = 2.5 / PITCH_PX
    assert scale.mm_per_px == pytest.approx(truth, rel=2e-3)
    assert abs(scale.mm_per_px - truth) <= max(scale.uncertainty, 2e-4 * truth)
    assert (scale.points, scale.warnings) == (54, ())
    assert scale.residual_px < 0.3


def test_tilt_is_seen_and_widens_the_uncertainty():
    flat = measured_scale(drawn(Target.CHECKERBOARD, 9, 6), ScaleTarget(Target.CHECKERBOARD, 9, 6, 1.0))
    tilted = measured_scale(drawn(Target.CHECKERBOARD, 9, 6, stretch=1.05), ScaleTarget(Target.CHECKERBOARD, 9, 6, 1.0))
    assert "tilted" in tilted.warnings[0]
    assert tilted.uncertainty > 5 * flat.uncertainty
    assert 1 / 42.0 < tilted.mm_per_px < 1 / 40.0


def test_distortion_is_seen():
    bent = measured_scale(drawn(Target.CHECKERBOARD, 9, 6, bend=0.25), ScaleTarget(Target.CHECKERBOARD, 9, 6, 1.0))
    assert any("distorts" in warning for warning in bent.warnings)


def test_a_target_that_is_not_there_is_said():
    with pytest.raises(OpticsRefused, match="No checkerboard of 9 × 6 corners"):
        measured_scale(np.full((300, 400), 90, np.uint8), ScaleTarget(Target.CHECKERBOARD, 9, 6, 1.0))


@pytest.mark.parametrize(("columns", "rows", "pitch"), [(2, 6, 1.0), (9, 101, 1.0), (9, 6, 0.0), (9, 6, float("nan"))])
def test_a_target_that_cannot_be_is_refused(columns, rows, pitch):
    with pytest.raises(OpticsRefused):
        ScaleTarget(Target.DOTS, columns, rows, pitch)
