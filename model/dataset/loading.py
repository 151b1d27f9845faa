"""One entrance for every layout, and the truth by picture name for cameras."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Reference, ReferenceSource
from model.dataset.coco import ANNOTATIONS_NAME, load_coco
from model.dataset.mvtec import is_mvtec, load_mvtec
from model.dataset.plain import load_plain, plain_pictures
from model.dataset.values import DataSet


def load_dataset(folder: Path, reject_classes: Collection[str] | None = None, *, good_alone: bool = False) -> DataSet:
    """Load and check a data set.

    Parameters
    ----------
    folder : Path
        With ``annotations.json`` (COCO; every image has ``group`` and ``split``) beside ``images/`` and perhaps
        ``masks/``, or with ``train/`` beside ``test/`` (MVTec AD).
    reject_classes : collection of str or None
        Classes that make a part a reject. ``None``: all but `HARMLESS_CLASSES`; in the MVTec layout all but ``good``.
    good_alone : bool
        Take a plain folder of pictures too, all of them as good: enough to teach from, nothing to measure on.

    Raises
    ------
    DataSetError
        If the layout is broken; the sentence names file and key. A picture or mask that is missing or damaged is no
        error: it is left out and listed in `DataSet.problems`.
    """
    if (folder / ANNOTATIONS_NAME).is_file():
        return load_coco(folder, reject_classes)
    if is_mvtec(folder):
        return load_mvtec(folder, reject_classes)
    pictures = plain_pictures(folder)
    if good_alone and pictures:
        return load_plain(folder, pictures)
    layouts = f"{ANNOTATIONS_NAME} beside images/, or train/ beside test/ (MVTec AD)"
    if pictures:
        raise DataSetError(
            f"{folder}: the pictures here have no truth to measure against; it takes {layouts}. A model can be taught "
            "from them if all show good parts."
        )
    either = ", or pictures of good parts alone" if good_alone else ""
    raise DataSetError(f"{folder}: no data set is here; it holds {layouts}{either}.")


def references(folder: Path, reject_classes: Collection[str] | None = None) -> Mapping[str, Reference]:
    """Return the truth of a folder's pictures by natural name; empty for a folder that is no data set.

    The natural name is the place below ``images/`` (COCO) or ``test/`` (MVTec AD) without the suffix, as
    ``scratch/000``; the name with the suffix is known too, and it alone where two files differ only there.

    Raises
    ------
    DataSetError
        If the folder is a data set with a broken layout.
    """
    if not (folder / ANNOTATIONS_NAME).is_file() and not is_mvtec(folder):
        return {}
    dataset = load_dataset(folder, reject_classes)
    root = folder / "images" if (folder / ANNOTATIONS_NAME).is_file() else folder / "test"
    truth = {
        image.path.relative_to(root): Reference(image.judgement, ReferenceSource.ANNOTATION)
        for image in dataset.images
        if image.path.is_relative_to(root)
    }
    stems = Counter(path.with_suffix("").as_posix() for path in truth)
    found = {path.as_posix(): reference for path, reference in truth.items()}
    for path, reference in truth.items():
        stem = path.with_suffix("").as_posix()
        if stems[stem] == 1:
            found.setdefault(stem, reference)
    return found
