"""The agreement page: human against model, from the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QWidget

from inspector_app.agreement.drill import TableCell
from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.report import AgreementReport, AgreementTable
from inspector_app.agreement.trend import Trend, TrendPoint
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.logquery import LogContents, LogFilter
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem
from ui.agreement.drill import parts_of_cell
from ui.agreement.export_button import ExportButton
from ui.agreement.figures import condition_name, group_name, lines_of, watched_lines
from ui.agreement.figures_view import FiguresView
from ui.agreement.filter_bar import FilterBar
from ui.agreement.groups_view import GroupsView
from ui.agreement.room import AgreementRoom
from ui.agreement.third_look_view import ThirdLookView
from ui.agreement.trend_view import TrendView
from ui.agreement.two_way_view import TwoWayView
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.review.desk import ReviewDesk
from ui.texts import local_time, tr, unbroken
from ui.widgets.basics import Glyph, IconButton, column, label, panel, row
from ui.widgets.choice_box import ChoiceBox

_LIVE_MS = 5000
_CONTENT, _EMPTY, _LOOKS = range(3)

TableKey = tuple[Group, Condition]
"""Which of a report's tables."""


class View(Enum):
    """What stands beside the counts."""

    FIGURES = 0
    GROUPS = 1
    OVER_TIME = 2


class AgreementPage(Page):
    """Choose parts, verdicts and conditions; watch the figures, look behind them, export them.

    Figures, trend, third looks and export all follow the one filter; so do the parts behind a count. Live, the page is
    read anew as verdicts arrive, and shows intervals that hold however often one looks; at rest it shows every figure
    with the intervals for one look.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        Takes third looks and gives their pictures.
    room : AgreementRoom
        Reads and writes reports.
    background : Background
        Where both are asked.
    clock : callable
        Time now, UTC.
    monotonic : callable
        Seconds of a clock that never goes back.
    desk : ReviewDesk
        Knows who is signed in.
    classes : tuple of str
        Classes of a reject, for third looks.
    guard_s : float
        As of `ThirdLookView`.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    parts_asked(ChosenParts)
        Somebody wants to see the parts behind a figure.
    sign_in_asked()
        Somebody wants to take third looks and nobody is signed in.
    """

    noticed = Signal(str)
    parts_asked = Signal(object)
    sign_in_asked = Signal()

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        room: AgreementRoom,
        background: Background,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        desk: ReviewDesk,
        classes: tuple[str, ...],
        guard_s: float,
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._reports = room
        self._background = background
        self._job = LatestJob(background)
        self._trend_job = LatestJob(background)
        self._looks_job = LatestJob(background)
        self._taking_job = LatestJob(background)  # of its own: what is read anew meanwhile takes no part away
        self._clock = clock
        self._desk = desk
        self._filter = LogFilter()
        self._trend: Trend | None = None
        self._report: AgreementReport | None = None
        self._new = 0
        self.figures = FiguresView(appearance)
        self.figures_table_model = self.figures.table_model
        self.two_way = TwoWayView(appearance)
        self.two_way.parts_asked.connect(self._ask_parts)
        self.groups = GroupsView(appearance)
        self.groups.group_chosen.connect(self._choose_group)
        self.filter = FilterBar(appearance)
        self.filter.changed.connect(self.refresh)
        self.trend = TrendView(appearance)
        self.trend.stretch_chosen.connect(self._choose_stretch)
        self.looks = ThirdLookView(appearance, station, background, clock, monotonic, classes, guard_s)
        self.looks.left.connect(self._leave_looks)
        self.looks.more_wanted.connect(self.take_third_looks)
        self.looks.noticed.connect(self.noticed)
        self._build_choices()
        self._lay_out()
        self._live_timer = QTimer(self, interval=_LIVE_MS, singleShot=True)
        self._live_timer.timeout.connect(self.refresh)

    def _build_choices(self) -> None:
        self.table_box = ChoiceBox[TableKey](tr("Conditions"))
        self.table_box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.table_box.currentIndexChanged.connect(self._show_table)
        self.view = ChoiceBox[View](
            tr("View"),
            ((tr("Figures"), View.FIGURES), (tr("Groups"), View.GROUPS), (tr("Over time"), View.OVER_TIME)),
        )
        self.view.currentIndexChanged.connect(self._show_view)
        self.live = QCheckBox(tr("Live"))
        self.live.setToolTip(tr("Read anew as verdicts arrive, with intervals that allow watching."))
        self.live.toggled.connect(self._on_live)
        self._fresh = IconButton(self._appearance, "refresh", tr("Refresh"))
        self._fresh.clicked.connect(self.refresh)
        self.looks_button = IconButton(self._appearance, "eye", tr("Third looks"))
        self.looks_button.clicked.connect(self.take_third_looks)
        self.export_button = ExportButton(self._appearance, self._reports, self._background)
        self.export_button.clicked.connect(self.export)
        self.export_button.noticed.connect(self.noticed)

    def _lay_out(self) -> None:
        sizes = self._appearance.theme.sizes
        gap = sizes.space_4
        actions = row(sizes.space_3)
        actions.addWidget(self.table_box)
        actions.addWidget(self.view)
        actions.addWidget(self.live)
        actions.addWidget(self._fresh)
        actions.addStretch(1)
        actions.addWidget(self.looks_button)
        actions.addWidget(self.export_button)
        self._sentence = label("", "large", wrap=True)
        self._notes = label("", "muted", wrap=True)
        self._taken = label("", "small", wrap=True)
        words = column(sizes.space_2, None, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        words.addWidget(self._sentence)
        words.addWidget(self._notes)
        words.addStretch(1)
        words.addWidget(self._taken)
        left = column(sizes.space_3)
        left.addWidget(self.two_way)
        left.addWidget(panel(words), 1)
        content = QWidget()
        across = row(gap, content)
        across.addLayout(left, 4)
        self._right = QStackedWidget()
        self._right.addWidget(self.figures)
        self._right.addWidget(self.groups)
        self._right.addWidget(self.trend)
        across.addWidget(self._right, 5)
        self._room = QStackedWidget()
        self._room.addWidget(content)
        self._room.addWidget(self._empty_widget())
        self._room.addWidget(self.looks)
        self._bar = QWidget()
        bar = column(sizes.space_2, self._bar)
        bar.addWidget(self.filter)
        bar.addLayout(actions)
        self.top = self._body = body = column(sizes.space_3, self, (gap, gap, gap, gap))
        body.addWidget(self._bar)
        body.addWidget(self._room, 1)

    def _empty_widget(self) -> QWidget:
        sizes = self._appearance.theme.sizes
        widget = QWidget()
        body = column(sizes.space_3, widget)
        self._empty_title = label(tr("Loading …"), "large")
        self._empty_words = label("", "muted")
        body.addStretch(1)
        for part in (
            Glyph(self._appearance, "agreement", "muted", sizes.icon_large * 2),
            self._empty_title,
            self._empty_words,
        ):
            body.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(2)
        return widget

    def entered(self) -> None:
        """Read the log anew; third looks go on, unless somebody else has signed in."""
        if self._room.currentIndex() == _LOOKS:
            if self.looks.by != self._desk.inspector:
                self._leave_looks()
            return
        self.refresh()
        self.filter.period.setFocus()

    def on_news(self, news: News) -> None:
        """Count what is new. Live, read it soon; at rest the figures stay still while they are read."""
        if not news.log_changed or not self.isVisible():
            return
        self._new += news.recorded
        if self.live.isChecked():
            if not self._live_timer.isActive():
                self._live_timer.start()
        elif self._new:
            self._fresh.setText(tr("Refresh · {n} new").format(n=self._new))

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """While third looks are taken, use their keys. F5: refresh."""
        if self._room.currentIndex() == _LOOKS:
            return self.looks.handle_key(event, pressed=pressed)
        if pressed and event.key() == Qt.Key.Key_F5:
            self.refresh()
            return True
        return False

    def refresh(self) -> None:
        """Make the report anew."""
        self._new = 0
        self._fresh.setText(tr("Refresh"))
        which = self._filter = self.filter.which(self._clock())
        by = self._desk.inspector

        def job() -> tuple[AgreementReport, LogContents]:
            report = self._reports.report(which)
            return report, self._reports.contents()  # afterwards: every name of the report is then among them

        self._job.run(job, lambda read: self._show_report(*read), self._failed)
        if self.view.value is View.OVER_TIME:
            self._trend_job.run(lambda: self._reports.trend(which), self._show_trend, self._failed)
        self._looks_job.run(lambda: self._reports.third_looks(by, which), self._count_looks, self._failed)

    def export(self) -> None:
        """Write the report of what is in view; while that goes on, stop it."""
        self.export_button.begin(self._filter)

    def take_third_looks(self) -> None:
        """Begin to take third looks at the chosen parts, as the person who is signed in."""
        by, which = self._desk.inspector, self._filter
        if by is None:
            self.sign_in_asked.emit()
            return
        self._taking_job.run(
            lambda: self._reports.third_looks(by, which), lambda items: self._begin_looks(by, items), self._fault
        )

    def _begin_looks(self, by: str, items: tuple[ReviewItem, ...]) -> None:
        self._count_looks(items)
        if by != self._desk.inspector:
            return  # somebody else has signed in meanwhile
        if self._room.currentIndex() == _LOOKS:
            self.looks.go_on(items)
        elif items:
            self._bar.hide()
            self._room.setCurrentIndex(_LOOKS)
            self._judge(judging=True)
            self.looks.begin(by, items)
        else:
            self.noticed.emit(tr("No part waits for your third look."))

    def _leave_looks(self) -> None:
        self._taking_job.forget()
        self.looks.end()
        self._judge(judging=False)
        self._bar.show()
        self._room.setCurrentIndex(_CONTENT if self._report is not None else _EMPTY)
        self.refresh()

    def _judge(self, *, judging: bool) -> None:
        self.decides = judging
        self.top = self.looks.top if judging else self._body
        self.rearranged.emit()

    def _count_looks(self, items: tuple[ReviewItem, ...]) -> None:
        count = len(items)
        self.looks_button.setText(tr("Third looks · {n}").format(n=count) if count else tr("Third looks"))

    def _fault(self, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))

    def _on_live(self) -> None:
        self._new = 0
        self.refresh()

    def _show_view(self) -> None:
        self._right.setCurrentIndex((self.view.value or View.FIGURES).value)
        self.refresh()

    def _choose_group(self, group: Group) -> None:
        """Look at one group alone; an import is not of the log, and no filter leaves it."""
        if group.dimension is Dimension.IMPORT:
            self.table_box.choose((group, Condition.IMPORTED))
        else:
            self.filter.choose(group)

    def _show_trend(self, trend: Trend) -> None:
        self._trend = trend
        self.trend.show_trend(trend)

    def _choose_stretch(self, point: TrendPoint) -> None:
        if self._trend is not None:
            self.filter.choose_period(point.start, point.start + self._trend.stretch)

    def _ask_parts(self, cell: TableCell) -> None:
        table = self._table()
        if self._report is None or table is None or table.condition is Condition.IMPORTED:
            self.noticed.emit(tr("Decisions from outside have no parts in this log."))
            return
        self.parts_asked.emit(parts_of_cell(table, self._report.header.which, cell))

    def _failed(self, fault: KnownFault) -> None:
        self._empty_title.setText(tr("The log cannot be read"))
        self._empty_words.setText(str(fault))
        self._show_room(_EMPTY)

    def _show_room(self, room: int) -> None:
        """Show figures or none of them, but never take third looks away from under somebody."""
        if self._room.currentIndex() != _LOOKS:
            self._room.setCurrentIndex(room)

    def _show_report(self, report: AgreementReport, contents: LogContents) -> None:
        self._report = report
        self.filter.offer(contents)
        own = any(each.accept + each.reject + each.unsure for each in report.provenance)
        if not own and not report.imported:
            self._say_nothing_chosen()
            return
        self._show_room(_CONTENT)
        self.table_box.offer([(_table_name(table), (table.group, table.condition)) for table in self._tables()])
        self.groups.show_report(report)
        words = (
            tr("Live, taken {time}. Confidence sequences: they hold however often you look.")
            if self.live.isChecked()
            else tr("Taken {time}. Intervals: Wilson for shares; they hold for one look, not for watching.")
        )
        self._taken.setText(words.format(time=local_time(report.header.generated_at)))
        self._show_table()

    def _say_nothing_chosen(self) -> None:
        self._report = None
        if self.filter.chooses_all:
            self._empty_title.setText(tr("No verdict yet"))
            self._empty_words.setText(tr("Judge some parts on the Inspect page."))
        else:
            self._empty_title.setText(tr("No verdict fits this choice"))
            self._empty_words.setText(tr("Choose a longer period or fewer limits, or press Show all."))
        self._show_room(_EMPTY)

    def _tables(self) -> tuple[AgreementTable, ...]:
        """Return the tables to choose from: all that is chosen, by condition, and what came from outside."""
        if self._report is None:
            return ()
        overall = tuple(each for each in self._report.tables if each.group.dimension is Dimension.OVERALL)
        return (*overall, *self._report.imported)

    def _table(self) -> AgreementTable | None:
        wanted = self.table_box.value
        return next((each for each in self._tables() if (each.group, each.condition) == wanted), None)

    def _show_table(self) -> None:
        table = self._table()
        if table is None or self._report is None:
            return
        self.two_way.show_table(table.table)
        self._sentence.setText(unbroken(table.sentence))
        self._notes.setText("\n".join(table.notes))
        live = self.live.isChecked()
        lines = watched_lines(table, self._report.header.confidence) if live else lines_of(table, self._report)
        self.figures.show_lines(lines)


def _table_name(table: AgreementTable) -> str:
    outside = table.group.dimension is Dimension.IMPORT
    return group_name(table.group) if outside else condition_name(table.condition)
