"""One part from the log: its picture and everything that is recorded about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.inspection import LogEntry, PictureFacts
from inspector_app.domain.ports import LogReader, StationPort
from ui.background import Background, LatestJob
from ui.history.blindness import as_shown, model_is_hidden
from ui.history.part_words import Section, sections_of
from ui.look.appearance import Appearance
from ui.picture.conversion import Picture, picture_of
from ui.picture.outlines import RegionMark, marks_of
from ui.texts import tr
from ui.widgets.basics import ElidedLabel, IconButton, column, label, row
from ui.widgets.mark_list import MarkList
from ui.widgets.picture_pane import PicturePane

_LONG = 32
"""Characters without a space that fit into the column of values in normal type."""


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """What the background brings: the part, and its picture or the sentence why there is none."""

    entry: LogEntry
    hidden: bool
    picture: Picture | None
    sentence: str
    marks: tuple[RegionMark, ...]


class PartDetail(QWidget):
    """Shows one recorded part.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        For the picture.
    reader : LogReader
        For the record.
    background : Background
        Where both are fetched.
    clock : callable
        Time now, UTC.

    Signals
    -------
    back()
        To the list.
    step(int)
        To the next (1) or former (-1) part of the list.
    """

    back = Signal()
    step = Signal(int)

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        reader: LogReader,
        background: Background,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._station = station
        self._reader = reader
        self._job = LatestJob(background)
        self._clock = clock
        self._part = ElidedLabel("", "title")
        self.pane = PicturePane(appearance)
        self.marks = MarkList(appearance)
        self.marks.pointed.connect(self.pane.canvas.point_at)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()

    def _lay_out(self) -> None:
        sizes = self._appearance.theme.sizes
        back = IconButton(self._appearance, "back", tr("Back to the list (Esc)"))
        back.clicked.connect(self.back)
        former = IconButton(self._appearance, "chevron-left", tr("Newer"))
        former.clicked.connect(lambda: self.step.emit(-1))
        following = IconButton(self._appearance, "chevron-right", tr("Older"))
        following.clicked.connect(lambda: self.step.emit(1))
        head = row(sizes.space_3)
        head.addWidget(back)
        head.addWidget(self._part, 1)
        head.addWidget(former)
        head.addWidget(following)
        side = QFrame()
        side.setProperty("role", "panel")
        side.setFixedWidth(round(sizes.panel * 1.15))
        inner = column(sizes.space_3, side, (sizes.space_4, sizes.space_3, sizes.space_1, sizes.space_3))
        inner.addWidget(self._scroll, 3)
        inner.addWidget(self.marks, 1)
        across = row(sizes.space_4)
        across.addWidget(self.pane, 1)
        across.addWidget(side)
        body = column(sizes.space_3, self)
        body.addLayout(head)
        body.addLayout(across, 1)

    def show_part(self, inspection_id: str, part_id: str, *, covered: bool) -> None:
        """Fetch a part and show it; ``covered``: show nothing of the model."""
        self._part.setText(tr("Part {part}").format(part=part_id))
        self.pane.canvas.show_picture(None)
        self.pane.say(tr("Loading …"))
        now = self._clock()
        self._job.run(lambda: self._load(inspection_id, now, covered=covered), self._show, self._failed)

    def _load(self, inspection_id: str, now: datetime, *, covered: bool) -> _Loaded | None:
        found = self._reader.entry(inspection_id)
        if found is None:
            return None
        entry = as_shown(found)
        hidden = covered or model_is_hidden(entry, now)
        sentence = tr("There is no picture of this part.")
        pixels = None
        try:
            pixels = self._station.picture(inspection_id)
        except KnownFault as fault:
            sentence = str(fault)
        if pixels is None:
            return _Loaded(entry, hidden, None, sentence, ())
        picture = picture_of(pixels)
        prediction = entry.inspection.prediction
        regions = () if hidden or prediction is None else prediction.regions
        return _Loaded(entry, hidden, picture, "", marks_of(regions, picture.width, picture.height))

    def _show(self, loaded: _Loaded | None) -> None:
        if loaded is None:
            self.pane.say(tr("This part is not in the log."))
            return
        self.pane.canvas.show_picture(loaded.picture, loaded.marks)
        picture = loaded.entry.inspection.picture
        self.pane.show_views(picture.views if isinstance(picture, PictureFacts) else ())
        self.pane.say(loaded.sentence)
        self.marks.show_marks(loaded.marks)
        self.marks.setVisible(bool(loaded.marks))
        self._scroll.setWidget(
            _sections_widget(self._appearance, sections_of(loaded.entry, self._clock(), hidden=loaded.hidden))
        )

    def _failed(self, fault: KnownFault) -> None:
        self.pane.say(str(fault))


def _sections_widget(appearance: Appearance, sections: tuple[Section, ...]) -> QWidget:
    """Return the sections as names and values that can be selected and copied."""
    sizes = appearance.theme.sizes
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, sizes.space_3, 0)
    grid.setHorizontalSpacing(sizes.space_3)
    grid.setVerticalSpacing(sizes.space_1)
    grid.setColumnStretch(1, 1)
    for section in sections:
        line = grid.rowCount()
        heading = label(section.heading, "large")
        heading.setContentsMargins(0, 0 if line == 1 else sizes.space_3, 0, 0)
        grid.addWidget(heading, line, 0, 1, 2)
        for offset, (name, text) in enumerate(section.lines, start=1):
            # An identity has no place to break; in small type it fits.
            value = label(text, "small" if len(text) > _LONG and " " not in text else None, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if name:
                grid.addWidget(label(name, "muted"), line + offset, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(value, line + offset, 1)
            else:
                grid.addWidget(value, line + offset, 0, 1, 2)
    grid.setRowStretch(grid.rowCount(), 1)
    widget.setLayoutDirection(QGuiApplication.layoutDirection())
    return widget
