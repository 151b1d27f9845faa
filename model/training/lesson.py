"""What there is to learn from, and what is held out: a data set, or generated parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from model.dataset.loading import load_dataset
from model.dataset.masks import marked_places, read_mask
from model.dataset.values import DataSet, DataSetImage
from model.manifest import ClassSpec
from model.training.batches import Batches, GeneratedBatches, PictureBatches
from model.training.classes import taught_classes
from model.training.config import GENERATED_CLASSES, Teaching, TrainingConfig
from model.training.held_out import CHOOSING, KnownPart, generated_parts
from model.training.painted import with_scratches
from model.training.picture_crops import PictureCrops
from model.training.pictures import PictureStore
from model.training.splits import divided
from model.training.truth import read_grey, says_nowhere

PAINTED_SHARE = 0.6
"""Share of crops with painted scratches where no real one is known."""
TRIED_PIXELS = 40_000_000
"""At most so many px of held-out pictures are looked at in each try on the way."""
TRIED_PARTS = 16
EXAMPLE_PIXELS = 400_000_000
"""At most so many px of the pictures learned from give examples to the judge of regions."""

Parts = Callable[[], Iterator[KnownPart]]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """All that a run needs besides its network.

    Attributes
    ----------
    classes : tuple of ClassSpec
        Channels, background first.
    batches : Batches
        To learn from.
    choosing, tried : callable
        Yield the held-out parts that thresholds are chosen on, and those of them that are tried on the way.
    choosing_count : int
        How many there are.
    examples : callable
        Yields parts learned from whose marks are located, for the judge of regions.
    example_count : int
        How many there are; 0 where marks are painted or generated.
    learning : int
        Pictures learned from; 0: generated parts.
    data : str
        In words.
    fingerprint : str or None
        Of the data set.
    """

    classes: tuple[ClassSpec, ...]
    batches: Batches
    choosing: Parts
    tried: Parts
    choosing_count: int
    examples: Parts
    example_count: int
    learning: int
    data: str
    fingerprint: str | None


def prepared(config: TrainingConfig, on_read: Callable[[int, int], None]) -> Lesson:
    """Return what a configuration asks to be learned.

    Parameters
    ----------
    on_read : callable
        Told how many pictures of how many have been read; raises where the run is to end.

    Raises
    ------
    DataSetError
        If the data set cannot be learned from.
    """
    return _generated(config) if config.teaching is None else _taught(config, config.teaching, on_read)


def _generated(config: TrainingConfig) -> Lesson:
    return Lesson(
        classes=GENERATED_CLASSES,
        batches=GeneratedBatches(config),
        choosing=lambda: generated_parts(config.seed, CHOOSING, config.validation_parts),
        tried=lambda: generated_parts(config.seed, CHOOSING, min(TRIED_PARTS, config.validation_parts)),
        choosing_count=config.validation_parts,
        examples=lambda: iter(()),
        example_count=0,
        learning=0,
        data="parts made by model.synthesis only",
        fingerprint=None,
    )


def _taught(config: TrainingConfig, teaching: Teaching, on_read: Callable[[int, int], None]) -> Lesson:
    dataset = load_dataset(teaching.folder, teaching.reject_classes, good_alone=True)
    division = divided(dataset, teaching, config.seed)
    cold = not any(image.judgement is Judgement.REJECT for image in (*division.learning, *division.held_out))
    painted = teaching.painted_share
    if painted is None:
        painted = PAINTED_SHARE if cold else 0.0
    if cold and not painted:
        raise DataSetError(f"{teaching.folder}: no picture to learn from is a reject, and no scratches are painted.")
    classes = taught_classes(dataset)
    store = PictureStore(division.learning, classes.channels)
    for number in range(len(store)):
        store.spots(number)
        on_read(number + 1, len(store))
    examples = () if cold else _some(division.learning, config.seed, EXAMPLE_PIXELS)
    crops = PictureCrops(store, classes.rejecting, config.seed, config.crop_px, painted)
    return Lesson(
        classes=classes.specs,
        batches=PictureBatches(crops, config.batch),
        choosing=lambda: _known_parts(division.held_out, config.seed, cold),
        tried=lambda: _known_parts(_some(division.held_out, config.seed), config.seed, cold),
        choosing_count=len(division.held_out) * (2 if cold else 1),
        examples=lambda: (known_part(image) for image in examples),
        example_count=len(examples),
        learning=len(division.learning),
        data=f"data set {teaching.folder.resolve().name}",
        fingerprint=fingerprint(dataset),
    )


def fingerprint(dataset: DataSet) -> str:
    """Return a SHA-256 that changes with the pictures' names and sizes, their groups, splits and marks."""
    entries = [
        [
            image.name,
            image.path.stat().st_size,
            image.group,
            image.split,
            image.judgement.value,
            None if image.mask is None else image.mask.stat().st_size,
            [[mark.class_name, mark.box.x, mark.box.y, mark.box.w, mark.box.h] for mark in image.annotations],
        ]
        for image in dataset.images
    ]
    return hashlib.sha256(json.dumps(entries, separators=(",", ":")).encode()).hexdigest()


def _some(images: Sequence[DataSetImage], seed: int, most_px: int = TRIED_PIXELS) -> tuple[DataSetImage, ...]:
    """Return some of the pictures, rejects and good ones in turn, up to so many px."""
    rng = np.random.default_rng([seed, 5])
    shuffled = [images[number] for number in rng.permutation(len(images))]
    kinds = [[image for image in shuffled if (image.judgement is Judgement.REJECT) is kind] for kind in (True, False)]
    longest = max(len(kind) for kind in kinds)
    in_turn = [kind[place] for place in range(longest) for kind in kinds if place < len(kind)]
    chosen: list[DataSetImage] = []
    seen = 0
    for image in in_turn:
        seen += (image.width or 1024) * (image.height or 1024)
        if chosen and seen > most_px:
            break
        chosen.append(image)
    return tuple(chosen)


def _known_parts(images: Sequence[DataSetImage], seed: int, cold: bool) -> Iterator[KnownPart]:
    """Yield held-out pictures; where all are good, each once more with painted scratches."""
    for number, image in enumerate(images):
        part = known_part(image)
        yield part
        if cold:
            yield _scratched(np.random.default_rng([seed, 6, number]), part.pixels)


def known_part(image: DataSetImage) -> KnownPart:
    """Return a picture of a data set with its truth.

    Raises
    ------
    DataSetError
        If picture or mask cannot be read.
    """
    grey = read_grey(image.path)
    size = (grey.shape[0], grey.shape[1])
    mask = None if image.mask is None else read_mask(image.mask, size)
    good = image.judgement is Judgement.ACCEPT
    return KnownPart(grey, image.annotations, mask, good, located=not says_nowhere(image, size))


def _scratched(rng: np.random.Generator, grey: NDArray[np.uint8]) -> KnownPart:
    seen, scratched = with_scratches(rng, grey)
    mask = np.asarray(scratched, np.uint8)
    # specks are no places to be found
    clean = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return KnownPart(seen, marked_places(np.asarray(clean, np.uint8), "scratch"), mask, not mask.any())
