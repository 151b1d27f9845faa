"""A folder of pictures as one table: every picture once, whatever ended the batch before."""

from __future__ import annotations

import csv
import importlib.util
import json
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet
import pytest

from inspector_app.bootstrap.batching import BATCH_COLUMNS, BatchOutcome, BatchRequest, run_batch
from inspector_app.bootstrap.models import predictions
from inspector_app.bootstrap.settled import open_settings
from inspector_app.domain.errors import KnownFault, SettingsError, Stopped

Row = dict[str, Any]
BAD = {"b05.jpg": b"", "b06.png": b"\x89PNG\r\n\x1a\n cut", "b07.jpg": b"GIF89a"}


def picture(seed: int) -> np.ndarray[Any, Any]:
    """Return a grey part with a scratch that the bundled model sees or does not."""
    pixels = np.full((96, 128), 60 + seed, np.uint8)
    cv2.line(pixels, (10, 10 + seed), (110, 80 - seed), 220, 2)
    return pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return ten files: seven pictures, three that are none."""
    made = tmp_path / "parts"
    made.mkdir()
    for number in (1, 2, 3, 4, 8, 9, 10):
        assert cv2.imwrite(str(made / f"b{number:02d}.png"), picture(number))
    for name, content in BAD.items():
        (made / name).write_bytes(content)
    return made


class Watcher:
    """Notes rows, and asks to stop after some."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.rows: list[Row] = []
        self.progress: list[tuple[int, int]] = []
        self._stop_after = stop_after

    def run(self, data: Path, request: BatchRequest) -> BatchOutcome:
        return run_batch(
            data,
            request,
            self.rows.append,
            lambda done, total: self.progress.append((done, total)),
            lambda: self._stop_after is not None and len(self.rows) >= self._stop_after,
        )


def table(path: Path) -> list[Row]:
    if path.suffix == ".parquet":
        found: list[Row] = pyarrow.parquet.read_table(path).to_pylist()
        return found
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def without_time(rows: list[Row]) -> list[Row]:
    return [{key: value for key, value in row.items() if key != "elapsed_ms"} for row in rows]


def test_every_picture_is_a_row_in_order_and_bad_ones_say_why(folder: Path, tmp_path: Path) -> None:
    watcher = Watcher()
    outcome = watcher.run(tmp_path / "data", BatchRequest(folder, tmp_path / "out.parquet"))
    rows = table(outcome.out)
    assert list(rows[0]) == list(BATCH_COLUMNS)
    assert [row["image"] for row in rows] == sorted(path.name for path in folder.iterdir())
    assert rows == watcher.rows
    assert outcome.statuses == {"ok": 7, "unusable": 3}
    assert all(row["probability"] is None and row["detail"] for row in rows if row["image"] in BAD)
    assert watcher.progress[0] == (0, 10)
    assert watcher.progress[-1] == (10, 10)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out.")] == ["out.parquet"]
    settled = open_settings(tmp_path / "data")
    files = [folder / row["image"] for row in rows if row["status"] == "ok"]
    for row, found in zip(
        (row for row in rows if row["status"] == "ok"), predictions(settled, None, files), strict=True
    ):
        record = found.record()
        assert row["probability"] == record["probability"]
        assert json.loads(row["marks"]) == record["regions"]
        assert row["model_sha256"] == record["model"]["sha256"]


def test_csv_holds_the_same(folder: Path, tmp_path: Path) -> None:
    Watcher().run(tmp_path / "data", BatchRequest(folder, tmp_path / "a.csv"))
    outcome = Watcher().run(tmp_path / "data", BatchRequest(folder, tmp_path / "b.parquet"))
    for text, value in zip(table(tmp_path / "a.csv"), table(outcome.out), strict=True):
        assert text["image"] == value["image"]
        assert text["probability"] == ("" if value["probability"] is None else repr(value["probability"]))


def test_a_batch_that_was_stopped_goes_on(folder: Path, tmp_path: Path) -> None:
    request = BatchRequest(folder, tmp_path / "out.csv")
    first = Watcher(stop_after=2)
    with pytest.raises(Stopped, match=r"of 10 pictures are done and kept in .*the same command goes on"):
        first.run(tmp_path / "data", request)
    assert not request.out.exists()
    assert 2 <= len(first.rows) < 10
    second = Watcher()
    outcome = second.run(tmp_path / "data", request)
    assert outcome.kept == len(first.rows)
    names = [row["image"] for row in first.rows + second.rows]
    assert names == sorted(path.name for path in folder.iterdir())
    assert [row["image"] for row in table(request.out)] == names


@pytest.mark.parametrize("cut", [1, 40])
def test_a_line_that_was_cut_off_costs_its_picture_only(folder: Path, tmp_path: Path, cut: int) -> None:
    request = BatchRequest(folder, tmp_path / "out.csv")
    first = Watcher(stop_after=2)
    with pytest.raises(Stopped):
        first.run(tmp_path / "data", request)
    journal = tmp_path / "out.csv.journal"
    journal.write_bytes(journal.read_bytes()[:-cut])
    second = Watcher(stop_after=1)
    with pytest.raises(Stopped):
        second.run(tmp_path / "data", request)
    outcome = Watcher().run(tmp_path / "data", request)
    assert outcome.kept == len(first.rows) - 1 + len(second.rows)
    rows = table(request.out)
    assert len({row["image"] for row in rows}) == len(rows) == 10


def test_a_picture_that_changed_is_judged_again(folder: Path, tmp_path: Path) -> None:
    request = BatchRequest(folder, tmp_path / "out.csv")
    first = Watcher(stop_after=4)
    with pytest.raises(Stopped):
        first.run(tmp_path / "data", request)
    assert cv2.imwrite(str(folder / "b01.png"), np.full((64, 64), 9, np.uint8))
    (folder / "b02.png").unlink()
    second = Watcher()
    second.run(tmp_path / "data", request)
    assert second.rows[0]["image"] == "b01.png"
    assert second.rows[0]["probability"] != first.rows[0]["probability"]
    assert [row["image"] for row in table(request.out)] == sorted(path.name for path in folder.iterdir())


def test_work_of_another_batch_is_not_mixed_in(folder: Path, tmp_path: Path) -> None:
    request = BatchRequest(folder, tmp_path / "out.csv")
    with pytest.raises(Stopped):
        Watcher(stop_after=1).run(tmp_path / "data", request)
    journal = tmp_path / "out.csv.journal"
    other = folder.with_name("others")
    folder.rename(other)
    with pytest.raises(KnownFault, match=r"another folder .*--restart"):
        Watcher().run(tmp_path / "data", replace(request, folder=other))
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "station.toml").write_text("[camera]\nmm_per_px = 0.05\n")
    other.rename(folder)
    with pytest.raises(KnownFault, match="another mm_per_px"):
        Watcher().run(tmp_path / "data", request)
    outcome = Watcher().run(tmp_path / "data", replace(request, restart=True))
    assert outcome.kept == 0
    assert not journal.exists()
    marks = [mark for row in table(outcome.out) if row["marks"] for mark in json.loads(row["marks"])]
    assert all(mark["length_mm"] == mark["length_px"] * 0.05 for mark in marks)


def test_what_cannot_be_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    done = tmp_path / "done.csv"
    done.write_text("mine")
    for request, fault, says in (
        (BatchRequest(folder, tmp_path / "out.xlsx"), SettingsError, "csv or .parquet"),
        (BatchRequest(folder, done), KnownFault, "is there already"),
        (BatchRequest(tmp_path / "none", tmp_path / "a.csv"), KnownFault, "cannot be read"),
        (BatchRequest(folder, tmp_path / "no" / "a.csv"), KnownFault, "There is no folder"),
        (BatchRequest(folder, tmp_path / "a.csv", model="nothing"), KnownFault, "nothing is not here"),
        (BatchRequest(folder, tmp_path / "a.csv", server="http://x"), KnownFault, "grpc://HOST:PORT"),
        (
            BatchRequest(folder, tmp_path / "a.csv", server="grpcs://x:1", authority=tmp_path / "no.pem"),
            KnownFault,
            r"no\.pem cannot be read",
        ),
        (
            BatchRequest(folder, tmp_path / "a.csv", server="grpcs://x:1", key=tmp_path / "no.pem"),
            KnownFault,
            "go together",
        ),
    ):
        with pytest.raises(fault, match=says):
            Watcher().run(tmp_path / "data", request)
    assert done.read_text() == "mine"
    broken = tmp_path / "a.csv.journal"
    broken.write_text("no journal\n")
    with pytest.raises(KnownFault, match="line 1, is no line"):
        Watcher().run(tmp_path / "data", BatchRequest(folder, tmp_path / "a.csv"))


def test_a_table_that_cannot_be_written_is_known_before_the_work(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "pyarrow" else found(name, *more)
    )
    watcher = Watcher()
    with pytest.raises(KnownFault, match="Parquet needs pyarrow"):
        watcher.run(tmp_path / "data", BatchRequest(folder, tmp_path / "out.parquet"))
    assert not watcher.rows


def test_a_server_gives_the_same_table(folder: Path, tmp_path: Path, prediction_server: Any) -> None:
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    Watcher().run(tmp_path / "data", BatchRequest(folder, here))
    Watcher().run(tmp_path / "data", BatchRequest(folder, there, server=prediction_server.grpc))
    assert without_time(table(there)) == without_time(table(here))
    with pytest.raises(KnownFault, match="NOT_FOUND"):
        Watcher().run(
            tmp_path / "data", BatchRequest(folder, tmp_path / "x.csv", model="other", server=prediction_server.grpc)
        )


@pytest.mark.slow
def test_a_killed_batch_loses_and_doubles_nothing(folder: Path, tmp_path: Path) -> None:
    """``kill -9`` in the middle, then the same command."""
    for number in range(40):
        assert cv2.imwrite(str(folder / f"c{number:03d}.png"), picture(number % 20))
    program = Path(sysconfig.get_path("scripts")) / "inspector-app"
    command = [str(program), "batch", str(folder), "--out", "out.csv", "--data", str(tmp_path / "data")]
    journal = tmp_path / "out.csv.journal"
    child = subprocess.Popen([*command, "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 8, child)
    child.send_signal(signal.SIGKILL)
    told = child.communicate(timeout=900)[0].splitlines()
    kept = journal.read_bytes().count(b"\n") - 1
    assert kept >= len(told) - 1
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=900)
    assert f"50 pictures, {kept} of them from before" in again.stdout
    rows = table(tmp_path / "out.csv")
    assert sorted(row["image"] for row in rows) == sorted(path.name for path in folder.iterdir())
    for line in told[:-1]:
        row = json.loads(line)
        match = next(each for each in rows if each["image"] == row["image"])
        assert match["status"] == row["status"]


def wait_for(reached: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 240
    while not reached():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
