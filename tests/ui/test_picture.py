"""Conversion, outlines, zoom and pan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from in_memory_station import picture, scratch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from inspector_app.domain.frame import frozen_pixels
from ui.look.appearance import Appearance
from ui.look.theme import ThemeName
from ui.picture.canvas import PictureCanvas
from ui.picture.conversion import picture_of
from ui.picture.outlines import marks_of
from ui.picture.region_item import describe, describe_lines

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")


@pytest.fixture
def canvas(qtbot):
    appearance = Appearance(QApplication.instance(), ThemeName.LIGHT)
    widget = PictureCanvas(appearance)
    widget.resize(800, 600)
    widget.show()
    yield widget
    widget.close()


def test_colours_and_grey_arrive_as_they_are() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2] = 10, 20, 30
    colour = picture_of(frozen_pixels(pixels)).levels[0].pixelColor(5, 5)
    assert (colour.red(), colour.green(), colour.blue()) == (30, 20, 10)
    grey = picture_of(frozen_pixels(np.full((40, 60), 77, np.uint8))).levels[0].pixelColor(5, 5)
    assert (grey.red(), grey.green(), grey.blue()) == (77, 77, 77)


def test_a_thin_scratch_survives_every_level() -> None:
    pixels = np.zeros((2048, 3072), np.uint8)
    pixels[:, 1001] = 255
    shown = picture_of(frozen_pixels(pixels))
    assert len(shown.levels) == 4
    for level in shown.levels:
        row = [level.pixelColor(x, level.height() // 2).red() for x in range(level.width())]
        assert max(row) >= 255 // (shown.width // level.width()) - 1


@pytest.mark.parametrize(
    ("scale", "width"), [(2.0, 2048), (0.6, 2048), (0.5, 1024), (0.3, 1024), (0.2, 512), (0.01, 512)]
)
def test_the_level_is_never_smaller_than_the_screen(scale: float, width: int) -> None:
    shown = picture_of(frozen_pixels(np.zeros((1024, 2048), np.uint8)))
    assert shown.level_for(scale).width() == width


def test_outlines_go_around_a_scratch_and_never_over_it() -> None:
    region = scratch(300, 300, 600)
    mark = marks_of((region,), 1920, 1080)[0]
    on_scratch = np.zeros((1080, 1920), np.uint8)
    cv2.fillPoly(on_scratch, [np.array(region.polygon, np.int32)], 255)
    drawn = np.zeros_like(on_scratch)
    inside = np.zeros_like(on_scratch)
    for outline in mark.outlines:
        cv2.polylines(drawn, [np.array(outline, np.int32)], True, 255, 3)
        cv2.fillPoly(inside, [np.array(outline, np.int32)], 255)
    assert not np.any(on_scratch & drawn)
    assert np.all(inside[on_scratch > 0] == 255)


def test_the_whole_picture_is_shown_first_and_after_resizing(canvas, qtbot) -> None:
    canvas.show_picture(picture_of(picture(1, (720, 1280))))
    assert canvas.scale_now == pytest.approx((800 - 16) / 1280)
    canvas.resize(400, 600)
    qtbot.waitUntil(lambda: canvas.scale_now == pytest.approx((400 - 16) / 1280))


def test_zoom_by_key(canvas) -> None:
    canvas.show_picture(picture_of(picture(1, (720, 1280))))
    whole = canvas.scale_now
    assert canvas.zoom_by_key(Qt.Key.Key_Plus)
    assert canvas.scale_now == pytest.approx(whole * 1.25)
    assert canvas.zoom_by_key(Qt.Key.Key_1)
    assert canvas.scale_now == pytest.approx(1.0)
    for _ in range(60):
        assert canvas.zoom_by_key(Qt.Key.Key_Plus)
    assert canvas.scale_now <= 16.0
    assert canvas.zoom_by_key(Qt.Key.Key_0)
    assert canvas.scale_now == pytest.approx(whole)
    assert canvas.zoom_by_key(Qt.Key.Key_Minus)
    assert canvas.scale_now == pytest.approx(whole)
    assert not canvas.zoom_by_key(Qt.Key.Key_A)


def test_zoom_without_a_picture_does_nothing(canvas) -> None:
    before = canvas.scale_now
    canvas.zoom_in()
    canvas.actual_size()
    assert canvas.scale_now == before


def test_a_tap_on_a_mark_points_at_the_smallest_one(canvas, qtbot) -> None:
    large, small = scratch(200, 200, 600), scratch(480, 300, 40)
    marks = marks_of((large, small), 1280, 720)
    canvas.show_picture(picture_of(picture(1, (720, 1280))), marks)
    pointed: list[int] = []
    canvas.pointed.connect(pointed.append)
    at = canvas.mapFromScene(490, 303)
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert pointed == [2]
    canvas.show_marks(False)
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert pointed == [2, 0]


def test_hidden_marks_leave_the_picture_alone(canvas) -> None:
    shown = picture_of(picture(1, (720, 1280)))
    canvas.show_picture(shown)
    bare = canvas.grab().toImage()
    canvas.show_picture(shown, marks_of((scratch(300, 300),), 1280, 720))
    assert canvas.grab().toImage() != bare
    canvas.show_marks(False)
    assert canvas.grab().toImage() == bare


def test_sizes_are_said_in_mm_where_the_camera_is_calibrated() -> None:
    region = scratch(300, 300, 600)
    plain, calibrated = (marks_of((each,), 1920, 1080)[0] for each in (region, region.on_part(0.025)))
    assert f"{region.length_px:.0f} px long · 3.0 px wide" in describe(plain)
    for words in (describe(calibrated), describe_lines(calibrated)):
        assert f"{region.length_px * 0.025:.2f} mm long · 0.08 mm wide" in words
        assert "px" not in words
