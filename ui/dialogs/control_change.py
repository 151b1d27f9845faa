"""Before a control change is recorded: what will change, what will happen, who wants it and why."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from inspector_app.domain.control import ControlState
from ui.automation.differences import consequence, differences
from ui.dialogs.signed import SignedQuestion
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label, panel


class ControlChangeDialog(SignedQuestion):
    """Shows what a change does, and asks who wants it and why.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    before, after : ControlState
        In force, and wanted.
    supervisors, pin
        As of `SignedQuestion`.
    against : str or None
        What speaks against it; it is recorded with the change.
    certificate : str or None
        Id of the certificate that the thresholds come from.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        before: ControlState,
        after: ControlState,
        supervisors: tuple[str, ...],
        *,
        pin: bool,
        against: str | None = None,
        certificate: str | None = None,
    ) -> None:
        title, action = tr("Change how parts are decided?"), tr("Record and apply")
        super().__init__(appearance, parent, title, action, supervisors, pin=pin)
        self.body.addWidget(_differences_panel(appearance, before, after))
        self.add_sentence("info", consequence(before, after))
        if certificate is not None:
            self.add_sentence("state-ok", tr("Thresholds from the certificate {name}.").format(name=certificate))
        if against is not None:
            warning = tr("Against the recommendation, and recorded as such: {missing}").format(missing=against)
            self.add_sentence("state-warn", warning, "warn")
        self.ask_signature()


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
