"""The camera page: look through it, set it, teach it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QProgressBar, QScrollArea

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import CameraControls
from inspector_app.domain.prediction import Box
from inspector_app.domain.status import StationStatus
from inspector_app.optics.sight import Sight
from inspector_app.optics.teaching import CameraView, Proposal, Teaching
from ui.background import Background, LatestJob
from ui.camera.controls_form import ControlsForm
from ui.camera.corrections_panel import CorrectionsPanel
from ui.camera.dialogs import LessonDialog, RegionDialog, SetupChangeDialog
from ui.camera.meters import FocusMeter, HistogramView, exposure_words, focus_words
from ui.camera.room import CameraRoom
from ui.camera.words import changed_words, compared, standing_words, teaching_name
from ui.camera.zebra import with_zebra
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.picture.conversion import Picture, picture_of
from ui.texts import tr
from ui.widgets.basics import ElidedLabel, IconButton, column, label, panel, row, set_role
from ui.widgets.picture_pane import PicturePane

_LOOK_MS = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One live picture, ready to be painted."""

    sight: Sight
    picture: Picture


class CameraPage(Page):
    """Live picture with histogram, focus meter and zebra; settings, corrections, limits of quality and scale.

    Whatever changes the configuration is asked, signed and recorded by the room.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : CameraRoom
        The camera.
    background : Background
        Where it is asked.
    supervisors, signatures
        As of `WindowSettings`.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    """

    noticed = Signal(str)
    _taken = Signal(int, int)

    def __init__(
        self,
        appearance: Appearance,
        room: CameraRoom,
        background: Background,
        supervisors: tuple[str, ...],
        signatures: bool,
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._room = room
        self._background = background
        self._supervisors = supervisors
        self._signatures = signatures
        self._reading = LatestJob(background)
        self._looking = False
        self._view: CameraView | None = None
        self._size: tuple[int, int] | None = None
        self._teaching: threading.Event | None = None
        self.pane = PicturePane(appearance)
        self.histogram = HistogramView(appearance)
        self.focus = FocusMeter(appearance)
        self.controls = ControlsForm(appearance)
        self.corrections = CorrectionsPanel(appearance)
        self._build()
        self._connect()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _build(self) -> None:
        sizes, appearance = self._appearance.theme.sizes, self._appearance
        self.pane.offer_marks(False)
        self._exposure_words = label("", "small", wrap=True)
        self._focus_words = label("", "small", wrap=True)
        self._again = IconButton(appearance, "refresh", tr("Best anew"), "quiet")
        self.zebra_box = QCheckBox(tr("Stripes"))
        self.zebra_box.setToolTip(tr("Red where it is clipped, blue where it is black"))
        self.zebra_box.setChecked(True)
        self._complaint = label("", "strong", wrap=True)
        exposure = column(sizes.space_1)
        exposure.addWidget(self.histogram)
        exposure.addWidget(self._exposure_words)
        focus = column(sizes.space_1)
        focus.addWidget(self.focus)
        focus.addWidget(self._focus_words)
        tools = row(sizes.space_2)
        tools.addWidget(self.zebra_box)
        tools.addStretch(1)
        tools.addWidget(self._again)
        focus.addLayout(tools)
        meters = row(sizes.space_4, None, (sizes.space_3, sizes.space_2, sizes.space_3, sizes.space_2))
        meters.addLayout(exposure, 1)
        meters.addLayout(focus, 1)
        gap = sizes.space_4
        self.top = left = column(sizes.space_2)
        left.addWidget(self.pane, 1)
        left.addWidget(self._complaint)
        left.addWidget(panel(meters))
        body = row(gap, self, (gap, gap, gap, gap))
        body.addLayout(left, 1)
        body.addWidget(self._side())

    def _side(self) -> QScrollArea:
        sizes = self._appearance.theme.sizes
        self._name = ElidedLabel("", "title")
        self._standing = label("", "muted", wrap=True)
        self._trouble = label("", "bad", wrap=True)
        self._changed = label("", "small", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._taking = label("")
        self._stop = IconButton(self._appearance, "pause", tr("Stop"))
        self._work = QFrame()
        work = column(sizes.space_1, self._work)
        work.addWidget(self._taking)
        across = row(sizes.space_2)
        across.addWidget(self._bar, 1)
        across.addWidget(self._stop)
        work.addLayout(across)
        self._work.hide()
        side = column(sizes.space_2, None, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        for widget in (self._name, self._standing, self._trouble, self.controls, self.corrections, self._work):
            side.addWidget(widget)
        side.addStretch(1)
        side.addWidget(self._changed)
        frame = panel(side)
        area = QScrollArea()
        area.setWidget(frame)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFixedWidth(round(452 * self._appearance.theme.scale))
        return area

    def _connect(self) -> None:
        self._again.clicked.connect(self.focus.forget_best)
        self._stop.clicked.connect(self.stop_teaching)
        self._taken.connect(self._on_taken)
        self.controls.asked.connect(self._ask_controls)
        self.corrections.teach_asked.connect(self.teach)
        self.corrections.region_asked.connect(self._ask_region)
        self.corrections.clear_asked.connect(lambda name: self._ask({name: None}))

    def entered(self) -> None:
        """Read anew how the camera stands."""
        self.refresh()

    def on_status(self, status: StationStatus) -> None:
        """Read anew when the camera has come or gone."""
        del status
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Read how the camera stands."""
        self._reading.run(self._room.view, self._show_view, self._on_fault)

    def close_work(self) -> None:
        """Look no more, and let a teaching end; idempotent."""
        self._timer.stop()
        self.stop_teaching()

    def stop_teaching(self) -> None:
        """Take no more frames."""
        if self._teaching is not None:
            self._teaching.set()

    def teach(self, what: Teaching) -> None:
        """Ask for frames, then whether what they teach is to be in force."""
        dialog = LessonDialog(self._appearance, self.window(), what)
        dialog.accepted.connect(lambda: self._take(dialog, what))
        dialog.open()

    def _take(self, dialog: LessonDialog, what: Teaching) -> None:
        lesson, stopped = dialog.lesson, threading.Event()
        self._teaching = stopped
        self._taking.setText(tr("{name}: taking frames …").format(name=teaching_name(what)))
        self._on_taken(0, lesson.frames)
        self._work.show()
        self._offer()

        def job() -> Proposal:
            return self._room.teach(lesson, self._taken.emit, stopped.is_set)

        self._background.run(job, self._on_taught, self._on_not_taught)

    def _on_taken(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _on_taught(self, proposal: Proposal) -> None:
        self._end_teaching()
        self._ask(dict(proposal.changes), proposal.sentence)

    def _on_not_taught(self, fault: KnownFault) -> None:
        self._end_teaching()
        self._on_fault(fault)

    def _end_teaching(self) -> None:
        self._teaching = None
        self._work.hide()
        self._offer()

    def _ask_controls(self, asked: CameraControls) -> None:
        if self._view is not None:
            self._ask({"controls": self._view.setup.with_controls(asked)})

    def _ask_region(self) -> None:
        if self._view is None:
            return
        width, height = self._size or (640, 480)
        dialog = RegionDialog(self._appearance, self.window(), self._view.setup.roi or Box(0, 0, width, height))
        dialog.accepted.connect(lambda: self._ask({"roi": dialog.region}))
        dialog.open()

    def _ask(self, changes: dict[str, object], found: str | None = None) -> None:
        """Ask for the signature of a change."""
        if self._view is None:
            return
        before, after = compared(self._view, changes)
        dialog = SetupChangeDialog(
            self._appearance,
            self.window(),
            before,
            after,
            self._supervisors,
            pin=self._signatures,
            found=found,
        )
        dialog.signed.connect(lambda: self._change(dialog, changes))
        dialog.open()

    def _change(self, dialog: SetupChangeDialog, changes: dict[str, object]) -> None:
        signer = dialog.signer
        self._background.run(
            lambda: self._room.change(signer, **changes),
            lambda _change: self._on_changed(dialog),
            lambda fault: self._on_refused(dialog, fault),
        )

    def _on_refused(self, dialog: SetupChangeDialog, fault: KnownFault) -> None:
        if dialog.refuse(str(fault)):
            self.refresh()
        else:
            self._on_fault(fault)

    def _on_changed(self, dialog: SetupChangeDialog) -> None:
        dialog.done_with()
        self.focus.forget_best()
        self.noticed.emit(tr("The camera's new configuration is recorded and in force from the next picture on."))
        self.refresh()

    def _show_view(self, view: CameraView) -> None:
        self._view = view
        self._name.setText(view.name)
        self._standing.setText(standing_words(view))
        self._trouble.setText(view.trouble or "")
        self._trouble.setVisible(view.trouble is not None)
        self._changed.setText(changed_words(view))
        self.controls.show_view(view)
        self._offer()

    def _offer(self) -> None:
        if self._view is not None:
            busy = self._teaching is not None
            self.corrections.show_setup(self._view.setup, running=self._view.running, busy=busy)

    def _look(self) -> None:
        """Have the newest picture measured and made ready, unless that goes on already or nobody sees it."""
        if self._looking or not self.isVisible():
            return
        self._looking = True
        zebra = self.zebra_box.isChecked()

        def job() -> _Look | None:
            sight = self._room.sight()
            if sight is None:
                return None
            return _Look(sight, picture_of(with_zebra(sight.pixels) if zebra else sight.pixels))

        self._background.run(job, self._on_look, self._on_no_look)

    def _on_look(self, look: _Look | None) -> None:
        self._looking = False
        if look is None:
            self.pane.say(tr("No picture yet."))
            return
        sight = look.sight
        self.pane.say("")
        size = (look.picture.width, look.picture.height)
        if size == self._size:
            self.pane.canvas.replace_picture(look.picture)
        else:
            self.pane.canvas.show_picture(look.picture)
        self._size = size
        self.histogram.show_counts(sight.histogram, sight.measures)
        self.focus.show_sharpness(sight.measures.sharpness, sight.least_sharpness)
        self._exposure_words.setText(exposure_words(sight.measures))
        self._focus_words.setText(focus_words(sight.measures.sharpness, self.focus.best, sight.least_sharpness))
        unfit = sight.unfit
        set_role(self._complaint, "role", "strong" if unfit is None else "bad")
        self._complaint.setText(tr("This picture may be judged.") if unfit is None else unfit.sentence)

    def _on_no_look(self, fault: KnownFault) -> None:
        self._looking = False
        self.pane.say(str(fault))

    def _on_fault(self, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))
        self.refresh()
