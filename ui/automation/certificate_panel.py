"""The contract, the certificate that it came to, and the way to put it in force."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from inspector_app.domain.contract import Contract
from inspector_app.domain.errors import KnownFault
from ui.automation.certificate_words import certificate_lines, headline
from ui.automation.contract_form import ContractForm
from ui.automation.room import AutomationRoom, CertifyStage, KeptCertificate, ThresholdFigures
from ui.background import Background, LatestJob
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, IconButton, column, label, panel, row

_STAGE_MS = 100


class CertificatePanel(QWidget):
    """Certifies in the background; applies nothing itself.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : AutomationRoom
        Certifies; may block.
    background : Background
        Where it is asked.

    Signals
    -------
    apply_asked(KeptCertificate)
        A supervisor wants its thresholds in force.
    noticed(str)
        A sentence for the user.
    """

    apply_asked = Signal(object)
    noticed = Signal(str)

    def __init__(self, appearance: Appearance, room: AutomationRoom, background: Background) -> None:
        super().__init__()
        self._room = room
        self._certifying = LatestJob(background)
        self._stop = threading.Event()
        self._stage = CertifyStage.READING
        self._timer = QTimer(self, interval=_STAGE_MS)
        self._timer.timeout.connect(self._say_stage)
        self._shown: KeptCertificate | None = None
        self._in_force: KeptCertificate | None = None
        self._filled = False
        sizes = appearance.theme.sizes
        inside = (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3)
        asked = column(sizes.space_3, None, inside)
        asked.addWidget(label(tr("What automatic decisions may let through"), "large", wrap=True))
        self.contract_form = ContractForm(appearance)
        asked.addWidget(self.contract_form)
        words = tr(
            "Certifying looks for the widest thresholds that keep all of it, on the parts of known truth. Do it once "
            "on the same parts: searching again and again finds luck."
        )
        asked.addWidget(label(words, "muted", wrap=True))
        act = row(sizes.space_2)
        self.certify_button = IconButton(appearance, "", tr("Certify"))
        self.certify_button.clicked.connect(self.certify)
        self.apply_button = IconButton(appearance, "accept", tr("Apply certificate …"))
        self.apply_button.clicked.connect(lambda: self.apply_asked.emit(self._shown))
        self.stop_button = IconButton(appearance, "", tr("Stop"))
        self.stop_button.clicked.connect(self.stop)
        self.stop_button.hide()
        act.addWidget(self.certify_button)
        act.addWidget(self.stop_button)
        act.addWidget(self.apply_button)
        act.addStretch(1)
        asked.addLayout(act)
        asked.addStretch(1)
        said = column(sizes.space_2, None, inside)
        said.addWidget(label(tr("Certificate"), "large"))
        state = row(sizes.space_2)
        self._icon = Glyph(appearance, "state-off", "text")
        self._word = label("", "strong", wrap=True)
        state.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._word, 1)
        said.addLayout(state)
        self._lines = label("", wrap=True)
        said.addWidget(self._lines)
        said.addStretch(1)
        across = row(sizes.space_3, self)
        across.addWidget(panel(asked), 5)
        across.addWidget(panel(said), 6)
        self._show(None)

    def show_figures(self, figures: ThresholdFigures) -> None:
        """Show the newest certificate; a failed attempt stays in view until the next one."""
        self._in_force = figures.in_force
        if not self._filled:
            self._filled = True
            self.contract_form.show_contract(figures.contract)
        attempt = self._shown is not None and not self._shown.record["certified"]
        if not attempt:
            self._show(figures.newest or figures.in_force)

    def certify(self) -> None:
        """Certify what the fields ask for; what it is at is shown, and it can be stopped."""
        contract: Contract = self.contract_form.contract
        stop = self._stop = threading.Event()
        self._stage = CertifyStage.READING
        self.certify_button.setEnabled(False)
        self.stop_button.show()
        self._say_stage()
        self._timer.start()
        self._certifying.run(
            lambda: self._room.certify(contract, self._note_stage, stop.is_set), self._certified, self._failed
        )

    def stop(self) -> None:
        """Give it up; nothing is kept, and the panel is free at once."""
        self._stop.set()
        self._certifying.forget()
        self._ready()
        self.noticed.emit(tr("Certifying was stopped; nothing was kept."))

    def _note_stage(self, stage: CertifyStage) -> None:
        """Remember what it is at; called from the background, read by the timer."""
        self._stage = stage

    def _say_stage(self) -> None:
        words = {
            CertifyStage.READING: tr("Reading the log …"),
            CertifyStage.SEARCHING: tr("Searching …"),
            CertifyStage.KEEPING: tr("Recording …"),
        }
        self.certify_button.setText(words[self._stage])
        # From here on it is in the log, whatever is pressed.
        self.stop_button.setEnabled(self._stage is not CertifyStage.KEEPING)

    def _certified(self, kept: KeptCertificate | None) -> None:
        self._ready()
        if kept is not None:
            self._show(kept)

    def _failed(self, fault: KnownFault) -> None:
        self._ready()
        self.noticed.emit(str(fault))

    def _ready(self) -> None:
        self._timer.stop()
        self.stop_button.hide()
        self.certify_button.setEnabled(True)
        self.certify_button.setText(tr("Certify"))

    def _show(self, kept: KeptCertificate | None) -> None:
        self._shown = kept
        if kept is None:
            self._icon.show_icon("state-off", "text")
            self._word.setText(tr("Nothing certified yet."))
            self._lines.setText(
                tr("Set what automatic decisions may let through, then certify it on the parts of known truth.")
            )
        else:
            icon, tint, words = headline(kept)
            self._icon.show_icon(icon, tint)
            self._word.setText(words)
            self._lines.setText("\n".join(certificate_lines(kept.record)))
        self.apply_button.setEnabled(self._may_apply(kept))

    def _may_apply(self, kept: KeptCertificate | None) -> bool:
        if kept is None or not kept.standing.valid:
            return False
        used = self._in_force
        return used is None or used.record["certificate_id"] != kept.record["certificate_id"]
