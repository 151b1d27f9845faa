"""``inspector-app simulate`` as its user starts it."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from inspector_app.bootstrap.simulating import simulated
from inspector_app.cli.app import app

TEXT = """
title = "Small plant"
[line]
parts_per_shift = 400
shifts = 13
[parts]
defect_rate = 0.05
[contract]
escape = 0.02
missed = 0.3
false_reject = 0.3
[gates]
drift_parts = 1200
reliance_looks = 5
seeded_looks = 3
miss = 0.15
[[inspector]]
name = "Ana"
[[change]]
at_shift = 10
new_share = 0.9
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(TEXT)
    return path


def test_json_is_one_document_that_repeats_and_files_are_left(file, tmp_path):
    command = ["simulate", str(file), "--seed", "3", "--runs", "2", "--out", str(tmp_path / "out"), "--json"]
    first, again = (CliRunner().invoke(app, command) for _ in range(2))
    assert first.exit_code == 0, first.stderr
    assert first.stdout == again.stdout
    found = json.loads(first.stdout)
    assert found == json.loads((tmp_path / "out" / "simulation.json").read_text())
    assert found["totals"]["parts"] == 2 * 13 * 400
    assert found["figures"]["escapes_of_accepted"]["n"] == found["totals"]["accepted"]
    assert {"k", "n", "estimate", "intervals"} == set(found["figures"]["bad_of_model_accepts"])
    assert [run["run"] for run in found["runs"]] == [1, 2]
    rows = list(csv.DictReader((tmp_path / "out" / "shifts.csv").read_text().splitlines()))
    assert len(rows) == 26
    assert sum(int(row["escapes"]) for row in rows) == found["totals"]["escapes"]


def test_the_figures_for_people_say_what_happened(file):
    result = CliRunner().invoke(app, ["simulate", str(file)])
    assert result.exit_code == 0
    for words in ("Escapes among all accepted parts", "Level history", "assist → partial", "certificate of shift"):
        assert words in result.stdout
    assert "parts a second" in result.stderr


def test_what_is_wrong_is_one_sentence(file):
    file.write_text(TEXT + "colour = 3\n")
    result = CliRunner().invoke(app, ["simulate", str(file)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert '"change.1.colour" is unknown' in result.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(file):
    result = CliRunner().invoke(app, ["simulate", str(file), "--out", str(file / "below")])
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_what_was_simulated_before_a_stop_is_shown(scenario):
    done = simulated(scenario(), 1, 3, lambda *_: None, iter([False, False, *[True] * 9]).__next__)
    assert not done.complete
    assert len(done.results) == 1
    assert done.record()["complete"] is False
    assert any("Stopped before the end" in line for line in done.lines())
