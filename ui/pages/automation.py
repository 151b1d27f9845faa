"""The automation page: the level, its settings, and every recorded change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from inspector_app.automation.ramp import RampReport
from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.status import StationStatus
from ui.automation.audit_panel import AuditPanel
from ui.automation.certificate_panel import CertificatePanel
from ui.automation.changes_table_model import ChangesTableModel
from ui.automation.changes_view import changes_view
from ui.automation.guard_panel import GuardPanel
from ui.automation.level_part import LevelPart
from ui.automation.pending_bar import PendingBar
from ui.automation.rollout_panel import RolloutPanel
from ui.automation.room import AutomationRoom, Evidenced, KeptCertificate
from ui.automation.segments import Segments
from ui.automation.threshold_panel import ThresholdPanel
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.look.appearance import Appearance
from ui.pages.asking import Asking
from ui.pages.page import Page
from ui.review.verdict_panel import oldest_age_s
from ui.texts import tr
from ui.widgets.basics import column, panel, row

_LEVEL, _THRESHOLDS, _CERTIFICATE, _NEW_MODEL, _AUDITS, _CHANGES = range(6)
"""Parts of the page, in the order of their buttons."""


class AutomationPage(Page):
    """Choose a level, see what it means, record the change.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        Takes the command.
    control_changes : callable
        Returns the recorded commands; may block.
    background : Background
        Where both are asked.
    supervisors : tuple of str
        Names to choose from; empty: any.
    signatures : bool
        True: what moves right takes the supervisor's PIN.
    ramp_report : callable
        Returns what the rollout in a control state has come to; may block.
    room : AutomationRoom
        Evidence for the next step, and certificates of thresholds.
    clock : callable
        Time now, UTC.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    """

    noticed = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        control_changes: Callable[[], tuple[ControlChange, ...]],
        background: Background,
        supervisors: tuple[str, ...],
        signatures: bool,
        ramp_report: Callable[[ControlState], RampReport],
        room: AutomationRoom,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._station = station
        self._changes = control_changes
        self._background = background
        self._reading = LatestJob(background)
        self._ramp_report = ramp_report
        self._looking = LatestJob(background)
        self._report: RampReport | None = None
        self._state = station.control
        self._applying = False
        self._asking = Asking(appearance, self, station, room, background, supervisors, signatures)
        self._asking.ordering.connect(self._ordering)
        self._asking.applied.connect(self._applied)
        self._asking.refused.connect(self._refused)
        self.level = LevelPart(appearance)
        self.level.edited.connect(self._on_draft)
        self.slider, self.form, self.gates = self.level.slider, self.level.form, self.level.gates
        self.changes_table_model = ChangesTableModel()
        self.rollout = RolloutPanel(appearance, lambda: station.status().slots)
        self.rollout.step_asked.connect(self.ask_step)
        self.guards = GuardPanel(appearance)
        self.guards.rearm_asked.connect(self.ask_rearm)
        self._room = room
        self._clock = clock
        self._gating = LatestJob(background)
        self._counting = LatestJob(background)
        self._evidenced: Evidenced | None = None
        self.gates.refresh_asked.connect(self._read_evidence)
        self.audits = AuditPanel(appearance)
        self.certificates = CertificatePanel(appearance, room, background)
        self.certificates.noticed.connect(self.noticed)
        self.certificates.apply_asked.connect(self.ask_certificate)
        self.thresholds = ThresholdPanel(appearance, room, background, self.form.thresholds, self.certificates)
        self.thresholds.moved.connect(self.form.move_thresholds)
        self.thresholds.noticed.connect(self.noticed)
        self._build()
        self._show_state(self._state)

    def _build(self) -> None:
        sizes = self._appearance.theme.sizes
        gap = sizes.space_4
        self.bar = PendingBar(self._appearance)
        self.bar.discarded.connect(self.discard)
        self.bar.asked.connect(self.ask)
        self.apply_button = self.bar.apply_button
        self.segments = Segments(
            self._appearance,
            (
                (tr("Level"), self.level),
                (tr("Thresholds"), self.thresholds),
                (tr("Certificate"), self.certificates),
                (tr("New model"), _framed(self.rollout)),
                (tr("Guards and audits"), _beside(gap, self.guards, self._audits_part())),
                (tr("Recorded changes"), changes_view(self._appearance, self.changes_table_model)),
            ),
        )
        self.segments.turned.connect(lambda _part: self._read())
        self.top = column(sizes.space_3, self, (gap, gap, gap, gap))
        self.top.addWidget(self.segments, 1)
        self.top.addWidget(self.bar)

    def _audits_part(self) -> QWidget:
        sizes = self._appearance.theme.sizes
        part = QWidget()
        body = column(0, part, (0, 0, 0, sizes.space_3))
        body.addWidget(self.audits, 1)
        fields = column(0, None, (sizes.space_4, 0, sizes.space_4, 0))
        fields.addWidget(self.form.targeted)
        body.addLayout(fields)
        return part

    @property
    def pending(self) -> bool:
        """True if something is chosen that is not in force."""
        return not self._applying and self._draft_or_none() not in {self._state, None}

    def entered(self) -> None:
        """Show what is in force and what was changed."""
        if not self.pending:
            self._show_state(self._station.control)
        self._read()
        if self.segments.part == _LEVEL:
            self.slider.setFocus()

    def on_news(self, news: News) -> None:
        """Show a new state at once; a draft that is being made stays."""
        if news.control is None:
            if news.status_changed:
                self.rollout.show_rollout(self._state, self._report)
            return
        keep = self.pending and news.control.after != self._draft_or_none()
        self._applying = False
        if keep:
            self._state = news.control.after
            self.rollout.show_rollout(self._state, None)
            self.guards.show_guards(self._state, ())
            self.slider.show_in_force(self._state.level)
            self._on_draft()
        else:
            self._show_state(news.control.after)
        if self.isVisible():
            self._read()

    def on_status(self, status: StationStatus) -> None:
        """Count what waits, audits among it, while that is in view."""
        del status
        self._count_waiting()

    def discard(self) -> None:
        """Go back to what is in force."""
        self._show_state(self._state)

    def ask(self) -> None:
        """Ask for user and reason, then record and apply the draft."""
        draft = self._draft_or_none()
        if draft is not None and draft != self._state:
            self._asking.change(self._state, draft, self._evidenced)

    def ask_certificate(self, kept: KeptCertificate) -> None:
        """Ask for user, reason and PIN, then put a certificate's thresholds in force."""
        self._asking.certificate(self._state, kept)

    def ask_step(self, step: str) -> None:
        """Ask for user, reason and PIN, then take a step of the rollout."""
        if step == "start":
            self._asking.start(self._state)
        else:
            self._asking.step(step, self._state, self._report)

    def ask_rearm(self) -> None:
        """Ask for user, reason and PIN, then open the latches of the guards that have stepped left."""
        self._asking.rearm(self._state)

    def _ordering(self) -> None:
        self.segments.button(self.segments.part).setFocus()  # else it moves on to the header: a key would pause
        self._applying = True
        self._on_draft()

    def _applied(self, state: ControlState) -> None:
        self._applying = False
        self._show_state(state)
        self._read()

    def _refused(self, sentence: str) -> None:
        self._applying = False
        self._on_draft()
        if sentence:
            self.noticed.emit(sentence)

    def _read(self) -> None:
        self._read_changes()
        self._read_evidence()
        if self.segments.part in {_THRESHOLDS, _CERTIFICATE}:
            self.thresholds.read(self._state)
        self._count_waiting()

    def _count_waiting(self) -> None:
        if self.isVisible() and self.segments.part == _AUDITS:
            self._counting.run(self._station.waiting, self._show_waiting, lambda fault: self.noticed.emit(str(fault)))

    def _read_evidence(self) -> None:
        self.gates.show_reading()
        self._gating.run(self._room.evidence, self._show_evidence, self._no_evidence)

    def _show_evidence(self, evidenced: Evidenced) -> None:
        self._evidenced = evidenced
        self.gates.show_evidence(evidenced)
        self.audits.show_evidence(self._state, evidenced)

    def _no_evidence(self, fault: KnownFault) -> None:
        self._evidenced = None
        self.gates.show_evidence(None)
        self.noticed.emit(str(fault))

    def _show_waiting(self, items: tuple[ReviewItem, ...]) -> None:
        self.audits.show_waiting(len(items), oldest_age_s(items, self._clock()))

    def _read_changes(self) -> None:
        self._reading.run(self._changes, self._show_changes, lambda fault: self.noticed.emit(str(fault)))
        if self._state.rollout is not None:
            state = self._state
            self._looking.run(
                lambda: self._ramp_report(state), self._show_report, lambda fault: self.noticed.emit(str(fault))
            )

    def _show_changes(self, changes: tuple[ControlChange, ...]) -> None:
        self.changes_table_model.show_changes(changes)
        self.guards.show_guards(self._state, changes)

    def _show_report(self, report: RampReport) -> None:
        self._report = report
        self.rollout.show_rollout(self._state, report)

    def _show_state(self, state: ControlState) -> None:
        self._state = state
        self.level.show_state(state)
        self._report = None
        self.rollout.show_rollout(state, None)
        self.guards.show_guards(state, ())
        self._on_draft()

    def _draft_or_none(self) -> ControlState | None:
        return self.level.draft(self._state)

    def _on_draft(self) -> None:
        draft = self._draft_or_none()
        self.level.show_draft(draft)
        self.thresholds.show_draft(self._state, draft)
        self.bar.show_draft(self._state, draft, applying=self._applying)


def _framed(content: QWidget) -> QFrame:
    around = column(0)
    around.addWidget(content)
    return panel(around)


def _beside(gap: int, *contents: QWidget) -> QWidget:
    both = QWidget()
    across = row(gap, both)
    for content in contents:
        across.addWidget(_framed(content), 1)
    return both
