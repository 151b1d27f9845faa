"""Thresholds, shares and style as fields."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QWidget

from inspector_app.domain.control import AssistStyle, ControlState, Level
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label
from ui.widgets.choice_box import ChoiceBox
from ui.wording import style_name

_SHARES = ("canary_share", "audit_share", "unaided_share")
_THRESHOLDS = ("accept_below", "cut", "reject_above")


class SettingsForm(QWidget):
    """Fields of a control state besides the level.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

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
        grid.setVerticalSpacing(appearance.theme.sizes.space_2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self._add(grid, 0, 0, "accept_below", tr("Accept below p ="), self._threshold())
        self._add(grid, 1, 0, "cut", tr("Cut at p ="), self._threshold())
        self._add(grid, 2, 0, "reject_above", tr("Reject above p ="), self._threshold())
        self._add(grid, 0, 2, "canary_share", tr("Canary share"), self._share(0.0))
        self._add(grid, 1, 2, "audit_share", tr("Audit share"), self._share(0.1))
        self._add(grid, 2, 2, "unaided_share", tr("Unaided first looks"), self._share(0.1))
        self.style_box = ChoiceBox[AssistStyle](
            tr("Marks shown"), [(style_name(style), style) for style in AssistStyle]
        )
        self.style_box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.style_box.setMinimumContentsLength(8)
        self.style_box.currentIndexChanged.connect(self._on_edit)
        grid.addWidget(label(tr("Marks shown"), "muted"), 3, 0)
        grid.addWidget(self.style_box, 3, 1)
        self.hold_box = QCheckBox(tr("Hold audited parts"))
        self.hold_box.setToolTip(tr("The inspector's verdict then disposes of an audited part."))
        self.hold_box.toggled.connect(self._on_edit)
        grid.addWidget(self.hold_box, 3, 2, 1, 2)

    def show_state(self, state: ControlState) -> None:
        """Fill the fields."""
        self._silent = True
        for name in _THRESHOLDS:
            self.fields[name].setValue(getattr(state, name))
        for name in _SHARES:
            self.fields[name].setValue(100.0 * getattr(state, name))
        self.style_box.choose(state.style)
        self.hold_box.setChecked(state.hold_audits)
        self._silent = False

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
            values[name] = getattr(state, name) if unchanged else round(field.value() / factor, 6)
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
        grid.addWidget(field, line, at + 1)

    def _threshold(self) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setRange(0.0, 1.0)
        field.setDecimals(3)
        field.setSingleStep(0.01)
        field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return field

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
