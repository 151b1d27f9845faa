"""One sentence about what is wrong and what can be done about it, above every page."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from inspector_app.domain.status import StationStatus
from ui.look.appearance import Appearance
from ui.texts import local_time, tr
from ui.widgets.basics import Glyph, IconButton, column, label, row, set_role
from ui.widgets.status_cells import first_fault
from ui.wording import fault_way_out

_NOTICE_MS = 8000


class FaultBanner(QFrame):
    """Shows a lasting fault for as long as it lasts; hidden otherwise.

    Parameters
    ----------
    appearance : Appearance
        For icons and sizes.

    Signals
    -------
    restart_asked()
        The operator wants the station to be stopped and started.
    """

    restart_asked = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self._glyph = Glyph(appearance, "state-bad", "bad", sizes.icon_large)
        self._sentence = label("", "strong", wrap=True)
        self._way_out = label("", wrap=True)
        self._more = label("")
        self._restart = IconButton(appearance, "refresh", tr("Stop and start the station"))
        self._restart.clicked.connect(self.restart_asked)
        words = column(0)
        words.addWidget(self._sentence)
        words.addWidget(self._way_out)
        margin = (sizes.space_4, sizes.space_2, sizes.space_4, sizes.space_2)
        body = row(sizes.space_3, self, margin)
        body.addWidget(self._glyph)
        body.addLayout(words, 1)
        body.addWidget(self._more)
        body.addWidget(self._restart)
        self.hide()

    def show_status(self, status: StationStatus) -> None:
        """Show the fault that matters most, or nothing."""
        fault = first_fault(status)
        if fault is None:
            self.hide()
            return
        tone = "bad" if fault.kind.stops_parts else "warn"
        set_role(self, "tone", tone)
        self._glyph.show_icon("state-bad" if tone == "bad" else "state-warn", tone)
        self._sentence.setText(fault.sentence)
        since = tr("Since {time}.").format(time=local_time(fault.since))
        self._way_out.setText(f"{fault_way_out(fault.kind)} {since}")
        others = len(status.faults) - 1
        self._more.setText(tr("and {n} more").format(n=others) if others else "")
        self._restart.setVisible(fault.kind.stops_parts)
        self.show()


class Notice(QFrame):
    """A sentence that goes away by itself, or is put away."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("tone", "info")
        sizes = appearance.theme.sizes
        self._text = label("", wrap=True)
        close = IconButton(appearance, "", tr("Close"), "quiet")
        close.clicked.connect(self.hide)
        body = row(sizes.space_3, self, (sizes.space_4, sizes.space_1, sizes.space_1, sizes.space_1))
        body.addWidget(Glyph(appearance, "info", "text"))
        body.addWidget(self._text, 1)
        body.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=_NOTICE_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says now; empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._text.setText(sentence)
        self.show()
        self._timer.start()
