"""The models page: what there is, teach from pictures, measure, install."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.model_papers import ModelStanding, ShownModel, StartingPoint
from inspector_app.domain.model_room import ModelRoom
from inspector_app.domain.model_work import ModelOrder, WorkKind, WorkView
from ui.background import Background, LatestJob
from ui.bridge import Wake
from ui.look.appearance import Appearance
from ui.models.card_view import CardView
from ui.models.dataset_form import DataSetForm
from ui.models.dialogs import EvaluateDialog, ImportDialog, InstallDialog, TeachDialog
from ui.models.facts import FactsTableModel, facts_of
from ui.models.log_dialog import LogDialog
from ui.models.models_table_model import ModelsTableModel
from ui.models.words import work_title
from ui.models.work_panel import WorkPanel
from ui.pages.page import Page
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row
from ui.widgets.rows_table import rows_table

_TAUGHT_NAME = "station-net"


class ModelsPage(Page):
    """Models of this station, and the work on them; that work goes on when the page is left.

    Parameters
    ----------
    appearance : Appearance
        The look.
    room : ModelRoom
        Where models are taught, measured and installed.
    background : Background
        Where it is asked.

    Signals
    -------
    noticed(str)
        A sentence for the user.
    """

    noticed = Signal(str)

    def __init__(self, appearance: Appearance, room: ModelRoom, background: Background) -> None:
        super().__init__()
        self._appearance = appearance
        self._room = room
        self._background = background
        self._reading = LatestJob(background)
        self._ended = 0
        self._to_choose: str | None = None
        self.models_table_model = ModelsTableModel()
        self.facts_table_model = FactsTableModel()
        self.work_panel = WorkPanel(appearance)
        self._build()
        self._wake = Wake()
        self._wake.woken.connect(self._on_work)
        self._forget = room.watch(self._wake.call)
        self.work_panel.stop_asked.connect(room.stop)
        self.work_panel.log_asked.connect(self._ask_log)

    def _build(self) -> None:
        sizes, appearance = self._appearance.theme.sizes, self._appearance
        self.teach_button = IconButton(appearance, "model", tr("Teach …"), "primary")
        self.evaluate_button = IconButton(appearance, "agreement", tr("Evaluate …"))
        self.install_button = IconButton(appearance, "accept", tr("Install …"))
        self.import_button = IconButton(appearance, "layers", tr("Import …"))
        self.log_button = IconButton(appearance, "", tr("Log of the last teaching"), "quiet")
        self.teach_button.clicked.connect(self.teach)
        self.evaluate_button.clicked.connect(self.evaluate)
        self.install_button.clicked.connect(self.install)
        self.import_button.clicked.connect(self.bring_in)
        self.log_button.clicked.connect(lambda: self.show_log(WorkKind.TEACH))
        tools = row(sizes.space_3)
        for button in (self.teach_button, self.evaluate_button, self.install_button, self.import_button):
            tools.addWidget(button)
        tools.addStretch(1)
        tools.addWidget(self.log_button)
        self._models = rows_table(self.models_table_model, tr("Models"), sizes.space_6)
        self._models.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._models.selectionModel().selectionChanged.connect(self._on_chosen)
        self._widths(self._models, {0: 220, 1: 220, 3: 150, 4: 150, 5: 150}, stretched=2)
        self._facts = rows_table(self.facts_table_model, tr("What is known of the model"), sizes.space_5)
        self._facts.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._widths(self._facts, {0: 250}, stretched=1)
        self.card_view = CardView()
        self._next = label("", "muted", wrap=True)
        details = row(sizes.space_3)
        details.addWidget(self._facts, 5)
        details.addWidget(self.card_view, 4)
        gap = sizes.space_4
        self.top = column(sizes.space_3, self, (gap, gap, gap, gap))
        self.top.addLayout(tools)
        self.top.addWidget(self._models, 3)
        self.top.addWidget(self._next)
        self.top.addLayout(details, 4)
        self.top.addWidget(self.work_panel, 3)
        self.work_panel.setVisible(False)
        self._offer()

    def _widths(self, table: QTableView, widths: dict[int, int], stretched: int) -> None:
        heading = table.horizontalHeader()
        heading.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        for index, width in widths.items():
            table.setColumnWidth(index, round(width * self._appearance.theme.scale))

    @property
    def chosen(self) -> ShownModel | None:
        """The model in view, ``None`` if none is."""
        at = self._models.selectionModel().selectedRows()
        return self.models_table_model.row_at(at[0].row()) if at else None

    def entered(self) -> None:
        """Read the models anew, and look at the work."""
        self.refresh()
        self._on_work()

    def refresh(self) -> None:
        """Read the models."""
        self._reading.run(lambda: tuple(self._room.models()), self._show_models, self._on_fault)

    def close_work(self) -> None:
        """Let the work stop, and hear of it no more; idempotent."""
        self._forget()
        self._room.stop()

    def teach(self) -> None:
        """Ask what a model is to be taught from."""
        room = self._room

        def read() -> tuple[str | None, tuple[StartingPoint, ...], tuple[ShownModel, ...]]:
            return room.training_lacks(), tuple(room.starting_points()), tuple(room.models())

        self._background.run(read, lambda found: self._ask_teach(*found), self._on_fault)

    def evaluate(self) -> None:
        """Ask on what the chosen model is measured."""
        if self.chosen is not None:
            self._ask(EvaluateDialog(self._appearance, self.window(), self._form(), self.chosen))

    def install(self) -> None:
        """Ask on what the chosen model is proved."""
        if self.chosen is not None:
            self._ask(InstallDialog(self._appearance, self.window(), self._form(), self.chosen))

    def bring_in(self) -> None:
        """Ask for a model from elsewhere."""
        window, room = self.window(), self._room
        self._ask(ImportDialog(self._appearance, window, self._form(), room.brought, self._background))

    def show_log(self, kind: WorkKind) -> None:
        """Show what the last work of a kind has said."""
        title = {
            WorkKind.TEACH: tr("Log of the last teaching"),
            WorkKind.EVALUATE: tr("Log of the last evaluation"),
            WorkKind.INSTALL: tr("Log of the last installation"),
            WorkKind.IMPORT: tr("Log of the last import"),
        }[kind]
        self._background.run(
            lambda: self._room.last_log(kind),
            lambda text: LogDialog(self._appearance, self.window(), title, text).open(),
            self._on_fault,
        )

    def _ask_teach(
        self, lacking: str | None, starts: tuple[StartingPoint, ...], models: tuple[ShownModel, ...]
    ) -> None:
        if lacking is not None:
            self.noticed.emit(lacking)
            return
        version = next_version([each.version for each in models if each.name == _TAUGHT_NAME])
        form = self._form(to_teach=True)
        self._ask(TeachDialog(self._appearance, self.window(), form, starts, _TAUGHT_NAME, version))

    def _form(self, *, to_teach: bool = False) -> DataSetForm:
        return DataSetForm(self._appearance, self._room.examine, self._background, to_teach=to_teach)

    def _ask(self, dialog: TeachDialog | EvaluateDialog | InstallDialog | ImportDialog) -> None:
        dialog.accepted.connect(lambda: self._begin(dialog.order))
        dialog.open()

    def _begin(self, order: ModelOrder) -> None:
        self._background.run(lambda: self._room.begin(order), lambda _none: self._on_work(), self._on_fault)

    @Slot()
    def _on_work(self) -> None:
        view = self._room.view()
        self._offer()
        if view is None:
            return
        self.work_panel.setVisible(True)
        self.work_panel.show_work(view)
        if not view.state.at_work and view.number != self._ended:
            self._ended = view.number
            self._to_choose = view.title
            self._say_end(view)
            self.refresh()

    def _say_end(self, view: WorkView) -> None:
        if not self.isVisible():
            self.noticed.emit(f"{work_title(view)}: {view.sentence}")

    def _ask_log(self) -> None:
        view = self._room.view()
        if view is not None:
            self.show_log(view.kind)

    def _show_models(self, models: tuple[ShownModel, ...]) -> None:
        chosen = self.chosen
        at = next((i for i, each in enumerate(models) if chosen is not None and each.place == chosen.place), 0)
        at = next((i for i, each in enumerate(models) if each.title == self._to_choose), at)
        self._to_choose = None
        self.models_table_model.show_rows(models)
        if models:
            self._models.selectRow(at)
        self._next.setText(next_words(models))
        self._next.setVisible(bool(self._next.text()))

    def _on_chosen(self) -> None:
        model = self.chosen
        self.facts_table_model.show_rows(() if model is None else facts_of(model))
        self.card_view.show_card("" if model is None else model.card or tr("It has no card yet."))
        self._offer()

    def _offer(self) -> None:
        """Let be pressed what can be done now: one work at a time."""
        view, model = self._room.view(), self.chosen
        free = view is None or not view.state.at_work
        usable = model is not None and model.problem is None
        self.teach_button.setEnabled(free)
        self.import_button.setEnabled(free)
        self.evaluate_button.setEnabled(free and usable)
        self.install_button.setEnabled(free and usable and model is not None and model.gate is None)

    def _on_fault(self, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))


def next_version(known: list[str]) -> str:
    """Return a version after those that are known: the last number of the greatest, plus one."""
    numbered = [found for each in known if (found := re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", each))]
    if not numbered:
        return "0.1.0"
    major, minor, patch = max(tuple(int(part) for part in found.groups()) for found in numbered)
    return f"{major}.{minor}.{patch + 1}"


def next_words(models: tuple[ShownModel, ...]) -> str:
    """Return what to do next where the station has nothing of its own yet."""
    if any(model.gate is not None for model in models):
        return ""
    if any(model.standing is ModelStanding.TAUGHT for model in models):
        return tr("Next: evaluate what was taught on pictures that it has not seen, then install it.")
    return tr(
        "Only the model that came with the program is here; it has never seen your product. Next: teach one from a "
        "folder of your pictures, or install the bundled one to have its precision measured on this machine."
    )
