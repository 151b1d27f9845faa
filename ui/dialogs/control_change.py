"""Before a control change is recorded: what will change, what will happen, who wants it and why."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from inspector_app.domain.control import ControlState
from ui.automation.differences import consequence, differences
from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, column, label, panel, row


class ControlChangeDialog(Question):
    """Asks for user and reason; nothing happens without both.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    before, after : ControlState
        In force, and wanted.
    supervisors : tuple of str
        Names to choose from; empty: any name may be typed.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        before: ControlState,
        after: ControlState,
        supervisors: tuple[str, ...],
    ) -> None:
        super().__init__(appearance, parent, tr("Change how parts are decided?"), tr("Record and apply"))
        sizes = appearance.theme.sizes
        self.body.addWidget(_differences_panel(appearance, before, after))
        warning = row(sizes.space_3)
        warning.addWidget(Glyph(appearance, "info", "text"))
        warning.addWidget(label(consequence(before, after), wrap=True), 1)
        self.body.addLayout(warning)
        self.user_box = QComboBox()
        self.user_box.addItems(list(supervisors))
        self.user_box.setEditable(not supervisors)
        self.user_box.setCurrentIndex(-1)
        self.user_box.currentTextChanged.connect(self._check)
        self.add_field(tr("Supervisor"), self.user_box)
        self.reason_edit = QLineEdit()
        self.reason_edit.setMaxLength(400)
        self.reason_edit.setPlaceholderText(tr("Why? It is recorded with the change."))
        self.reason_edit.textChanged.connect(self._check)
        self.add_field(tr("Reason"), self.reason_edit)
        self._check()
        self.user_box.setFocus()

    @property
    def user(self) -> str:
        """Who wants the change."""
        return self.user_box.currentText().strip()

    @property
    def reason(self) -> str:
        """Why."""
        return self.reason_edit.text().strip()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.user and self.reason))


def _differences_panel(appearance: Appearance, before: ControlState, after: ControlState) -> QWidget:
    sizes = appearance.theme.sizes
    grid = QGridLayout()
    grid.setHorizontalSpacing(sizes.space_4)
    grid.setVerticalSpacing(sizes.space_2)
    grid.setColumnStretch(3, 1)
    for line, each in enumerate(differences(before, after)):
        grid.addWidget(label(each.name, "muted"), line, 0)
        grid.addWidget(label(each.before), line, 1)
        grid.addWidget(label("→", "muted"), line, 2)
        grid.addWidget(label(each.after, "strong"), line, 3)
    body = column(0, None, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
    body.addLayout(grid)
    return panel(body)
