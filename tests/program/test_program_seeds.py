"""Seeded parts in the running program: recorded and judged, in no message to the line, through `kill -9` too."""

from __future__ import annotations

import random
import time

import pytest

PARTS = 120
DECIDER = "simulated:se=.9,sp=.98"
SETTINGS = """
[seeds]
share = 0.1
apart_parts = {apart}
[guards]
enabled = {guards}
[automation]
accept_below = {accept_below}
audit_share = 0.3
canary_share = 1.0
"""
MANIFEST = '[[seed]]\npicture = "{name}"\ndefect = "scratch"\ntruth = "cut open, report {n}"\n\n'


@pytest.fixture
def seeded(program, make_pictures):
    """Return a function that puts known defects into the data folder and turns seeded parts on."""

    def turn_on(apart=10, guards="false", accept_below=0.05, pictures=8):
        folder = make_pictures(pictures, name="data/seeds", seed=99)
        names = sorted(path.name for path in folder.rglob("*.png"))
        manifest = "".join(MANIFEST.format(name=name, n=n) for n, name in enumerate(names))
        (folder / "seeds.toml").write_text(manifest, encoding="utf-8")
        program.settings(SETTINGS.format(apart=apart, guards=guards, accept_below=accept_below))

    return turn_on


def split(program):
    entries = program.log()
    return [e for e in entries if e["seed"] is None], [e for e in entries if e["seed"] is not None]


@pytest.mark.slow
def test_seeded_parts_survive_kills_and_the_line_never_hears_of_one(program, seeded, make_pictures, wait_for):
    seeded()
    rng = random.Random(20261101)
    source = f"folder:{make_pictures(PARTS)}"
    run = ("run", "--source", source, "--decider", DECIDER, "--line", f"file:{program.line}")
    for number, after in enumerate((25, 45, 15)):
        before = len(program.heard())
        child = program.start(*run, "--level", ("shadow", "assist", "full")[number], out=f"run{number}")
        wait_for(lambda: len(program.heard()) >= before + after, child)  # noqa: B023  waited for in this round
        time.sleep(rng.random() * 0.05)
        child.kill()
        child.wait()
    assert program(*run, "--level", "shadow").returncode == 0
    production, seeds = split(program)
    heard = {message["inspection_id"] for message in program.heard()}
    assert len(seeds) >= 5
    assert heard <= {entry["inspection_id"] for entry in production}
    assert not any(entry["line_told"] for entry in seeds)
    assert {entry["reference"]["source"] for entry in seeds} == {"seeded"}
    assert all(entry["seed"]["draw"]["drawn"] for entry in seeds)
    assert program.document("verify")["good"] is True
    owed = {entry["inspection_id"] for entry in program.document("line", "untold")}
    assert not owed & {entry["inspection_id"] for entry in seeds}
    parts, since = set(), {}
    for entry in program.log():
        seed = entry["seed"]
        if seed is None:
            parts.add(entry["part_id"])
            since = {defect: count + 1 for defect, count in since.items()}
        else:
            assert entry["part_id"] not in parts
            assert since.get(seed["defect"], 100) >= 10
            since[seed["defect"]] = 0


@pytest.mark.slow
def test_a_model_that_accepts_a_seeded_defect_steps_to_assist(program, seeded, make_pictures):
    seeded(guards="true", accept_below=0.5)
    source = f"folder:{make_pictures(PARTS)}"
    done = program("run", "--source", source, "--decider", DECIDER, "--level", "full", "--line", f"file:{program.line}")
    assert done.returncode == 0, done.stderr
    production, seeds = split(program)
    missed = [entry for entry in seeds if entry["route"] == "model_accept"]
    assert len(missed) == 1
    assert program.document("level", "show")["level"] == "assist"
    later = [e for e in production if e["inspection_id"] > missed[0]["inspection_id"]]
    assert later
    assert {entry["level"] for entry in later} == {"assist"}


@pytest.mark.slow
def test_report_and_export_keep_seeded_parts_apart(program, seeded, make_pictures, tmp_path):
    seeded()
    source = f"folder:{make_pictures(60)}"
    assert program("run", "--source", source, "--decider", DECIDER, "--level", "assist").returncode == 0
    production, seeds = split(program)
    assert (len(production), len(seeds) > 0) == (60, True)
    assert program("report", "agreement", "--format", "json", "--out", str(tmp_path / "report")).returncode == 0


def test_a_folder_without_its_manifest_is_one_sentence(program):
    program.settings("[seeds]\nshare = 0.05\n")
    said = program.refused("run", "--source", "synthetic:", "--parts", "1")
    assert "seeds.toml is not there" in said
