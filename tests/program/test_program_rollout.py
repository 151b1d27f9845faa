"""A new model on the program as it is installed: steps from another process, signatures, kills in the middle."""

from __future__ import annotations

import importlib.util
import json
import random
import time
from pathlib import Path

import pytest

from model.manifest import write_manifest
from model.registry import load_bundled

BUNDLED = load_bundled().manifest.version

SETTINGS = """
[model]
deadline_ms = 60000
[automation]
level = "full"
accept_below = 0.4
canary_share = 1.0
[guards]
enabled = false
[rollout]
failed_limit = 0.3
worse_limit = 0.3
escape_limit = 0.9
"""
WHO = ("--by", "eva", "--because", "because of the test")
DECIDER = "simulated:se=.95,sp=.98"

_spec = importlib.util.spec_from_file_location("second_model", Path(__file__).with_name("second_model.py"))
assert _spec is not None
assert _spec.loader is not None
second_model = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(second_model)


@pytest.fixture
def two(program):
    """The program with a second model, and guards that leave the levels alone."""
    program.settings(SETTINGS)
    second_model.install(program.data / "models", "9.9")
    return program


def parts(program, count, *more, seed=5, rate=""):
    source = f"synthetic:?seed={seed}&size=96x64&defects=0.5{rate}"
    return ("run", "--source", source, "--parts", str(count), "--line", f"file:{program.line}", *more)


def model_of(row):
    return row["prediction"]["model"]["version"]


@pytest.mark.slow
def test_the_whole_way_of_a_new_model(two):
    started = two.document("rollout", "start", "scratch-net 9.9", *WHO, "--name", "may")
    assert (started["in_charge"], started["rollout"]["phase"]) == ("blue", "shadow")
    refused = two.refused("rollout", "advance", *WHO)
    assert "does not recommend" in refused
    rows = two.rows(*parts(two, 30, "--decider", DECIDER))
    assert {model_of(row) for row in rows} == {BUNDLED}
    log = two.log()
    assert {row["beside"]["model"]["version"] for row in log} == {"9.9"}
    shares = []
    for seed in range(6, 11):
        shares.append(two.document("rollout", "advance", *WHO, "--despite")["rollout"]["share"])
        rows = two.rows(*parts(two, 24, "--decider", DECIDER, seed=seed))
        drawn = {row["part_id"] for row in rows if row["challenger"]["drawn"]}
        assert all(model_of(row) == ("9.9" if row["part_id"] in drawn else BUNDLED) for row in rows)
    assert shares == [0.01, 0.05, 0.25, 0.5, 1.0]
    switched = two.document("rollout", "switch", *WHO, "--despite")
    assert (switched["in_charge"], switched["rollout"]["phase"]) == ("green", "watch")
    rows = two.rows(*parts(two, 10, "--decider", DECIDER, seed=20))
    assert {model_of(row) for row in rows} == {"9.9"}
    back = two.document("rollout", "rollback", *WHO)
    assert (back["in_charge"], back["rollout"]["phase"]) == ("blue", "rolled_back")
    ended = two.document("rollout", "end", *WHO)
    assert (ended["green"], ended["rollout"]) == (None, None)
    assert two.document("verify")["good"] is True


@pytest.mark.slow
def test_a_step_from_another_process_takes_effect_between_two_parts_and_no_part_is_judged_by_both(two, wait_for):
    two.document("rollout", "start", "scratch-net 9.9", *WHO)
    run = two.start(*parts(two, 80, "--decider", DECIDER, rate="&rate=10"))
    wait_for(lambda: len(two.heard()) >= 8, run)
    two.document("rollout", "switch", *WHO, "--despite")
    assert run.wait() == 0
    rows = two.log()
    assert len(rows) == 80
    models = [model_of(row) for row in rows]
    first = models.index("9.9")
    assert models == [BUNDLED] * first + ["9.9"] * (80 - first)
    assert all(row["prediction"]["status"] == "ok" for row in rows)
    assert [message["part_id"] for message in two.heard()] == [row["part_id"] for row in rows]
    assert two.document("verify")["good"] is True


@pytest.mark.slow
def test_a_kill_while_steps_are_taken_leaves_exactly_one_model_in_charge(two, wait_for):
    """Station and command are killed at any moment; the log says which model is in charge, and decisions replay."""
    rng = random.Random(20260704)
    two.document("rollout", "start", "scratch-net 9.9", *WHO)
    two.rows(*parts(two, 8, "--decider", DECIDER))
    for number, step in enumerate(("advance", "switch", "rollback")):
        run = two.start(*parts(two, 400, "--decider", DECIDER, seed=30 + number, rate="&rate=20"), out=f"run{number}")
        before = len(two.heard())
        wait_for(lambda: len(two.heard()) > before + 2, run)  # noqa: B023  waited for in this round
        despite = () if step == "rollback" else ("--despite",)
        command = two.start("rollout", step, *WHO, *despite, out=f"step{number}")
        time.sleep(rng.random() * 2.5)
        command.kill()
        run.kill()
        command.wait()
        run.wait()
        status = two.document("rollout", "status")
        rows = two.rows(*parts(two, 6, "--decider", DECIDER, seed=60 + number))
        in_charge = {"blue": BUNDLED, "green": "9.9"}[status["in_charge"]]
        for row in rows:
            drawn = row["challenger"] is not None and row["challenger"]["drawn"]
            assert model_of(row) == ({BUNDLED: "9.9", "9.9": BUNDLED}[in_charge] if drawn else in_charge)
        assert two.document("verify")["good"] is True
        if status["rollout"]["phase"] == "shadow" and step != "advance":
            break
    assert len({message["inspection_id"] for message in two.heard()}) == len(two.heard())


@pytest.mark.slow
def test_what_moves_right_is_signed_with_a_pin_and_what_moves_left_is_not(two):
    two.settings(SETTINGS.replace("[guards]", "supervisors = ['eva', 'otto']\n[guards]"))
    assert two("level", "pin", "set", "--by", "eva", "--pin-stdin", said="473829\n").returncode == 0
    assert two.rows("level", "pin", "list") == [["eva"]]
    two.document("level", "set", "shadow", *WHO)
    assert "the PIN was not given" in two.refused("level", "set", "assist", *WHO)
    wrong = two("level", "set", "assist", *WHO, "--pin-stdin", said="473820\n")
    assert (wrong.returncode, wrong.stderr) == (1, "That is not the PIN of eva; the try was recorded.\n")
    right = two("level", "set", "assist", *WHO, "--pin-stdin", "--json", said="473829\n")
    assert right.returncode == 0, right.stderr
    assert two("level", "pin", "set", "--by", "eva", "--pin-stdin", said="111122\n473820\n").returncode == 1
    assert two("level", "pin", "set", "--by", "eva", "--pin-stdin", said="473829\n918273\n").returncode == 0
    two("level", "pin", "set", "--by", "otto", "--pin-stdin", said="564738\n")
    reset = two("level", "pin", "set", "--by", "eva", "--reset-by", "otto", "--pin-stdin", said="564738\n102938\n")
    assert reset.returncode == 0, reset.stderr
    assert two("level", "set", "partial", *WHO, "--pin-stdin", said="102938\n").returncode == 0
    assert "no supervisor" in two.refused("level", "pin", "set", "--by", "mallory", "--pin-stdin")
    assert two.document("verify")["good"] is True
    database = b"".join(path.read_bytes() for path in two.data.glob("station.db*"))
    for pin in ("473829", "918273", "102938", "564738"):
        assert pin.encode() not in database


@pytest.mark.slow
def test_a_new_product_goes_from_inspectors_to_the_model(two):
    two.document("rollout", "start", "scratch-net 9.9", *WHO, "--from-nothing")
    rows = two.rows(*parts(two, 10, "--decider", DECIDER))
    assert {row["route"] for row in rows} == {"human"}
    assert {tuple(row["reasons"]) for row in rows} == {("no_model_in_charge",)}
    names = [each["name"] for each in two.document("rollout", "status")["requirements"]]
    assert names == ["answers in time", "misses", "false rejects"]
    for _ in range(5):
        two.document("rollout", "advance", *WHO, "--despite")
    rows = two.rows(*parts(two, 6, "--decider", DECIDER, seed=9))
    assert {model_of(row) for row in rows} == {"9.9"}


@pytest.mark.slow
def test_a_vendors_model_by_manifest_goes_the_same_way(program):
    """Network and papers as another vendor hands them over: imported, proved, brought in, advanced by evidence."""
    program.settings(SETTINGS)
    files = load_bundled()
    (program.folder / "vendor.onnx").write_bytes(files.network)
    write_manifest(files.manifest, program.folder / "papers.json")
    papers = json.loads((program.folder / "papers.json").read_text())
    del papers["sha256"]
    (program.folder / "papers.json").write_text(json.dumps(papers | {"name": "vendor-x", "version": "7"}))
    told = program("models", "import", "vendor.onnx", "--manifest", "papers.json", "--no-int8")
    assert told.returncode == 0, told.stderr
    program.document("rollout", "start", "vendor-x 7", *WHO)
    program.rows(*parts(program, 30, "--decider", DECIDER))
    assert {row["beside"]["model"]["name"] for row in program.log()} == {"vendor-x"}
    status = program.document("rollout", "status")
    assert status["recommended"] is True, status["requirements"]
    assert program.document("rollout", "advance", *WHO)["rollout"]["share"] == 0.01
    program.document("rollout", "switch", *WHO, "--despite")
    rows = program.rows(*parts(program, 6, "--decider", DECIDER, seed=9))
    assert {row["prediction"]["model"]["name"] for row in rows} == {"vendor-x"}
    assert program.document("rollout", "rollback", *WHO)["in_charge"] == "blue"
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_what_cannot_be_is_refused_in_one_sentence(two):
    assert "is not here" in two.refused("rollout", "start", "nothing", *WHO)
    assert "in charge already" in two.refused("rollout", "start", f"scratch-net {BUNDLED}", *WHO)
    for step in ("advance", "switch", "rollback", "end"):
        assert "No rollout goes on" in two.refused("rollout", step, *WHO)
    two.document("rollout", "start", "scratch-net 9.9", *WHO)
    assert "goes on" in two.refused("rollout", "start", "scratch-net 9.9", *WHO)
    assert "has not answered once" in two.refused("rollout", "switch", *WHO, "--despite")
