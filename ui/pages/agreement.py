"""The agreement page: human against model, from the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget

from inspector_app.agreement.groups import Condition, Group
from inspector_app.agreement.report import AgreementReport, AgreementTable
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.logquery import LogFilter
from ui.agreement.figures import condition_name, group_name, lines_of
from ui.agreement.figures_table_model import FiguresTableModel
from ui.agreement.two_way_view import TwoWayView
from ui.background import Background, LatestJob
from ui.bridge import News
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.texts import local_time, tr
from ui.widgets.basics import Glyph, IconButton, column, label, panel, row
from ui.widgets.choice_box import ChoiceBox


class AgreementPage(Page):
    """Choose whose verdicts and under which conditions; read what they say; export them.

    Parameters
    ----------
    appearance : Appearance
        The look.
    agreement : callable
        Returns the report of the chosen parts; may block.
    export : callable
        Writes it and returns the files; may block.
    background : Background
        Where both run.
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
        agreement: Callable[[LogFilter], AgreementReport],
        export: Callable[[LogFilter], tuple[Path, ...]],
        background: Background,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._agreement = agreement
        self._export = export
        self._background = background
        self._job = LatestJob(background)
        self._clock = clock
        self._filter = LogFilter()
        self._report: AgreementReport | None = None
        self._new = 0
        self.figures_table_model = FiguresTableModel()
        self.two_way = TwoWayView(appearance)
        self._build_choices()
        self._build_figures()
        self._lay_out()

    def _build_choices(self) -> None:
        hours = ((tr("Any time"), 0), (tr("Last 8 hours"), 8), (tr("Last 24 hours"), 24), (tr("Last 7 days"), 168))
        self.period = ChoiceBox[int](tr("Period"), hours)
        self.period.currentIndexChanged.connect(self.refresh)
        self.group = ChoiceBox[Group](tr("Whose verdicts"))
        self.group.currentIndexChanged.connect(self._on_group)
        self.condition = ChoiceBox[Condition](tr("Conditions"))
        self.condition.currentIndexChanged.connect(self._show_table)
        self._fresh = IconButton(self._appearance, "refresh", tr("Refresh"))
        self._fresh.clicked.connect(self.refresh)
        self.export_button = IconButton(self._appearance, "export", tr("Export JSON and CSV"))
        self.export_button.clicked.connect(self.export)

    def _build_figures(self) -> None:
        sizes = self._appearance.theme.sizes
        self._figures = QTableView()
        self._figures.setModel(self.figures_table_model)
        self._figures.setAccessibleName(tr("Figures"))
        self._figures.setShowGrid(False)
        self._figures.setTabKeyNavigation(False)
        self._figures.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._figures.setWordWrap(True)
        self._figures.verticalHeader().hide()
        self._figures.verticalHeader().setDefaultSectionSize(sizes.space_6)
        heading = self._figures.horizontalHeader()
        heading.setHighlightSections(False)
        heading.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for index, width in ((1, 144), (2, 160), (3, 112)):
            heading.setSectionResizeMode(index, QHeaderView.ResizeMode.Fixed)
            self._figures.setColumnWidth(index, round(width * self._appearance.theme.scale))

    def _lay_out(self) -> None:
        sizes = self._appearance.theme.sizes
        gap = sizes.space_4
        choices = row(sizes.space_3)
        for box in (self.group, self.condition, self.period):
            choices.addWidget(box, 1)
        choices.addWidget(self._fresh)
        choices.addWidget(self.export_button)
        self._sentence = label("", "large", wrap=True)
        self._notes = label("", "muted", wrap=True)
        self._taken = label("", "small")
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
        across.addWidget(self._figures, 5)
        self._room = QStackedWidget()
        self._room.addWidget(content)
        self._room.addWidget(self._empty_widget())
        self.top = body = column(sizes.space_3, self, (gap, gap, gap, gap))
        body.addLayout(choices)
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
        """Read the log anew."""
        self.refresh()
        self.group.setFocus()

    def on_news(self, news: News) -> None:
        """Count what is new; the figures stay still while they are read."""
        if news.log_changed and self.isVisible():
            self._new += news.recorded
            if self._new:
                self._fresh.setText(tr("Refresh · {n} new").format(n=self._new))

    def refresh(self) -> None:
        """Make the report anew."""
        self._new = 0
        self._fresh.setText(tr("Refresh"))
        hours = self.period.value
        which = LogFilter(since=self._clock() - timedelta(hours=hours) if hours else None)
        self._filter = which
        self._job.run(lambda: self._agreement(which), self._show_report, self._failed)

    def export(self) -> None:
        """Write the report of the period in view."""
        which = self._filter
        self.export_button.setEnabled(False)
        self._background.run(lambda: self._export(which), self._exported, self._not_exported)

    def _exported(self, paths: tuple[Path, ...]) -> None:
        self.export_button.setEnabled(True)
        self.noticed.emit(tr("Written: {paths}").format(paths=", ".join(str(path) for path in paths)))

    def _not_exported(self, fault: KnownFault) -> None:
        self.export_button.setEnabled(True)
        self.noticed.emit(str(fault))

    def _failed(self, fault: KnownFault) -> None:
        self._empty_title.setText(tr("The log cannot be read"))
        self._empty_words.setText(str(fault))
        self._room.setCurrentIndex(1)

    def _show_report(self, report: AgreementReport) -> None:
        self._report = report
        if not any(each.accept + each.reject + each.unsure for each in report.provenance):
            self._empty_title.setText(tr("No verdict in this period"))
            self._empty_words.setText(tr("Judge some parts on the Inspect page, or choose a longer period."))
            self._room.setCurrentIndex(1)
            return
        self._room.setCurrentIndex(0)
        groups = list(dict.fromkeys(table.group for table in report.tables))
        self.group.offer([(group_name(group), group) for group in groups])
        self._taken.setText(
            tr("Taken {time}. Intervals: Wilson for shares; they hold for one look, not for watching.").format(
                time=local_time(report.header.generated_at)
            )
        )
        self._on_group()

    def _on_group(self) -> None:
        conditions = [table.condition for table in self._tables()]
        self.condition.offer([(condition_name(condition), condition) for condition in conditions])
        self._show_table()

    def _tables(self) -> tuple[AgreementTable, ...]:
        group = self.group.value
        return tuple(table for table in self._report.tables if table.group == group) if self._report else ()

    def _show_table(self) -> None:
        wanted = self.condition.value
        table = next((each for each in self._tables() if each.condition is wanted), None)
        if table is None or self._report is None:
            return
        group = table.group
        audits = tuple(audit for audit in self._report.audits if audit.group == group)
        flow = next((each for each in self._report.flows if each.group == group), None)
        self.two_way.show_table(table.table)
        self._sentence.setText(table.sentence)
        self._notes.setText("\n".join(table.notes))
        lines = lines_of(table, audits, flow)
        self.figures_table_model.show_rows(lines)
        self._figures.clearSpans()
        for at, line in enumerate(lines):
            if not line.value:  # a heading
                self._figures.setSpan(at, 0, 1, 4)
            elif not line.count:  # no count: its room goes to the reason
                self._figures.setSpan(at, 2, 1, 2)
            if line.interval and not line.count:  # a reason may need two lines
                self._figures.resizeRowToContents(at)
