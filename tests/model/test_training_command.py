"""The command `train` as its user gives it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

from inspector_app.cli.app import app
from inspector_app.cli.models import model_name


def good_pictures(folder: Path, groups: int = 6) -> Path:
    """Write a data set of good pictures, two of each part."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(1)
    images = []
    for number in range(2 * groups):
        name = f"{number}.png"
        cv2.imwrite(str(folder / "images" / name), rng.normal(60.0, 3.0, (96, 96)).clip(0, 255).astype(np.uint8))
        entry = {"id": number, "file_name": name, "width": 96, "height": 96}
        images.append(entry | {"group": f"part {number // 2}", "split": "train"})
    (folder / "annotations.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return folder


def train(*arguments: str) -> tuple[int, str, str]:
    short = ("--steps", "2", "--batch", "2", "--crop", "64", "--threads", "1")
    done = CliRunner().invoke(app, ["train", *arguments, *short])
    return done.exit_code, done.stdout, done.stderr


def test_progress_is_json_lines_and_ends_with_the_model(tmp_path: Path) -> None:
    source = good_pictures(tmp_path / "set")
    code, out, err = train(str(source), "--out", str(tmp_path / "model"), "--json")
    assert code == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    names = [event["event"] for event in events]
    learning = next(event for event in events if event["event"] == "TrainingStarted")["learning"]
    assert names[:learning] == ["PictureRead"] * learning
    assert names[learning] == "TrainingStarted"
    assert names[-1] == "ModelReleased"
    assert {"TrainingProgressed", "HeldOutTried", "ValidationProgressed"} <= set(names)
    progressed = [event for event in events if event["event"] == "TrainingProgressed"]
    assert [(event["step"], event["steps"]) for event in progressed] == [(1, 2), (2, 2)]
    assert progressed[0]["left_s"] > 0.0
    assert progressed[1]["left_s"] == 0.0
    assert (tmp_path / "model" / "model.onnx").exists()
    assert json.loads((tmp_path / "model" / "model.json").read_text())["name"] == "set"


def test_a_plain_folder_of_good_pictures_is_taught_from_and_the_card_says_how(tmp_path: Path) -> None:
    pictures = good_pictures(tmp_path / "set") / "images"
    code, _, err = train(str(pictures), "--out", str(tmp_path / "model"), "--name", "lens-net")
    assert code == 0, err
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "model" / "model.json").read_text())
    assert card.startswith("# lens-net 0.1.0\n")
    assert manifest["sha256"] in card
    assert f"From 4 crops of 64 px of {manifest['training']['pictures']} pictures of the data set images" in card
    assert manifest["training"]["data_sha256"] in card
    assert "inspector-app train images --validation 0.2 --out FOLDER --seed 1 --steps 2 --batch 2 --crop 64" in card
    assert "--start-from bundled" in card
    assert "so these figures flatter" in card
    code, _, err = train(str(tmp_path), "--out", str(tmp_path / "other"))
    assert code == 1
    assert "or pictures of good parts alone" in err


def test_a_group_on_both_sides_is_named(tmp_path: Path) -> None:
    source = good_pictures(tmp_path / "set")
    document = json.loads((source / "annotations.json").read_text())
    document["images"][0]["split"] = "val"
    (source / "annotations.json").write_text(json.dumps(document))
    code, _, err = train(str(source), "--out", str(tmp_path / "model"))
    assert code == 1
    assert "group 'part 0' stands in split" in err
    assert not (tmp_path / "model").exists()


def test_a_model_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    code, _, err = train(str(good_pictures(tmp_path / "set")), "--out", str(tmp_path / "model"))
    assert code == 1
    assert "already holds a model" in err


@pytest.mark.parametrize(
    ("wanted", "dataset", "name"),
    [(None, None, "scratch-net"), ("mine", Path("glass"), "mine"), (None, Path("/line 3/lens (new)"), "lens-new")],
)
def test_a_model_is_called_as_wanted_or_as_its_data_set(wanted: str | None, dataset: Path | None, name: str) -> None:
    assert model_name(wanted, dataset) == name
