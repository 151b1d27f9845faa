"""The history page: search the log, open any part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QWidget,
)

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.ports import LogReader, StationPort
from inspector_app.domain.verdict import Verdict
from ui.agreement.drill import ChosenParts
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.history.blindness import as_shown
from ui.history.part_detail import PartDetail
from ui.history.rows import HistoryRow, row_of
from ui.history.table_model import HistoryTableModel
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.texts import grouped, tr
from ui.widgets.basics import ElidedLabel, Glyph, IconButton, column, label, row
from ui.widgets.choice_box import ChoiceBox
from ui.wording import disposition_name, level_name

_PAGE = 100
_TYPING_MS = 300


class HistoryPage(Page):
    """Search the log and open any part.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        For pictures and the level in force.
    reader : LogReader
        The log.
    background : Background
        Where it is read.
    clock : callable
        Time now, UTC.
    """

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
        self._clock = clock
        self._job = LatestJob(background)
        self._counting = LatestJob(background)
        self._new = 0
        self._read = 0
        self._filter = LogFilter()
        self._chosen: LogFilter | None = None
        self._covered = True
        self._counted = ""
        self._left_out = 0
        self.table_model = HistoryTableModel()
        self.table_model.more_wanted.connect(self._load)
        self.detail = PartDetail(appearance, station, reader, background, clock)
        self.detail.back.connect(self.show_list)
        self.detail.step.connect(self._step)
        self._build_filters()
        self._build_table()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.search)
        self._lay_out()

    def _build_filters(self) -> None:
        self.part = QLineEdit()
        self.part.setPlaceholderText(tr("Part number contains …"))
        self.part.setAccessibleName(tr("Part number contains"))
        self.part.setClearButtonEnabled(True)
        for button in self.part.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear"))
        self.part.textChanged.connect(self._start_typing)
        self.part.returnPressed.connect(self.search)
        self.level = ChoiceBox[Level | None](
            tr("Level"), [(tr("Any level"), None), *((level_name(level), level) for level in Level)]
        )
        self.outcome = ChoiceBox[Disposition | None](
            tr("Outcome"), [(tr("Any outcome"), None), *((disposition_name(each), each) for each in Disposition)]
        )
        hours = ((tr("Any time"), 0), (tr("Last hour"), 1), (tr("Last 8 hours"), 8), (tr("Last 24 hours"), 24))
        self.period = ChoiceBox[int](tr("Period"), (*hours, (tr("Last 7 days"), 168)))
        for box in (self.level, self.outcome, self.period):
            box.currentIndexChanged.connect(self.search)
        self.differs = QCheckBox(tr("Human and model differ"))
        self.differs.toggled.connect(self.search)
        self.uncover = QCheckBox(tr("Show the model's side"))
        self.uncover.setToolTip(tr("For supervisors and QA. Inspectors judge better without it."))
        self.uncover.toggled.connect(self.search)
        self.chosen_words = ElidedLabel("", "strong")
        self.chosen_button = IconButton(self._appearance, "reject", tr("Show all parts"))
        self.chosen_button.clicked.connect(self.clear_filters)
        self._chosen_line = QWidget()
        line = row(self._appearance.theme.sizes.space_3, self._chosen_line)
        line.addWidget(Glyph(self._appearance, "agreement", "muted"))
        line.addWidget(self.chosen_words, 1)
        line.addWidget(self.chosen_button)
        self._chosen_line.hide()
        self._count = label("", "muted")
        self._fresh = IconButton(self._appearance, "refresh", tr("Refresh"))
        self._fresh.clicked.connect(self.search)

    def _build_table(self) -> None:
        sizes = self._appearance.theme.sizes
        self.table = QTableView()
        self.table.setModel(self.table_model)
        self.table.setAccessibleName(tr("Recorded parts"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(sizes.touch - sizes.space_2)
        heading = self.table.horizontalHeader()
        heading.setHighlightSections(False)
        heading.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for index, width in enumerate((176, 150, 120, 210, 150, 110)):
            self.table.setColumnWidth(index, round(width * self._appearance.theme.scale))
        heading.setStretchLastSection(True)
        self.table.activated.connect(self._open)
        self.table.clicked.connect(self._open)

    def _lay_out(self) -> None:
        sizes = self._appearance.theme.sizes
        gap = sizes.space_4
        first = row(sizes.space_3)
        first.addWidget(self.part, 2)
        for box in (self.level, self.outcome, self.period):
            first.addWidget(box, 1)
        second = row(sizes.space_5)
        second.addWidget(self.differs)
        second.addWidget(self.uncover)
        second.addStretch(1)
        second.addWidget(self._count)
        second.addWidget(self._fresh)
        self._room = QStackedWidget()
        self._room.addWidget(self.table)
        self._room.addWidget(self._empty_widget())
        list_view = QWidget()
        body = column(sizes.space_2, list_view)
        body.addLayout(first)
        body.addLayout(second)
        body.addWidget(self._chosen_line)
        body.addWidget(self._room, 1)
        self.views = QStackedWidget()
        self.views.addWidget(list_view)
        self.views.addWidget(self.detail)
        self.top = column(sizes.space_3, self, (gap, gap, gap, gap))
        self.top.addWidget(self.views)

    def _start_typing(self) -> None:
        self._typing.start()

    def _empty_widget(self) -> QWidget:
        widget = QWidget()
        sizes = self._appearance.theme.sizes
        body = column(sizes.space_3, widget)
        self._empty_title = label("", "large")
        self._empty_words = label("", "muted")
        self._reset = IconButton(self._appearance, "", tr("Clear all filters"))
        self._reset.clicked.connect(self.clear_filters)
        body.addStretch(1)
        glyph = Glyph(self._appearance, "empty", "muted", sizes.icon_large * 2)
        for part in (glyph, self._empty_title, self._empty_words, self._reset):
            body.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(2)
        return widget

    @property
    def shows_model(self) -> bool:
        """True if the model's side is shown on settled parts: by level, or because somebody asked for it."""
        return self._station.control.level.rank >= Level.ASSIST.rank or self.uncover.isChecked()

    def show_chosen(self, chosen: ChosenParts) -> None:
        """Show what a figure counts, a line for each verdict; a figure tells of the model, so its side is shown."""
        self.clear_filters()
        self._chosen = chosen.which
        self.chosen_words.setText(chosen.words)
        self._chosen_line.show()
        self.level.setEnabled(chosen.which.level is None)
        self.uncover.setChecked(True)
        self.show_list()
        self.search()

    def entered(self) -> None:
        """Show the list anew; the model's side is covered again, and no figure's parts are chosen."""
        self._forget_chosen()
        self.uncover.setChecked(False)
        self.uncover.setVisible(self._station.control.level.rank < Level.ASSIST.rank)
        if self.views.currentIndex() == 0:
            self.search()
            self.table.setFocus()

    def on_news(self, news: News) -> None:
        """Count what is new; the list itself stays still while it is read."""
        if news.control is not None:
            self.uncover.setVisible(news.control.after.level.rank < Level.ASSIST.rank)
        if news.recorded and self.isVisible():
            self._new += news.recorded
            self._fresh.setText(tr("Refresh · {n} new").format(n=self._new))

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Esc: back to the list. Page up and down: newer and older part. F5: refresh."""
        if not pressed:
            return False
        if self.views.currentWidget() is self.detail:
            moves = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.show_list()
                return True
            if key in moves:
                self._step(moves[key])
                return True
            return self.detail.pane.view_by_key(event) or self.detail.pane.canvas.zoom_by_key(key)
        if event.key() == Qt.Key.Key_F5:
            self.search()
            return True
        return False

    def _forget_chosen(self) -> None:
        self._chosen = None
        self.level.setEnabled(True)
        self._chosen_line.hide()

    def clear_filters(self) -> None:
        """Show everything again."""
        self._forget_chosen()
        self.part.clear()
        self.differs.setChecked(False)
        for box in (self.level, self.outcome, self.period):
            box.setCurrentIndex(0)
        self.search()

    def search(self) -> None:
        """Read the log anew with the filters as they are, up to now, so that pages fit while parts arrive."""
        self._typing.stop()
        self._new = 0
        self._fresh.setText(tr("Refresh"))
        self.differs.setEnabled(self.shows_model)
        hours = self.period.value
        now = self._clock()
        chosen = self._chosen or LogFilter()
        begins = [at for at in (chosen.since, now - timedelta(hours=hours) if hours else None) if at is not None]
        self._filter = replace(
            chosen,
            since=max(begins, default=None),
            until=chosen.until or now,
            part=self.part.text().strip() or None,
            level=chosen.level or self.level.value,
            disposition=self.outcome.value,
            disagreement=True if self.differs.isChecked() and self.shows_model else None,
        )
        self._covered = not self.shows_model
        self._counted, self._left_out = "", 0
        self.table_model.begin()
        self._counting.run(self._count_job(self._filter, self._chosen), self._show_count, self._failed)

    def _count_job(self, which: LogFilter, chosen: LogFilter | None) -> Callable[[], str]:
        """Return the call that counts what is listed, in words."""

        def job() -> str:
            if chosen is None:
                return tr("{n} parts").format(n=grouped(self._reader.count(which)))
            lines = sum(count.n for count in self._reader.verdict_counts(which))
            return tr("{n} verdicts").format(n=grouped(lines))

        return job

    def show_list(self) -> None:
        """Go back from a part to the list."""
        self.views.setCurrentIndex(0)
        self.table.setFocus()

    def _load(self, offset: int) -> None:
        if offset == 0:
            self._read = 0
        which, covered, now, first = self._filter, self._covered, self._clock(), self._read
        by_verdict = self._chosen is not None

        def job() -> tuple[tuple[HistoryRow, ...], int]:
            entries: list[tuple[LogEntry, Verdict | None]]
            if by_verdict:
                entries = [(each.entry, each.verdict) for each in self._reader.search_verdicts(which, _PAGE, first)]
            else:
                entries = [(entry, None) for entry in self._reader.search(which, _PAGE, first)]
            rows = tuple(row_of(as_shown(entry), now, covered=covered, given=given) for entry, given in entries)
            if which.tells_of_the_model:  # that a part is in this list would tell what the model thinks
                rows = tuple(each for each in rows if not each.hidden)
            return rows, len(entries)

        self._job.run(job, self._show_rows, self._failed)

    def _show_rows(self, answer: tuple[tuple[HistoryRow, ...], int]) -> None:
        rows, read = answer
        self._read += read
        self._left_out += read - len(rows)
        self._say_count()
        self.table_model.append(rows, complete=read < _PAGE)
        if not rows and read == _PAGE:  # all of them still covered: the next ones may not be
            self._load(self._read)
            return
        self._show_empty()

    def _show_count(self, words: str) -> None:
        self._counted = words
        self._say_count()

    def _say_count(self) -> None:
        left_out = tr("{n} still covered, not listed").format(n=grouped(self._left_out)) if self._left_out else ""
        self._count.setText(" · ".join(words for words in (self._counted, left_out) if words))
        self._count.setToolTip(tr("An inspector may still have to judge them without the model.") if left_out else "")

    def _show_empty(self) -> None:
        filtered = replace(self._filter, until=None) != LogFilter()
        if self._left_out:
            self._empty_title.setText(tr("Still covered"))
            self._empty_words.setText(tr("An inspector may still have to judge these parts without the model."))
        elif filtered:
            self._empty_title.setText(tr("No part fits these filters"))
            self._empty_words.setText(tr("Take a filter away, or search for a shorter piece of the part number."))
        else:
            self._empty_title.setText(tr("No part has been recorded yet"))
            self._empty_words.setText(tr("Parts appear here as soon as the camera delivers them."))
        self._reset.setVisible(filtered)
        self._room.setCurrentIndex(0 if self.table_model.rowCount() else 1)

    def _failed(self, fault: KnownFault) -> None:
        self.table_model.give_up()
        self._empty_title.setText(tr("The log cannot be read"))
        self._empty_words.setText(str(fault))
        self._room.setCurrentIndex(1)

    def open_newest(self) -> bool:
        """Open the first part of the list; False if the list is empty."""
        index = self.table_model.index(0, 0)
        if index.isValid():
            self._open(index)
        return index.isValid()

    def _open(self, index: QModelIndex) -> None:
        chosen = self.table_model.row_at(index.row())
        if chosen is not None:
            self.table.selectRow(index.row())
            self.detail.show_part(chosen.inspection_id, chosen.part_id, covered=self._covered)
            self.views.setCurrentWidget(self.detail)
            self.detail.pane.canvas.setFocus()

    def _step(self, by: int) -> None:
        index = self.table_model.index(self.table.currentIndex().row() + by, 0)
        if index.isValid():
            self.table.setCurrentIndex(index)
            self._open(index)
