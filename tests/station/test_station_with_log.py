"""The station on the real log, the real picture store and the real file line: killed, full, read-only."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from inspector_app.domain.decision import Disposition
from inspector_app.domain.events import InspectionRecorded
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.domain.verdict import Answer

SCRIPT = Path(__file__).with_name("killed_run.py")
PROJECT = SCRIPT.parents[2]


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("killed_run", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def opened(program, tmp_path):
    """Stations on one data folder, closed at the end."""
    made = []

    def make(parts, first=0):
        made.append(program.station(tmp_path, tmp_path / "line.jsonl", parts, first))
        return made[-1]

    yield make
    for station, log in made:
        station.stop(60.0)
        log.close()


def heard(folder):
    """What a reader of the line file makes of it: every complete line."""
    messages = []
    path = folder / "line.jsonl"
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            messages.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return messages


def wait_for(station, reached):
    """Wait until a condition holds, looking again at every event."""
    changed = threading.Condition()

    def notify(event):
        with changed:
            changed.notify_all()

    unsubscribe = station.subscribe(notify)
    with changed:
        end = time.monotonic() + 120.0
        while not reached() and time.monotonic() < end:
            changed.wait(0.01)
    unsubscribe()
    assert reached(), station.status()


def test_a_run_reaches_log_disk_and_line(opened, tmp_path):
    station, log = opened(12)
    station.start()
    wait_for(station, lambda: station.status().state is StationState.FINISHED)
    for item, answer in zip(station.waiting(), [Answer.ACCEPT, Answer.REJECT, Answer.UNSURE], strict=False):
        station.submit(item.inspection_id, "anna", answer, (), 1.0)
    station.undo("anna")
    station.stop(60.0)
    entries = list(log.reader.entries(LogFilter()))
    assert [entry.inspection.part_id for entry in entries] == [f"part-{n:05d}" for n in range(12)]
    assert all(entry.line_told for entry in entries)
    assert all(entry.stored_picture.state is PictureState.STORED for entry in entries)
    assert [entry.disposition for entry in entries[:3]] == [Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD]
    assert [m["disposition"] for m in heard(tmp_path)] == ["hold"] * 12 + ["accept", "reject"]
    assert entries[2].verdicts[0].retracted


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 40, 120])
def test_killed_at_any_moment_everything_the_line_heard_is_in_the_log(opened, tmp_path, moment):
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(tmp_path), str(tmp_path / "line.jsonl"), "500"],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT), "PATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "up\n"
        while len(heard(tmp_path)) < moment:
            assert process.poll() is None
            threading.Event().wait(0.01)
        process.kill()
    told = heard(tmp_path)
    station, log = opened(3, first=1000)
    station.start()
    entries = {entry.inspection.inspection_id: entry for entry in log.reader.entries(LogFilter())}
    assert {message["inspection_id"] for message in told} <= set(entries)
    assert len({message["inspection_id"] for message in told}) == len(told)
    recovery = station.recovery
    for entry in entries.values():
        if entry.inspection.part_id < "part-01000":
            assert entry.stored_picture.state in {PictureState.STORED, PictureState.LOST}
            stored = entry.stored_picture.state is PictureState.STORED
            assert stored == (station.picture(entry.inspection.inspection_id) is not None)
    assert len(recovery.waiting) == len([e for e in entries.values() if e.inspection.part_id < "part-01000"])
    wait_for(station, lambda: station.status().state is StationState.FINISHED)
    station.stop(60.0)
    assert [m["part_id"] for m in heard(tmp_path)[-3:]] == ["part-01000", "part-01001", "part-01002"]


def test_a_log_locked_by_another_program_holds_parts_and_goes_on(opened, tmp_path, monkeypatch):
    """The log refuses for a while, as a full disk or a lock makes it: held, named, and nothing half-written."""
    from inspector_app.domain.errors import LogProblem, LogUnavailable

    station, log = opened(20)
    real = log.inspections.record_inspection
    refusing = threading.Event()

    def record(inspection, told=()):
        if refusing.is_set():
            raise LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")
        real(inspection, told)
        if inspection.part_id == "part-00005":
            refusing.set()

    monkeypatch.setattr(log.inspections, "record_inspection", record)
    events = []
    station.subscribe(events.append)
    station.start()
    wait_for(station, lambda: station.status().state is StationState.FAULTED)
    assert [fault.kind for fault in station.status().faults] == [FaultKind.DISK_FULL]
    assert len(heard(tmp_path)) == 6
    refusing.clear()
    monkeypatch.setattr(log.inspections, "record_inspection", real)
    wait_for(station, lambda: station.status().state is StationState.FINISHED)
    station.stop(60.0)
    assert [m["part_id"] for m in heard(tmp_path)] == [f"part-{n:05d}" for n in range(20)]
    assert log.reader.count(LogFilter()) == 20
    assert len([event for event in events if isinstance(event, InspectionRecorded)]) == 20
