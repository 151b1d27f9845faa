"""Generated data sets on disk."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from inspector_app.domain.errors import KnownFault
from model.synthesis import write_dataset


def test_a_data_set_has_the_coco_layout(tmp_path: Path) -> None:
    told: list[int] = []
    written = write_dataset(tmp_path / "set", 8, 3, (180, 260), told.append)
    document = json.loads(written.read_text(encoding="utf-8"))
    assert told == list(range(1, 9))
    assert {category["name"] for category in document["categories"]} == {"scratch", "dust", "stain", "oil"}
    assert len({image["group"] for image in document["images"]}) == 8
    assert {image["split"] for image in document["images"]} <= {"train", "val", "test"}
    assert len({entry["id"] for entry in document["annotations"]}) == len(document["annotations"])
    for image in document["images"]:
        picture = cv2.imread(str(tmp_path / "set" / "images" / image["file_name"]))
        mask = cv2.imread(str(tmp_path / "set" / "masks" / image["mask"]), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        assert mask is not None
        assert picture.shape == (180, 260, 3)
        assert mask.shape == (180, 260)
        scratches = [e for e in document["annotations"] if e["image_id"] == image["id"] and e["category_id"] == 1]
        assert bool(scratches) == bool((mask == 255).any())
        for entry in document["annotations"]:
            if entry["image_id"] == image["id"]:
                x, y, w, h = entry["bbox"]
                assert 0 <= x < x + w <= 260
                assert 0 <= y < y + h <= 180


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_dataset(tmp_path / name, 3, 5, (90, 120))
    first = {path.relative_to(tmp_path / "a"): path.read_bytes() for path in (tmp_path / "a").rglob("*.*")}
    second = {path.relative_to(tmp_path / "b"): path.read_bytes() for path in (tmp_path / "b").rglob("*.*")}
    assert first == second
    assert len(first) == 7


def test_a_folder_with_a_data_set_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "annotations.json").write_text("{}")
    with pytest.raises(KnownFault, match="already holds"):
        write_dataset(tmp_path, 1, 1, (90, 120))
    assert (tmp_path / "annotations.json").read_text() == "{}"
