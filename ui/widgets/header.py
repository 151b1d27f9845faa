"""The head of the window: station, state, level, inspector, theme, time."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from inspector_app.domain.control import Level
from inspector_app.domain.status import StationState, StationStatus
from ui.look.appearance import Appearance
from ui.texts import local_time, tr
from ui.widgets.basics import ElidedLabel, Glyph, IconButton, ToolIcon, label, no_focus_by_click, row
from ui.wording import level_name, level_sentence, state_name

_SHAPES = {
    StationState.RUNNING: ("state-ok", "muted"),
    StationState.FAULTED: ("state-bad", "bad"),
    StationState.PAUSED: ("pause", "warn"),
    StationState.FINISHED: ("state-warn", "warn"),
}


class LevelDots(QWidget):
    """Five dots, filled up to the level in force: the slider in small."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._rank = 0
        appearance.changed.connect(self.update)

    def show_rank(self, rank: int) -> None:
        """Fill the dots 0 … rank."""
        self._rank = rank
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for five dots."""
        step = self._appearance.theme.sizes.space_4
        return QSize(5 * step, step)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots."""
        theme = self._appearance.theme
        step, radius = theme.sizes.space_4, theme.sizes.space_1 + 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colours.accent), 1.5))
        for index in range(len(Level)):
            filled = index <= self._rank
            painter.setBrush(QColor(theme.colours.accent) if filled else Qt.BrushStyle.NoBrush)
            centre_x = step // 2 + index * step
            painter.drawEllipse(centre_x - radius, self.height() // 2 - radius, 2 * radius, 2 * radius)


class Header(QFrame):
    """What is always to be known, and the few things that are always to be reached.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station_name : str
        Of this station.

    Signals
    -------
    pause_asked(), resume_asked(), user_asked(), theme_asked()
        The buttons.
    """

    pause_asked = Signal()
    resume_asked = Signal()
    user_asked = Signal()
    theme_asked = Signal()

    def __init__(self, appearance: Appearance, station_name: str) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self.setObjectName("header")
        self.setFixedHeight(sizes.header)
        self._paused = False
        self._name = ElidedLabel(station_name, "large")
        self._shape = Glyph(appearance, "state-off", "muted")
        self._state = label("", "strong")
        self._pause = IconButton(appearance, "pause", tr("Pause"), "quiet")
        self._pause.clicked.connect(self._on_pause)
        self._dots = LevelDots(appearance)
        self._level = label("")
        self._frame = QFrame()
        self._frame.setObjectName("level")
        self._frame.setFixedHeight(sizes.touch - sizes.space_1)
        self._user = IconButton(appearance, "user", "")
        self._user.clicked.connect(self.user_asked)
        self._theme = ToolIcon(appearance, "theme", tr("Theme: light, dark, high contrast"))
        self._theme.clicked.connect(self.theme_asked)
        self._clock = label("", "large")
        no_focus_by_click(self._pause, self._user)
        self._lay_out(sizes.space_1, sizes.space_3, sizes.space_4)
        self.show_inspector(None)

    def _lay_out(self, small: int, middle: int, large: int) -> None:
        level = row(middle, self._frame, (middle, small, large, small))
        level.addWidget(self._dots)
        level.addWidget(self._level)
        body = row(middle, self, (large, 0, large, 0))
        body.addWidget(self._name, 3)
        body.addWidget(self._shape)
        body.addWidget(self._state)
        body.addWidget(self._pause)
        body.addStretch(1)
        body.addWidget(self._frame)
        body.addStretch(1)
        body.addWidget(self._user)
        body.addWidget(self._theme)
        body.addWidget(self._clock)

    def _on_pause(self) -> None:
        (self.resume_asked if self._paused else self.pause_asked).emit()

    def show_status(self, status: StationStatus) -> None:
        """Show the station's state and what can be done about it."""
        state = status.state
        self._shape.show_icon(*_SHAPES.get(state, ("state-off", "muted")))
        self._state.setText(state_name(state))
        self._paused = state is StationState.PAUSED
        name = tr("Resume") if self._paused else tr("Pause")
        self._pause.setText(name)
        self._pause.setAccessibleName(name)
        self._pause.set_icon("play" if self._paused else "pause")
        self._pause.setVisible(state in {StationState.RUNNING, StationState.PAUSED})

    def show_level(self, level: Level) -> None:
        """Show the level in force."""
        self._dots.show_rank(level.rank)
        self._level.setText(level_name(level))
        self._frame.setToolTip(level_sentence(level))

    def show_inspector(self, name: str | None) -> None:
        """Show who is signed in."""
        self._user.setText(name or tr("Sign in"))
        self._user.setAccessibleName(tr("Change user: {name}").format(name=name) if name else tr("Sign in"))

    def show_time(self, now: datetime) -> None:
        """Show the local time."""
        self._clock.setText(local_time(now)[:5])
