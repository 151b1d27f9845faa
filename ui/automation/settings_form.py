"""Thresholds, shares and style as fields."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QWidget

from inspector_app.domain.control import AssistStyle, ControlState, Level
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label
from ui.widgets.choice_box import ChoiceBox
from ui.wording import style_name

_SHARES = ("canary_share", "audit_share", "unaided_share", "reject_audit_share", "targeted_share")
_NUMBERS = ("accept_below", "cut", "reject_above", "targeted_above")
_DIGITS = 10
"""Decimals of a threshold: certified ones may be as small as one in a million."""


class ThresholdField(QDoubleSpinBox):
    """A probability with the digits that it needs, four places from the nearer end; its steps follow its size."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0.0, 1.0)
        self.setDecimals(_DIGITS)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def textFromValue(self, value: float) -> str:
        """Return the value without the zeros at its end."""
        return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")

    def sizeHint(self) -> QSize:
        """Return room for the digits of a usual threshold, not for all that may be typed."""
        return QSize(self.fontMetrics().horizontalAdvance("0.99995") + 64, super().sizeHint().height())


class SettingsForm(QWidget):
    """Fields of a control state besides the level; those of the thresholds are on a widget of their own.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Attributes
    ----------
    thresholds : QWidget
        The fields of the thresholds, to be put where they are seen together with what they do.
    targeted : QWidget
        Those of the audits of rejects and the targeted ones, to be put beside what audits have found.

    Signals
    -------
    edited()
        A field was changed.
    """

    edited = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._silent = False
        self.fields: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(appearance.theme.sizes.space_4)
        grid.setVerticalSpacing(appearance.theme.sizes.space_1)
        grid.setColumnStretch(1, 1)
        self.thresholds = QWidget()
        across = QGridLayout(self.thresholds)
        across.setContentsMargins(0, 0, 0, 0)
        across.setHorizontalSpacing(appearance.theme.sizes.space_3)
        names = (("accept_below", tr("Accept below")), ("cut", tr("Cut")), ("reject_above", tr("Reject above")))
        across.setVerticalSpacing(appearance.theme.sizes.space_1)
        for place, (name, words) in enumerate(names):
            self._add(across, 0, place, name, words, ThresholdField())
        grid.setColumnStretch(0, 1)
        self._add(grid, 0, 0, "canary_share", tr("Canary share"), self._share(0.0))
        self._add(grid, 0, 1, "audit_share", tr("Audit share"), self._share(0.1))
        self._add(grid, 2, 0, "unaided_share", tr("Unaided first looks"), self._share(0.1))
        self.style_box = ChoiceBox[AssistStyle](
            tr("Marks shown"), [(style_name(style), style) for style in AssistStyle]
        )
        self.style_box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.style_box.setMinimumContentsLength(8)
        self.style_box.currentIndexChanged.connect(self._on_edit)
        grid.addWidget(label(tr("Marks shown"), "muted"), 4, 0)
        grid.addWidget(self.style_box, 5, 0, 1, 2)
        self.hold_box = QCheckBox(tr("Hold audited parts"))
        self.hold_box.setToolTip(tr("The inspector's verdict then disposes of an audited part."))
        self.hold_box.toggled.connect(self._on_edit)
        grid.addWidget(self.hold_box, 3, 1)
        self.targeted = QWidget()
        beside = QGridLayout(self.targeted)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setHorizontalSpacing(appearance.theme.sizes.space_3)
        beside.setVerticalSpacing(appearance.theme.sizes.space_1)
        self._add(beside, 0, 0, "reject_audit_share", tr("Audits of rejects"), self._share(0.0))
        self._add(beside, 0, 1, "targeted_share", tr("Targeted audits"), self._share(0.0))
        self._add(beside, 0, 2, "targeted_above", tr("… of accepts with a score from"), ThresholdField())
        self.fields["reject_audit_share"].setToolTip(
            tr("So many of the model's rejects are audited where that is more than the audit share.")
        )
        tip = tr(
            "So many of the accepts nearest to the threshold are audited as well. They teach most, and certify nothing."
        )
        for name in ("targeted_share", "targeted_above"):
            self.fields[name].setToolTip(tip)

    def show_state(self, state: ControlState) -> None:
        """Fill the fields."""
        self._silent = True
        for name in _NUMBERS:
            self.fields[name].setValue(getattr(state, name))
        for name in _SHARES:
            self.fields[name].setValue(100.0 * getattr(state, name))
        self.style_box.choose(state.style)
        self.hold_box.setChecked(state.hold_audits)
        self._silent = False

    def move_thresholds(self, accept_below: float, reject_above: float) -> None:
        """Take thresholds from elsewhere; the cut, which only makes answers comparable, is moved between them."""
        self._silent = True
        for name, value in (("accept_below", accept_below), ("reject_above", reject_above)):
            self.fields[name].setValue(value)
        self.fields["cut"].setValue(min(max(self.fields["cut"].value(), accept_below), reject_above))
        self._silent = False
        self.edited.emit()

    def draft(self, state: ControlState, level: Level) -> ControlState:
        """Return the state with what the fields say.

        Raises
        ------
        ValueError
            With one clause, if the values do not go together.
        """
        values: dict[str, float] = {}
        for name, field in self.fields.items():
            factor = 100.0 if name in _SHARES else 1.0
            # A field shows fewer digits than a record may hold: only what was really edited counts.
            unchanged = abs(factor * getattr(state, name) - field.value()) < 0.5 * 10.0 ** -field.decimals()
            values[name] = getattr(state, name) if unchanged else round(field.value() / factor, _DIGITS)
        return replace(
            state,
            level=level,
            style=self.style_box.value or state.style,
            hold_audits=self.hold_box.isChecked(),
            **values,  # type: ignore[arg-type]
        )

    def _add(self, grid: QGridLayout, line: int, at: int, name: str, words: str, field: QDoubleSpinBox) -> None:
        caption = label(words, "muted")
        caption.setBuddy(field)
        field.setAccessibleName(words)
        field.valueChanged.connect(self._on_edit)
        field.lineEdit().setTextMargins(0, 0, 8, 0)
        self.fields[name] = field
        grid.addWidget(caption, line, at)
        grid.addWidget(field, line + 1, at)

    def _share(self, least: float) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setRange(least, 100.0)
        field.setDecimals(1)
        field.setSingleStep(1.0)
        field.setSuffix("\u202f%")
        field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return field

    def _on_edit(self) -> None:
        if not self._silent:
            self.edited.emit()
