"""A plain folder of pictures of good parts: what a plant has before its first defect; enough to teach from."""

from __future__ import annotations

from pathlib import Path

from inspector_app.domain.frame import Judgement
from model.dataset.mvtec import PICTURE_SUFFIXES
from model.dataset.values import DataSet, DataSetImage

SPLIT = "train"


def plain_pictures(folder: Path) -> tuple[Path, ...]:
    """Return the picture files that lie in a folder itself, sorted; what lies below it does not count."""
    if not folder.is_dir():
        return ()
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def load_plain(folder: Path, pictures: tuple[Path, ...]) -> DataSet:
    """Return pictures as a data set of good parts that nobody has judged one by one; each is a group of its own."""
    images = tuple(
        DataSetImage(
            path=path,
            name=path.stem,
            width=None,
            height=None,
            group=path.name,
            split=SPLIT,
            annotations=(),
            mask=None,
            judgement=Judgement.ACCEPT,
        )
        for path in pictures
    )
    return DataSet(folder, images, (), frozenset(), (), taken_as_good=True)
