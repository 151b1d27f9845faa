"""COCO ``annotations.json`` beside ``images/`` and ``masks/``; each image has a group and a split."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from annotated_types import Gt, Len, MinLen
from pydantic import ConfigDict, TypeAdapter, ValidationError

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Box
from model.dataset.masks import marked_places, read_mask
from model.dataset.values import (
    IGNORE_CLASS,
    MASK_CLASS,
    Annotation,
    DataSet,
    DataSetImage,
    FileProblem,
    check_groups,
    chosen_reject_classes,
)

ANNOTATIONS_NAME = "annotations.json"
_LENIENT = ConfigDict(extra="ignore", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class _Category:
    __pydantic_config__ = _LENIENT

    id: int
    name: Annotated[str, MinLen(1)]


@dataclass(frozen=True, slots=True)
class _Image:
    __pydantic_config__ = _LENIENT

    id: int
    file_name: Annotated[str, MinLen(1)]
    width: Annotated[int, Gt(0)]
    height: Annotated[int, Gt(0)]
    group: Annotated[str, MinLen(1)]
    split: Annotated[str, MinLen(1)]
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class _Mark:
    __pydantic_config__ = _LENIENT

    image_id: int
    category_id: int
    bbox: Annotated[tuple[float, ...], Len(4, 4)]
    # run-length masks of crowds are a dict: only the box is used
    segmentation: list[list[float]] | dict[str, Any] | None = None
    iscrowd: int = 0


@dataclass(frozen=True, slots=True)
class _Document:
    __pydantic_config__ = _LENIENT

    images: Annotated[list[_Image], MinLen(1)]
    annotations: list[_Mark]
    categories: list[_Category] = field(default_factory=list)


def load_coco(folder: Path, reject_classes: Collection[str] | None) -> DataSet:
    """Load a COCO data set; see `model.dataset.load_dataset`."""
    path = folder / ANNOTATIONS_NAME
    document = _parsed(path)
    check_groups(((entry.group, entry.split, entry.file_name) for entry in document.images), path)
    names = {category.id: category.name for category in document.categories}
    mask_class = _mask_class(document)
    rejecting = chosen_reject_classes(names.values(), reject_classes, path, mask_class)
    marks = _marks_by_image(document, names, path)
    images, problems = [], []
    for entry in document.images:
        annotations = tuple(
            found for mark in marks[entry.id] if (found := _annotation(mark, entry, names, rejecting)) is not None
        )
        picture = _inside(folder / "images", entry.file_name, path)
        mask = None if entry.mask is None else _inside(folder / "masks", entry.mask, path)
        try:
            images.append(_image(picture, mask, entry, annotations, mask_class))
        except DataSetError as fault:
            problems.append(FileProblem(picture, str(fault)))
    images, repeated = _without_repeats(images, path)
    used = {annotation.class_name for image in images for annotation in image.annotations} & {mask_class or ""}
    classes = tuple(dict.fromkeys([*names.values(), *sorted(used)]))
    return DataSet(folder, tuple(images), classes, rejecting & set(classes), (*problems, *repeated))


def _parsed(path: Path) -> _Document:
    try:
        return TypeAdapter(_Document).validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise DataSetError(f"{path}: the file cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise DataSetError(f"{path}: " + (f"key '{key}': " if key else "") + first["msg"] + ".") from error


def _mask_class(document: _Document) -> str | None:
    """Return the class of what masks mark, or ``None`` if there are no masks: the only class, else `MASK_CLASS`."""
    if not any(image.mask for image in document.images):
        return None
    return document.categories[0].name if len(document.categories) == 1 else MASK_CLASS


def _marks_by_image(document: _Document, names: Mapping[int, str], path: Path) -> Mapping[int, list[_Mark]]:
    """Return the marks of each image id, after checking that every reference leads somewhere."""
    known = Counter(image.id for image in document.images)
    (first, repeats), *_ = known.most_common(1)
    if repeats > 1:
        raise DataSetError(f"{path}: key 'images.id': {first} stands there {repeats} times.")
    marks: dict[int, list[_Mark]] = defaultdict(list)
    for index, mark in enumerate(document.annotations):
        if mark.image_id not in known:
            raise DataSetError(f"{path}: key 'annotations.{index}.image_id': there is no image {mark.image_id}.")
        if mark.category_id not in names:
            raise DataSetError(
                f"{path}: key 'annotations.{index}.category_id': there is no category {mark.category_id}."
            )
        marks[mark.image_id].append(mark)
    return marks


def _without_repeats(images: list[DataSetImage], path: Path) -> tuple[list[DataSetImage], list[FileProblem]]:
    """Return every picture once, and the repeats; two entries that disagree about a picture are an error."""
    first: dict[Path, DataSetImage] = {}
    repeats = []
    for image in images:
        if first.setdefault(image.path, image) != image:
            raise DataSetError(f"{path}: key 'images.file_name': {image.path.name} has two entries that differ.")
        if first[image.path] is not image:
            repeats.append(FileProblem(image.path, f"{image.path}: the picture is listed twice; it counts once."))
    return list(first.values()), repeats


def _annotation(mark: _Mark, entry: _Image, names: Mapping[int, str], rejecting: Collection[str]) -> Annotation | None:
    """Return a mark with its box cut to the picture; ``None`` if nothing of it lies inside."""
    x, y, width, height = mark.bbox
    left, top = max(math.floor(x), 0), max(math.floor(y), 0)
    right, bottom = min(math.ceil(x + width), entry.width), min(math.ceil(y + height), entry.height)
    if right <= left or bottom <= top:
        return None
    name = names[mark.category_id]
    ignored = bool(mark.iscrowd) or name.lower() == IGNORE_CLASS
    rejects = name in rejecting and not ignored
    return Annotation(name, Box(left, top, right - left, bottom - top), _polygon(mark), rejects, ignored)


def _polygon(mark: _Mark) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(mark.segmentation, list) or not mark.segmentation:
        return None
    flat = max(mark.segmentation, key=len)
    points = tuple(zip(flat[0::2], flat[1::2], strict=False))
    return points if len(points) >= 3 else None


def _image(
    path: Path, mask: Path | None, entry: _Image, annotations: tuple[Annotation, ...], mask_class: str | None
) -> DataSetImage:
    if not path.is_file():
        raise DataSetError(f"{path}: the picture is missing.")
    marked = False
    if mask is not None:
        truth = read_mask(mask, (entry.height, entry.width))
        marked = bool(truth.any())
        if marked and not annotations:
            annotations = marked_places(truth, mask_class or MASK_CLASS)
    rejected = marked or any(annotation.rejects for annotation in annotations)
    return DataSetImage(
        path=path,
        name=PurePosixPath(entry.file_name).with_suffix("").as_posix(),
        width=entry.width,
        height=entry.height,
        group=entry.group,
        split=entry.split,
        annotations=annotations,
        mask=mask,
        judgement=Judgement.REJECT if rejected else Judgement.ACCEPT,
    )


def _inside(root: Path, name: str, where: Path) -> Path:
    """Return a file below a folder; a name that leads out of it is an error."""
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\\" in name:
        raise DataSetError(f"{where}: file name '{name}' leads out of {root.name}/; only names below it are allowed.")
    return root.joinpath(*relative.parts)
