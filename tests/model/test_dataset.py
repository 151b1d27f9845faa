"""Data sets on disk: layouts, truth, and what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement, ReferenceSource
from inspector_app.domain.prediction import Box
from model.dataset import DataSet, load_dataset, references
from model.dataset.masks import marked_places, read_mask

SIZE = (60, 80)


def write_picture(path: Path, pixels: NDArray[np.uint8] | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = np.zeros(SIZE, np.uint8) if pixels is None else pixels
    path.write_bytes(cv2.imencode(".png", plain)[1].tobytes())


def mask_with_line() -> NDArray[np.uint8]:
    mask = np.zeros(SIZE, np.uint8)
    cv2.line(mask, (10, 10), (50, 20), 255, 2)
    return mask


def coco_document() -> dict[str, Any]:
    """Return four pictures of three parts: scratch, dust only, clean, and one with a mask."""
    images: list[dict[str, Any]] = [
        {"id": 1, "file_name": "a1.png", "group": "a", "split": "train"},
        {"id": 2, "file_name": "a2.png", "group": "a", "split": "train"},
        {"id": 3, "file_name": "b.png", "group": "b", "split": "train"},
        {"id": 4, "file_name": "c.png", "group": "c", "split": "val", "mask": "c.png"},
    ]
    for image in images:
        image |= {"width": SIZE[1], "height": SIZE[0]}
    return {
        "images": images,
        "categories": [{"id": 1, "name": "scratch"}, {"id": 2, "name": "dust"}, {"id": 3, "name": "dent"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [5.5, 6.5, 10, 4], "segmentation": [[5, 6, 16, 6, 16, 11]]},
            {"image_id": 1, "category_id": 2, "bbox": [70, 50, 30, 30]},
            {"image_id": 2, "category_id": 2, "bbox": [1, 1, 2, 2], "segmentation": {"counts": [], "size": []}},
            {"image_id": 2, "category_id": 1, "bbox": [200, 200, 5, 5]},
        ],
    }


def write_coco(folder: Path, document: dict[str, Any]) -> Path:
    for image in document["images"]:
        write_picture(folder / "images" / image["file_name"])
    write_picture(folder / "masks" / "c.png", mask_with_line())
    (folder / "annotations.json").write_text(json.dumps(document))
    return folder


def _judgements(dataset: DataSet) -> list[str]:
    return [image.judgement.value for image in dataset.images]


def test_coco_truth_is_read(tmp_path: Path) -> None:
    dataset = load_dataset(write_coco(tmp_path, coco_document()))
    assert [image.name for image in dataset.images] == ["a1", "a2", "b", "c"]
    assert _judgements(dataset) == ["reject", "accept", "accept", "reject"]
    assert dataset.reject_classes == {"scratch", "dent", "defect"}
    assert dataset.splits == ("train", "val")
    assert not dataset.problems
    scratch, dust = dataset.images[0].annotations
    assert (scratch.class_name, scratch.box) == ("scratch", Box(5, 6, 11, 5))
    assert scratch.rejects
    assert list(scratch.polygon or ()) == [(5.0, 6.0), (16.0, 6.0), (16.0, 11.0)]
    assert (dust.rejects, dust.box) == (False, Box(70, 50, 10, 10))
    assert dust.polygon is None
    assert len(dataset.images[1].annotations) == 1, "a box outside the picture is no place"
    (masked,) = dataset.images[3].annotations
    assert (masked.class_name, masked.rejects) == ("defect", True)
    assert dataset.images[3].mask == tmp_path / "masks" / "c.png"


def test_reject_classes_can_be_named(tmp_path: Path) -> None:
    folder = write_coco(tmp_path, coco_document())
    dataset = load_dataset(folder, {"dust"})
    assert _judgements(dataset) == ["reject", "reject", "accept", "reject"]
    with pytest.raises(DataSetError, match=r"no class 'rust' to reject \(there are: dent, dust, scratch\)"):
        load_dataset(folder, {"rust"})


def test_a_mask_of_the_only_class_has_its_name_and_an_empty_one_accepts(tmp_path: Path) -> None:
    document = coco_document()
    document["categories"], document["annotations"] = [{"id": 1, "name": "crack"}], []
    document["images"] = [image | {"mask": "c.png"} for image in document["images"][3:]]
    folder = write_coco(tmp_path, document)
    (image,) = load_dataset(folder).images
    assert [place.class_name for place in image.annotations] == ["crack"]
    write_picture(folder / "masks" / "c.png")
    (image,) = load_dataset(folder).images
    assert image.judgement is Judgement.ACCEPT
    assert image.annotations == ()


def test_a_split_can_be_taken_out(tmp_path: Path) -> None:
    dataset = load_dataset(write_coco(tmp_path, coco_document()))
    assert [image.name for image in dataset.part("val").images] == ["c"]
    with pytest.raises(DataSetError, match=r"no split 'test' \(there are: train, val\)"):
        dataset.part("test")


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["images"][1].update(split="val"), ["group 'a'", "'train'", "'val'", "a2.png"]),
        (lambda d: d["images"][0].update(split="val", mask="absent.png"), ["group 'a'", "'train'", "'val'"]),
        (lambda d: d["images"][0].pop("group"), ["images.0.group"]),
        (lambda d: d["images"][0].pop("split"), ["images.0.split"]),
        (lambda d: d["images"][0].update(width="80"), ["images.0.width", "integer"]),
        (lambda d: d["images"][0].update(file_name="../../etc/passwd"), ["leads out of images/"]),
        (lambda d: d["images"][0].update(file_name="/etc/passwd"), ["leads out of images/"]),
        (lambda d: d["images"][3].update(mask="../c.png"), ["leads out of masks/"]),
        (lambda d: d["images"][1].update(id=1), ["images.id", "2 times"]),
        (lambda d: d["images"][1].update(file_name="a1.png"), ["a1.png", "two entries that differ"]),
        (lambda d: d["annotations"][0].update(image_id=9), ["annotations.0.image_id", "9"]),
        (lambda d: d["annotations"][0].update(category_id=9), ["annotations.0.category_id", "9"]),
        (lambda d: d["annotations"][0].update(bbox=[1, 2, 3]), ["annotations.0.bbox"]),
        (lambda d: d["annotations"][0].update(bbox=[1, 2, 3, float("nan")]), ["annotations.0.bbox"]),
        (lambda d: d.pop("annotations"), ["annotations"]),
        (lambda d: d["images"].clear(), ["images"]),
    ],
)
def test_a_broken_layout_is_one_sentence(change: Change, words: list[str], tmp_path: Path) -> None:
    folder = write_coco(tmp_path, coco_document())
    document = coco_document()
    change(document)
    (folder / "annotations.json").write_text(json.dumps(document))
    with pytest.raises(DataSetError) as caught:
        load_dataset(folder)
    sentence = str(caught.value)
    assert "annotations.json" in sentence
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_missing_and_damaged_files_are_listed_and_left_out(tmp_path: Path) -> None:
    folder = write_coco(tmp_path, coco_document())
    (folder / "images" / "a1.png").unlink()
    (folder / "masks" / "c.png").write_bytes(b"no picture")
    dataset = load_dataset(folder)
    assert [image.name for image in dataset.images] == ["a2", "b"]
    assert [problem.path.name for problem in dataset.problems] == ["a1.png", "c.png"]
    assert "missing" in dataset.problems[0].sentence
    assert "no picture" in dataset.problems[1].sentence


def test_a_mask_of_another_size_is_listed(tmp_path: Path) -> None:
    folder = write_coco(tmp_path, coco_document())
    write_picture(folder / "masks" / "c.png", np.zeros((10, 10), np.uint8))
    (problem,) = load_dataset(folder).problems
    assert "10x10" in problem.sentence
    assert "80x60" in problem.sentence


def test_a_picture_listed_twice_alike_counts_once(tmp_path: Path) -> None:
    document = coco_document()
    document["images"].append(document["images"][2] | {"id": 77})
    dataset = load_dataset(write_coco(tmp_path, document))
    assert len(dataset.images) == 4
    (problem,) = dataset.problems
    assert "twice" in problem.sentence


def test_a_folder_that_is_no_data_set_is_an_error_but_has_no_references(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"no data set is here.*annotations\.json"):
        load_dataset(tmp_path)
    assert references(tmp_path) == {}


def mvtec(folder: Path) -> Path:
    for place in ("train/good/000", "test/good/000", "test/bent/000", "test/bent/001", "test/color/000"):
        write_picture(folder / f"{place}.png")
    write_picture(folder / "ground_truth" / "bent" / "000_mask.png", mask_with_line())
    (folder / "test" / "bent" / "readme.txt").write_text("no picture")
    return folder


def test_the_mvtec_layout_is_read(tmp_path: Path) -> None:
    dataset = load_dataset(mvtec(tmp_path))
    assert {image.name: (image.split, image.judgement.value) for image in dataset.images} == {
        "train/good/000": ("train", "accept"),
        "test/bent/000": ("test", "reject"),
        "test/bent/001": ("test", "reject"),
        "test/color/000": ("test", "reject"),
        "test/good/000": ("test", "accept"),
    }
    assert dataset.classes == ("bent", "color")
    (place,) = next(image for image in dataset.images if image.name == "test/bent/000").annotations
    assert place.class_name == "bent"
    assert len({image.group for image in dataset.images}) == 5
    chosen = load_dataset(tmp_path, {"bent"})
    assert Counter(image.judgement.value for image in chosen.images) == {"accept": 3, "reject": 2}


def test_a_plain_folder_is_good_pictures_to_teach_from_and_nothing_to_measure_on(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", ".hidden.png", "below/c.png"):
        write_picture(tmp_path / name, np.full(SIZE, 90, np.uint8))
    (tmp_path / "notes.txt").write_text("n")
    dataset = load_dataset(tmp_path, good_alone=True)
    assert [(image.name, image.split, image.group) for image in dataset.images] == [
        ("a", "train", "a.png"),
        ("b", "train", "b.png"),
    ]
    assert all(image.judgement is Judgement.ACCEPT for image in dataset.images)
    assert dataset.taken_as_good
    assert dataset.part("train").taken_as_good
    with pytest.raises(DataSetError, match="no truth to measure against"):
        load_dataset(tmp_path)
    with pytest.raises(DataSetError, match="or pictures of good parts alone"):
        load_dataset(tmp_path / "none", good_alone=True)
    assert references(tmp_path) == {}


def test_references_go_by_natural_name(tmp_path: Path) -> None:
    truth = references(mvtec(tmp_path))
    assert truth["bent/000"].judgement is Judgement.REJECT
    assert truth["bent/000.png"] == truth["bent/000"]
    assert truth["good/000"].judgement is Judgement.ACCEPT
    assert truth["good/000"].source is ReferenceSource.ANNOTATION
    assert not any(name.startswith("train") for name in truth)


def test_two_files_that_differ_in_the_suffix_only_go_by_their_full_names(tmp_path: Path) -> None:
    document = coco_document()
    document["images"][1]["file_name"] = "a1.jpg"
    truth = references(write_coco(tmp_path, document))
    assert "a1" not in truth
    assert truth["a1.png"].judgement is Judgement.REJECT
    assert truth["a1.jpg"].judgement is Judgement.ACCEPT


def test_marks_a_few_px_apart_are_one_place() -> None:
    mask = np.zeros(SIZE, np.uint8)
    mask[10, 5:20] = mask[10, 24:40] = mask[50, 5:30] = 1
    places = marked_places(mask, "crack")
    assert sorted((place.box.y, place.box.w) for place in places) == [(10, 35), (50, 25)]


def test_a_mask_file_is_checked(tmp_path: Path) -> None:
    write_picture(tmp_path / "m.png", mask_with_line())
    assert set(np.unique(read_mask(tmp_path / "m.png", SIZE))) == {0, 1}
    with pytest.raises(DataSetError, match="cannot be read"):
        read_mask(tmp_path / "absent.png")


@pytest.mark.parametrize(
    ("name", "rejects", "accepts", "splits", "problems"),
    [
        ("goggles", 382, 138, ("train", "val"), 0),
        ("phones", 21, 28, ("train",), 0),
        ("glass", 149, 0, ("train", "val"), 0),
        ("steel", 300, 0, ("train",), 0),
        # eight pictures have a second entry with the size of other pictures
        ("commutators", 35, 237, ("fold1", "fold2"), 8),
    ],
)
def test_the_real_sets_load(
    name: str, rejects: int, accepts: int, splits: tuple[str, ...], problems: int, real_pictures: Path
) -> None:
    dataset = load_dataset(real_pictures / name)
    counts = Counter(image.judgement for image in dataset.images)
    assert (counts[Judgement.REJECT], counts[Judgement.ACCEPT]) == (rejects, accepts)
    assert dataset.splits == splits
    assert len(dataset.problems) == problems
    for image in dataset.images:
        assert image.path.is_file()
        assert (image.judgement is Judgement.REJECT) == any(place.rejects for place in image.annotations)
