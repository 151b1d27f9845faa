"""What the window says above a page: what is wrong and what can be done about it, and sentences that go by."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from inspector_app.domain.status import StationStatus
from ui.look.appearance import Appearance
from ui.texts import local_time, tr
from ui.widgets.basics import ElidedLabel, Glyph, IconButton, column, label, row, set_role
from ui.widgets.status_cells import first_fault
from ui.wording import fault_way_out

_NOTICE_MS = 8000
_ANY_HEIGHT = 16777215
"""QWIDGETSIZE_MAX, which PySide6 does not name."""


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
        self._sentence = _Words("strong")
        self._way_out = _Words()
        self._more = label("")
        self._restart = IconButton(appearance, "refresh", tr("Restart"))
        self._restart.setToolTip(tr("Stop and start the station"))
        self._restart.setAccessibleName(tr("Stop and start the station"))
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
        self.lasting = False
        self.hide()

    def keep_short(self, *, short: bool) -> None:
        """Take one line for each sentence, the whole as its tip, or as many as they need."""
        for words in (self._sentence, self._way_out):
            words.setWordWrap(not short)

    def show_status(self, status: StationStatus) -> None:
        """Take the fault that matters most, or none; whoever owns this shows it."""
        fault = first_fault(status)
        self.lasting = fault is not None
        if fault is None:
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


class Notice(QFrame):
    """A sentence that goes away by itself, or is put away.

    Signals
    -------
    gone()
        It has gone.
    """

    gone = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("tone", "info")
        sizes = appearance.theme.sizes
        self._text = _Words()
        close = IconButton(appearance, "", tr("Close"), "quiet")
        close.clicked.connect(self._leave)
        body = row(sizes.space_3, self, (sizes.space_4, sizes.space_1, sizes.space_1, sizes.space_1))
        body.addWidget(Glyph(appearance, "info", "text"))
        body.addWidget(self._text, 1)
        body.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=_NOTICE_MS)
        self._timer.timeout.connect(self._leave)
        self.hide()

    def keep_short(self, *, short: bool) -> None:
        """Take one line, the whole as its tip, or as many as it needs."""
        self._text.setWordWrap(not short)

    def _leave(self) -> None:
        self.hide()
        self.gone.emit()

    @property
    def sentence(self) -> str:
        """What it says now; empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._text.setText(sentence)
        self.show()
        self._timer.start()


class Messages(QWidget):
    """The place of both above a page.

    Where the eye rests on a picture the place is kept whether there is something to say or not, so that nothing moves;
    there one of the two is shown, the sentence that goes by before the fault that lasts.

    Parameters
    ----------
    appearance : Appearance
        For icons and sizes.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self.banner = FaultBanner(appearance)
        self.notice = Notice(appearance)
        self.notice.gone.connect(self._arrange)
        self._kept = False
        self._height = sizes.touch + sizes.space_5
        body = column(sizes.space_2, self)
        body.addWidget(self.banner)
        body.addWidget(self.notice)
        self._arrange()

    def keep_place(self, *, kept: bool) -> None:
        """Keep the place although there is nothing to say, or give it up."""
        self._kept = kept
        self.banner.keep_short(short=kept)
        self.notice.keep_short(short=kept)
        self.setMinimumHeight(self._height if kept else 0)
        self.setMaximumHeight(self._height if kept else _ANY_HEIGHT)
        self._arrange()

    def show_status(self, status: StationStatus) -> None:
        """Show the fault that matters most while it lasts."""
        self.banner.show_status(status)
        self._arrange()

    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self.notice.say(sentence)
        self._arrange()

    def _arrange(self) -> None:
        noticed = not self.notice.isHidden()
        self.banner.setVisible(self.banner.lasting and not (self._kept and noticed))
        self.setVisible(self._kept or noticed or self.banner.lasting)


class _Words(ElidedLabel):
    """A sentence on one line, or wrapped."""

    def __init__(self, role: str | None = None) -> None:
        super().__init__("", role)
        self.setWordWrap(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all of it where it is wrapped, else what fits."""
        if self.wordWrap():
            QLabel.paintEvent(self, event)
        else:
            super().paintEvent(event)
