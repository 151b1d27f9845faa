"""Which pictures both sides learn from and judge, and at what size anomalib sees them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.side_by_side.job import Job
from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement, Pixels
from model.dataset import DataSet, DataSetImage, load_dataset
from model.dataset.masks import read_mask
from model.evaluation.matching import TruthPatches

ReadPixels = Callable[[Path], Pixels]


@dataclass(frozen=True, slots=True)
class Case:
    """One data set, one direction.

    Attributes
    ----------
    name : str
        Of the case.
    folder : str
        Of the data set, below the folder of data.
    learn, judge : str or None
        Splits. ``None``: half of the groups without a reject are learned from, all else is judged.
    reject : str or None
        The one class that makes a reject; ``None``: all but the harmless ones.
    height, width : int
        For anomalib, in the pictures' proportions, multiples of 32.
    note : str
        What a reader must know of the choice.
    by_block : bool
        The splits are the set's groups (blocks of capture), see `benchmarks.blocks`.
    """

    name: str
    folder: str
    learn: str | None
    judge: str | None
    reject: str | None
    height: int
    width: int
    note: str = ""
    by_block: bool = False


CASES = (
    Case("commutators", "commutators", "fold1", "fold2", None, 640, 256, "half of the pictures' size"),
    Case("goggles", "goggles", "train", "val", "scratch", 384, 640, "good: without a scratch, with dust and stains"),
    Case(
        "phones",
        "phones",
        None,
        None,
        "scratch",
        384,
        672,
        "good: oil and stains, half of them learned from by anomalib, none by ours",
    ),
    Case(
        "glass",
        "glass",
        "1411",
        "1412",
        "scratch",
        448,
        448,
        "one block of capture against another (val has 8 pictures); good: without a scratch, with other defects",
        by_block=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case's pictures: those to learn from, and the data set to judge."""

    learned: tuple[DataSetImage, ...]
    judged: DataSet


def chosen(case: Case, folder: Path, pictures: int, seed: int) -> Chosen:
    """Return a case's pictures.

    Parameters
    ----------
    case : Case
        Which set and splits.
    folder : Path
        Holds the set.
    pictures : int
        At most so many good ones and so many rejects are learned from.
    seed : int
        Of the draw.

    Raises
    ------
    DataSetError
        If the set is not there or broken.
    """
    dataset = load_dataset(folder, None if case.reject is None else [case.reject])
    draw = random.Random(seed)
    if case.learn is not None and case.judge is not None:
        learned, judged = dataset.part(case.learn).images, dataset.part(case.judge)
    else:
        rejects = {image.group for image in dataset.images if _rejected(image)}
        spare = sorted({image.group for image in dataset.images} - rejects)
        given = set(draw.sample(spare, len(spare) // 2))
        learned = tuple(image for image in dataset.images if image.group in given)
        judged = replace(dataset, images=tuple(image for image in dataset.images if image.group not in given))
    good = _some([image for image in learned if not _rejected(image)], pictures, draw)
    bad = _some([image for image in learned if _rejected(image)], pictures, draw)
    return Chosen((*good, *bad), judged)


def make_job(
    case: Case, pictures: Chosen, read: ReadPixels, folder: Path, epochs: int, bank: int, seed: int, weights: str
) -> Job:
    """Return what anomalib is asked, and write the masks of the rejects that it may learn from.

    A mask is the pixel truth; where there is none, outlines and boxes filled.
    """
    masks = folder / "masks"
    masks.mkdir(parents=True, exist_ok=True)
    abnormal = []
    for number, image in enumerate(image for image in pictures.learned if _rejected(image)):
        path = masks / f"{number}.png"
        size = read(image.path).shape[:2]
        truth = None if image.mask is None else read_mask(image.mask, size)
        marked = TruthPatches.of(image.annotations, truth, size).reject_union
        if not cv2.imwrite(str(path), np.asarray(marked * 255, np.uint8)):
            raise DataSetError(f"{path}: the mask cannot be written.")
        abnormal.append((str(image.path), str(path)))
    return Job(
        name=case.name,
        height=case.height,
        width=case.width,
        normal=tuple(str(image.path) for image in pictures.learned if not _rejected(image)),
        abnormal=tuple(abnormal),
        judged=tuple(str(image.path) for image in pictures.judged.images),
        epochs=epochs,
        bank=bank,
        seed=seed,
        weights=weights,
    )


def _rejected(image: DataSetImage) -> bool:
    return image.judgement is Judgement.REJECT


def _some(images: Sequence[DataSetImage], most: int, draw: random.Random) -> list[DataSetImage]:
    return list(images) if len(images) <= most else draw.sample(list(images), most)
