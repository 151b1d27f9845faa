"""The command that makes the bundled model goes its whole way: teach, measure, card, comparison."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.bundled_model import SETS
from model.registry import load_bundled
from model.synthesis.dataset_writer import write_dataset


@pytest.mark.slow
@pytest.mark.timeout(1200)  # twenty seconds on idle cores
def test_a_candidate_is_taught_measured_and_compared_by_one_command(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    for seed, (name, _) in enumerate(SETS):
        write_dataset(tmp_path / "data" / name, 2, seed, (128, 160))
    out = tmp_path / "candidate"
    short = ("--steps", "2", "--validation-parts", "8", "--version", "9.9.9")
    command = [sys.executable, "-m", "benchmarks.bundled_model", str(tmp_path / "data"), "--out", str(out), *short]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "model.json").read_text(encoding="utf-8"))
    training = manifest["training"]
    assert (training["steps"], training["seed"], training["keep_start"]) == (2, 3, 0.65)
    assert training["learning_rate"] == 0.001
    assert training["false_regions"] == 1.5
    card = (out / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# scratch-net 9.9.9\n")
    assert load_bundled().manifest.sha256 in card  # its start
    for name, what in SETS:
        assert f"| `{name}`: {what} | 2 |" in card
        assert f"{name:<8} this model" in done.stdout
        assert f"{name:<8} the bundled one" in done.stdout
