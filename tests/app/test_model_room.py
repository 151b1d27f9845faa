"""Teaching, measuring and installing in a process of its own: progress, cancel, crash, what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inspector_app.bootstrap.child_work import ChildWork
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.bootstrap.model_room import FolderModelRoom
from inspector_app.bootstrap.work_progress import Said, folded, record_of, why_failed
from inspector_app.domain.errors import DataSetError, KnownFault, ModelError
from inspector_app.domain.model_papers import ModelStanding
from inspector_app.domain.model_work import (
    EvaluateOrder,
    ImportOrder,
    InstallOrder,
    LossPoint,
    TeachOrder,
    WorkKind,
    WorkState,
    WorkView,
)
from model.manifest import write_manifest
from model.registry import load_bundled
from model.synthesis.dataset_writer import write_dataset

LONG_S = 1000.0
SHORT = ("--steps", "4", "--batch", "2", "--crop", "64", "--threads", "1")
ENDLESS = ("--steps", "100000", "--batch", "2", "--crop", "64", "--threads", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with open_data(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def glass(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sets") / "glass"
    write_dataset(place, 14, seed=3, size=(256, 320))
    return place


class Watched:
    """A room and what it tells."""

    def __init__(self, room: FolderModelRoom) -> None:
        self.room = room
        self._moved = threading.Condition()
        room.watch(self._on_move)

    def _on_move(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def until(self, holds: Callable[[WorkView], bool]) -> WorkView:
        def view() -> WorkView | None:
            found = self.room.view()
            return found if found is not None and holds(found) else None

        with self._moved:
            found = self._moved.wait_for(view, LONG_S)
        assert found, f"it never came: {self.room.view()}"
        return found

    def end(self) -> WorkView:
        return self.until(lambda view: not view.state.at_work)


@pytest.fixture
def open_room(folder: DataFolder) -> Iterator[Callable[..., Watched]]:
    rooms = []

    def open_it(*options: str) -> Watched:
        rooms.append(FolderModelRoom(folder, options))
        return Watched(rooms[-1])

    yield open_it
    for room in rooms:
        room.close()


def order(glass: Path, **changes: object) -> TeachOrder:
    return replace(TeachOrder(glass, None, "bundled", "glass-net", "0.1.0", 60.0), **changes)


@pytest.mark.slow
def test_taught_and_measured(open_room: Callable[..., Watched], folder: DataFolder, glass: Path) -> None:
    pytest.importorskip("torch")
    watched = open_room(*SHORT)
    room = watched.room
    room.begin(order(glass))
    with pytest.raises(KnownFault, match="under way"):
        room.begin(order(glass, version="0.2.0"))
    view = watched.end()
    assert view.state is WorkState.DONE, view.sentence
    assert view.losses
    assert view.tried[-1].step == 4
    taught = next(model for model in room.models() if model.standing is ModelStanding.TAUGHT)
    assert taught.title == "glass-net 0.1.0"
    assert len(taught.data_sha256) == 64
    assert {metric.measured_on for metric in taught.metrics} == {"choosing"}
    assert '"event": "ModelReleased"' in room.last_log(WorkKind.TEACH)
    with pytest.raises(KnownFault, match="already"):
        room.begin(order(glass))

    room.begin(EvaluateOrder(taught.title, taught.place, glass, "val", None))
    view = watched.end()
    assert view.state is WorkState.DONE, view.sentence
    assert view.figures[0].name == "Picture AUROC"
    assert view.report is not None
    assert view.report.parent.parent == folder.path / "exports"
    assert "<html" in view.report.read_text(encoding="utf-8")


@pytest.mark.slow
def test_installed_without_being_put_in_charge(open_room: Callable[..., Watched]) -> None:
    pytest.importorskip("onnxruntime")
    watched = open_room()
    room = watched.room
    (bundled,) = room.models()
    room.begin(InstallOrder(bundled.title, bundled.place, None, None))
    view = watched.end()
    assert view.state is WorkState.DONE, view.sentence
    assert "rollout" in view.sentence
    installed = room.models()[-1]
    assert installed.title == bundled.title
    assert installed.standing is ModelStanding.INSTALLED
    assert installed.gate is not None
    assert len(installed.gate.pairs) >= 1
    assert installed.precision is not None


@pytest.mark.slow
def test_stopped_teaching_keeps_its_weights_as_a_start(open_room: Callable[..., Watched], glass: Path) -> None:
    pytest.importorskip("torch")
    watched = open_room(*ENDLESS)
    watched.room.begin(order(glass))
    watched.until(lambda view: bool(view.losses) or not view.state.at_work)
    watched.room.stop()
    watched.room.stop()
    view = watched.end()
    assert view.state is WorkState.STOPPED
    assert "weights so far are kept" in view.sentence
    start = next(each for each in watched.room.starting_points() if "stopped" in each.title)
    assert Path(start.where).is_file()
    again = open_room(*SHORT)
    again.room.begin(order(glass, start_from=start.where))
    assert again.end().state is WorkState.DONE
    assert not [each for each in again.room.starting_points() if "stopped" in each.title]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_crash_of_the_training_is_a_sentence(open_room: Callable[..., Watched], glass: Path) -> None:
    pytest.importorskip("torch")
    watched = open_room(*ENDLESS)
    watched.room.begin(order(glass))
    watched.until(lambda view: view.phase.startswith("Learning") or not view.state.at_work)
    process = watched.room.process_id
    assert process is not None
    assert os.getpriority(os.PRIO_PROCESS, process) > os.getpriority(os.PRIO_PROCESS, 0)
    os.kill(process, signal.SIGKILL)
    view = watched.end()
    assert view.state is WorkState.FAILED
    assert "by signal 9" in view.sentence
    assert "station was not touched" in view.sentence


@pytest.mark.slow
def test_closing_ends_the_work_and_starts_nothing_more(open_room: Callable[..., Watched], glass: Path) -> None:
    pytest.importorskip("torch")
    watched = open_room(*ENDLESS)
    watched.room.begin(order(glass))
    watched.until(lambda view: bool(view.losses) or not view.state.at_work)
    process = watched.room.process_id
    assert watched.room.close(LONG_S)
    assert watched.room.close(LONG_S)
    view = watched.room.view()
    assert view is not None
    assert view.state is WorkState.STOPPED
    assert process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(KnownFault):
        watched.room.begin(order(glass, version="0.2.0"))


@pytest.mark.slow
def test_a_fault_of_the_command_is_its_own_sentence(open_room: Callable[..., Watched], tmp_path: Path) -> None:
    watched = open_room()
    watched.room.begin(EvaluateOrder("x 1", str(tmp_path), tmp_path / "nothing", None, None))
    view = watched.end()
    assert view.state is WorkState.FAILED
    assert "no data set is here" in view.sentence


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for the process in /proc")
def test_a_station_that_is_killed_leaves_no_work_behind(tmp_path: Path, glass: Path) -> None:
    pytest.importorskip("torch")
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from inspector_app.bootstrap.child_work import ChildWork\n"
        "work = ChildWork(sys.argv[2:], Path(sys.argv[1]), lambda line: print(work.process_id, flush=True), print)\n"
        "work.start()\n"
        "time.sleep(1000)\n"
    )
    arguments = ["train", str(glass), "--out", str(tmp_path / "out"), "--json", *ENDLESS]
    station = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log"), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert station.stdout is not None
    with station.stdout as said:
        process = int(said.readline())
        station.kill()
        station.wait()
    deadline = time.monotonic() + LONG_S
    while _runs(process):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_log_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    work = ChildWork(["--help"], tmp_path / "logs" / "x.log", lambda _line: None, lambda _status: None)
    with pytest.raises(KnownFault, match=r"x\.log cannot be written"):
        work.start()
    assert work.stop(1.0)


def test_names_that_cannot_stand_in_a_manifest(open_room: Callable[..., Watched], glass: Path) -> None:
    room = open_room().room
    with pytest.raises(KnownFault, match="'a net'"):
        room.begin(order(glass, name="a net"))
    assert room.view() is None
    assert room.last_log(WorkKind.TEACH) == ""


def test_a_fresh_folder_has_the_bundled_model_in_charge(open_room: Callable[..., Watched]) -> None:
    (model,) = open_room().room.models()
    assert model.standing is ModelStanding.IN_CHARGE
    assert model.gate is None
    assert "scratch" in model.card


def test_a_taught_model_that_is_damaged_is_listed(open_room: Callable[..., Watched], folder: DataFolder) -> None:
    place = folder.path / "taught" / "odd-1"
    place.mkdir(parents=True)
    (place / "model.json").write_text("{")
    found = open_room().room.models()[-1]
    assert found.standing is ModelStanding.UNUSABLE
    assert "model.json" in (found.problem or "")


def test_the_check_of_a_data_set(open_room: Callable[..., Watched], glass: Path) -> None:
    check = open_room().room.examine(glass, None)
    assert sum(split.pictures for split in check.splits) == 14
    assert check.truth.masks == 7
    assert check.truth.good == 7
    assert {each.name: each.rejects for each in check.classes} == {
        "scratch": True,
        "dust": False,
        "stain": False,
        "oil": False,
    }
    train = next(split for split in check.splits if split.name == "train")
    assert check.learning + check.held_out == train.pictures
    assert check.fault is None


def test_a_group_on_both_sides_is_named(open_room: Callable[..., Watched], glass: Path, tmp_path: Path) -> None:
    document = json.loads((glass / "annotations.json").read_text())
    for image, split in zip(document["images"], ("train", "val"), strict=False):
        image |= {"group": "tray 7", "split": split}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    with pytest.raises(DataSetError, match="group 'tray 7' stands in split 'train' and in split 'val'"):
        open_room().room.examine(tmp_path, None)


def test_one_group_cannot_be_learned_from_but_measured_on(
    open_room: Callable[..., Watched], glass: Path, tmp_path: Path
) -> None:
    document = json.loads((glass / "annotations.json").read_text())
    for image in document["images"]:
        image |= {"group": "tray 7", "split": "train"}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    for name in ("images", "masks"):
        (tmp_path / name).symlink_to(glass / name)
    check = open_room().room.examine(tmp_path, None)
    assert check.fault is not None
    assert "it takes two" in check.fault
    assert check.splits[0].largest_group == "tray 7"


def test_the_check_is_about_what_is_learned_from(open_room: Callable[..., Watched], glass: Path) -> None:
    room = open_room().room
    names = tuple(split.name for split in room.examine(glass, None).splits)
    check = room.examine(glass, None, names)
    assert check.learning + check.held_out == 14
    absent = room.examine(glass, None, ("none",))
    assert absent.fault is not None
    assert "there is no split 'none'" in absent.fault


def test_a_plain_folder_is_checked_as_good_pictures(open_room: Callable[..., Watched], glass: Path) -> None:
    check = open_room().room.examine(glass / "images", None)
    assert check.taken_as_good
    assert (check.truth.good, check.learning + check.held_out, check.fault) == (14, 14, None)


def test_a_manifest_from_elsewhere_is_read_before_anything_is_converted(
    open_room: Callable[..., Watched], tmp_path: Path
) -> None:
    manifest = {
        "name": "stains",
        "version": "1.0",
        "licence": "proprietary",
        "task": "classification",
        "input": {"color": "rgb", "scale": 1.0, "mean": [0, 0, 0], "std": [1, 1, 1], "stride": 1},
        "output": {"activation": "softmax", "stride": 1},
        "classes": [{"name": "good", "reject": False}, {"name": "stained", "reject": True}],
    }
    path = tmp_path / "my.json"
    path.write_text(json.dumps(manifest))
    found = open_room().room.brought(path)
    assert (found.title, found.licence, found.task) == ("stains 1.0", "proprietary", "classification")
    assert [(each.name, each.rejects) for each in found.classes] == [("good", False), ("stained", True)]
    path.write_text(json.dumps(manifest | {"classes": []}))
    with pytest.raises(ModelError, match=r"my\.json.*classes"):
        open_room().room.brought(path)


@pytest.mark.slow
def test_a_network_from_elsewhere_is_imported(open_room: Callable[..., Watched], tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    bundled = load_bundled()
    (tmp_path / "net.onnx").write_bytes(bundled.network)
    write_manifest(replace(bundled.manifest, name="vendor-net"), tmp_path / "my.json")
    watched = open_room()
    title = watched.room.brought(tmp_path / "my.json").title
    watched.room.begin(ImportOrder(title, tmp_path / "net.onnx", tmp_path / "my.json", None, None))
    view = watched.end()
    assert view.state is WorkState.DONE, view.sentence
    assert "is installed" in view.sentence
    standing = {model.title: model.standing for model in watched.room.models()}
    assert standing[title] is ModelStanding.INSTALLED


VIEW = WorkView(1, WorkKind.TEACH, "glass-net 0.1.0")


def test_records_are_told_from_lines_for_people() -> None:
    assert record_of('{"event": "Progress"}') == {"event": "Progress"}
    for line in ("{oh", "plain", '{"no": 1}', "[1]"):
        assert record_of(line) is None


def test_progress_is_folded_with_the_time_left() -> None:
    view = folded(VIEW, {"event": "Progress", "stage": "Evaluating", "done": 1, "total": 5}, 9.0)
    assert (view.phase, view.done, view.total, view.left_s) == ("Evaluating", 1, 5, None)
    view = folded(view, {"event": "Progress", "stage": "Evaluating", "done": 2, "total": 5}, 4.0)
    assert view.left_s == pytest.approx(6.0)
    view = folded(view, {"event": "Progress", "stage": "Timing", "done": 0, "total": 0}, 5.0)
    assert (view.phase, view.left_s) == ("Timing", None)
    assert folded(view, {"event": "Unknown"}, 1.0) == view


def test_training_records_are_folded_into_curves() -> None:
    started = {"event": "TrainingStarted", "steps": 90, "learning": 13, "held_out": 3}
    view = folded(VIEW, started, 0.0)
    assert (view.total, view.phase) == (90, "Learning from 13 pictures, 3 held out")
    progressed = {"event": "TrainingProgressed", "step": 20, "steps": 80, "loss": 0.5, "left_s": 33.0}
    view = folded(view, progressed, 0.0)
    assert (view.done, view.total, view.left_s, view.losses) == (20, 80, 33.0, (LossPoint(20, 0.5),))
    tried = {"event": "HeldOutTried", "step": 20, "average_precision": None, "recall": 0.7, "best": True}
    view = folded(view, tried, 0.0)
    assert view.tried[0].recall == 0.7
    view = folded(view, {"event": "ValidationProgressed", "part": 1, "parts": 3}, 0.0)
    assert (view.done, view.total) == (1, 3)
    assert folded(view, {"event": "StartWeighed", "sentence": "The start is released."}, 0.0).sentence.startswith("The")


def test_why_a_command_failed() -> None:
    said = Said()
    for line in ("warning: slow", "The data set is empty.", ""):
        said.take(line)
    assert why_failed(1, said) == "The data set is empty."
    assert "by signal 11" in why_failed(-11, said)
    assert "with status 2" in why_failed(2, said)
    for line in ("Traceback (most recent call last):", "ValueError: odd"):
        said.take(line)
    assert "with status 1: ValueError: odd" in why_failed(1, said)
