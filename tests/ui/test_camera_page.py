"""The camera page: looking, meters, settings pending and applied, teaching, and what is asked before a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from in_memory_station import InMemoryStation
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from inspector_app.domain.errors import ControlRefused, OpticsRefused, Stopped
from inspector_app.domain.frame import PictureFlaw, Unfit
from inspector_app.domain.ports import CameraControls, CameraRanges, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.optics.scale import Target
from inspector_app.optics.setup import CameraChange, CameraSetup, MasterFile, TaughtQuality
from inspector_app.optics.sight import sight_of
from inspector_app.optics.teaching import CameraView, Proposal, Teaching
from ui.camera.dialogs import LessonDialog, RegionDialog, SetupChangeDialog
from ui.camera.meters import focus_words
from ui.camera.words import consequences, control_words, setup_differences
from ui.camera.zebra import with_zebra

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")

CAMERA = 7
QUALITY = TaughtQuality(20, (320, 240), 0.7, (30.0, 90.0), 0.2, 0.1, None, frozen=True)
RANGES = CameraRanges((10.0, 100_000.0), (0.0, 24.0), None, ("Mono8", "RGB8"), tuple(TriggerMode))
LIVE = CameraView(
    name="Basler ace (0815-0000)",
    live=True,
    running=True,
    setup=CameraSetup("pylon:0815-0000", quality=QUALITY),
    reported=CameraControls(1000.0, 2.0, 20.0, "Mono8", TriggerMode.FREE_RUN),
    ranges=RANGES,
    trouble=None,
    changes=(),
    mm_per_px=None,
)


class InMemoryCamera:
    """`ui.camera.room.CameraRoom` that remembers what it was asked for."""

    def __init__(self, view=LIVE):
        self.shown = view
        self.taught = []
        self.changed = []
        self.refuse = None
        rng = np.random.default_rng(0)
        self.pixels = rng.integers(40, 200, (240, 320), np.uint8)
        self.unfit = None
        self.nothing = False

    def view(self):
        return self.shown

    def sight(self):
        return None if self.nothing else sight_of(self.pixels, self.unfit, 0.7)

    def teach(self, lesson, on_progress, cancelled):
        self.taught.append(lesson)
        if lesson.frames > 500:
            while not cancelled():
                on_progress(3, lesson.frames)
            raise Stopped("Teaching was stopped; the camera stays as it was set up.")
        if self.refuse is not None:
            raise self.refuse
        return Proposal({"dark": MasterFile("a" * 64, lesson.frames)}, "Dark frame of 16 frames, mean grey 1.2.")

    def change(self, signer, **changes):
        if self.refuse is not None:
            raise self.refuse
        before = self.shown.setup
        change = CameraChange(
            signer.by, signer.because, datetime(2026, 3, 1, tzinfo=UTC), before, before.changed(**changes)
        )
        self.changed.append((signer, changes))
        self.shown = replace(self.shown, setup=change.after, changes=(change,))
        return change


@pytest.fixture
def room():
    return InMemoryCamera()


@pytest.fixture
def page(open_screen, settled, room):
    screen = open_screen(InMemoryStation(), camera=room)
    screen.window.show_page(CAMERA)
    settled(screen)
    return screen.camera


def open_dialog(page, kind):
    found = [dialog for dialog in page.window().findChildren(kind) if dialog.isVisible()]
    assert len(found) == 1
    return found[0]


def sign(dialog):
    dialog.user_box.setEditText("Erika")
    dialog.reason_edit.setText("new lens")
    assert dialog.action.isEnabled()
    QTest.mouseClick(dialog.action, Qt.MouseButton.LeftButton)


def texts(dialog):
    from PySide6.QtWidgets import QLabel

    return "\n".join(each.text() for each in dialog.findChildren(QLabel))


def test_without_a_camera_there_is_no_page(open_screen):
    screen = open_screen(InMemoryStation())
    assert screen.camera is None
    assert screen.window.pages.count() == CAMERA


def test_the_live_picture_is_measured(page, room, qtbot):
    qtbot.waitUntil(lambda: not page.pane.canvas.empty)
    assert page._exposure_words.text().startswith("Mean grey 1")
    assert "at least 50.3\u202f%" in page._focus_words.text()
    assert page._complaint.text() == "This picture may be judged."
    room.unfit = Unfit(PictureFlaw.BLURRED, "The picture is out of focus.")
    qtbot.waitUntil(lambda: page._complaint.text() == "The picture is out of focus.")


def test_the_best_focus_is_held_until_it_is_looked_for_anew(page, room, qtbot):
    qtbot.waitUntil(lambda: page.focus.best > 0.0)
    best = page.focus.best
    room.pixels = np.full((240, 320), 90, np.uint8)
    room.pixels[::16] = 100
    qtbot.waitUntil(lambda: page.focus._now < best - 0.2)
    assert page.focus.best == best
    assert focus_words(page.focus._now, best, None) in page._focus_words.text()
    page._again.click()
    assert page.focus.best < best


def test_a_hidden_page_looks_at_nothing(page, room, qtbot):
    page.window().show_page(0)
    qtbot.waitUntil(lambda: not page._background.busy)
    looked = []
    room.sight = lambda: looked.append(1)
    qtbot.wait(500)
    assert looked == []


def test_without_a_picture_it_says_so(open_screen, room, qtbot):
    room.nothing = True
    screen = open_screen(InMemoryStation(), camera=room)
    screen.window.show_page(CAMERA)
    qtbot.waitUntil(lambda: screen.camera.pane._caption.text() == "No picture yet.")


def test_a_setting_is_pending_until_it_is_signed_for(page, room, settled, qtbot):
    form = page.controls
    assert form.fields["exposure_us"].value() == 1000.0
    assert not form.fields["frame_rate_hz"].isEnabled()
    assert form._ranges["exposure_us"].text() == "10 to 100\u202f000"
    assert not form._apply.isEnabled()
    form.fields["exposure_us"].setValue(1500.0)
    form.trigger_box.choose(TriggerMode.HARDWARE)
    assert form._pending.text() == "Not applied yet."
    page.refresh()
    qtbot.wait(100)
    assert form.fields["exposure_us"].value() == 1500.0, "what is being chosen is not taken away"
    form._apply.click()
    dialog = open_dialog(page, SetupChangeDialog)
    said = texts(dialog)
    for words in (
        "Exposure",
        "1000 µs",
        "1500 µs",
        "Runs free",
        "Hardware trigger",
        "no longer stand",
        "Shadow",
        "teach them again",
    ):
        assert words in said
    assert not dialog.action.isEnabled()
    sign(dialog)
    qtbot.waitUntil(lambda: bool(room.changed))
    signer, changes = room.changed[0]
    assert (signer.by, signer.because, signer.pin) == ("Erika", "new lens", None)
    assert changes == {"controls": CameraControls(exposure_us=1500.0, trigger=TriggerMode.HARDWARE)}
    qtbot.waitUntil(lambda: page._changed.text().startswith("Set by Erika"))
    assert form._pending.text() == ""


def test_what_was_chosen_can_be_discarded(page):
    page.controls.fields["gain_db"].setValue(9.0)
    page.controls._back.click()
    assert page.controls.fields["gain_db"].value() == 2.0
    assert page.controls.changed == CameraControls()


def test_a_teaching_is_prepared_taken_shown_and_signed(page, room, qtbot):
    page.corrections.buttons["dark"].click()
    dialog = open_dialog(page, LessonDialog)
    assert "Cover the lens" in texts(dialog)
    dialog.accept()
    qtbot.waitUntil(lambda: any(d.isVisible() for d in page.window().findChildren(SetupChangeDialog)))
    assert room.taught[0].frames == 16
    asked = open_dialog(page, SetupChangeDialog)
    assert "mean grey 1.2" in texts(asked)
    assert room.changed == []
    sign(asked)
    qtbot.waitUntil(lambda: page.corrections._words["dark"].text() == "16 frames")
    assert page.corrections._words["quality"].text() == "not taught"


def test_a_teaching_can_be_stopped(page, room, qtbot):
    page.corrections.buttons["quality"].click()
    dialog = open_dialog(page, LessonDialog)
    dialog.frames_box.setValue(900)
    dialog.accept()
    qtbot.waitUntil(lambda: page._bar.value() == 3)
    assert page._work.isVisible()
    assert not page.corrections.buttons["dark"].isEnabled()
    page._stop.click()
    qtbot.waitUntil(lambda: not page._work.isVisible())
    assert page.corrections.buttons["dark"].isEnabled()
    assert room.changed == []


def test_a_refusal_is_one_sentence(page, room, qtbot):
    room.refuse = OpticsRefused("This is no dark frame: its mean grey is 90.")
    with qtbot.waitSignal(page.noticed) as noticed:
        page.corrections.buttons["dark"].click()
        open_dialog(page, LessonDialog).accept()
    assert noticed.args == ["This is no dark frame: its mean grey is 90."]
    room.refuse = ControlRefused("Ada is no supervisor of this station.")
    page.corrections._clear["quality"].click()
    asked = open_dialog(page, SetupChangeDialog)
    sign(asked)
    qtbot.waitUntil(lambda: asked.refusal == "Ada is no supervisor of this station.")
    assert asked.isVisible()
    room.refuse = None
    sign(asked)
    qtbot.waitUntil(lambda: not asked.isVisible())
    assert len(room.changed) == 1


def test_a_region_starts_from_the_picture(page, room, qtbot):
    qtbot.waitUntil(lambda: not page.pane.canvas.empty)
    page.corrections.buttons["roi"].click()
    dialog = open_dialog(page, RegionDialog)
    assert dialog.region == Box(0, 0, 320, 240)
    dialog._boxes[0].setValue(16)
    dialog.accept()
    sign(open_dialog(page, SetupChangeDialog))
    qtbot.waitUntil(lambda: bool(room.changed))
    assert room.changed[0][1] == {"roi": Box(16, 0, 320, 240)}


def test_a_scale_asks_for_its_target(page):
    page.teach(Teaching.SCALE)
    dialog = open_dialog(page, LessonDialog)
    dialog.kind_box.choose(Target.DOTS)
    dialog.pitch_box.setValue(2.5)
    target = dialog.lesson.target
    assert (target.kind, target.columns, target.rows, target.pitch_mm) == (Target.DOTS, 9, 6, 2.5)
    dialog.reject()


def test_files_show_only_what_applies(open_screen, settled):
    view = replace(LIVE, live=False, ranges=CameraRanges(), reported=CameraControls())
    screen = open_screen(InMemoryStation(), camera=InMemoryCamera(view))
    screen.window.show_page(CAMERA)
    settled(screen)
    assert not screen.camera.controls.isVisible()
    assert "do not apply" in screen.camera._standing.text()
    assert screen.camera.corrections.buttons["quality"].isEnabled()


def test_a_camera_that_drifted_or_does_not_run_says_so(open_screen, settled):
    view = replace(
        LIVE, running=False, trouble="The camera is not set as it was set up: exposure 3 µs instead of 9 µs."
    )
    screen = open_screen(InMemoryStation(), camera=InMemoryCamera(view))
    screen.window.show_page(CAMERA)
    settled(screen)
    assert "instead of" in screen.camera._trouble.text()
    assert "does not run" in screen.camera._standing.text()
    assert not screen.camera.corrections.buttons["dark"].isEnabled()
    assert not screen.camera.controls.fields["exposure_us"].isEnabled()


def test_zebra_stripes_what_is_lost_and_nothing_else():
    pixels = np.full((64, 64), 120, np.uint8)
    pixels[:16], pixels[48:] = 255, 0
    shown = with_zebra(pixels)
    assert (shown[16:48] == 120).all()
    for lost, grey in ((shown[:16], 255), (shown[48:], 0)):
        striped = (lost != grey).any(axis=2).mean()
        assert striped == pytest.approx(0.5, abs=0.1)
    assert (pixels[:16] == 255).all()


def test_words_cover_every_setting():
    after = replace(LIVE.setup, controls=CameraControls(1.0, 2.0, 3.0, "Mono8", TriggerMode.SOFTWARE), quality=None)
    found = {name: new for name, _, new in setup_differences(LIVE.setup, after)}
    assert list(found) == ["Exposure", "Gain", "Rate", "Format", "Trigger", "Picture quality"]
    assert found["Gain"] == "2 dB"
    assert control_words("exposure_us", None) == "as the camera has it"
    said = list(consequences(LIVE.setup, replace(LIVE.setup, quality=None)))
    assert "another hash" in said[0]
