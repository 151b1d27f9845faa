"""`kill -9` at any moment of a run: what the line heard of is in the log, and the station opens again and says so."""

from __future__ import annotations

import hashlib
import random
import time

import pytest

PARTS = 500
KILLS = 5
DECIDER = "simulated:se=.95,sp=.98,unsure=.02"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_kill_at_any_moment_leaves_a_log_that_the_next_run_goes_on_with(program, make_pictures, wait_for):
    rng = random.Random(20260601)
    program.settings("[guards]\nenabled = false\n")  # a step left would refuse the next round its level
    source = f"folder:{make_pictures(PARTS)}"
    run = ("run", "--source", source, "--decider", DECIDER, "--line", f"file:{program.line}", "--json")
    left_behind = 0
    for number, after in enumerate(sorted(rng.sample(range(1, 90), KILLS))):
        level = ("human_only", "shadow", "assist", "partial", "full")[number]
        before = len(program.heard())
        child = program.start(*run, "--level", level, out=f"run{number}")
        wait_for(lambda: len(program.heard()) >= before + after, child)  # noqa: B023  waited for in this round
        time.sleep(rng.random() * 0.05)
        child.kill()
        child.wait()

        entries = {entry["inspection_id"]: entry for entry in program.log()}
        messages = program.heard()
        assert {message["inspection_id"] for message in messages} <= set(entries)
        assert len(messages) == len({message["inspection_id"] for message in messages})
        for message in messages:
            entry = entries[message["inspection_id"]]
            assert message["part_id"] == entry["part_id"]
            if message["disposition"] != "hold":
                assert entry["disposition"] == message["disposition"]
        pending = [entry for entry in entries.values() if entry["picture"]["state"] == "pending"]
        left_behind += len(pending)
        for entry in entries.values():
            if entry["picture"]["state"] == "stored":
                assert sha256(program.data / entry["picture"]["path"]) == entry["picture"]["sha256"]

    done = program(*run, "--level", "human_only")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == PARTS
    assert "Found from the last run" in done.stderr or left_behind == 0
    entries = {entry["inspection_id"]: entry for entry in program.log()}
    assert {message["inspection_id"] for message in program.heard()} <= set(entries)
    for entry in entries.values():
        picture = entry["picture"]
        assert picture["state"] in {"stored", "lost"}
        if picture["state"] == "stored":
            assert sha256(program.data / picture["path"]) == picture["sha256"]
        else:
            assert picture["detail"]
    files = {path for path in (program.data / "images").rglob("*") if path.is_file()}
    assert files == {program.data / e["picture"]["path"] for e in entries.values() if e["picture"]["state"] == "stored"}
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_a_run_says_at_its_start_what_the_killed_one_left(program, make_pictures, wait_for):
    source = f"folder:{make_pictures(40)}"
    held = program.start("run", "--source", source, "--level", "human_only", "--line", f"file:{program.line}")
    wait_for(lambda: len(program.heard()) >= 5, held)
    held.kill()
    held.wait()
    waiting = len(program.log())

    heard = len(program.heard())
    again = program.start("run", "--source", f"{source}?rate=1", "--decider", DECIDER, "--line", f"file:{program.line}")
    wait_for(lambda: len(program.heard()) > heard, again)
    assert again.poll() is None, "the run is still going on"
    said = [line for line in program.said().splitlines() if line.startswith("Found from the last run")]
    assert len(said) == 1
    assert f"{waiting} parts wait for an inspector" in said[0]
