"""Decoded pictures kept in memory between crops, within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.dataset.values import DataSetImage
from model.training.truth import OPEN, LabelledPicture, load_labelled

KEPT_BYTES = 3 * 2**30
SPOTS_KEPT = 4096


class PictureStore:
    """Labelled pictures by number; those used last stay decoded.

    Parameters
    ----------
    images : sequence of DataSetImage
    channels : mapping of str to int
        Channel of the network by class name.
    """

    def __init__(
        self,
        images: Sequence[DataSetImage],
        channels: Mapping[str, int],
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self.images = tuple(images)
        self._channels = channels
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[int, LabelledPicture] = OrderedDict()
        self._spots: dict[int, Mapping[int, NDArray[np.int32]]] = {}

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> LabelledPicture:
        """Return a picture, decoded now if it is not at hand."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        picture = load_labelled(self.images[number], self._channels)
        self._kept[number] = picture
        self._bytes += 2 * picture.grey.size
        while self._bytes > self._kept_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= 2 * dropped.grey.size
        return picture

    def spots(self, number: int) -> Mapping[int, NDArray[np.int32]]:
        """Return places ``(n, 2)`` (x, y) of the marks in a picture by channel; at most about `SPOTS_KEPT` of each."""
        if number not in self._spots:
            rows, columns = np.nonzero(self[number].labels)
            channels = self[number].labels[rows, columns]
            found = {}
            for channel in np.unique(channels[channels != OPEN]):
                there = np.flatnonzero(channels == channel)
                there = there[:: max(1, there.size // SPOTS_KEPT)]
                found[int(channel)] = np.stack([columns[there], rows[there]], axis=1).astype(np.int32)
            self._spots[number] = found
        return self._spots[number]
