"""The sets are turned and the figures shown as they are; the models themselves are not needed."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from benchmarks.blocks import in_blocks
from benchmarks.real_sets import CASES, shown
from model.dataset import load_dataset


def test_blocks_of_capture_become_splits_and_series_their_groups(tmp_path: Path) -> None:
    source = tmp_path / "set"
    (source / "images").mkdir(parents=True)
    names = ("14112801.png", "14112802.png", "14112901.png", "14122401.png")
    images = []
    for number, name in enumerate(names):
        cv2.imwrite(str(source / "images" / name), np.full((8, 8), 90, np.uint8))
        images.append(
            {"id": number, "file_name": name, "width": 8, "height": 8, "group": name[:4], "split": "train"},
        )
    mark = {"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 1, 3, 3], "area": 9, "iscrowd": 0}
    document = {"images": images, "annotations": [mark], "categories": [{"id": 1, "name": "scratch"}]}
    (source / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    in_blocks(source, tmp_path / "blocks")
    turned = load_dataset(in_blocks(source, tmp_path / "blocks"), ["scratch"])
    assert turned.splits == ("1411", "1412")
    assert {image.group for image in turned.part("1411").images} == {"141128", "141129"}
    assert turned.part("1411").images[0].path.read_bytes() == (source / "images" / names[0]).read_bytes()


def test_a_figure_below_its_target_is_missed_and_one_that_cannot_be_measured_too() -> None:
    ranked = next(case for case in CASES if case.name == "commutators 1-2")
    target = ranked.targets[0]

    def of(estimate: float | None, low: float | None = None, high: float | None = None) -> tuple[bool, str]:
        figure = {"estimate": estimate, "low": low, "high": high}
        return shown(ranked, target, {"picture": {"average_precision": figure}})

    assert of(0.99, 0.97, 1.0)[0]
    assert "(0.970-1.000)" in of(0.99, 0.97, 1.0)[1]
    assert not of(0.9899)[0]
    assert not of(None)[0]
    assert "not measurable" in of(None)[1]
