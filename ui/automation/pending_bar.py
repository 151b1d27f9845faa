"""What is chosen and not in force yet, with the two ways out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from inspector_app.domain.control import ControlState
from ui.automation.differences import differences
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, label, row, set_role


class PendingBar(QFrame):
    """Shows pending against applied.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    discarded(), asked()
        Go back to what is in force; record and apply what is chosen.
    """

    discarded = Signal()
    asked = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        sizes = appearance.theme.sizes
        self.words = label("", wrap=True)
        self._discard = IconButton(appearance, "undo", tr("Discard"))
        self._discard.clicked.connect(self.discarded)
        self.apply_button = IconButton(appearance, "accept", tr("Apply …"), "primary")
        self.apply_button.clicked.connect(self.asked)
        bar = row(sizes.space_3, self, (sizes.space_4, sizes.space_1, sizes.space_1, sizes.space_1))
        bar.addWidget(self.words, 1)
        bar.addWidget(self._discard)
        bar.addWidget(self.apply_button)

    def show_draft(self, state: ControlState, draft: ControlState | None, *, applying: bool) -> None:
        """Show what differs; ``draft`` is ``None`` where the thresholds are out of order."""
        changed = draft is not None and draft != state
        self._discard.setEnabled(draft != state and not applying)
        self.apply_button.setEnabled(changed and not applying)
        if applying:
            words, tone = tr("Being recorded …"), "info"
        elif draft is None:
            words, tone = tr("Accept below ≤ cut ≤ reject above: these thresholds are out of order."), "warn"
        elif changed:
            listed = "; ".join(f"{each.name}: {each.before} → {each.after}" for each in differences(state, draft))
            words, tone = tr("Not applied yet: {changes}").format(changes=listed), "info"
        else:
            words, tone = tr("In force: version {n}. Nothing is pending.").format(n=state.version), ""
        self.words.setText(words)
        set_role(self, "tone", tone)
