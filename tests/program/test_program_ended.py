"""Ends that come from outside: signals, a full disk, a folder that must not be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DECIDER = "simulated:se=.95,sp=.98"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_a_request_to_end_finishes_the_part_in_hand(program, make_pictures, wait_for, number):
    source = f"folder:{make_pictures(400)}?rate=20"
    run = ("run", "--source", source, "--level", "human_only", "--decider", DECIDER, "--line", f"file:{program.line}")
    child = program.start(*run, "--json")
    wait_for(lambda: len(program.heard()) >= 10, child)
    child.send_signal(number)
    assert child.wait() == 0
    assert "Traceback" not in program.said()
    rows = (program.folder / "out.stdout").read_text().splitlines()
    entries, messages = program.log(), program.heard()
    assert 10 <= len(entries) < 400
    assert len(rows) == len(entries) == len(messages)
    assert [entry["inspection_id"] for entry in entries] == [message["inspection_id"] for message in messages]
    assert all(entry["line_told"] and entry["picture"]["state"] == "stored" for entry in entries)
    assert program.document("verify")["good"] is True


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 6 MB, mounted for the test."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "inspector-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this machine does not allow a mount: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_a_named_fault_that_holds_parts(program, small_disk, make_pictures):
    program.settings("[station]\ngive_up_after_s = 3.0\n")
    # 200 kB a picture: the disk is full after some 25.
    source = f"folder:{make_pictures(120, size=(320, 240))}"
    run = ("run", "--source", source, "--level", "human_only", "--line", f"file:{program.line}", "--json")
    done = program(*run)
    assert done.returncode == 1, (done.stdout[-500:], done.stderr)
    assert "Traceback" not in done.stderr
    assert "full" in done.stderr
    temporary = [path for path in (small_disk / "images").rglob("*") if path.is_file() and path.suffix != ".png"]
    assert temporary == []

    make_room = small_disk / "images"
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    assert make_room.is_dir()
    entries = {entry["inspection_id"]: entry for entry in program.log()}
    messages = program.heard()
    assert len(messages) > 5
    assert {message["inspection_id"] for message in messages} <= set(entries)
    again = program(
        "run", "--source", source, "--parts", "3", "--level", "human_only", "--line", f"file:{program.line}"
    )
    assert again.returncode == 0, again.stderr
    states = {entry["picture"]["state"] for entry in program.log()}
    assert states <= {"stored", "lost"}
    assert program.document("verify")["good"] is True


@pytest.fixture
def read_only(tmp_path):
    """Return a function that makes a folder read-only, for root too."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a folder read-only")
    mounted = []

    def make(folder):
        for command in (["--bind", str(folder), str(folder)], ["-o", "remount,ro,bind", str(folder)]):
            done = subprocess.run(["mount", *command], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"this machine does not allow a mount: {done.stderr.strip()}")
        mounted.append(folder)

    yield make
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_read_only_folder_is_one_sentence_and_the_line_hears_nothing(program, read_only, make_pictures):
    source = f"folder:{make_pictures(5)}"
    run = ("run", "--source", source, "--level", "human_only", "--line", f"file:{program.line}")
    program.good(*run, "--parts", "2")
    heard = program.heard()
    before = sorted(path.name for path in program.data.rglob("*"))
    read_only(program.data)
    assert "read-only" in program.refused(*run)
    assert program.heard() == heard
    assert sorted(path.name for path in program.data.rglob("*")) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_parts_that_the_line_may_not_have_heard_of_are_reported_until_somebody_settles_them(program, make_pictures):
    run = ("run", "--source", f"folder:{make_pictures(3)}", "--decider", "simulated:se=1,sp=1", "--level", "shadow")
    assert program(*run, "--line", "file:/dev/full").returncode == 1
    listed = program.document("line", "untold")
    assert [part["part_id"] for part in listed] == ["part-0000", "part-0001", "part-0002"]
    assert "part-0007" in program.refused("line", "settle", "part-0007", "--by", "R. Diaz", "--because", "seen")
    program.settings('[automation]\nsupervisors = ["R. Diaz"]\n')
    assert "Nobody" in program.refused("line", "settle", "--all", "--by", "Nobody", "--because", "seen")
    assert program("line", "settle", "--by", "R. Diaz", "--because", "seen").returncode == 2
    settled = program.document("line", "settle", "part-0001", "--by", "R. Diaz", "--because", "seen in the bin")
    assert settled == [listed[1]]
    assert program.document("line", "untold") == [listed[0], listed[2]]
    program.good("line", "settle", "--all", "--by", "R. Diaz", "--because", "walked the line")
    assert program.document("line", "untold") == []
    assert program.document("verify")["good"] is True
