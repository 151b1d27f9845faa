"""A folder as a camera: order, names, truth, bad files, loops, vanishing."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cameras.folder import FolderCamera
from inspector_app.cameras.listing import natural_key, picture_files
from inspector_app.cameras.reading import PictureLimits
from inspector_app.domain.errors import CameraLost, EndOfPictures
from inspector_app.domain.frame import (
    Capture,
    Frame,
    Judgement,
    PictureProblem,
    Reference,
    ReferenceSource,
    UnusableFrame,
)

GOOD = Reference(Judgement.ACCEPT, ReferenceSource.ANNOTATION)
BAD = Reference(Judgement.REJECT, ReferenceSource.ANNOTATION)


def camera(folder: Path, references: dict[str, Reference] | None = None, loop: bool = False) -> FolderCamera:
    return FolderCamera(
        folder,
        uri=f"folder:{folder}",
        clock=lambda: datetime.now(UTC),
        references=references or {},
        limits=PictureLimits(),
        loop=loop,
    )


def save(path: Path, level: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((40, 50, 3), level, np.uint8))
    return path


def all_of(source: FolderCamera) -> list[Capture]:
    captures: list[Capture] = []
    while True:
        try:
            capture = source.grab(1.0)
        except EndOfPictures:
            source.close()
            return captures
        assert capture is not None
        captures.append(capture)


def names_of(source: FolderCamera) -> list[str | None]:
    source.open()
    return [capture.name for capture in all_of(source)]


def test_natural_order(tmp_path: Path) -> None:
    for name in ("img10", "img9", "IMG1", "img2", "b", "a3x2", "a3x10", "a03x1"):
        save(tmp_path / f"{name}.png")
    assert names_of(camera(tmp_path)) == ["a03x1", "a3x2", "a3x10", "b", "IMG1", "img2", "img9", "img10"]


@given(st.lists(st.text(alphabet="aB01 9_-é²", max_size=8), unique=True, max_size=8))
def test_natural_keys_differ_where_names_do(names: list[str]) -> None:
    assert len({natural_key(name) for name in names}) == len(names)


def test_what_is_no_picture_by_name_is_no_part(tmp_path: Path) -> None:
    save(tmp_path / "part.jpg")
    for name in ("notes.txt", ".hidden.jpg", "Thumbs.db", "._part.jpg"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.jpg").mkdir()
    save(tmp_path / "deeper" / "other.jpg")
    assert names_of(camera(tmp_path)) == ["part"]


def test_bad_files_are_parts_without_a_picture_and_the_run_goes_on(tmp_path: Path) -> None:
    save(tmp_path / "1.jpg")
    (tmp_path / "2.jpg").write_text("This is no picture.")
    (tmp_path / "3.jpg").write_bytes(b"")
    whole = save(tmp_path / "4.jpg").read_bytes()
    (tmp_path / "4.jpg").write_bytes(whole[: len(whole) // 2])
    cv2.imwrite(str(tmp_path / "5.png"), np.zeros((1, 1), np.uint8))
    save(tmp_path / "6.PNG")
    source = camera(tmp_path, {"2": BAD, "6": GOOD})
    source.open()
    captures = all_of(source)
    assert [capture.name for capture in captures] == list("123456")
    assert [capture.sequence for capture in captures] == [1, 2, 3, 4, 5, 6]
    assert [capture.problem if isinstance(capture, UnusableFrame) else None for capture in captures] == [
        None,
        PictureProblem.NOT_A_PICTURE,
        PictureProblem.EMPTY_FILE,
        PictureProblem.TRUNCATED,
        PictureProblem.TOO_SMALL,
        None,
    ]
    assert captures[1].reference is BAD
    assert captures[5].reference is GOOD
    assert captures[5].path == str(tmp_path / "6.PNG")
    assert (source.counts.delivered, source.counts.unusable) == (2, 4)


def test_two_files_of_one_stem_are_two_parts(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "b.png"):
        save(tmp_path / name)
    assert names_of(camera(tmp_path)) == ["a.jpg", "a.png", "b"]


def test_a_loop_gives_each_round_its_own_names_and_the_same_truth(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / f"{name}.png")
    source = camera(tmp_path, {"a": GOOD, "b": BAD}, loop=True)
    captures: list[Capture | None] = []
    for _ in range(5):
        source.open()
        captures.append(source.grab(1.0))
        source.close()
    assert [capture.name for capture in captures if capture] == ["a", "b", "a~2", "b~2", "a~3"]
    assert [capture.reference for capture in captures if capture] == [GOOD, BAD, GOOD, BAD, GOOD]


def test_coco_layout_gives_the_pictures_of_images(tmp_path: Path) -> None:
    (tmp_path / "annotations.json").write_text(json.dumps({"images": []}))
    for name in ("images/b.png", "images/cam1/a.png", "masks/b.png", "stray.png"):
        save(tmp_path / name)
    assert names_of(camera(tmp_path)) == ["b", "cam1/a"]


def test_mvtec_layout_gives_the_pictures_of_test(tmp_path: Path) -> None:
    for name in (
        "train/good/000.png",
        "test/good/000.png",
        "test/scratch/000.png",
        "ground_truth/scratch/000_mask.png",
    ):
        save(tmp_path / name)
    assert names_of(camera(tmp_path, {"scratch/000": BAD})) == ["good/000", "scratch/000"]


def test_a_single_file_that_is_deleted_is_an_unusable_part(tmp_path: Path) -> None:
    for name in "abc":
        save(tmp_path / f"{name}.png")
    source = camera(tmp_path)
    source.open()
    source.grab(1.0)
    (tmp_path / "b.png").unlink()
    capture = source.grab(1.0)
    assert isinstance(capture, UnusableFrame)
    assert capture.problem is PictureProblem.UNREADABLE
    assert isinstance(source.grab(1.0), Frame)


def test_a_folder_replaced_by_an_empty_mount_point_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    for name in "abc":
        save(folder / f"{name}.png")
    source = camera(folder)
    source.open()
    assert source.grab(1.0)
    folder.rename(tmp_path / "away")
    folder.mkdir()
    for _ in range(2):
        with pytest.raises(CameraLost, match="vanished"):
            source.grab(1.0)
    source.close()
    with pytest.raises(CameraLost, match="holds no pictures"):
        source.open()
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert names_of(source) == ["b", "c"]


def test_a_folder_replaced_by_another_one_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    for name in "abc":
        save(folder / f"{name}.png")
    source = camera(folder)
    source.open()
    assert source.grab(1.0)
    folder.rename(tmp_path / "away")
    save(folder / "other.png")
    with pytest.raises(CameraLost, match="vanished"):
        source.grab(1.0)
    assert source.counts.unusable == 0


def test_a_folder_whose_files_all_go_is_lost(tmp_path: Path) -> None:
    for name in "abc":
        save(tmp_path / f"{name}.png")
    source = camera(tmp_path)
    source.open()
    for name in "abc":
        (tmp_path / f"{name}.png").unlink()
    with pytest.raises(CameraLost):
        source.grab(1.0)
    assert source.counts.unusable == 0


def test_pictures_that_arrive_meanwhile_are_found_at_the_next_opening(tmp_path: Path) -> None:
    save(tmp_path / "p1.png")
    save(tmp_path / "p3.png")
    source = camera(tmp_path)
    assert names_of(source) == ["p1", "p3"]
    for name in ("p2", "p4"):
        save(tmp_path / f"{name}.png")
    assert names_of(source) == ["p4"]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("x")])
def test_a_folder_without_pictures_cannot_be_opened(tmp_path: Path, make) -> None:
    make(tmp_path / "parts")
    with pytest.raises(CameraLost) as lost:
        camera(tmp_path / "parts").open()
    assert str(lost.value).startswith(f"Folder {tmp_path / 'parts'}")
    assert str(lost.value).endswith(".")


def test_real_pictures(real_pictures: Path) -> None:
    assert len(picture_files(real_pictures / "phones")) == 49
    source = camera(real_pictures / "phones")
    source.open()
    capture = source.grab(5.0)
    source.close()
    assert isinstance(capture, Frame)
    assert capture.name == "Oil_0001"
    assert capture.pixels.shape == (1080, 1920, 3)


def test_a_copy_elsewhere_has_the_same_names(tmp_path: Path) -> None:
    for name in ("x1", "x2"):
        save(tmp_path / "one" / f"{name}.png")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert names_of(camera(tmp_path / "one")) == names_of(camera(tmp_path / "two"))
