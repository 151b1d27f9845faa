"""The MVTec AD layout: ``train/good``, ``test/good``, ``test/DEFECT``, ``ground_truth/DEFECT/NAME_mask.png``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from model.dataset.masks import marked_places, read_mask
from model.dataset.values import DataSet, DataSetImage, FileProblem, chosen_reject_classes

GOOD = "good"
SPLITS = ("train", "test")
PICTURE_SUFFIXES = frozenset({".bmp", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def is_mvtec(folder: Path) -> bool:
    """Return True if a folder has the layout: ``test/`` beside ``train/``."""
    return (folder / "test").is_dir() and (folder / "train").is_dir()


def load_mvtec(folder: Path, reject_classes: Collection[str] | None) -> DataSet:
    """Load an MVTec AD folder; see `model.dataset.load_dataset`. Every picture is a group of its own."""
    pictures = list(_pictures(folder))
    if not pictures:
        raise DataSetError(f"{folder}: there are no pictures in train/*/ and test/*/.")
    classes = tuple(sorted({path.parent.name for _, path in pictures} - {GOOD}))
    rejecting = chosen_reject_classes(classes, classes if reject_classes is None else reject_classes, folder)
    images, problems = [], []
    for split, path in pictures:
        try:
            images.append(_image(folder, split, path, path.parent.name in rejecting))
        except DataSetError as fault:
            problems.append(FileProblem(path, str(fault)))
    return DataSet(folder, tuple(images), classes, rejecting, tuple(problems))


def _pictures(folder: Path) -> Iterator[tuple[str, Path]]:
    for split in SPLITS:
        for path in sorted((folder / split).glob("*/*")):
            if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith("."):
                yield split, path


def _image(folder: Path, split: str, path: Path, rejects: bool) -> DataSetImage:
    defect = path.parent.name
    mask = folder / "ground_truth" / defect / f"{path.stem}_mask.png"
    known = mask.is_file()
    annotations = marked_places(read_mask(mask), defect) if known and rejects else ()
    name = path.relative_to(folder).with_suffix("").as_posix()
    return DataSetImage(
        path=path,
        name=name,
        width=None,
        height=None,
        group=path.relative_to(folder).as_posix(),
        split=split,
        annotations=annotations,
        mask=mask if known else None,
        judgement=Judgement.REJECT if rejects else Judgement.ACCEPT,
    )
