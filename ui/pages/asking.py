"""Every command of the automation page: asks who and why, warns where the evidence is against it, and orders it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from inspector_app.automation.certificate import certified_changes
from inspector_app.automation.ramp import RampReport
from inspector_app.automation.rollout import STEPS, Changes
from inspector_app.automation.signing import moves_right
from inspector_app.domain.control import Command, ControlState
from inspector_app.domain.errors import ControlRefused, KnownFault
from inspector_app.domain.ports import StationPort
from ui.automation.gate_words import speaks_against
from ui.automation.rollout_questions import StepQuestion, against_step, rearm_question, rollout_question
from ui.automation.room import AutomationRoom, Candidate, Evidenced, KeptCertificate
from ui.background import Background, LatestJob
from ui.dialogs.control_change import ControlChangeDialog
from ui.dialogs.rollout_start import RolloutStartDialog
from ui.dialogs.signed import SignedQuestion
from ui.dialogs.step import StepDialog
from ui.look.appearance import Appearance
from ui.texts import tr

MakeCommand = Callable[[], Command]
"""Makes a command; may block."""


class Asking(QObject):
    """Asks and orders; a question that is turned down leaves no trace.

    Parameters
    ----------
    appearance : Appearance
        The look.
    owner : QWidget
        Over whose window questions open.
    station : StationPort
        Takes the command.
    room : AutomationRoom
        Makes commands that need the log or the registry.
    background : Background
        Where both are asked.
    supervisors : tuple of str
        Names to choose from; empty: any.
    signatures : bool
        True: what moves right takes the supervisor's PIN.

    Signals
    -------
    ordering()
        A command is on its way.
    applied(ControlState)
        It is in force.
    refused(str)
        It is not, and why; empty where the question says so itself.
    """

    ordering = Signal()
    applied = Signal(object)
    refused = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        owner: QWidget,
        station: StationPort,
        room: AutomationRoom,
        background: Background,
        supervisors: tuple[str, ...],
        signatures: bool,
    ) -> None:
        super().__init__(owner)
        self._appearance, self._owner = appearance, owner
        self._station, self._room = station, room
        self._background = background
        self._listing = LatestJob(background)
        self._supervisors, self._signatures = supervisors, signatures

    def change(self, before: ControlState, draft: ControlState, evidenced: Evidenced | None) -> None:
        """Ask before the level, thresholds or shares are changed by hand."""
        against = speaks_against(before, draft, evidenced)
        names = [field.name for field in fields(ControlState) if field.name != "version"]
        changes = {name: getattr(draft, name) for name in names if getattr(draft, name) != getattr(before, name)}
        dialog = ControlChangeDialog(
            self._appearance,
            self._owner.window(),
            before,
            draft,
            self._supervisors,
            pin=self._pin(before, draft),
            against=against,
        )
        self._ask(dialog, lambda: _given(Command(dialog.user, dialog.reason, changes, dialog.pin, against)))

    def certificate(self, state: ControlState, kept: KeptCertificate) -> None:
        """Ask before a certificate's thresholds are put in force."""
        after = replace(state, **certified_changes(kept.record, state.cut))  # type: ignore[arg-type]  # thresholds alone
        dialog = ControlChangeDialog(
            self._appearance,
            self._owner.window(),
            state,
            after,
            self._supervisors,
            pin=self._pin(state, after),
            certificate=str(kept.record["certificate_id"]),
        )
        self._ask(dialog, lambda: partial(self._certificate_command, kept, dialog.user, dialog.reason, dialog.pin))

    def _certificate_command(self, kept: KeptCertificate, user: str, reason: str, pin: str | None) -> Command:
        return replace(self._room.command(kept.record, user, reason), pin=pin)

    def step(self, step: str, state: ControlState, report: RampReport | None) -> None:
        """Ask before a step of the rollout."""
        try:
            changes = STEPS[step](state)
        except ControlRefused as refused:
            self.refused.emit(str(refused))
            return
        against = against_step(step, state, report)
        self._ask_step(rollout_question(step, state, changes, against), state, changes, against)

    def rearm(self, state: ControlState) -> None:
        """Ask before the latches of guards are opened."""
        self._ask_step(rearm_question(), state, {"latched": ()}, None)

    def start(self, state: ControlState) -> None:
        """Look which models there are, then ask before one is brought in."""
        self._listing.run(
            self._room.candidates,
            lambda candidates: self._ask_start(state, candidates),
            lambda fault: self.refused.emit(str(fault)),
        )

    def _ask_start(self, state: ControlState, candidates: tuple[Candidate, ...]) -> None:
        if not candidates:
            self.refused.emit(tr("There is no other model here. Teach or install one on the Models page first."))
            return
        empty = state.slots is not None and state.slots.model(state.slots.in_charge) is None
        dialog = RolloutStartDialog(
            self._appearance, self._owner.window(), candidates, self._supervisors, nothing_in_charge=empty
        )
        self._ask(dialog, lambda: partial(self._room.start, dialog.chosen, dialog.user, dialog.reason))

    def _ask_step(self, question: StepQuestion, state: ControlState, changes: Changes, against: str | None) -> None:
        after = replace(state, **changes)  # type: ignore[arg-type]  # fields of a control state
        dialog = StepDialog(
            self._appearance, self._owner.window(), question, self._supervisors, pin=self._pin(state, after)
        )
        self._ask(dialog, lambda: _given(Command(dialog.user, dialog.reason, changes, dialog.pin, against)))

    def _pin(self, before: ControlState, after: ControlState) -> bool:
        return self._signatures and bool(moves_right(before, after))

    def _ask(self, dialog: SignedQuestion, read: Callable[[], MakeCommand]) -> None:
        """Open a question; its fields are read here on the GUI thread, the command is made and ordered elsewhere."""
        dialog.signed.connect(lambda: self._order(dialog, read()))
        dialog.open()

    def _order(self, dialog: SignedQuestion, make: MakeCommand) -> None:
        self.ordering.emit()
        self._background.run(
            lambda: self._station.order(make()),
            lambda state: self._applied(dialog, state),
            lambda fault: self._refused(dialog, fault),
        )

    def _applied(self, dialog: SignedQuestion, state: ControlState) -> None:
        dialog.done_with()
        self.applied.emit(state)

    def _refused(self, dialog: SignedQuestion, fault: KnownFault) -> None:
        self.refused.emit("" if dialog.refuse(str(fault)) else str(fault))


def _given(command: Command) -> MakeCommand:
    return lambda: command
