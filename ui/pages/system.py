"""The system page: whether computer, disk, clock, camera, model and line are in order."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot

from inspector_app.commissioning.running import findings_of
from inspector_app.domain.commissioning import Check, CommissioningRoom, Finding, Grade
from inspector_app.domain.ports import StationPort
from ui.background import Background
from ui.commissioning.check_step import verdict_on
from ui.commissioning.examination import Examination
from ui.commissioning.findings_view import FindingsView
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row

_OF_THE_STATION = frozenset({Check.CAMERA, Check.MODEL, Check.SERVER, Check.LINE})


class SystemPage(Page):
    """Examines everything that can be examined while the station runs.

    Camera, model, server and line are not tried: parts depend on them. What the station says of them stands there.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        Asked for its snapshot.
    room : CommissioningRoom
        Who examines the rest.
    background : Background
        Where it is asked.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    """

    noticed = Signal(str)

    def __init__(
        self, appearance: Appearance, station: StationPort, room: CommissioningRoom, background: Background
    ) -> None:
        super().__init__()
        self._station = station
        self._examination = Examination(room, background)
        self._examination.found.connect(self._on_found)
        self._examination.ended.connect(self._on_ended)
        self._examined = False
        sizes = appearance.theme.sizes
        self.view = FindingsView(appearance)
        self.said = label("", "large", wrap=True)
        self.again_button = IconButton(appearance, "refresh", tr("Check again"))
        self.again_button.clicked.connect(self.begin)
        head = row(sizes.space_3)
        head.addWidget(self.said, 1)
        head.addWidget(self.again_button)
        gap = sizes.space_4
        self.top = column(sizes.space_4, self, (gap, gap, gap, gap))
        self.top.addLayout(head)
        self.top.addWidget(self.view, 1)
        where = tr("Settings: {file}. They are read when the station is opened.").format(file=room.settings_file)
        self.top.addWidget(label(where, "small", wrap=True))

    def entered(self) -> None:
        """Examine, the first time."""
        if not self._examined:
            self.begin()

    def begin(self) -> None:
        """Examine from the beginning."""
        if self._examination.begin(None):
            self._examined = True
            self.view.clear()
            self.said.setText(tr("Checking …"))
            self.again_button.setEnabled(False)

    def close_examination(self) -> None:
        """Let an examination end after the check in hand; idempotent."""
        self._examination.stop()

    @Slot()
    def _on_found(self) -> None:
        self._examination.take(self._add)

    def _add(self, finding: Finding) -> None:
        if finding.check in _OF_THE_STATION and finding.grade is Grade.SKIPPED:
            said = [each for each in findings_of(self._station.status()) if each.check is finding.check]
            for each in said or [finding]:
                self.view.add(each)
        else:
            self.view.add(finding)

    @Slot(str)
    def _on_ended(self, fault: str) -> None:
        self.again_button.setEnabled(True)
        self.said.setText(fault or verdict_on(self.view.findings))
