"""What a data set holds, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Box

HARMLESS_CLASSES = frozenset(
    {
        "background",
        "dust",
        "dust_line",
        "dust_spot",
        "fibre",
        "fingerprint",
        "ignore",
        "lint",
        "oil",
        "reflection",
        "smudge",
        "spotlight",
        "stain",
        "water",
        "watermark",
    }
)
"""What can be wiped off, or is light: no reason to reject a part, unless the reject classes are named."""

MASK_CLASS = "defect"
"""Class of what a mask marks when the data set has several classes or none."""

IGNORE_CLASS = "ignore"
"""Class of marks that say: do not count what is found here."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One marked place.

    Attributes
    ----------
    class_name : str
        As in the data set.
    box : Box
        In px, inside the picture.
    polygon : tuple of (float, float) or None
        Outline (x, y) in px where one is known.
    rejects : bool
        True if it makes the part a reject.
    ignored : bool
        True for a zone in which nothing counts, neither found nor false: COCO's ``iscrowd``, or `IGNORE_CLASS`.
    """

    class_name: str
    box: Box
    polygon: tuple[tuple[float, float], ...] | None
    rejects: bool
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class DataSetImage:
    """One labelled picture.

    Attributes
    ----------
    path : Path
        The picture's file.
    name : str
        Its place below the folder of pictures without the suffix, parts joined by ``/``.
    width, height : int or None
        In px as the data set says; ``None`` where it does not.
    group : str
        One physical part or capture block.
    split : str
        For example ``"train"``.
    annotations : tuple of Annotation
        Marked places; those in a mask where nothing else is marked.
    mask : Path or None
        Pixel truth: non-zero where there is reason to reject.
    judgement : Judgement
        Reject if any annotation rejects or the mask is not empty.
    """

    path: Path
    name: str
    width: int | None
    height: int | None
    group: str
    split: str
    annotations: tuple[Annotation, ...]
    mask: Path | None
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that cannot be used, and one sentence why."""

    path: Path
    sentence: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """A checked data set.

    Attributes
    ----------
    folder : Path
        Where it lies.
    images : tuple of DataSetImage
        In the order of the file, or of names.
    classes : tuple of str
        Of its annotations.
    reject_classes : frozenset of str
        Those of them that make a part a reject.
    problems : tuple of FileProblem
        Pictures that are left out because they or their masks are missing or damaged.
    taken_as_good : bool
        True for a plain folder: its pictures are said to be good, none was judged.
    """

    folder: Path
    images: tuple[DataSetImage, ...]
    classes: tuple[str, ...]
    reject_classes: frozenset[str]
    problems: tuple[FileProblem, ...]
    taken_as_good: bool = False

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits, sorted."""
        return tuple(sorted({image.split for image in self.images}))

    def part(self, split: str) -> DataSet:
        """Return the pictures of one split.

        Raises
        ------
        DataSetError
            If there is no such split.
        """
        if split not in self.splits:
            raise DataSetError(f"{self.folder}: there is no split '{split}' (there are: {', '.join(self.splits)}).")
        images = tuple(image for image in self.images if image.split == split)
        return replace(self, images=images)


def chosen_reject_classes(
    classes: Iterable[str], wanted: Collection[str] | None, where: Path, mask_class: str | None = None
) -> frozenset[str]:
    """Return which of a data set's classes make a part a reject.

    Parameters
    ----------
    classes : iterable of str
        All classes of the data set.
    wanted : collection of str or None
        ``None``: every class but the harmless ones, because an unknown mark is better looked at than passed.
    where : Path
        Names the file in an error.
    mask_class : str or None
        Class of marks in masks, which always reject.

    Raises
    ------
    DataSetError
        If a wanted class does not exist.
    """
    known = set(classes)
    if wanted is None:
        return frozenset(name for name in known if name.lower() not in HARMLESS_CLASSES) | _one(mask_class)
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise DataSetError(
            f"{where}: there is no class '{unknown[0]}' to reject (there are: {', '.join(sorted(known)) or 'none'})."
        )
    return frozenset(wanted) | _one(mask_class)


def check_groups(entries: Iterable[tuple[str, str, str]], where: Path) -> None:
    """Raise `DataSetError` naming the group if one stands on two sides of a split.

    Parameters
    ----------
    entries : iterable of (str, str, str)
        Group, split and file name of every picture, usable or not.
    where : Path
        Names the file in the error.
    """
    split_of: dict[str, str] = {}
    for group, split, name in entries:
        before = split_of.setdefault(group, split)
        if before != split:
            raise DataSetError(
                f"{where}: group '{group}' stands in split '{before}' and in split '{split}' ({name}); "
                "one physical part belongs to one split."
            )


def _one(name: str | None) -> frozenset[str]:
    return frozenset() if name is None else frozenset({name})
