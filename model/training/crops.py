"""Training crops of generated parts, made on the fly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from model.synthesis.generator import PartPlan, aimed_crop, draw_seed, plan_part
from model.synthesis.part import Label
from model.training.picture_crops import FEWEST_BLOCKS, NOT_KNOWN, Crop, block_labels

if TYPE_CHECKING:
    Crops = Dataset[Crop]
else:
    Crops = Dataset


LOOKS_PER_PART = 3
TRAY_PARTS = 16
"""Planning a part costs as much as painting a crop of it, so each is looked at several times, not in a row."""


@dataclass(frozen=True, slots=True)
class Zoom:
    """Range of the random enlargement of crops."""

    low: float = 0.7
    high: float = 1.5
    share: float = 0.4


class SyntheticCrops(Crops):
    """Generated crops; number `i` depends on the seed and on `i` only.

    Parameters
    ----------
    seed : int
    count : int
        Length of the run in crops.
    side_px : int
        Side of a crop.
    """

    def __init__(self, seed: int, count: int, side_px: int, zoom: Zoom | None = None) -> None:
        self._seed = seed
        self._count = count
        self._side_px = side_px
        self._zoom = zoom or Zoom()
        self._plans: dict[int, PartPlan] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Crop:
        """Return crop `index`."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        rng = np.random.default_rng([self._seed, 1, index])
        plan = self._plan(index)
        side = self._side_px
        if rng.random() < self._zoom.share:
            side = int(self._side_px / rng.uniform(self._zoom.low, self._zoom.high))
        part = aimed_crop(rng, plan, side)
        grey = cv2.cvtColor(part.pixels, cv2.COLOR_BGR2GRAY)
        labels = part.labels
        if side != self._side_px:
            way = cv2.INTER_AREA if side > self._side_px else cv2.INTER_LINEAR
            grey = cv2.resize(grey, (self._side_px, self._side_px), interpolation=way)
            labels = np.asarray(
                cv2.resize(labels, (self._side_px, self._side_px), interpolation=cv2.INTER_NEAREST), np.uint8
            )
        grey, labels = turned(rng, np.asarray(grey, np.uint8), labels)
        blocks = block_labels(np.ascontiguousarray(labels), (int(Label.SCRATCH),))
        scratched = int((blocks == Label.SCRATCH).sum())
        rejected = 1.0 if scratched >= FEWEST_BLOCKS else NOT_KNOWN if scratched else 0.0
        return Crop(np.ascontiguousarray(grey), blocks, rejected, None)

    def _plan(self, index: int) -> PartPlan:
        """Return the part of a crop; neighbouring crops look at different parts of one small tray."""
        tray, place = index // (TRAY_PARTS * LOOKS_PER_PART), index % TRAY_PARTS
        number = tray * TRAY_PARTS + place
        if number not in self._plans:
            self._plans = {key: plan for key, plan in self._plans.items() if key >= number - TRAY_PARTS}
            self._plans[number] = plan_part(draw_seed(np.random.default_rng([self._seed, 0, number])))
        return self._plans[number]


def turned(
    rng: np.random.Generator, grey: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Turn by quarters, mirror, change the tone curve, now and then swap dark and bright."""
    quarters, mirror = int(rng.integers(0, 4)), bool(rng.random() < 0.5)
    grey, labels = np.rot90(grey, quarters), np.rot90(labels, quarters)
    if mirror:
        grey, labels = grey[:, ::-1], labels[:, ::-1]
    if rng.random() < 0.3:
        gamma = float(np.exp(rng.normal(0.0, 0.25)))
        curve = np.rint(255.0 * (np.arange(256) / 255.0) ** gamma).astype(np.uint8)
        grey = curve[grey]
    if rng.random() < 0.06:
        grey = np.subtract(255, grey, dtype=np.uint8)
    return grey, labels
