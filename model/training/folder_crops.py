"""Training crops cut from the pictures of a data set with pixel truth."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector_app.domain.errors import DataSetError
from model.dataset.loading import load_dataset
from model.dataset.masks import read_mask
from model.dataset.values import DataSetImage
from model.synthesis.part import Label
from model.training.crops import Pairs, to_tensors
from model.training.torchvision_operators import declare_missing_operators

TRAINING_SPLITS = frozenset({"train", "fold1"})
AIMED_SHARE = 0.6
"""Share of the crops that look at a mark, where the picture has one."""
PICTURES_KEPT = 64


class FolderCrops(Pairs):
    """Crops of the training split; number `i` depends on the seed and on `i` only.

    Marks that make a part a reject are scratches to the network, everything else is background.

    Parameters
    ----------
    folder : Path
        Data set with masks or outlines.
    seed, count, side_px : int
        As for `SyntheticCrops`.

    Raises
    ------
    DataSetError
        If the folder is no data set, or no picture of its training split has pixel truth.
    """

    def __init__(self, folder: Path, seed: int, count: int, side_px: int) -> None:
        self._pictures = labelled_pictures(folder, TRAINING_SPLITS)
        if not any(image.mask or image.annotations for image in self._pictures):
            raise DataSetError(f"{folder}: no picture of its training split has a mask or an outline to learn from.")
        self._seed = seed
        self._count = count
        self._side_px = side_px
        self._kept: dict[Path, tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
        self._operators = declare_missing_operators()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Crop `index`: `(1, S, S)` float32 normalised grey, `(S/2, S/2)` int64 labels."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        rng = np.random.default_rng([self._seed, 2, index])
        grey, labels = self._read(self._pictures[int(rng.integers(0, len(self._pictures)))])
        top, left = _corner(rng, labels, self._side_px)
        window = (slice(top, top + self._side_px), slice(left, left + self._side_px))
        return to_tensors(*_varied(int(rng.integers(0, 2**62)), grey[window], labels[window]))

    def _read(self, image: DataSetImage) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return grey picture and labels, grown by reflection to at least a crop's side."""
        if image.path not in self._kept:
            if len(self._kept) >= PICTURES_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[image.path] = _grown(*load_labelled(image), self._side_px)
        return self._kept[image.path]


def labelled_pictures(folder: Path, splits: Collection[str]) -> tuple[DataSetImage, ...]:
    """Return the pictures of some splits that have pixel truth; a good picture has it without a mask.

    Raises
    ------
    DataSetError
        If the folder is no data set.
    """
    images = load_dataset(folder).images
    return tuple(image for image in images if image.split in splits and _has_pixel_truth(image))


def _has_pixel_truth(image: DataSetImage) -> bool:
    rejecting = [mark for mark in image.annotations if mark.rejects]
    return image.mask is not None or all(mark.polygon is not None for mark in rejecting)


def load_labelled(image: DataSetImage) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a picture in grey and its labels, `(H, W)` uint8 both.

    Raises
    ------
    DataSetError
        If picture or mask cannot be read.
    """
    grey = cv2.imdecode(np.fromfile(image.path, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise DataSetError(f"{image.path}: the picture cannot be read.")
    picture = np.asarray(grey, np.uint8)
    if image.mask is not None:
        marked = read_mask(image.mask, (picture.shape[0], picture.shape[1]))
        return picture, np.asarray(marked * int(Label.SCRATCH), np.uint8)
    labels = np.zeros(picture.shape, np.uint8)
    outlines = [mark.polygon for mark in image.annotations if mark.rejects and mark.polygon is not None]
    for outline in outlines:
        cv2.fillPoly(labels, [np.rint(np.array(outline)).astype(np.int32)], int(Label.SCRATCH))
    return picture, labels


def _grown(
    grey: NDArray[np.uint8], labels: NDArray[np.uint8], side_px: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    below, right = max(0, side_px - grey.shape[0]), max(0, side_px - grey.shape[1])
    if not below and not right:
        return grey, labels
    padded = np.pad(grey, ((0, below), (0, right)), mode="symmetric")
    return padded, np.pad(labels, ((0, below), (0, right)), mode="symmetric")


def _corner(rng: np.random.Generator, labels: NDArray[np.uint8], side_px: int) -> tuple[int, int]:
    room = (labels.shape[0] - side_px, labels.shape[1] - side_px)
    rows, columns = np.nonzero(labels)
    if rows.size and rng.random() < AIMED_SHARE:
        pick = int(rng.integers(0, rows.size))
        shift = rng.integers(side_px // 8, side_px - side_px // 8, 2)
        top, left = int(rows[pick]) - int(shift[0]), int(columns[pick]) - int(shift[1])
        return int(np.clip(top, 0, room[0])), int(np.clip(left, 0, room[1]))
    return int(rng.integers(0, room[0] + 1)), int(rng.integers(0, room[1] + 1))


def _varied(
    seed: int, grey: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Turn, mirror, stretch, re-light and blur a crop; torch's global generator is left as found."""
    from torchvision import tv_tensors
    from torchvision.transforms import v2

    change = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomVerticalFlip(),
            v2.RandomApply([v2.RandomAffine(degrees=45, scale=(0.8, 1.3), shear=5)], p=0.5),
            v2.RandomApply([v2.ColorJitter(brightness=0.3, contrast=0.3)], p=0.5),
            v2.RandomApply([v2.GaussianBlur(3, sigma=(0.3, 1.0))], p=0.2),
        ]
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        picture = tv_tensors.Image(torch.from_numpy(np.array(grey))[None])
        mask = tv_tensors.Mask(torch.from_numpy(np.array(labels))[None])
        seen, truth = change(picture, mask)
    return np.asarray(seen[0].numpy(), np.uint8), np.asarray(truth[0].numpy(), np.uint8)
