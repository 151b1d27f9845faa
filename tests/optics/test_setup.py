"""The camera configuration as a value: there and back, its hash, what a change drops, drift."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.optics.scale import Scale
from inspector_app.optics.setup import (
    CameraSetup,
    MasterFile,
    TaughtPlacement,
    TaughtQuality,
    drift,
    setup_from,
    setup_record,
)

PLACED = TaughtPlacement(MasterFile("c" * 64, 1), (-0.1, 0.1), (-0.05, 0.05), (-2.0, 2.0), 0.4)
QUALITY = TaughtQuality(20, (1920, 1080), 0.7, (30.0, 90.0), 0.2, 0.1, PLACED, frozen=True)
WHOLE = CameraSetup(
    source="pylon:0815-0000",
    controls=CameraControls(1500.0, 2.0, 20.0, "Mono8", TriggerMode.HARDWARE),
    roi=Box(10, 20, 640, 480),
    dark=MasterFile("a" * 64, 16),
    flat=MasterFile("b" * 64, 32),
    white=(1.1, 1.0, 0.9),
    quality=QUALITY,
    scale=Scale(0.02, 0.0001, 0.1, 54, ("The camera is tilted.",)),
    reported=CameraControls(1499.0, 2.0, 20.0, "Mono8", TriggerMode.HARDWARE),
)


@pytest.mark.parametrize(
    "setup", [WHOLE, CameraSetup("usb:0"), replace(WHOLE, quality=replace(QUALITY, placement=None))]
)
def test_a_configuration_comes_back_as_it_was(setup):
    again = setup_from(json.loads(json.dumps(setup_record(setup))))
    assert again == setup
    assert again.sha256 == setup.sha256


def test_every_field_is_in_the_hash():
    other = CameraSetup("usb:1", roi=Box(0, 0, 64, 64))
    for name in CameraSetup.__slots__:
        changed = replace(WHOLE, **{name: getattr(other, name)})
        assert changed.sha256 != WHOLE.sha256, name


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="format 9"):
        setup_from({"format": 9})


def test_what_changes_the_pictures_drops_the_limits_of_quality():
    assert WHOLE.changed(roi=None).quality is None
    assert WHOLE.changed(controls=CameraControls(9.0)).quality is None
    assert WHOLE.changed(scale=None).quality == QUALITY
    assert WHOLE.changed(quality=QUALITY, roi=None).quality == QUALITY


def test_only_an_untouched_configuration_is_plain():
    assert CameraSetup("usb:0", reported=CameraControls(5.0)).plain
    assert not CameraSetup("usb:0", roi=Box(0, 0, 64, 64)).plain


def test_drift_is_one_sentence_and_rounding_is_none():
    assert drift(WHOLE, WHOLE.reported) is None
    assert drift(WHOLE, replace(WHOLE.reported, exposure_us=1510.0)) is None
    assert drift(WHOLE, CameraControls()) is None
    assert drift(WHOLE, replace(WHOLE.reported, exposure_us=3000.0, pixel_format="Mono12")) == (
        "The camera is not set as it was set up: exposure 3000 µs instead of 1499 µs, format Mono12 instead of Mono8."
    )


def test_words_name_what_is_set():
    words = "\n".join(WHOLE.words())
    for expected in ("exposure 1500 µs", "trigger hardware", "640 × 480 px at 10, 20", "dark frame of 16", "0.020000"):
        assert expected in words
    assert "not taught" in "\n".join(CameraSetup("usb:0").words())
