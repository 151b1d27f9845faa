"""How the work on a model stands, and what came out of the last one."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHeaderView, QProgressBar

from inspector_app.domain.model_work import MeasuredFigure, WorkKind, WorkState, WorkView
from ui.agreement.figures import FigureLine
from ui.agreement.figures_table_model import FiguresTableModel
from ui.look.appearance import Appearance
from ui.models.curve import TrainingCurve, course_words
from ui.models.words import work_title
from ui.texts import duration, tr
from ui.widgets.basics import Glyph, IconButton, column, label, row
from ui.widgets.rows_table import rows_table

_ICONS = {
    WorkState.RUNNING: ("play", "text"),
    WorkState.STOPPING: ("pause", "text"),
    WorkState.DONE: ("state-ok", "text"),
    WorkState.STOPPED: ("state-off", "muted"),
    WorkState.FAILED: ("state-bad", "bad"),
}


class WorkPanel(QFrame):
    """Phase, bar, time left, curve, stop; afterwards the sentence, figures, and the way to report and log.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    stop_asked(), log_asked()
        By their buttons.
    """

    stop_asked = Signal()
    log_asked = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        sizes = appearance.theme.sizes
        self._view: WorkView | None = None
        self._glyph = Glyph(appearance, "play")
        self._title = label("", "large")
        self._phase = label("", "muted")
        self._left = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._sentence = label("", wrap=True)
        self.curve = TrainingCurve(appearance)
        self._legend = label("", "small")
        self.figures_table_model = FiguresTableModel()
        self._figures = rows_table(self.figures_table_model, tr("Figures of the evaluation"), sizes.space_6)
        self._figures.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._figures.setColumnWidth(2, round(150 * appearance.theme.scale))
        self._figures.hideColumn(3)
        self.stop_button = IconButton(appearance, "reject", tr("Stop"))
        self.report_button = IconButton(appearance, "export", tr("Open report"))
        self.log_button = IconButton(appearance, "", tr("Log"), "quiet")
        self.stop_button.clicked.connect(self.stop_asked)
        self.log_button.clicked.connect(self.log_asked)
        self.report_button.clicked.connect(self._open_report)
        head = row(sizes.space_3)
        head.addWidget(self._glyph)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._left)
        for button in (self.report_button, self.log_button, self.stop_button):
            head.addWidget(button)
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_2, sizes.space_4, sizes.space_3))
        body.addLayout(head)
        body.addWidget(self._bar)
        body.addWidget(self._phase)
        body.addWidget(self._sentence)
        body.addWidget(self.curve, 1)
        body.addWidget(self._legend)
        body.addWidget(self._figures, 1)
        self.setMaximumHeight(round(280 * appearance.theme.scale))

    def show_work(self, view: WorkView) -> None:
        """Show a snapshot."""
        self._view = view
        at_work = view.state.at_work
        self._glyph.show_icon(*_ICONS[view.state])
        self._title.setText(work_title(view))
        self._left.setText(_left_words(view))
        self._phase.setText(_phase_words(view))
        self._phase.setVisible(at_work)
        self._bar.setVisible(at_work)
        self._bar.setRange(0, view.total)
        self._bar.setValue(view.done)
        self._bar.setAccessibleName(_phase_words(view))
        self._sentence.setText(view.sentence)
        self._sentence.setVisible(bool(view.sentence))
        teaches = view.kind is WorkKind.TEACH and bool(view.losses or view.tried)
        self.curve.setVisible(teaches)
        self.curve.show_course(view.losses, view.tried, view.total)
        self._legend.setText(course_words(view.losses, view.tried))
        self._legend.setVisible(teaches)
        self.figures_table_model.show_rows(_line(figure) for figure in view.figures)
        self._figures.setVisible(bool(view.figures))
        self.stop_button.setVisible(at_work)
        self.stop_button.setEnabled(view.state is WorkState.RUNNING)
        self.report_button.setVisible(view.report is not None)

    def _open_report(self) -> None:
        if self._view is not None and self._view.report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._view.report)))


def _left_words(view: WorkView) -> str:
    if view.state is WorkState.STOPPING:
        return tr("Stops after the step in hand …")
    if view.left_s is None or not view.state.at_work:
        return ""
    return tr("{time} left").format(time=duration(view.left_s))


def _phase_words(view: WorkView) -> str:
    if not view.total:
        return f"{view.phase} …"
    if view.done >= view.total:
        return tr("{phase}: all {total} done, working out the rest …").format(phase=view.phase, total=view.total)
    return tr("{phase}: {done} of {total}").format(phase=view.phase, done=view.done, total=view.total)


def _line(figure: MeasuredFigure) -> FigureLine:
    if figure.estimate is None:
        return FigureLine(figure.name, tr("not measurable"))
    if figure.low is None or figure.high is None:
        return FigureLine(figure.name, f"{figure.estimate:.3f}", tr("too few groups for one"))
    return FigureLine(figure.name, f"{figure.estimate:.3f}", f"{figure.low:.3f} … {figure.high:.3f}")
