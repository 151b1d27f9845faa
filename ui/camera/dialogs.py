"""What is asked before the camera is taught or set."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QSpinBox, QWidget

from inspector_app.domain.prediction import Box
from inspector_app.optics.quality import FEWEST
from inspector_app.optics.scale import ScaleTarget, Target
from inspector_app.optics.setup import CameraSetup
from inspector_app.optics.teaching import Lesson, Signer, Teaching
from ui.camera.words import consequences, preparation, setup_differences, teaching_name
from ui.dialogs.question import Question
from ui.dialogs.signed import SignedQuestion
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label, panel
from ui.widgets.choice_box import ChoiceBox

_FRAMES = {Teaching.DARK: 16, Teaching.FLAT: 16, Teaching.WHITE: 8, Teaching.QUALITY: 30, Teaching.SCALE: 1}


class LessonDialog(Question):
    """Says what has to lie before the camera, and asks how many frames to take.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    what : Teaching
        What is taught.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, what: Teaching) -> None:
        title = tr("Teach: {name}").format(name=teaching_name(what))
        super().__init__(appearance, parent, title, tr("Take frames"))
        self._what = what
        self.body.addWidget(label(preparation(what), wrap=True))
        self.frames_box = _whole(FEWEST if what is Teaching.QUALITY else 1, 1000, _FRAMES[what])
        self.kind_box = ChoiceBox[Target](
            tr("Target"), [(tr("Checkerboard"), Target.CHECKERBOARD), (tr("Grid of dots"), Target.DOTS)]
        )
        self.columns_box, self.rows_box = _whole(3, 100, 9), _whole(3, 100, 6)
        self.pitch_box = QDoubleSpinBox()
        self.pitch_box.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.pitch_box.setRange(0.001, 1000.0)
        self.pitch_box.setDecimals(3)
        self.pitch_box.setValue(5.0)
        self.pitch_box.setSuffix(tr(" mm"))
        if what is Teaching.SCALE:
            self.add_field(tr("Target"), self.kind_box)
            self.add_field(tr("Inner corners, or dots, across"), self.columns_box)
            self.add_field(tr("Inner corners, or dots, down"), self.rows_box)
            self.add_field(tr("From one to the next"), self.pitch_box)
        else:
            self.add_field(tr("Frames"), self.frames_box)

    @property
    def lesson(self) -> Lesson:
        """What is to be taught."""
        if self._what is not Teaching.SCALE:
            return Lesson(self._what, self.frames_box.value())
        target = ScaleTarget(
            self.kind_box.value or Target.CHECKERBOARD,
            self.columns_box.value(),
            self.rows_box.value(),
            self.pitch_box.value(),
        )
        return Lesson(self._what, 1, target)


class RegionDialog(Question):
    """Asks which part of the picture is kept.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    roi : Box
        Offered.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, roi: Box) -> None:
        super().__init__(appearance, parent, tr("Region of interest"), tr("Go on"))
        self.body.addWidget(
            label(tr("In px of the picture as the camera takes it, from its upper left corner."), wrap=True)
        )
        self._boxes = [
            _whole(least, 20_000, value) for least, value in ((0, roi.x), (0, roi.y), (32, roi.w), (32, roi.h))
        ]
        for words, box in zip((tr("Left"), tr("Top"), tr("Width"), tr("Height")), self._boxes, strict=True):
            self.add_field(words, box)

    @property
    def region(self) -> Box:
        """What was entered."""
        x, y, w, h = (box.value() for box in self._boxes)
        return Box(x, y, w, h)


class SetupChangeDialog(SignedQuestion):
    """Shows what a change of the configuration does, and asks who wants it and why.

    Parameters
    ----------
    appearance, parent, supervisors, pin
        As of `SignedQuestion`.
    before, after : CameraSetup
        In force, and wanted.
    found : str or None
        What was taught, in figures.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        before: CameraSetup,
        after: CameraSetup,
        supervisors: tuple[str, ...],
        *,
        pin: bool,
        found: str | None = None,
    ) -> None:
        super().__init__(appearance, parent, tr("Change the camera?"), tr("Record and apply"), supervisors, pin=pin)
        sizes = appearance.theme.sizes
        grid = QGridLayout()
        grid.setHorizontalSpacing(sizes.space_4)
        grid.setColumnStretch(3, 1)
        for line, (name, old, new) in enumerate(setup_differences(before, after)):
            for at, cell in enumerate((label(name, "muted"), label(old), label("→", "muted"), label(new, "strong"))):
                grid.addWidget(cell, line, at)
        body = column(0, None, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        body.addLayout(grid)
        self.body.addWidget(panel(body))
        if found is not None:
            self.add_sentence("state-ok", found)
        for sentence in consequences(before, after):
            self.add_sentence("state-warn", sentence, "warn")
        self.ask_signature()

    @property
    def signer(self) -> Signer:
        """Who signs, and why."""
        return Signer(self.user, self.reason, self.pin)


def _whole(least: int, most: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(value)
    box.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return box
