"""The study page: plan an attribute study, judge it blind, read what it shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget

from inspector_app.agreement.study.analysis import StudyResult, Wanted, analyse
from inspector_app.agreement.study.guided import (
    Standing,
    chosen_parts,
    completed_study,
    next_place,
    standing_answers,
)
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import StationPort
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan, StudyRoom
from ui.agreement.figures_table_model import FiguresTableModel
from ui.background import Background, LatestJob
from ui.look.appearance import Appearance
from ui.pages.page import Page
from ui.study.course import StudyCourse
from ui.study.figures import study_figures
from ui.study.judging_view import JudgingView
from ui.study.plan_dialog import PlanDialog
from ui.study.studies_table_model import StudiesTableModel, StudyRow
from ui.texts import tr
from ui.widgets.basics import Glyph, IconButton, column, label, row
from ui.widgets.choice_box import ChoiceBox
from ui.widgets.rows_table import rows_table


class StudyPage(Page):
    """Studies of this station: new, under way, done.

    Parameters
    ----------
    appearance : Appearance
        The look.
    station : StationPort
        For pictures and the cut in force.
    room : StudyRoom
        Where studies are kept.
    background : Background
        Where all of it is asked.
    clock, monotonic : callable
        Time now, UTC; seconds of a clock that never goes back.
    new_id : callable
        Returns 32 hex digits for a new study; they seed its order too.
    guard_s : float
        After a picture appears, answers are ignored for so long.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    """

    noticed = Signal(str)
    _model_progress = Signal()

    def __init__(
        self,
        appearance: Appearance,
        station: StationPort,
        room: StudyRoom,
        background: Background,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        new_id: Callable[[], str],
        guard_s: float,
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._station = station
        self._room = room
        self._background = background
        self._reading = LatestJob(background)
        self._figuring = LatestJob(background)
        self._clock = clock
        self._new_id = new_id
        self._stop_model = threading.Event()
        self._model_judges = False
        self.course = StudyCourse(room, station.picture, background, clock, monotonic, guard_s)
        self.judging = JudgingView(appearance, self.course)
        self.studies_table_model = StudiesTableModel()
        self.figures_table_model = FiguresTableModel()
        self._build()
        self.judging.left.connect(self.leave)
        self.course.finished.connect(self._on_finished)
        self.course.noticed.connect(self.noticed)
        self._model_progress.connect(self.refresh, Qt.ConnectionType.QueuedConnection)

    def _build(self) -> None:
        sizes = self._appearance.theme.sizes
        gap = sizes.space_4
        self.new_button = IconButton(self._appearance, "checked", tr("New study …"), "primary")
        self.new_button.clicked.connect(self.plan)
        self.appraiser_box = ChoiceBox[str](tr("Appraiser"))
        self.judge_button = IconButton(self._appearance, "play", tr("Judge"))
        self.judge_button.clicked.connect(self.judge)
        self.export_button = IconButton(self._appearance, "export", tr("Export CSV"))
        self.export_button.clicked.connect(self._export)
        tools = row(sizes.space_3)
        tools.addWidget(self.new_button)
        tools.addStretch(1)
        tools.addWidget(label(tr("Appraiser"), "muted"))
        tools.addWidget(self.appraiser_box)
        tools.addWidget(self.judge_button)
        tools.addWidget(self.export_button)
        self._studies = rows_table(self.studies_table_model, tr("Studies"), sizes.space_6)
        self._studies.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._studies.selectionModel().selectionChanged.connect(self._on_chosen)
        self._stretch(self._studies, {0: 240, 1: 210, 2: 120}, stretched=3)
        self._figures = rows_table(self.figures_table_model, tr("Figures of the study"), sizes.space_6)
        self._stretch(self._figures, {1: 150, 2: 170, 3: 112}, stretched=0)
        self._said = label("", "muted", wrap=True)
        overview = QWidget()
        body = column(sizes.space_3, overview)
        body.addLayout(tools)
        body.addWidget(self._studies, 2)
        body.addWidget(self._said)
        body.addWidget(self._figures, 4)
        self._stack = QStackedWidget()
        self._overview = overview
        self._empty = self._empty_widget()
        for widget in (self._empty, overview, self.judging):
            self._stack.addWidget(widget)
        self.top = self._body = column(sizes.space_3, self, (gap, gap, gap, gap))
        self._body.addWidget(self._stack, 1)

    def _empty_widget(self) -> QWidget:
        sizes = self._appearance.theme.sizes
        widget = QWidget()
        body = column(sizes.space_3, widget)
        first = IconButton(self._appearance, "checked", tr("New study …"), "primary")
        first.clicked.connect(self.plan)
        words = tr(
            "How good are inspectors and model? Let each of them judge the same parts several times, blind. Advised: "
            "50 parts, half of them bad, borderline ones among them, three appraisers, three trials."
        )
        explained = label(words, "muted", wrap=True)
        explained.setFixedWidth(round(520 * self._appearance.theme.scale))
        explained.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # not aligned itself: an aligned label is given the height of fewer lines than it has
        middle = row(0)
        middle.addStretch(1)
        middle.addWidget(explained)
        middle.addStretch(1)
        body.addStretch(1)
        for part in (
            Glyph(self._appearance, "checked", "muted", sizes.icon_large * 2),
            label(tr("No attribute study yet"), "large"),
        ):
            body.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addLayout(middle)
        body.addWidget(first, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(2)
        return widget

    def _turn_to(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        judging = widget is self.judging
        if judging is not self.decides:
            self.decides = judging
            self.top = self.judging.top if judging else self._body
            self.rearranged.emit()

    def _stretch(self, table: QTableView, widths: dict[int, int], stretched: int) -> None:
        heading = table.horizontalHeader()
        heading.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        for index, width in widths.items():
            table.setColumnWidth(index, round(width * self._appearance.theme.scale))

    @property
    def chosen(self) -> StudyRow | None:
        """The study in view, ``None`` if none is."""
        at = self._studies.selectionModel().selectedRows()
        return self.studies_table_model.row_at(at[0].row()) if at else None

    def entered(self) -> None:
        """Read the studies anew; one that is being judged stays in view."""
        if self._stack.currentWidget() is not self.judging:
            self.refresh()

    def handle_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Give keys to the judging while a study is judged."""
        return self._stack.currentWidget() is self.judging and self.judging.handle_key(event, pressed=pressed)

    def refresh(self) -> None:
        """Read the studies and their answers."""
        room = self._room

        def read() -> tuple[StudyRow, ...]:
            return tuple(StudyRow(plan, standing_answers(room.answers(plan.study_id))) for plan in room.plans())

        self._reading.run(read, self._show_studies, self._on_fault)

    def plan(self) -> None:
        """Ask what a new study is to be."""
        self.new_button.setEnabled(False)
        room = self._room
        self._background.run(
            lambda: (tuple(room.known_parts()), room.model_name()), lambda found: self._ask_plan(*found), self._on_fault
        )

    def judge(self) -> None:
        """Let the chosen appraiser judge the chosen study, from where it was left; the model judges all at once."""
        study, who = self.chosen, self.appraiser_box.value
        if study is None or who is None:
            return
        if who == study.plan.model:
            self._let_model_judge(study.plan, study.standing)
            return
        self._turn_to(self.judging)
        self.course.begin(study.plan, who)

    def leave(self) -> None:
        """Go back to the list; the study can be taken up again at this part."""
        self.course.leave()
        self._turn_to(self._overview)
        self.refresh()

    def close_studies(self) -> None:
        """Let a model that is judging stop after the picture in hand."""
        self._stop_model.set()

    def _ask_plan(self, known: tuple[StudyPart, ...], model: str | None) -> None:
        self.new_button.setEnabled(True)
        if len(known) < 2:
            self.noticed.emit(
                tr(
                    "A study needs parts whose truth is known, with stored pictures: adjudicate disagreements, or run "
                    "a data set with annotations through the station first."
                )
            )
            return
        dialog = PlanDialog(self._appearance, self.window(), known, model)
        dialog.accepted.connect(lambda: self._begin(dialog, known, model))
        dialog.open()

    def _begin(self, dialog: PlanDialog, known: tuple[StudyPart, ...], model: str | None) -> None:
        study_id = self._new_id()
        seed = int(study_id[:15], 16)
        try:
            plan = StudyPlan(
                study_id=study_id,
                name=dialog.name_edit.text().strip(),
                by=dialog.by_edit.text().strip(),
                at=self._clock(),
                parts=chosen_parts(known, dialog.parts_box.value(), dialog.bad_box.value() / 100.0, seed),
                appraisers=dialog.appraisers,
                model=model if dialog.model_box.isChecked() else None,
                cut=self._station.control.cut,
                trials=dialog.trials_box.value(),
                seed=seed,
            )
        except KnownFault as fault:
            self._on_fault(fault)
            return
        self._background.run(lambda: self._room.begin(plan), lambda _none: self.refresh(), self._on_fault)

    def _show_studies(self, rows: tuple[StudyRow, ...]) -> None:
        chosen = self.chosen
        at = 0
        for index, each in enumerate(rows):
            if chosen is not None and each.plan.study_id == chosen.plan.study_id:
                at = index
        self.studies_table_model.show_rows(rows)
        if self._stack.currentWidget() is not self.judging:
            self._turn_to(self._overview if rows else self._empty)
        if rows:
            self._studies.selectRow(at)

    def _on_chosen(self) -> None:
        study = self.chosen
        who = () if study is None else tuple(name for name in study.plan.judges if study.left(name))
        self.appraiser_box.offer([(name, name) for name in who])
        self.appraiser_box.setEnabled(bool(who))
        self.judge_button.setEnabled(bool(who) and not self._model_judges)
        self.export_button.setEnabled(study is not None and bool(study.standing))
        if study is not None:
            self._figure(study)

    def _figure(self, study: StudyRow) -> None:
        def work() -> StudyResult | None:
            done = completed_study(study.plan, study.standing)
            return None if done is None else analyse(done, Wanted())

        self._figuring.run(work, lambda result: self._show_result(study, result), self._on_fault)

    def _show_result(self, study: StudyRow, result: StudyResult | None) -> None:
        self.figures_table_model.show_rows(() if result is None else study_figures(result))
        through, whole = len(study.through), len(study.plan.judges)
        if result is None:
            self._said.setText(tr("Figures appear as soon as one appraiser has judged every part in every trial."))
        else:
            self._said.setText(
                tr(
                    "{n} of {whole} appraisers are through. 95 % intervals; the bands of AIAG count only if the "
                    "interval, not the estimate alone, reaches them."
                ).format(n=through, whole=whole)
            )

    def _let_model_judge(self, plan: StudyPlan, standing: Standing) -> None:
        self._model_judges = True
        self.judge_button.setEnabled(False)
        self._background.run(
            lambda: self._model_work(plan, dict(standing)), lambda _none: self._model_done(), self._model_failed
        )

    def _model_work(self, plan: StudyPlan, standing: Standing) -> None:
        """Judge part after part, each committed; runs in the background and stops when the window closes."""
        who = plan.model
        while who is not None and not self._stop_model.is_set():
            place = next_place(plan, standing, who)
            if place is None:
                return
            judgement = self._room.model_judgement(place.inspection_id, plan.cut)
            answer = StudyAnswer(plan.study_id, who, place.inspection_id, place.trial, 1, judgement, self._clock(), 0.0)
            self._room.record(answer)
            standing[who, place.trial, place.inspection_id] = answer
            if len(standing) % 10 == 0:
                self._model_progress.emit()

    def _model_done(self) -> None:
        self._model_judges = False
        self.refresh()

    def _model_failed(self, fault: KnownFault) -> None:
        self._model_done()
        self._on_fault(fault)

    def _on_finished(self) -> None:
        self.noticed.emit(tr("Thank you, {who}: every part is judged.").format(who=self.course.appraiser))
        self._turn_to(self._overview)
        self.refresh()

    def _export(self) -> None:
        study = self.chosen
        if study is not None:
            self._background.run(lambda: self._room.export(study.plan), self._exported, self._on_fault)

    def _exported(self, path: Path) -> None:
        self.noticed.emit(tr("Written: {path}").format(path=path))

    def _on_fault(self, fault: KnownFault) -> None:
        self.new_button.setEnabled(True)
        self.noticed.emit(str(fault))
