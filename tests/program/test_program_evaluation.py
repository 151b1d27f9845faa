"""The vision engineer's measuring commands as their user starts them."""

from __future__ import annotations

import json

import cv2
import pytest

from model.synthesis.dataset_writer import write_dataset

pytestmark = pytest.mark.slow


@pytest.fixture
def dataset(tmp_path):
    """Return six generated parts with masks."""
    write_dataset(tmp_path / "parts", 6, seed=3, size=(288, 384))
    return tmp_path / "parts"


def test_evaluate_prints_every_metric_and_writes_the_error_analysis(program, dataset, tmp_path):
    out = tmp_path / "analysis"
    found = program.document("evaluate", str(dataset), "--out", str(out))
    assert found["complete"]
    assert found["counts"]["pictures"] == 6
    assert {"auroc", "average_precision"} <= set(found["picture"])
    assert [point["false_per_picture"] for point in found["regions"]["froc"]] == [0.1, 0.5, 1.0, 2.0]
    assert found["pixels"]["limit"] == 0.3
    assert found["reliability"]["log_loss"]["estimate"] > 0
    assert {each["by"] for each in found["slices"]["places"]} == {
        "class", "length", "width", "contrast", "position", "group",
    }  # fmt: skip
    assert "grown by 4 px" in found["method"]["matching"]
    assert json.loads((out / "evaluation.json").read_text(encoding="utf-8")) == found
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert cv2.imread(str(out / "sheet.png")) is not None
    assert "already holds evaluation.json" in program.refused("evaluate", str(dataset), "--out", str(out))


def test_detectability_measures_generated_scratches(program, tmp_path):
    out = tmp_path / "pod"
    found = program.document(
        "models",
        "detectability",
        "--parts",
        "3",
        "--size",
        "384x288",
        "--widths",
        "3",
        "3",
        "--seed",
        "4",
        "--out",
        str(out),
    )
    assert found["counts"]["parts"] == 3
    assert found["counts"]["scratches"] == len(found["trials"]) > 0
    assert {round(trial[2], 3) for trial in found["trials"]} == {3.0}
    assert json.loads((out / "detectability.json").read_text(encoding="utf-8")) == found
    assert "<!DOCTYPE html>" in (out / "detectability.html").read_text(encoding="utf-8")
    assert "widths go from above 0" in program.refused("models", "detectability", "--widths", "5", "2")


def test_a_wrong_size_or_look_is_a_usage_error(program):
    for arguments, says in [(("--size", "big"), "'big' is no size"), (("--look", "wood"), "allowed are phone")]:
        done = program("models", "detectability", *arguments)
        assert done.returncode == 2
        assert says in " ".join(done.stderr.split())


def test_calibrate_writes_a_new_version_that_can_be_measured(program, tmp_path):
    write_dataset(tmp_path / "parts", 8, seed=5, size=(288, 384))
    out = tmp_path / "calibrated"
    found = program.document("models", "calibrate", str(tmp_path / "parts"), "--out", str(out), "--defect-rate", "0.02")
    manifest = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert manifest["version"] == found["to"]["version"] == found["from"]["version"] + "+calibrated"
    assert manifest["probability"]["platt"] == found["platt"]
    assert manifest["metrics"]["calibration"]["defect_rate"] == 0.02
    assert found["from"]["preprocessing_sha256"] != found["to"]["preprocessing_sha256"]
    assert (out / "calibration.html").is_file()
    answer = program.document("predict", str(tmp_path / "parts" / "images" / "part_00001.png"), "--model", str(out))
    assert answer["model"]["preprocessing_sha256"] == found["to"]["preprocessing_sha256"]
    assert "already holds a model" in program.refused("models", "calibrate", str(tmp_path / "parts"), "--out", str(out))
