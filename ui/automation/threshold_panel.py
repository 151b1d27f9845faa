"""Thresholds: drag them over the scores of known parts, see what they would do, certify them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector_app.automation.preview import preview
from inspector_app.domain.control import ControlState
from ui.agreement.figures_table_model import FiguresTableModel
from ui.automation.certificate_panel import CertificatePanel
from ui.automation.certificate_words import provenance
from ui.automation.preview_words import preview_lines
from ui.automation.room import AutomationRoom, ThresholdFigures
from ui.automation.threshold_chart import ThresholdChart
from ui.background import Background, LatestJob
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, column, label, panel, row

_TAKT_S = 6.0
"""Where the log does not tell."""


class ThresholdPanel(QWidget):
    """Shows a draft of thresholds and what it would do; changes nothing.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : AutomationRoom
        What is known; may block.
    background : Background
        Where it is asked.
    fields : QWidget
        The exact fields of the thresholds.
    certificates : CertificatePanel
        Is told what was read.

    Signals
    -------
    moved(float, float)
        Thresholds as they are dragged.
    noticed(str)
        A sentence for the user.
    """

    moved = Signal(float, float)
    noticed = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        room: AutomationRoom,
        background: Background,
        fields: QWidget,
        certificates: CertificatePanel,
    ) -> None:
        super().__init__()
        self._room = room
        self._reading = LatestJob(background)
        self._figures: ThresholdFigures | None = None
        self._draft: ControlState | None = None
        self._takt_known = False
        self.chart = ThresholdChart(appearance)
        self.chart.moved.connect(self.moved)
        self._certificates = certificates
        self.figures_table_model = FiguresTableModel()
        sizes = appearance.theme.sizes
        inside = (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3)
        scores = column(sizes.space_2, None, inside)
        self._title = label(tr("Scores of known parts"), "large")
        self._empty = label("", "muted", wrap=True)
        scores.addWidget(self._title)
        scores.addWidget(self._empty)
        scores.addWidget(self.chart, 1)
        scores.addLayout(self._options(sizes.space_4))
        scores.addWidget(fields)
        across = row(sizes.space_3, self)
        across.addWidget(panel(scores), 1)
        across.addWidget(panel(self._preview(sizes.space_2, inside, appearance)), 1)

    def _options(self, gap: int) -> QHBoxLayout:
        options = row(gap)
        log_counts = QCheckBox(tr("Counts on a log scale"))
        log_counts.setChecked(True)
        log_counts.toggled.connect(self.chart.count_in_logs)
        spread = QCheckBox(tr("Spread both ends"))
        spread.setToolTip(tr("Even steps of log-odds: sure scores get as much room as unsure ones."))
        spread.toggled.connect(self.chart.spread_ends)
        for box in (log_counts, spread):
            options.addWidget(box)
        options.addStretch(1)
        return options

    def _preview(self, gap: int, inside: tuple[int, int, int, int], appearance: Appearance) -> QVBoxLayout:
        self.takt_field = QDoubleSpinBox()
        self.takt_field.setRange(0.01, 3600.0)
        self.takt_field.setValue(_TAKT_S)
        self.takt_field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.takt_field.setSuffix("\u202fs")
        self.takt_field.setAccessibleName(tr("Takt"))
        self.takt_field.setToolTip(tr("Seconds from part to part; at first as in the newest parts of the log."))
        self.takt_field.valueChanged.connect(self._show_preview)
        head = row(gap)
        head.addWidget(label(tr("What it would do"), "large"))
        head.addStretch(1)
        caption = label(tr("Takt"), "muted")
        caption.setBuddy(self.takt_field)
        head.addWidget(caption)
        head.addWidget(self.takt_field)
        table = QTableView()
        table.setModel(self.figures_table_model)
        table.setAccessibleName(tr("What it would do"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        line = round(2.1 * appearance.theme.sizes.text_body)
        table.verticalHeader().setMinimumSectionSize(line)
        table.verticalHeader().setDefaultSectionSize(line)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._source = label("", wrap=True)
        self._source_icon = Glyph(appearance, "state-off", "text")
        source = row(gap)
        source.addWidget(self._source_icon, 0, Qt.AlignmentFlag.AlignTop)
        source.addWidget(self._source, 1)
        body = column(gap, None, inside)
        body.addLayout(head)
        body.addWidget(table, 1)
        body.addLayout(source)
        return body

    def read(self, state: ControlState) -> None:
        """Read what is known, and show it when it is there."""
        self._reading.run(
            self._room.thresholds,
            lambda figures: self._show_figures(state, figures),
            lambda fault: self.noticed.emit(str(fault)),
        )

    def show_draft(self, state: ControlState, draft: ControlState | None) -> None:
        """Show the thresholds in force and those that are being chosen; ``None``: they are out of order."""
        self.chart.show_in_force(state.accept_below, state.reject_above)
        self._draft = draft
        if draft is not None:
            self.chart.show_lines(draft.accept_below, draft.reject_above)
        self._show_preview()

    def _show_figures(self, state: ControlState, figures: ThresholdFigures) -> None:
        self._figures = figures
        if figures.takt_s is not None and not self._takt_known:
            self._takt_known = True
            self.takt_field.setValue(figures.takt_s)
        self.chart.show_scores(figures.scores)
        self._empty.setText(_provenance(figures))
        self._certificates.show_figures(figures)
        icon, tint, words = provenance(state, figures.in_force)
        self._source_icon.show_icon(icon, tint)
        self._source.setText(words)
        self._show_preview()

    def _show_preview(self) -> None:
        draft, figures = self._draft, self._figures
        if draft is None or figures is None or not figures.scores.parts:
            self.figures_table_model.show_rows(())
            return
        shown = preview(
            figures.scores,
            draft.accept_below,
            draft.reject_above,
            takt_s=self.takt_field.value(),
            canary_share=draft.canary_share,
            audit_share=draft.audit_share,
        )
        self.figures_table_model.show_rows(preview_lines(shown))


def _provenance(figures: ThresholdFigures) -> str:
    """Return which parts are shown and which are not."""
    if not figures.scores.parts:
        return tr("No part of known truth yet. Let inspectors judge parts at Shadow, or adjudicate differences.")
    shown = tr("Judged without the model's help, or adjudicated. Scores of {model}.").format(model=figures.model)
    left_out = sum(figures.left_out.values())
    return (
        f"{shown} " + tr("{n} more are not counted: other model or camera, or not drawn evenly.").format(n=left_out)
        if left_out
        else shown
    )
