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
    rejecting : sequence of int
        Channels that make a reject.
    """

    def __init__(
        self,
        images: Sequence[DataSetImage],
        channels: Mapping[str, int],
        rejecting: Sequence[int],
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self.images = tuple(images)
        self._channels = channels
        self._rejecting = tuple(rejecting)
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[int, LabelledPicture] = OrderedDict()
        self._spots: dict[tuple[int, bool], NDArray[np.int32]] = {}

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

    def spots(self, number: int, reject: bool) -> NDArray[np.int32]:
        """Return places ``(n, 2)`` (x, y) of marks in a picture that do, or do not, reject; at most `SPOTS_KEPT`."""
        key = (number, reject)
        if key not in self._spots:
            labels = self[number].labels
            rejects = np.isin(labels, self._rejecting)
            wanted = rejects if reject else (labels != 0) & (labels != OPEN) & ~rejects
            rows, columns = np.nonzero(wanted)
            step = max(1, rows.size // SPOTS_KEPT)
            self._spots[key] = np.stack([columns[::step], rows[::step]], axis=1).astype(np.int32)
        return self._spots[key]
