"""The last step: the station as the answers would set it, examined."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot

from inspector_app.domain.commissioning import CommissioningRoom, Finding, FirstAnswers, ready
from ui.background import Background
from ui.commissioning.examination import Examination
from ui.commissioning.findings_view import FindingsView
from ui.commissioning.steps import Step
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, label, row


class CheckStep(Step):
    """Examines; what is bad may be mended later, the station then says so itself.

    Parameters
    ----------
    appearance, room, background
        As of `FirstStart`.
    answers : callable
        Returns the answers so far.
    """

    def __init__(
        self,
        appearance: Appearance,
        room: CommissioningRoom,
        background: Background,
        answers: Callable[[], FirstAnswers],
    ) -> None:
        super().__init__(
            appearance,
            tr("Check"),
            tr("Is everything ready?"),
            tr("Everything is tried the way that the station will use it. No part is taken, the line is told nothing."),
        )
        self._answers = answers
        self._examined: FirstAnswers | None = None
        self._examination = Examination(room, background)
        self._examination.found.connect(self._on_found)
        self._examination.ended.connect(self._on_ended)
        self.view = FindingsView(appearance)
        self._said = label("", "strong", wrap=True)
        self.again_button = IconButton(appearance, "refresh", tr("Check again"))
        self.again_button.clicked.connect(self.begin)
        foot = row(appearance.theme.sizes.space_3)
        foot.addWidget(self._said, 1)
        foot.addWidget(self.again_button)
        self.body.addWidget(self.view, 1)
        self.body.addLayout(foot)

    @property
    def lacking(self) -> str:
        """What is missing: the check's end."""
        return tr("Checking …") if self._examination.running else ""

    def entered(self) -> None:
        """Examine, unless these answers were examined already."""
        if self._answers() != self._examined:
            self.begin()

    def left(self) -> None:
        """Stop looking."""
        self._examination.stop()

    def begin(self) -> None:
        """Examine from the beginning."""
        answers = self._answers()
        if self._examination.begin(answers):
            self._examined = answers
            self.view.clear()
            self._said.setText(tr("Checking …"))
            self.again_button.setEnabled(False)
            self.changed.emit()

    @Slot()
    def _on_found(self) -> None:
        self._examination.take(self._add)

    def _add(self, finding: Finding) -> None:
        self.view.add(finding)

    @Slot(str)
    def _on_ended(self, fault: str) -> None:
        self.again_button.setEnabled(True)
        self._said.setText(fault or verdict_on(self.view.findings))
        if fault:
            self._examined = None
        self.changed.emit()


def verdict_on(findings: tuple[Finding, ...]) -> str:
    """Return in one sentence what an examination comes to."""
    if ready(findings):
        return tr("Nothing keeps the station from working.")
    return tr("Something is to be mended; the station can be opened and says what is missing.")
