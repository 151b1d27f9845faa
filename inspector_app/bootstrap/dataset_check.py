"""Counts a data set before anybody spends hours on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from inspector_app.domain.dataset_check import ClassCount, DataSetCheck, SplitCount, TruthCount
from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from model.dataset import DataSet, DataSetImage, load_dataset
from model.training.classes import taught_classes
from model.training.config import Teaching
from model.training.splits import divided
from model.training.truth import says_nowhere

_SEED = 1
"""Of the `train` command's default: the groups that are held out are those that will be."""


def checked_dataset(folder: Path, reject_classes: tuple[str, ...] | None, splits: tuple[str, ...] = ()) -> DataSetCheck:
    """Load and count a data set, or a plain folder of good pictures; see `ModelRoom.examine`.

    Raises
    ------
    DataSetError
        If it breaks its layout, a group on two sides of a split included; one sentence.
    """
    dataset = load_dataset(folder, reject_classes, good_alone=True)
    learning, held_out, fault = 0, 0, None
    try:
        taught_classes(dataset)
        division = divided(dataset, Teaching(folder, splits, reject_classes), _SEED)
        learning, held_out = len(division.learning), len(division.held_out)
    except DataSetError as error:
        fault = str(error)
    return DataSetCheck(
        folder=folder,
        classes=tuple(_class_count(dataset, name) for name in dataset.classes),
        splits=tuple(_split_count(name, dataset.part(name).images) for name in dataset.splits),
        truth=_truth_count(dataset.images),
        learning=learning,
        held_out=held_out,
        problems=tuple(problem.sentence for problem in dataset.problems),
        fault=fault,
        taken_as_good=dataset.taken_as_good,
    )


def _class_count(dataset: DataSet, name: str) -> ClassCount:
    per_picture = [sum(mark.class_name == name for mark in image.annotations) for image in dataset.images]
    return ClassCount(name, name in dataset.reject_classes, sum(per_picture), sum(count > 0 for count in per_picture))


def _split_count(name: str, images: tuple[DataSetImage, ...]) -> SplitCount:
    groups = Counter(image.group for image in images)
    (largest, most), *_ = groups.most_common(1)
    rejects = sum(image.judgement is Judgement.REJECT for image in images)
    return SplitCount(name, len(images), rejects, len(groups), largest, most)


def _truth_count(images: Iterable[DataSetImage]) -> TruthCount:
    kinds: dict[str, int] = defaultdict(int)
    for image in images:
        kinds[_truth(image)] += 1
    return TruthCount(**{name: kinds[name] for name in TruthCount.__slots__})


def _truth(image: DataSetImage) -> str:
    """Return the field of `TruthCount` that a picture belongs to."""
    if image.judgement is not Judgement.REJECT:
        return "good"
    if image.mask is not None:
        return "masks"
    # a layout without sizes has no boxes, so the size does not matter there
    if says_nowhere(image, (image.height or 1, image.width or 1)):
        return "unmarked"
    return "outlines" if any(mark.polygon for mark in image.annotations if mark.rejects) else "boxes"
