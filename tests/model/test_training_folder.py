"""Training from a data set with masks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from inspector_app.domain.errors import DataSetError  # noqa: E402
from model.synthesis import Label, write_dataset  # noqa: E402
from model.training.config import TrainingConfig  # noqa: E402
from model.training.folder_crops import FolderCrops  # noqa: E402
from model.training.release import train  # noqa: E402
from model.training.trainer import fit  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sets") / "generated"
    write_dataset(target, 8, 2, (180, 50))  # narrower than a crop
    return target


def test_crops_of_a_folder_are_reproducible_and_show_marks(folder: Path) -> None:
    crops = FolderCrops(folder, 1, 20, 64)
    again = FolderCrops(folder, 1, 20, 64)
    marked = 0
    for index in range(20):
        picture, target = crops[index]
        assert picture.shape == (1, 64, 64)
        assert target.shape == (32, 32)
        assert set(np.unique(target.numpy())) <= {0, int(Label.SCRATCH)}
        assert torch.equal(picture, again[index][0])
        assert torch.equal(target, again[index][1])
        marked += int(target.any())
    assert marked >= 4


def test_a_folder_trains(folder: Path, tmp_path: Path) -> None:
    config = TrainingConfig(steps=2, batch=2, crop_px=64, workers=0, threads=1, folder=folder)
    fit(config, tmp_path, lambda _event: None, lambda: False)
    assert (tmp_path / "weights.npz").exists()


def test_a_folder_without_pixel_truth_is_refused(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder / "annotations.json").read_text())
    for image in document["images"]:
        del image["mask"]
    document["annotations"] = []
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    (tmp_path / "images").symlink_to(folder / "images")
    with pytest.raises(DataSetError, match="no picture"):
        FolderCrops(tmp_path, 1, 4, 64)


def test_a_folder_without_held_out_pictures_is_refused_before_training(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder / "annotations.json").read_text())
    for image in document["images"]:
        image["split"] = "train"
    source = tmp_path / "set"
    source.mkdir()
    (source / "annotations.json").write_text(json.dumps(document))
    for name in ("images", "masks"):
        (source / name).symlink_to(folder / name)
    config = TrainingConfig(steps=1, batch=1, crop_px=64, workers=0, threads=1, folder=source)
    with pytest.raises(DataSetError, match="good and defective"):
        train(config, tmp_path / "model", datetime(2026, 1, 31, tzinfo=UTC), lambda _event: None, lambda: False)
    assert not (tmp_path / "model").exists()


def test_a_folder_becomes_a_model(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder / "annotations.json").read_text())
    for number, image in enumerate(document["images"]):
        image["split"] = ("train", "val", "test")[number // 2 % 3]
    source = tmp_path / "set"
    source.mkdir()
    (source / "annotations.json").write_text(json.dumps(document))
    for name in ("images", "masks"):
        (source / name).symlink_to(folder / name)
    config = TrainingConfig(steps=1, batch=1, crop_px=64, workers=0, threads=1, folder=source)
    made = train(config, tmp_path / "model", datetime(2026, 1, 31, tzinfo=UTC), lambda _event: None, lambda: False)
    assert made.manifest.metrics["held_out"]["parts"] == 2
