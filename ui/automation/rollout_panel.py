"""The new model on the automation page: what is loaded, how far it has come, what the next step needs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector_app.automation.ramp import RampReport
from inspector_app.automation.rollout import RAMP
from inspector_app.domain.control import ControlState
from inspector_app.domain.rollout import Rollout, RolloutPhase
from inspector_app.domain.status import SlotStatus
from ui.look.appearance import Appearance
from ui.texts import percent, tr, unbroken
from ui.widgets.basics import Glyph, IconButton, column, label, row, set_role
from ui.wording import model_title, rollout_name


class RolloutPanel(QWidget):
    """Shows a rollout and offers its steps; it takes none itself.

    Parameters
    ----------
    appearance : Appearance
        The look.
    slots : callable
        Returns what the station's slots hold; must not block.

    Signals
    -------
    step_asked(str)
        ``start``, ``advance``, ``switch``, ``rollback`` or ``end``.
    """

    step_asked = Signal(str)

    def __init__(self, appearance: Appearance, slots: Callable[[], tuple[SlotStatus, ...]]) -> None:
        super().__init__()
        self._appearance = appearance
        self._slots = slots
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        body.addWidget(label(tr("New model"), "large"))
        self._models = label("", wrap=True)
        body.addWidget(self._models)
        self._stages = [label(each, "small") for each in _stage_names()]
        ramp = row(sizes.space_3)
        for stage in self._stages:
            ramp.addWidget(stage)
        ramp.addStretch(1)
        body.addLayout(ramp)
        self._needs = column(sizes.space_1)
        body.addLayout(self._needs)
        body.addStretch(1)
        self.buttons = {
            "start": IconButton(appearance, "forward", tr("Bring in a model …")),
            "advance": IconButton(appearance, "forward", tr("Next stage …")),
            "switch": IconButton(appearance, "accept", tr("Switch …")),
            "rollback": IconButton(appearance, "undo", tr("Roll back …")),
            "end": IconButton(appearance, "", tr("End …")),
        }
        foot = row(sizes.space_2)
        for step, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, asked=step: self.step_asked.emit(asked))
            foot.addWidget(button)
        foot.addStretch(1)
        body.addLayout(foot)

    def show_rollout(self, state: ControlState, report: RampReport | None) -> None:
        """Show a control state and, once it is known, what its rollout has come to."""
        rollout = state.rollout
        self._models.setText(self._in_words(state))
        chosen = _stage(rollout)
        for index, stage in enumerate(self._stages):
            stage.setVisible(rollout is not None)
            set_role(stage, "role", "strong" if index == chosen else "small")
        self._show_needs(rollout, report)
        allowed = _allowed(rollout)
        for step, button in self.buttons.items():
            button.setVisible(step in allowed if step == "start" else rollout is not None)
            button.setEnabled(step in allowed)

    def _in_words(self, state: ControlState) -> str:
        slots = state.slots
        if state.rollout is None or slots is None:
            charge = tr("as in the settings") if slots is None else model_title(slots.model(slots.in_charge))
            begin = tr(
                "Another model, a vendor's too, is installed on the Models page and brought in here: first beside this "
                "one on the same parts, then on a growing share, then in charge."
            )
            return tr("In charge: {model}. {begin}").format(model=charge, begin=begin)
        ready = {each.slot: each for each in self._slots()}
        lines = [rollout_name(state.rollout)]
        for words, slot in ((tr("In charge"), slots.in_charge), (tr("Beside it"), slots.in_charge.other)):
            status = ready.get(slot)
            loaded = "" if status is None else (tr("loaded") if status.ready else status.problem or tr("being loaded"))
            title = model_title(slots.model(slot))
            lines.append(f"{words}: {title}" + (f" ({slot.value}, {loaded})" if loaded else ""))
        return "\n".join(lines)

    def _show_needs(self, rollout: Rollout | None, report: RampReport | None) -> None:
        while (item := self._needs.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if rollout is None or report is None:
            return
        lines = [self._line("state-bad", "bad", unbroken(rail.sentence)) for rail in report.guardrails]
        lines += [
            self._line("state-ok" if need.holds else "clock", "text", unbroken(need.sentence))
            for need in report.requirements
        ]
        for line in lines:
            self._needs.addWidget(line)
            line.show()

    def _line(self, icon: str, tint: str, sentence: str) -> QWidget:
        line = QWidget()
        inner = row(self._appearance.theme.sizes.space_2, line)
        inner.addWidget(Glyph(self._appearance, icon, tint))
        inner.addWidget(label(sentence, wrap=True), 1)
        return line


def _stage_names() -> tuple[str, ...]:
    return (tr("Shadow"), *(percent(share) for share in RAMP), tr("In charge"))


def _stage(rollout: Rollout | None) -> int:
    """Return the place of the present stage among `_stage_names`; -1 where there is none."""
    if rollout is None or rollout.phase is RolloutPhase.ROLLED_BACK:
        return -1
    if rollout.phase is RolloutPhase.WATCH:
        return len(RAMP) + 1
    return 0 if rollout.phase is RolloutPhase.SHADOW else 1 + RAMP.index(rollout.share)


def _allowed(rollout: Rollout | None) -> frozenset[str]:
    if rollout is None:
        return frozenset({"start"})
    return {
        RolloutPhase.SHADOW: frozenset({"advance", "switch", "rollback", "end"}),
        RolloutPhase.CANARY: frozenset({"switch", "rollback", *(["advance"] if rollout.share < RAMP[-1] else [])}),
        RolloutPhase.WATCH: frozenset({"rollback", "end"}),
        RolloutPhase.ROLLED_BACK: frozenset({"start", "end"}),
    }[rollout.phase]
