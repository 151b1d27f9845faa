"""The settings of the camera itself as fields, with what it allows, pending against applied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QVBoxLayout, QWidget

from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.optics.teaching import CameraView
from ui.camera.words import asked_controls, trigger_name
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row
from ui.widgets.choice_box import ChoiceBox

_NUMBERS = ("exposure_us", "gain_db", "frame_rate_hz")


class ControlsForm(QWidget):
    """Exposure, gain, rate, format, trigger; each is offered only if the camera can be asked for it.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    asked(CameraControls)
        What was changed is to be applied; only that is set in it.
    """

    asked = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self._view: CameraView | None = None
        self.fields = {name: self._number(words, unit) for name, words, unit in self._captions()}
        self.format_box = ChoiceBox[str](tr("Format"))
        self.trigger_box = ChoiceBox[TriggerMode](tr("Trigger"))
        for box in (self.format_box, self.trigger_box):
            box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
            box.currentIndexChanged.connect(self._look)
        self._ranges = {name: label("", "small") for name in _NUMBERS}
        self._pending = label("", "small", wrap=True)
        self._back = IconButton(appearance, "undo", tr("Discard"))
        self._apply = IconButton(appearance, "accept", tr("Apply …"), "primary")
        self._back.clicked.connect(self._refill)
        self._apply.clicked.connect(lambda: self.asked.emit(self.changed))
        grid = QGridLayout()
        grid.setHorizontalSpacing(sizes.space_3)
        grid.setVerticalSpacing(sizes.space_1)
        for index, (name, words, _unit) in enumerate(self._captions()):
            self._put(grid, index, words, self.fields[name], self._ranges[name])
        self._put(grid, 3, tr("Format"), self.format_box, None)
        self._put(grid, 4, tr("Trigger"), self.trigger_box, None)
        foot = row(sizes.space_2)
        foot.addWidget(self._back)
        foot.addWidget(self._apply, 1)
        ways = QWidget()
        ways.setLayout(foot)
        self._put(grid, 5, " ", ways, None)
        body = column(sizes.space_1, self)
        body.addLayout(grid)
        body.addWidget(self._pending)

    @staticmethod
    def _captions() -> tuple[tuple[str, str, str], ...]:
        return (
            ("exposure_us", tr("Exposure"), tr(" µs")),
            ("gain_db", tr("Gain"), tr(" dB")),
            ("frame_rate_hz", tr("Rate"), tr(" Hz")),
        )

    @property
    def changed(self) -> CameraControls:
        """What differs from what is in force; ``None`` for all else."""
        if self._view is None:
            return CameraControls()
        now = asked_controls(self._view)
        values: dict[str, float | None] = {}
        for name, field in self.fields.items():
            old = getattr(now, name)
            same = old is not None and abs(field.value() - old) < 10.0 ** -field.decimals()
            values[name] = field.value() if field.isEnabled() and not same else None
        pixel_format = self.format_box.value if self.format_box.value != now.pixel_format else None
        trigger = self.trigger_box.value if self.trigger_box.value is not now.trigger else None
        return CameraControls(**values, pixel_format=pixel_format, trigger=trigger)

    def show_view(self, view: CameraView) -> None:
        """Show what is in force, unless something else is being chosen."""
        pending = self._view is not None and self.changed != CameraControls()
        known = self._view is not None and self._view.ranges == view.ranges and self._view.setup == view.setup
        self._view = view
        self.setVisible(view.live)
        if not (pending and known):
            self._refill()

    def _refill(self) -> None:
        view = self._view
        if view is None:
            return
        now = asked_controls(view)
        for name, field in self.fields.items():
            span = getattr(view.ranges, name)
            field.blockSignals(True)
            field.setEnabled(span is not None and view.running)
            if span is not None:
                field.setRange(*span)
                field.setValue(getattr(now, name) or span[0])
            self._ranges[name].setText(_span_words(span) if span else "")
            field.blockSignals(False)
        self.format_box.offer([(name, name) for name in view.ranges.pixel_formats])
        self.trigger_box.offer([(trigger_name(mode), mode) for mode in view.ranges.triggers])
        for box in (self.format_box, self.trigger_box):
            box.setEnabled(box.count() > 0 and view.running)
        self._choose(now)
        self._look()

    def _choose(self, now: CameraControls) -> None:
        for box, value in ((self.format_box, now.pixel_format), (self.trigger_box, now.trigger)):
            box.blockSignals(True)
            if value is not None and (index := box.findText(_text(value))) >= 0:
                box.setCurrentIndex(index)
            box.blockSignals(False)

    def _look(self) -> None:
        pending = self.changed != CameraControls()
        self._back.setEnabled(pending)
        self._apply.setEnabled(pending)
        self._pending.setText(tr("Not applied yet.") if pending else "")

    def _number(self, words: str, unit: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setAccessibleName(words)
        field.setSuffix(unit)
        field.setDecimals(1)
        field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        field.setKeyboardTracking(False)
        field.setMinimumWidth(80)
        field.valueChanged.connect(self._look)
        return field

    @staticmethod
    def _put(grid: QGridLayout, index: int, words: str, field: QWidget, below: QWidget | None) -> None:
        cell = QVBoxLayout()
        cell.setSpacing(0)
        caption = label(words, "muted")
        caption.setBuddy(field)
        cell.addWidget(caption)
        cell.addWidget(field)
        if below is not None:
            cell.addWidget(below)
        else:
            cell.addStretch(1)
        grid.addLayout(cell, index // 2, index % 2)
        grid.setColumnStretch(index % 2, 1)


def _span_words(span: tuple[float, float]) -> str:
    low, high = (f"{round(value, 3):,.10g}".replace(",", "\u202f") for value in span)
    return tr("{low} to {high}").format(low=low, high=high)


def _text(value: str | TriggerMode) -> str:
    return trigger_name(value) if isinstance(value, TriggerMode) else value
