"""Which pictures of a data set are learned from and which are held out, whole groups at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from model.dataset.values import DataSet, DataSetImage
from model.training.config import Teaching

TRAINING_SPLIT = "train"
_TRIES = 200
"""Random choices of groups of which the one nearest to the wanted share is taken."""


@dataclass(frozen=True, slots=True)
class Division:
    """Pictures to learn from, and pictures held out; no group has some of both."""

    learning: tuple[DataSetImage, ...]
    held_out: tuple[DataSetImage, ...]


def chosen_splits(dataset: DataSet, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the splits to learn from.

    Raises
    ------
    DataSetError
        If one of them does not exist, or none is named and it is not clear which is meant.
    """
    known = dataset.splits
    for name in wanted:
        if name not in known:
            raise DataSetError(f"{dataset.folder}: there is no split '{name}' (there are: {', '.join(known)}).")
    if wanted:
        return tuple(wanted)
    if TRAINING_SPLIT in known:
        return (TRAINING_SPLIT,)
    if len(known) == 1:
        return known
    raise DataSetError(f"{dataset.folder}: there is no split '{TRAINING_SPLIT}'; name one of {', '.join(known)}.")


def divided(dataset: DataSet, teaching: Teaching, seed: int) -> Division:
    """Hold out whole groups of the pictures to learn from.

    Of `_TRIES` random choices the one is taken whose shares of pictures, and of rejects among them, come nearest to
    the wanted share; one that leaves both sides with both kinds goes before one that does not.

    Raises
    ------
    DataSetError
        If there are no pictures, or all belong to one group.
    """
    splits = chosen_splits(dataset, teaching.splits)
    images = [image for image in dataset.images if image.split in splits]
    groups: dict[str, list[DataSetImage]] = defaultdict(list)
    for image in images:
        groups[image.group].append(image)
    if len(groups) < 2:
        raise DataSetError(
            f"{dataset.folder}: the split '{', '.join(splits)}' has {len(groups)} group(s); it takes two, one to learn "
            "from and one to choose thresholds on."
        )
    sizes = {name: _Size(len(group), _rejects(group)) for name, group in sorted(groups.items())}
    rng = np.random.default_rng([seed, 4])
    tries = [_taken(sizes, rng.permutation(list(sizes)).tolist(), teaching.validation_share) for _ in range(_TRIES)]
    held = min(tries, key=lambda taken: _distance(sizes, taken, teaching.validation_share))
    return Division(
        tuple(image for image in images if image.group not in held),
        tuple(image for image in images if image.group in held),
    )


@dataclass(frozen=True, slots=True)
class _Size:
    """Pictures of a group, and rejects among them."""

    pictures: int
    rejects: int


def _taken(sizes: Mapping[str, _Size], order: Sequence[str], share: float) -> frozenset[str]:
    """Take groups in an order until they hold the share of the pictures; never all of them."""
    wanted = share * sum(size.pictures for size in sizes.values())
    taken: list[str] = []
    count = 0
    for name in order[:-1]:
        if taken and count + sizes[name].pictures / 2 > wanted:
            break
        taken.append(name)
        count += sizes[name].pictures
    return frozenset(taken)


def _distance(sizes: Mapping[str, _Size], taken: frozenset[str], share: float) -> tuple[bool, float]:
    """Return whether a side lacks good or rejected pictures that there are, and how far the shares are off."""
    pictures = sum(size.pictures for size in sizes.values())
    rejects = sum(size.rejects for size in sizes.values())
    held = sum(sizes[name].pictures for name in taken)
    held_rejects = sum(sizes[name].rejects for name in taken)
    lacking = False
    for kind, held_kind in ((rejects, held_rejects), (pictures - rejects, held - held_rejects)):
        lacking |= kind > 0 and held_kind in {0, kind}
    apart = abs(held / pictures - share) + (abs(held_rejects / rejects - share) if rejects else 0.0)
    return lacking, apart


def _rejects(images: Iterable[DataSetImage]) -> int:
    return sum(image.judgement is Judgement.REJECT for image in images)
