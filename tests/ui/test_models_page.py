"""The models page: what there is, teaching, measuring, installing, and how the work is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from in_memory_station import InMemoryModels, InMemoryStation
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextTable
from PySide6.QtTest import QAbstractItemModelTester, QTest

from inspector_app.domain.dataset_check import ClassCount, DataSetCheck, SplitCount, TruthCount
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.model_papers import (
    GatePassed,
    ModelClass,
    ModelMetric,
    ModelStanding,
    PrecisionFigure,
    RuntimePair,
    ShownModel,
)
from inspector_app.domain.model_work import (
    BroughtModel,
    EvaluateOrder,
    ImportOrder,
    InstallOrder,
    LossPoint,
    MeasuredFigure,
    TriedPoint,
    WorkKind,
    WorkState,
    WorkView,
)
from ui.models.card_view import CardView
from ui.models.dialogs import EvaluateDialog, ImportDialog, InstallDialog, TeachDialog
from ui.models.log_dialog import LogDialog
from ui.pages.models import next_version

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by receiving widget")

MODELS = 5
GLASS = "/sets/glass"
BUNDLED = ShownModel("scratch-net 0.1.0", "scratch-net", "0.1.0", "bundled:scratch-net", ModelStanding.IN_CHARGE)
TAUGHT = ShownModel(
    "glass-net 0.2.0",
    "glass-net",
    "0.2.0",
    "/data/taught/glass-net-0.2.0",
    ModelStanding.TAUGHT,
    licence="as its pictures",
    classes=(ModelClass("scratch", True), ModelClass("dust", False)),
    metrics=(ModelMetric("choosing", "recall", 0.875),),
    data_sha256="ab" * 32,
)
INSTALLED = replace(
    TAUGHT,
    standing=ModelStanding.BESIDE,
    slot="green",
    gate=GatePassed(
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        1e-3,
        1e-3,
        (RuntimePair("ONNX Runtime 1.2", "OpenVINO 2026", 1e-6, 2e-6),),
        ("PyTorch is not installed.",),
    ),
    precisions=(
        PrecisionFigure("f32", 40.0, False, "the reference"),
        PrecisionFigure("bf16", 21.4, True, "average precision falls by 0.001"),
    ),
    precision_basis="12 pictures",
    card="# glass-net\n\nSees scratches.",
)
CHECK = DataSetCheck(
    Path(GLASS),
    (ClassCount("scratch", True, 25, 12), ClassCount("dust", False, 379, 20)),
    (SplitCount("train", 16, 9, 16, "part 1", 1), SplitCount("val", 5, 2, 3, "part 9", 3)),
    TruthCount(12, 0, 0, 0, 12),
    13,
    3,
    (),
    None,
)


@pytest.fixture
def room():
    room = InMemoryModels(BUNDLED, TAUGHT)
    room.sets[GLASS] = CHECK
    return room


@pytest.fixture
def screen(open_screen, room, hands, settled):
    screen = open_screen(InMemoryStation(clock=hands.clock), models=room)
    screen.window.show_page(MODELS)
    settled(screen)
    return screen


def opened(screen, kind):
    return next(each for each in screen.window.findChildren(kind) if each.isVisible())


def name_folder(qtbot, dialog, folder):
    dialog.form.folder_edit.setText(folder)
    qtbot.waitUntil(lambda: dialog.form._said.text() not in {"", "Reading …"})


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def facts(page):
    table = page.facts_table_model
    return {table.index(i, 0).data(): table.index(i, 1).data() for i in range(table.rowCount())}


def choose(page, row):
    page._models.selectRow(row)


def test_the_page_is_the_sixth_and_lists_what_there_is(screen, room):
    page = screen.models
    assert screen.window.page is page
    assert page.models_table_model.index(0, 1).data() == "in charge"
    assert page.models_table_model.index(1, 1).data() == "taught, not installed"
    assert page.models_table_model.index(1, 2).data() == "scratch"
    assert page.models_table_model.index(1, 3).data() == "not measured"
    assert "evaluate what was taught" in page._next.text()
    QAbstractItemModelTester(page.models_table_model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    QAbstractItemModelTester(page.facts_table_model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_only_the_bundled_model_says_what_to_do_next(screen, room, settled):
    room.known = (BUNDLED,)
    screen.models.refresh()
    settled(screen)
    assert "never seen your product" in screen.models._next.text()


def test_papers_of_an_installed_model(screen, room, settled):
    room.known = (BUNDLED, INSTALLED)
    page = screen.models
    page.refresh()
    settled(screen)
    choose(page, 1)
    found = facts(page)
    assert found["State"] == "beside it in a rollout (slot green)"
    assert found["Classes"] == "scratch (rejects), dust"
    assert found["Fingerprint of the data set"] == "ab" * 32
    assert found["bf16"] == "chosen, 21.4 ms: average precision falls by 0.001"
    assert found["ONNX Runtime 1.2 · OpenVINO 2026"].startswith("maps within 2e-06 of 0.001")
    assert found["Not asked"] == "PyTorch is not installed."
    assert found["Region recall"] == "0.875"
    assert page.models_table_model.index(1, 3).data() == "bf16, 21.4 ms"
    assert "Sees scratches." in page.card_view.toPlainText()
    assert not page.install_button.isEnabled()
    assert page.evaluate_button.isEnabled()


def test_a_model_that_cannot_be_used_says_why(screen, room, settled):
    room.known = (replace(TAUGHT, standing=ModelStanding.UNUSABLE, problem="model.json is damaged."),)
    screen.models.refresh()
    settled(screen)
    assert facts(screen.models)["Why not"] == "model.json is damaged."
    assert not screen.models.evaluate_button.isEnabled()
    assert not screen.models.install_button.isEnabled()


def test_teaching_starts_only_after_a_good_check(screen, room, qtbot, settled):
    press(screen.models.teach_button)
    settled(screen)
    dialog = opened(screen, TeachDialog)
    assert not dialog.action.isEnabled()
    name_folder(qtbot, dialog, "/sets/none")
    assert dialog.form._said.text() == "/sets/none: no data set is here."
    assert not dialog.action.isEnabled()
    name_folder(qtbot, dialog, GLASS)
    said = dialog.form._said.text()
    assert "12 good, 12 rejects with masks" in said
    assert "val: 5 pictures, 2 rejects, 3 groups (the largest, part 9, has 3 pictures)" in said
    assert [box.text() for box in dialog.form.class_boxes.values()] == [
        "scratch: 25 marks on 12 pictures",
        "dust: 379 marks on 20 pictures",
    ]
    assert "Learns from 13 pictures and holds 3 out" in dialog._verdict.text()
    assert dialog.action.isEnabled()
    dialog.version_edit.setText(" ")
    assert not dialog.action.isEnabled()
    dialog.version_edit.setText("0.3.0")
    dialog.minutes_box.setValue(7)
    press(dialog.action)
    settled(screen)
    (order,) = room.orders
    assert (order.dataset, order.reject_classes, order.start_from) == (Path(GLASS), None, "bundled")
    assert (order.title, order.minutes) == ("station-net 0.3.0", 7.0)


def test_a_dialog_grows_with_what_was_found(screen, room, qtbot, settled):
    press(screen.models.teach_button)
    settled(screen)
    dialog = opened(screen, TeachDialog)
    before = dialog.height()
    name_folder(qtbot, dialog, GLASS)
    qtbot.waitUntil(lambda: dialog.height() > before + 40)
    for box in dialog.form.class_boxes.values():
        assert box.height() >= box.sizeHint().height()
    assert dialog.form.folder_edit.height() >= dialog.form.folder_edit.sizeHint().height()
    dialog.reject()


def test_a_set_that_nothing_can_be_taught_from_says_so(screen, room, qtbot, settled):
    room.sets[GLASS] = replace(CHECK, fault="There is one group.")
    press(screen.models.teach_button)
    settled(screen)
    dialog = opened(screen, TeachDialog)
    name_folder(qtbot, dialog, GLASS)
    assert dialog._verdict.text() == "There is one group."
    assert not dialog.action.isEnabled()
    dialog.reject()


def test_what_rejects_is_chosen_by_hand(screen, room, qtbot, settled):
    press(screen.models.teach_button)
    settled(screen)
    dialog = opened(screen, TeachDialog)
    name_folder(qtbot, dialog, GLASS)
    boxes = dialog.form.class_boxes
    boxes["scratch"].setChecked(False)
    assert "At least one class" in dialog.form._said.text()
    assert not dialog.action.isEnabled()
    boxes["dust"].setChecked(True)
    qtbot.waitUntil(dialog.action.isEnabled)
    assert dialog.order.reject_classes == ("dust",)
    dialog.reject()


def test_without_torch_the_page_says_how_to_get_it(screen, room, settled):
    room.lacking = 'Training needs PyTorch: pip install "inspection-station[train]".'
    press(screen.models.teach_button)
    settled(screen)
    assert screen.window.notice.sentence == room.lacking
    assert not [each for each in screen.window.findChildren(TeachDialog) if each.isVisible()]


def test_evaluating_offers_an_unseen_split_first(screen, room, qtbot, settled):
    choose(screen.models, 1)
    press(screen.models.evaluate_button)
    dialog = opened(screen, EvaluateDialog)
    name_folder(qtbot, dialog, GLASS)
    assert dialog.split_box.value == "val"
    press(dialog.action)
    settled(screen)
    assert room.orders == [EvaluateOrder("glass-net 0.2.0", TAUGHT.place, Path(GLASS), "val", None)]


def test_installing_needs_no_data_set(screen, room, settled):
    choose(screen.models, 1)
    press(screen.models.install_button)
    dialog = opened(screen, InstallDialog)
    press(dialog.action)
    settled(screen)
    assert room.orders == [InstallOrder("glass-net 0.2.0", TAUGHT.place, None, None)]


def test_installing_waits_for_the_check_of_a_named_set(screen, room, qtbot, settled):
    choose(screen.models, 1)
    press(screen.models.install_button)
    dialog = opened(screen, InstallDialog)
    name_folder(qtbot, dialog, "/sets/none")
    assert not dialog.action.isEnabled()
    name_folder(qtbot, dialog, GLASS)
    assert dialog.action.isEnabled()
    dialog.reject()


FOLDS = replace(
    CHECK,
    splits=(SplitCount("fold1", 20, 9, 5, "a", 4), SplitCount("fold2", 8, 4, 2, "b", 4)),
    fault="There is no split 'train'; name one of fold1, fold2.",
)
GOOD = replace(
    CHECK,
    classes=(),
    splits=(SplitCount("train", 16, 0, 16, "a.png", 1),),
    truth=TruthCount(0, 0, 0, 0, 16),
    taken_as_good=True,
)


def test_what_is_learned_from_is_chosen(screen, room, qtbot, settled):
    room.sets[GLASS] = FOLDS
    press(screen.models.teach_button)
    settled(screen)
    dialog = opened(screen, TeachDialog)
    name_folder(qtbot, dialog, GLASS)
    qtbot.waitUntil(dialog.action.isEnabled)
    assert [dialog.split_box.itemText(i) for i in range(3)] == ["fold1", "fold2", "all pictures"]
    assert "Learns from 19 pictures" in dialog._verdict.text()
    dialog.split_box.setCurrentIndex(2)
    assert not dialog.action.isEnabled()
    qtbot.waitUntil(dialog.action.isEnabled)
    assert "Learns from 27 pictures" in dialog._verdict.text()
    press(dialog.action)
    settled(screen)
    assert room.orders[-1].splits == ("fold1", "fold2")


def test_a_plain_folder_of_good_pictures_teaches_and_measures_nothing(screen, room, qtbot, settled):
    room.sets[GLASS] = GOOD
    press(screen.models.teach_button)
    settled(screen)
    teach = opened(screen, TeachDialog)
    name_folder(qtbot, teach, GLASS)
    assert "all are taken as good parts" in teach.form._said.text()
    assert teach.action.isEnabled()
    teach.reject()
    choose(screen.models, 1)
    press(screen.models.evaluate_button)
    evaluate = opened(screen, EvaluateDialog)
    name_folder(qtbot, evaluate, GLASS)
    assert "nothing can be measured" in evaluate.form._said.text()
    assert not evaluate.action.isEnabled()
    evaluate.reject()
    press(screen.models.install_button)
    install = opened(screen, InstallDialog)
    name_folder(qtbot, install, GLASS)
    assert not install.action.isEnabled()
    install.reject()


def test_a_model_from_elsewhere_is_imported_once_its_manifest_is_right(screen, room, qtbot, settled):
    classes = (ModelClass("good", False), ModelClass("stained", True))
    room.manifests["/v/my.json"] = BroughtModel("stains 1.0", "proprietary", "classification", classes)
    press(screen.models.import_button)
    dialog = opened(screen, ImportDialog)
    assert not dialog.action.isEnabled()
    dialog.source_field.edit.setText("/v/net.onnx")
    dialog.manifest_field.edit.setText("/v/other.json")
    qtbot.waitUntil(lambda: dialog._said.text() == "/v/other.json: the manifest cannot be read.")
    assert not dialog.action.isEnabled()
    dialog.manifest_field.edit.setText("/v/my.json")
    qtbot.waitUntil(dialog.action.isEnabled)
    said = "stains 1.0, classification, licence proprietary. Classes: good, stained (rejects)."
    assert dialog._said.text() == said
    name_folder(qtbot, dialog, "/sets/none")
    assert not dialog.action.isEnabled()
    name_folder(qtbot, dialog, GLASS)
    press(dialog.action)
    settled(screen)
    assert room.orders == [ImportOrder("stains 1.0", Path("/v/net.onnx"), Path("/v/my.json"), Path(GLASS), None)]
    assert screen.models.work_panel._title.text() == "Import stains 1.0"


def teaching(**changes):
    view = WorkView(
        1,
        WorkKind.TEACH,
        "glass-net 0.3.0",
        phase="Learning from 13 pictures, 3 held out",
        done=40,
        total=100,
        left_s=65.0,
        losses=(LossPoint(20, 1.2), LossPoint(40, 0.6)),
        tried=(TriedPoint(40, 0.9, 0.5, best=True),),
    )
    return replace(view, **changes)


def test_progress_curve_and_stop(screen, room, settled):
    page = screen.models
    room.tell(teaching())
    settled(screen)
    panel = page.work_panel
    assert panel.isVisible()
    assert panel._title.text() == "Teach glass-net 0.3.0"
    assert panel._phase.text() == "Learning from 13 pictures, 3 held out: 40 of 100"
    assert panel._left.text() == "1:05 min left"
    assert panel._legend.text() == "– – loss 0.600   ● held-out pictures: average precision 0.90, recall 0.50"
    assert not page.teach_button.isEnabled()
    assert not page.evaluate_button.isEnabled()
    press(panel.stop_button)
    settled(screen)
    assert room.stops == 1
    assert panel._left.text() == "Stops after the step in hand …"
    assert not panel.stop_button.isEnabled()
    room.tell(teaching(state=WorkState.STOPPED, sentence="Stopped; the weights are kept."))
    settled(screen)
    assert panel._sentence.text() == "Stopped; the weights are kept."
    assert page.teach_button.isEnabled()


def test_the_curve_is_drawn(screen, room, settled, pixels_of):
    room.tell(teaching())
    settled(screen)
    before = pixels_of(screen.models.work_panel.curve)
    room.tell(teaching(tried=(TriedPoint(40, 0.2, 0.5, best=True),)))
    settled(screen)
    assert pixels_of(screen.models.work_panel.curve) != before


def test_work_that_ends_while_the_page_is_left_is_told_once(screen, room, settled):
    room.tell(teaching())
    settled(screen)
    screen.window.show_page(0)
    room.known = (BUNDLED, TAUGHT, replace(TAUGHT, title="glass-net 0.3.0", place="/data/taught/glass-net-0.3.0"))
    room.tell(teaching(state=WorkState.DONE, sentence="glass-net 0.3.0 is taught."))
    settled(screen)
    assert screen.window.notice.sentence == "Teach glass-net 0.3.0: glass-net 0.3.0 is taught."
    assert screen.models.models_table_model.rowCount() == 3
    assert screen.models.chosen.title == "glass-net 0.3.0"
    screen.window.show_page(MODELS)
    settled(screen)
    assert screen.models.work_panel._sentence.text() == "glass-net 0.3.0 is taught."


def test_figures_and_report_of_an_evaluation(screen, room, settled, tmp_path, monkeypatch):
    opened_urls = []
    monkeypatch.setattr("ui.models.work_panel.QDesktopServices.openUrl", lambda url: opened_urls.append(url) or True)
    report = tmp_path / "report.html"
    figures = (MeasuredFigure("Picture AUROC", 0.9, 0.8, 0.95), MeasuredFigure("AUPRO", None, None, None))
    room.tell(
        WorkView(
            1, WorkKind.EVALUATE, "glass-net 0.2.0", WorkState.DONE, sentence="Done.", figures=figures, report=report
        )
    )
    settled(screen)
    panel = screen.models.work_panel
    table = panel.figures_table_model
    assert [table.index(0, i).data() for i in range(3)] == ["Picture AUROC", "0.900", "0.800 … 0.950"]
    assert table.index(1, 1).data() == "not measurable"
    press(panel.report_button)
    assert [url.toLocalFile() for url in opened_urls] == [str(report)]


def test_the_state_that_is_released_is_the_filled_one(screen, room, settled, pixels_of):
    first, second = TriedPoint(40, 0.9, 0.5, best=True), TriedPoint(60, 0.9, 0.5, best=True)
    room.tell(teaching(done=60, tried=(first, second)))
    settled(screen)
    last = pixels_of(screen.models.work_panel.curve)
    room.tell(teaching(done=60, tried=(first, replace(second, best=False))))
    settled(screen)
    assert pixels_of(screen.models.work_panel.curve) != last


def test_a_refused_start_is_one_sentence(screen, room, settled):
    room.refuse = KnownFault("Work on a model is under way.")
    choose(screen.models, 1)
    press(screen.models.install_button)
    press(opened(screen, InstallDialog).action)
    settled(screen)
    assert screen.window.notice.sentence == "Work on a model is under way."


def test_the_log_of_the_last_teaching_can_be_read(screen, room, settled):
    room.logs[WorkKind.TEACH] = "step 20 of 100\n"
    press(screen.models.log_button)
    settled(screen)
    dialog = opened(screen, LogDialog)
    assert "step 20 of 100" in dialog.text_edit.toPlainText()
    dialog.accept()


def test_closing_the_window_asks_the_work_to_stop(screen, room, settled):
    room.tell(teaching())
    settled(screen)
    screen.close()
    assert room.stops == 1
    assert room.listeners == []


@pytest.mark.parametrize(
    ("known", "wanted"),
    [([], "0.1.0"), (["0.1.0", "0.1.9"], "0.1.10"), (["2.0.0", "1.9.9", "odd"], "2.0.1"), (["odd"], "0.1.0")],
)
def test_the_next_version(known, wanted):
    assert next_version(known) == wanted


def test_a_card_is_as_wide_as_its_room(qtbot) -> None:
    """Commands are wrapped, and a table without headings has no empty row of them."""
    card = CardView()
    qtbot.addWidget(card)
    command = "inspector-app train --out FOLDER " + "--steps 1500 " * 30
    card.resize(400, 300)
    card.show_card(
        f"# net\n\n| | |\n|---|---|\n| file | a.onnx |\n\n```\n{command}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    card.show()
    assert card.document().size().width() <= card.viewport().width()
    frames = card.document().rootFrame().childFrames()
    tables = [frame for frame in frames if isinstance(frame, QTextTable)]
    assert [table.rows() for table in tables] == [1, 2]
