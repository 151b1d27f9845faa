"""The automation page: the level, its settings, and every recorded change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QHeaderView, QScrollArea, QTableView, QWidget

from inspector_app.automation.ramp import RampReport
from inspector_app.automation.rollout import STEPS, Changes
from inspector_app.automation.signing import moves_right
from inspector_app.domain.control import Command, ControlChange, ControlState, Level
from inspector_app.domain.errors import ControlRefused, KnownFault
from inspector_app.domain.ports import StationPort
from ui.automation.changes_table_model import ChangesTableModel
from ui.automation.differences import differences, in_words
from ui.automation.guard_panel import GuardPanel
from ui.automation.level_slider import LevelSlider
from ui.automation.rollout_panel import RolloutPanel
from ui.automation.rollout_questions import StepQuestion, against_step, rearm_question, rollout_question
from ui.automation.settings_form import SettingsForm
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.dialogs.control_change import ControlChangeDialog
from ui.dialogs.step import StepDialog
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, panel, row, set_role
from ui.wording import level_sentence


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
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._station = station
        self._changes = control_changes
        self._background = background
        self._reading = LatestJob(background)
        self._supervisors = supervisors
        self._signatures = signatures
        self._ramp_report = ramp_report
        self._looking = LatestJob(background)
        self._report: RampReport | None = None
        self._state = station.control
        self._applying = False
        self.slider = LevelSlider(appearance)
        self.slider.valueChanged.connect(self._on_draft)
        self.form = SettingsForm(appearance)
        self.form.edited.connect(self._on_draft)
        self.changes_table_model = ChangesTableModel()
        self.rollout = RolloutPanel(appearance, lambda: station.status().slots)
        self.rollout.step_asked.connect(self.ask_step)
        self.guards = GuardPanel(appearance)
        self.guards.rearm_asked.connect(self.ask_rearm)
        self._build()
        self._show_state(self._state)

    def _build(self) -> None:
        sizes = self._appearance.theme.sizes
        self._cards = [label(level_sentence(level), "small", wrap=True) for level in Level]
        cards = QHBoxLayout()
        cards.setSpacing(0)
        for card in self._cards:
            card.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            card.setContentsMargins(sizes.space_2, 0, sizes.space_2, 0)
            cards.addWidget(card, 1)
        top = column(sizes.space_1, None, (sizes.space_3, sizes.space_3, sizes.space_3, sizes.space_3))
        top.addWidget(self.slider)
        top.addLayout(cards)
        settings = column(sizes.space_2, None, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        settings.addWidget(label(tr("When the model is sure, and who looks after it"), "large"))
        settings.addWidget(self.form)
        self._in_words = label("", "muted", wrap=True)
        settings.addSpacing(sizes.space_2)
        settings.addWidget(self._in_words)
        settings.addStretch(1)
        recorded = column(sizes.space_2)
        recorded.addWidget(label(tr("Recorded changes"), "large"))
        recorded.addWidget(self._changes_table(), 1)
        gap = sizes.space_4
        content = QWidget()
        body = column(sizes.space_3, content)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self.top = column(sizes.space_3, self, (gap, gap, gap, gap))
        self.top.addWidget(scroll, 1)
        body.addWidget(panel(top))
        body.addWidget(self._pending_bar())
        watched = row(gap)
        for part in (self.rollout, self.guards):
            around = column(0)
            around.addWidget(part)
            watched.addWidget(panel(around), 5)
        body.addLayout(watched)
        across = row(gap)
        across.addWidget(panel(settings), 5)
        across.addLayout(recorded, 5)
        body.addLayout(across, 1)

    def _pending_bar(self) -> QFrame:
        sizes = self._appearance.theme.sizes
        self._pending = label("", wrap=True)
        self._discard = IconButton(self._appearance, "undo", tr("Discard"))
        self._discard.clicked.connect(self.discard)
        self.apply_button = IconButton(self._appearance, "accept", tr("Apply …"), "primary")
        self.apply_button.clicked.connect(self.ask)
        bar = row(sizes.space_3, None, (sizes.space_4, sizes.space_1, sizes.space_1, sizes.space_1))
        bar.addWidget(self._pending, 1)
        bar.addWidget(self._discard)
        bar.addWidget(self.apply_button)
        self._bar = panel(bar)
        return self._bar

    def _changes_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.changes_table_model)
        table.setAccessibleName(tr("Recorded changes"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heading = table.horizontalHeader()
        heading.setHighlightSections(False)
        for index, width in enumerate((52, 168)):
            table.setColumnWidth(index, round(width * self._appearance.theme.scale))
        heading.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table

    @property
    def pending(self) -> bool:
        """True if something is chosen that is not in force."""
        return not self._applying and self._draft_or_none() not in {self._state, None}

    def entered(self) -> None:
        """Show what is in force and what was changed."""
        if not self.pending:
            self._show_state(self._station.control)
        self._read_changes()
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
            self._read_changes()

    def discard(self) -> None:
        """Go back to what is in force."""
        self._show_state(self._state)

    def ask(self) -> None:
        """Ask for user and reason, then record and apply."""
        draft = self._draft_or_none()
        if draft is None or draft == self._state:
            return
        pin = self._signatures and bool(moves_right(self._state, draft))
        dialog = ControlChangeDialog(self._appearance, self.window(), self._state, draft, self._supervisors, pin=pin)
        dialog.accepted.connect(lambda: self._apply(draft, dialog.user, dialog.reason, dialog.pin))
        dialog.open()

    def ask_step(self, step: str) -> None:
        """Ask for user, reason and PIN, then take a step of the rollout."""
        try:
            changes = STEPS[step](self._state)
        except ControlRefused as refused:
            self.noticed.emit(str(refused))
            return
        against = against_step(step, self._state, self._report)
        question = rollout_question(step, self._state, changes, against)
        self._sign_and_order(question, changes, against)

    def ask_rearm(self) -> None:
        """Ask for user, reason and PIN, then open the latches of the guards that have stepped left."""
        self._sign_and_order(rearm_question(), {"latched": ()}, None)

    def _sign_and_order(self, question: StepQuestion, changes: Changes, against: str | None) -> None:
        after = replace(self._state, **changes)  # type: ignore[arg-type]  # fields of a control state
        pin = self._signatures and bool(moves_right(self._state, after))
        dialog = StepDialog(self._appearance, self.window(), question, self._supervisors, pin=pin)
        dialog.accepted.connect(lambda: self._order(Command(dialog.user, dialog.reason, changes, dialog.pin, against)))
        dialog.open()

    def _apply(self, draft: ControlState, user: str, reason: str, pin: str | None = None) -> None:
        before = self._state
        names = [field.name for field in fields(ControlState) if field.name != "version"]
        changes = {name: getattr(draft, name) for name in names if getattr(draft, name) != getattr(before, name)}
        self._order(Command(user, reason, changes, pin))

    def _order(self, command: Command) -> None:
        self._applying = True
        self._on_draft()
        self._background.run(lambda: self._station.order(command), self._applied, self._refused)

    def _applied(self, state: ControlState) -> None:
        self._applying = False
        self._show_state(state)
        self._read_changes()

    def _refused(self, fault: KnownFault) -> None:
        self._applying = False
        self._on_draft()
        self.noticed.emit(str(fault))

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
        self.slider.blockSignals(True)
        self.slider.setValue(state.level.rank)
        self.slider.blockSignals(False)
        self.slider.show_in_force(state.level)
        self.form.show_state(state)
        self._report = None
        self.rollout.show_rollout(state, None)
        self.guards.show_guards(state, ())
        self._on_draft()

    def _draft_or_none(self) -> ControlState | None:
        try:
            return self.form.draft(self._state, self.slider.level)
        except ValueError:
            return None

    def _on_draft(self) -> None:
        for index, card in enumerate(self._cards):
            set_role(card, "role", "card-chosen" if index == self.slider.value() else "small")
        draft = self._draft_or_none()
        changed = draft is not None and draft != self._state
        if draft is not None:
            self._in_words.setText(in_words(draft))
        self._discard.setEnabled(draft != self._state and not self._applying)
        self.apply_button.setEnabled(changed and not self._applying)
        if self._applying:
            words, tone = tr("Being recorded …"), "info"
        elif draft is None:
            words, tone = tr("Accept below ≤ cut ≤ reject above: these thresholds are out of order."), "warn"
        elif changed:
            listed = "; ".join(f"{each.name}: {each.before} → {each.after}" for each in differences(self._state, draft))
            words, tone = tr("Not applied yet: {changes}").format(changes=listed), "info"
        else:
            words, tone = tr("In force: version {n}. Nothing is pending.").format(n=self._state.version), ""
        self._pending.setText(words)
        set_role(self._bar, "tone", tone)
