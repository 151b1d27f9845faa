"""The commands of the model registry, as a vision engineer gives them."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

BUNDLED = Path(str(files("resources").joinpath("models", "scratch-net")))


@pytest.fixture
def own_model(program) -> Path:
    """A copy of the bundled network under a name of its own."""
    folder = program.folder / "mine"
    shutil.copytree(BUNDLED, folder)
    document = json.loads((folder / "model.json").read_text()) | {"name": "mine", "version": "2.0"}
    (folder / "model.json").write_text(json.dumps(document))
    return folder


@pytest.mark.slow
def test_a_model_is_installed_run_checked_and_removed(program, own_model, make_pictures):
    folder = make_pictures(2, "set/images")
    names = sorted(path.name for path in folder.iterdir())
    size = {"width": 64, "height": 48}
    images = [{"id": n, "file_name": name, "group": name, "split": "val"} | size for n, name in enumerate(names)]
    marks = [{"image_id": 0, "category_id": 1, "bbox": [1, 1, 9, 9]}]
    document = {"images": images, "annotations": marks, "categories": [{"id": 1, "name": "scratch"}]}
    (folder.parent / "annotations.json").write_text(json.dumps(document))
    shown = program.document("models", "install", str(own_model), "--no-int8", "--dataset", str(folder.parent))
    assert (shown["name"], shown["version"], shown["problem"]) == ("mine", "2.0", None)
    papers = shown["papers"]
    assert papers["dataset"] == str(folder.parent)
    assert papers["parity"]["pairs"][0]["mask"] <= papers["parity"]["mask_tolerance"]
    assert papers["precision"]["chosen"] == shown["precision"] in {"f32", "bf16"}
    assert shown["card"].startswith("# scratch-net")
    assert program.document("models", "show", "mine") == shown

    program.settings("[model]\nname = 'mine'\n")
    picture = str(next(Path(str(files("resources").joinpath("demo_parts", "images"))).glob("*.jpg")))
    predicted = program.document("predict", picture)
    assert (predicted["model"]["name"], predicted["status"]) == ("mine", "ok")
    listed = {row["name"]: row for row in program.rows("models", "list")}
    assert listed["mine"]["in_use"]
    assert not listed["scratch-net"]["in_use"]
    assert '"model.name" is mine' in program.refused("models", "remove", "mine", "2.0")

    (check,) = program.rows("models", "check")
    assert check["problem"] is None
    home = program.data / "models" / "mine" / "2.0"
    with (home / "model.onnx").open("ab") as stream:
        stream.write(b"\0")
    assert "was changed after it was installed" in program.refused("predict", picture)
    failed = program("models", "check")
    assert failed.returncode == 1
    assert f"{home / 'model.onnx'} was changed" in failed.stderr

    program.settings("")
    assert program("models", "remove", "mine", "2.0").returncode == 0
    assert not home.exists()
    assert "is not here" in program.refused("models", "show", "mine")


@pytest.mark.slow
def test_what_is_no_model_is_refused_in_one_sentence(program):
    (program.folder / "net.pt").write_bytes(b"PK")
    (program.folder / "manifest.json").write_text("{}")
    told = program.refused("models", "import", "net.pt", "--manifest", "manifest.json")
    assert "torch.onnx.export" in told
    version = json.loads((BUNDLED / "model.json").read_text())["version"]
    assert "came with the program" in program.refused("models", "remove", "scratch-net", version)
    assert not (program.data / "models").exists()
