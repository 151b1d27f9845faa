"""Guards on the automation page: whether one has stepped left, why, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector_app.domain.control import ControlChange, ControlState
from ui.look.appearance import Appearance
from ui.texts import local_time, tr
from ui.widgets.basics import Glyph, IconButton, column, label, row
from ui.wording import guard_name


class GuardPanel(QWidget):
    """Shows the guards that hold the level.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    rearm_asked()
        A supervisor wants to re-arm them.
    """

    rearm_asked = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        body.addWidget(label(tr("Guards"), "large"))
        head = row(sizes.space_2)
        self._icon = Glyph(appearance, "state-ok", "text")
        self._word = label("", "strong", wrap=True)
        head.addWidget(self._icon)
        head.addWidget(self._word, 1)
        body.addLayout(head)
        self._why = label("", wrap=True)
        body.addWidget(self._why)
        body.addStretch(1)
        self.rearm_button = IconButton(appearance, "refresh", tr("Re-arm …"))
        self.rearm_button.clicked.connect(self.rearm_asked)
        foot = row(sizes.space_2)
        foot.addWidget(self.rearm_button)
        foot.addStretch(1)
        body.addLayout(foot)

    def show_guards(self, state: ControlState, changes: Sequence[ControlChange]) -> None:
        """Show a control state, and the recorded steps of guards that explain it."""
        held = bool(state.latched)
        self._icon.show_icon("state-bad" if held else "state-ok", "bad" if held else "text")
        names = ", ".join(guard_name(kind) for kind in state.latched)
        stepped = tr("Stepped left: {guards}. Nothing moves right until a supervisor re-arms.").format(guards=names)
        self._word.setText(stepped if held else tr("No guard has stepped left."))
        self._why.setText("\n".join(_reasons(state, changes)))
        self._why.setVisible(held)
        self.rearm_button.setVisible(held)


def _reasons(state: ControlState, changes: Sequence[ControlChange]) -> list[str]:
    """Return why each latched guard fired, with its time, as its step was recorded."""
    said = []
    for kind in state.latched:
        fired = [change for change in changes if change.by == f"guard:{kind}"]
        if fired:
            said.append(f"{local_time(fired[-1].at, date=True)[:-3]}  {fired[-1].because}")
    return said
