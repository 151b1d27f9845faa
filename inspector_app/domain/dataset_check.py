"""What a folder of pictures holds, as somebody must know who teaches or measures with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class of a data set: whether it rejects, its marks, and the pictures that have some."""

    name: str
    rejects: bool
    marks: int
    pictures: int


@dataclass(frozen=True, slots=True)
class SplitCount:
    """A split of a data set: pictures, rejects among them, groups, and the largest group with its pictures."""

    name: str
    pictures: int
    rejects: int
    groups: int
    largest_group: str
    largest_pictures: int


@dataclass(frozen=True, slots=True)
class TruthCount:
    """Pictures by what is known of them.

    Attributes
    ----------
    masks, outlines, boxes : int
        Rejects whose marks are of this kind.
    unmarked : int
        Rejects of which nobody said where.
    good : int
        Pictures that are no reject.
    """

    masks: int
    outlines: int
    boxes: int
    unmarked: int
    good: int


@dataclass(frozen=True, slots=True)
class DataSetCheck:
    """What a data set holds, and whether a model can be taught from it.

    Attributes
    ----------
    folder : Path
        Where it lies.
    classes, splits, truth
        See there.
    learning, held_out : int
        Pictures that teaching would learn from, and hold out.
    problems : tuple of str
        Files that are left out, one sentence each.
    fault : str or None
        Why nothing can be taught from it, one sentence; it can still be used to evaluate.
    taken_as_good : bool
        A plain folder, all of whose pictures are taken as good: there is nothing to measure against.
    """

    folder: Path
    classes: tuple[ClassCount, ...]
    splits: tuple[SplitCount, ...]
    truth: TruthCount
    learning: int
    held_out: int
    problems: tuple[str, ...]
    fault: str | None
    taken_as_good: bool = False
