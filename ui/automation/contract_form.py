"""The contract of automatic decisions as fields."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QWidget

from inspector_app.domain.contract import Contract
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label


class ContractForm(QWidget):
    """Limits α and β and the confidence, in percent.

    Parameters
    ----------
    appearance : Appearance
        For sizes.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.fields: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(appearance.theme.sizes.space_2)
        grid.setVerticalSpacing(appearance.theme.sizes.space_1)
        named = (
            ("escape", tr("Escapes α ≤"), tr("Defective parts among those that the model accepts.")),
            ("missed", tr("Missed α ≤"), tr("Of all defective parts, those that the model accepts.")),
            ("false_reject", tr("False rejects β ≤"), tr("Good parts among those that the model rejects.")),
            ("confidence", tr("Confidence 1 − δ"), tr("With this confidence all three hold together.")),
        )
        for place, (name, words, tip) in enumerate(named):
            field = QDoubleSpinBox()
            low, high = (50.0, 99.9) if name == "confidence" else (0.01, 50.0)
            field.setRange(low, high)
            field.setDecimals(2)
            field.setSingleStep(0.5)
            field.setSuffix("\u202f%")
            field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            field.setAccessibleName(words)
            caption = label(words, "muted")
            for each in (field, caption):
                each.setToolTip(tip)
            caption.setBuddy(field)
            self.fields[name] = field
            line, at = divmod(place, 2)
            grid.addWidget(caption, line, 2 * at)
            grid.addWidget(field, line, 2 * at + 1)
            grid.setColumnStretch(2 * at + 1, 1)

    def show_contract(self, contract: Contract) -> None:
        """Fill the fields."""
        for name, field in self.fields.items():
            field.setValue(100.0 * getattr(contract, name))

    @property
    def contract(self) -> Contract:
        """What the fields say."""
        return Contract(**{name: round(field.value() / 100.0, 6) for name, field in self.fields.items()})
