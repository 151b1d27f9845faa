"""Crops gathered into batches, made while the network is busy with the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader

from model.training.config import GREY_MEAN, GREY_STD, TrainingConfig
from model.training.crops import SyntheticCrops
from model.training.loss import CropTruth
from model.training.mistakes import Memory, Origin, SecondLooks
from model.training.picture_crops import Crop, PictureCrops


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one step learns from.

    Attributes
    ----------
    pictures : (N, 1, S, S) float32, normalised grey
    truth : CropTruth
    origins : tuple of Origin or None
    """

    pictures: Tensor
    truth: CropTruth
    origins: tuple[Origin | None, ...]


class Batches(Protocol):
    """A run's batches, in order."""

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches without end."""
        ...

    def note(self, batch: Batch, chances: NDArray[np.float32]) -> None:
        """Take what the network saw in a batch, see `Memory.note`."""
        ...


class PictureBatches:
    """Batches of crops of labelled pictures.

    A thread makes the next batch while the network learns. What is worth a second look is handed to it as it was
    when the batch before was finished, so that the course of a run does not depend on who is quicker.
    """

    def __init__(self, crops: PictureCrops, batch: int) -> None:
        self._crops = crops
        self._size = batch
        self._memory = Memory()

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches without end."""
        with ThreadPoolExecutor(1, thread_name_prefix="crops") as maker:
            number = 0
            coming = maker.submit(self._make, number, self._memory.second_looks())
            while True:
                batch = coming.result()
                number += 1
                coming = maker.submit(self._make, number, self._memory.second_looks())
                yield batch

    def note(self, batch: Batch, chances: NDArray[np.float32]) -> None:
        """Take what the network saw in a batch."""
        self._memory.note(batch.origins, chances)

    def _make(self, number: int, looks: SecondLooks) -> Batch:
        return gathered([self._crops.crop(number * self._size + place, looks) for place in range(self._size)])


class GeneratedBatches:
    """Batches of crops of generated parts, made by other processes; painting one costs as much as learning from it."""

    def __init__(self, config: TrainingConfig) -> None:
        crops = SyntheticCrops(config.seed, config.steps * config.batch, config.crop_px)
        self._loader: DataLoader[Crop] = DataLoader(
            crops,
            batch_size=config.batch,
            shuffle=False,  # crops are independent draws already
            num_workers=config.workers,
            collate_fn=gathered,
            worker_init_fn=_quiet_worker,
            prefetch_factor=4 if config.workers else None,
        )

    def __iter__(self) -> Iterator[Batch]:
        """Yield as many batches as the run has steps."""
        yield from iter(self._loader)

    def note(self, batch: Batch, chances: NDArray[np.float32]) -> None:
        """Note nothing: generated parts are never seen twice."""


def gathered(crops: Sequence[Crop]) -> Batch:
    """Stack crops."""
    grey = np.stack([crop.grey for crop in crops])[:, None].astype(np.float32)
    labels = np.stack([crop.labels for crop in crops])
    rejected = np.array([crop.rejected for crop in crops], np.float32)
    return Batch(
        torch.from_numpy((grey / np.float32(255.0) - np.float32(GREY_MEAN)) / np.float32(GREY_STD)),
        CropTruth(torch.from_numpy(labels), torch.from_numpy(rejected)),
        tuple(crop.origin for crop in crops),
    )


def _quiet_worker(_number: int) -> None:
    """Keep a worker to one core: OpenCV would take them all."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
