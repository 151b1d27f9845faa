"""Training crops cut from labelled pictures: aimed, turned, stretched, re-lit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.training.lighting import relit
from model.training.mistakes import Origin, SecondLooks
from model.training.painted import with_scratches
from model.training.pictures import PictureStore
from model.training.truth import OPEN, LabelledPicture

NOT_KNOWN = -1.0
FEWEST_BLOCKS = 3
"""A crop with fewer blocks of a mark at its rim is neither with nor without it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where crops look, as shares; the rest look anywhere.

    Attributes
    ----------
    reject, harmless : float
        At marks that do, or do not, make a reject.
    mistaken : float
        At places that the network took for a reason to reject where none is known.
    hint : float
        Of the looks at a reject of which nobody said where: at the best guesses so far.
    """

    reject: float = 0.5
    harmless: float = 0.12
    mistaken: float = 0.15
    hint: float = 0.6


@dataclass(frozen=True, slots=True)
class Variation:
    """How much crops differ from their pictures.

    Attributes
    ----------
    turn_share, quarter_share : float
        Shares that are turned by some angle, or by a quarter.
    zoom_share, zoom : float
        Share that is enlarged or reduced, and by what factor at most.
    light : float
        Spread of gain, tone curve and contrast, see `relit`.
    """

    turn_share: float = 0.25
    quarter_share: float = 0.3
    zoom_share: float = 0.5
    zoom: float = 1.3
    light: float = 0.25


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of marks and the numbers of the pictures that show it."""

    channel: int
    pictures: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One crop.

    Attributes
    ----------
    grey : (S, S) uint8
    labels : (S/2, S/2) int64
        Channel or `OPEN`.
    rejected : float
        1: something in it is reason to reject; 0: nothing is; `NOT_KNOWN`.
    origin : Origin or None
        Where it was cut; None: it was generated.
    """

    grey: NDArray[np.uint8]
    labels: NDArray[np.int64]
    rejected: float
    origin: Origin | None


class PictureCrops:
    """Draws crops from a store of pictures.

    Parameters
    ----------
    store : PictureStore
    rejecting : tuple of int
        Channels that make a reject.
    seed, side_px : int
    painted : float
        Share of the crops without a mark that get scratches painted on.
    """

    def __init__(
        self,
        store: PictureStore,
        rejecting: tuple[int, ...],
        seed: int,
        side_px: int,
        painted: float = 0.0,
        aim: Aim | None = None,
        variation: Variation | None = None,
    ) -> None:
        self._store = store
        self._rejecting = rejecting
        self._seed = seed
        self._side = side_px
        self._painted = painted
        self._aim = aim or Aim()
        self._variation = variation or Variation()
        self._kinds = {reject: self._kind(reject) for reject in (True, False)}

    def crop(self, index: int, looks: SecondLooks) -> Crop:
        """Return crop `index`; it depends on the seed, on `index`, and on what is worth a second look."""
        rng = np.random.default_rng([self._seed, 2, index])
        number, centre = self._place(rng, looks)
        picture = self._store[number]
        grey, labels, back = self._cut(rng, picture, centre)
        grey = relit(rng, grey, self._variation.light)
        if self._painted and not picture.rejected_somewhere and rng.random() < self._painted:
            grey, labels = self._with_scratches(rng, grey, labels)
        blocks = block_labels(labels, self._rejecting)
        origin = Origin(number, back, picture.rejected_somewhere)
        return Crop(grey, blocks, self._verdict(blocks, picture.rejected_somewhere), origin)

    def _with_scratches(
        self, rng: np.random.Generator, grey: NDArray[np.uint8], labels: NDArray[np.uint8]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Paint scratches on a crop that has no mark yet."""
        if np.isin(labels, self._rejecting).any():
            return grey, labels
        seen, scratched = with_scratches(rng, grey)
        return seen, np.where(scratched & (labels != OPEN), np.uint8(self._rejecting[0]), labels)

    def _place(self, rng: np.random.Generator, looks: SecondLooks) -> tuple[int, tuple[float, float]]:
        """Return the number of a picture and a place (x, y) in it that the crop is to show."""
        kind, aim = float(rng.random()), self._aim
        for share, reject in ((aim.reject, True), (aim.harmless, False)):
            if kind < share and self._kinds[reject]:
                return self._at_mark(rng, self._kinds[reject])
            kind -= share
        if 0.0 <= kind < aim.mistaken and looks.mistakes:
            mistake = looks.mistakes[int(rng.integers(0, len(looks.mistakes)))]
            return mistake.picture, self._beside(rng, mistake.x, mistake.y)
        number = int(rng.integers(0, len(self._store)))
        hints = looks.hints.get(number, ())
        if hints and rng.random() < aim.hint:
            hint = hints[int(rng.integers(0, len(hints)))]
            return number, self._beside(rng, hint.x, hint.y)
        height, width = self._store[number].grey.shape
        half = self._side / 2.0
        x = rng.uniform(min(half, width / 2), max(width - half, width / 2))
        y = rng.uniform(min(half, height / 2), max(height - half, height / 2))
        return number, (float(x), float(y))

    def _kind(self, reject: bool) -> tuple[_Class, ...]:
        """Return the classes that do, or do not, reject, with the pictures that show them."""
        pictures: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self._store)):
            for channel in self._store.spots(number):
                if (channel in self._rejecting) is reject:
                    pictures[channel].append(number)
        return tuple(_Class(channel, tuple(numbers)) for channel, numbers in sorted(pictures.items()))

    def _at_mark(self, rng: np.random.Generator, kind: Sequence[_Class]) -> tuple[int, tuple[float, float]]:
        """Look at a mark of a kind: a class that few pictures show is looked at more often than its share."""
        weights = np.sqrt([len(each.pictures) for each in kind])
        each = kind[int(rng.choice(len(kind), p=weights / weights.sum()))]
        number = each.pictures[int(rng.integers(0, len(each.pictures)))]
        spots = self._store.spots(number)[each.channel]
        x, y = spots[int(rng.integers(0, len(spots)))]
        return number, self._beside(rng, int(x), int(y))

    def _beside(self, rng: np.random.Generator, x: int, y: int) -> tuple[float, float]:
        away = rng.uniform(-0.36, 0.36, 2) * self._side
        return float(x + away[0]), float(y + away[1])

    def _cut(
        self, rng: np.random.Generator, picture: LabelledPicture, centre: tuple[float, float]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]:
        """Cut a crop around a place, turned and stretched; beside the picture its mirror image is seen.

        Returns
        -------
        (S, S) uint8, (S, S) uint8 and (2, 3) float64
            Grey, labels, and the way from px of the crop back to px of the picture.
        """
        size = (self._side, self._side)
        move = self._movement(rng, (picture.grey.shape[0], picture.grey.shape[1]), centre)
        mirrored = cv2.BORDER_REFLECT_101
        seen = cv2.warpAffine(picture.grey, move, size, flags=cv2.INTER_LINEAR, borderMode=mirrored)
        truth = cv2.warpAffine(picture.labels, move, size, flags=cv2.INTER_NEAREST, borderMode=mirrored)
        back = np.asarray(cv2.invertAffineTransform(move), np.float64)
        return np.asarray(seen, np.uint8), np.asarray(truth, np.uint8), back

    def _movement(
        self, rng: np.random.Generator, size: tuple[int, int], centre: tuple[float, float]
    ) -> NDArray[np.float64]:
        """Draw the affine map (2, 3) from px of a picture to px of a crop that shows a place."""
        how, side = self._variation, self._side
        zoom = float(np.exp(rng.uniform(-1.0, 1.0) * np.log(how.zoom))) if rng.random() < how.zoom_share else 1.0
        kind, angle = rng.random(), 0.0
        if kind < how.turn_share:
            angle = float(rng.uniform(-180.0, 180.0) if rng.random() < 0.3 else rng.uniform(-20.0, 20.0))
        elif kind < how.turn_share + how.quarter_share:
            angle = 90.0
        x, y = (
            float(np.clip(at, min(side / 2 / zoom, span / 2), max(span - side / 2 / zoom, span / 2)))
            for at, span in zip(centre, size[::-1], strict=True)
        )
        move = np.asarray(cv2.getRotationMatrix2D((x, y), angle, zoom), np.float64)
        move[:, 2] += side / 2.0 - np.array([x, y])
        if zoom == 1.0 and angle in {0.0, 90.0}:
            move = np.rint(move)  # whole px: nothing is smoothed away
        for axis in (0, 1):
            if rng.random() < 0.5:
                move[axis] = -move[axis]
                move[axis, 2] += side - 1
        return move

    def _verdict(self, blocks: NDArray[np.int64], rejected_somewhere: bool) -> float:
        if rejected_somewhere:
            return 1.0
        count = int(np.isin(blocks, self._rejecting).sum())
        if count >= FEWEST_BLOCKS:
            return 1.0
        return NOT_KNOWN if count else 0.0


def block_labels(labels: NDArray[np.uint8], rejecting: tuple[int, ...]) -> NDArray[np.int64]:
    """Return labels of 2 × 2 px blocks: what rejects before what does not, a mark before open px, those before none.

    Parameters
    ----------
    labels : (S, S) uint8
        Channels, or `OPEN`.

    Returns
    -------
    (S/2, S/2) int64
    """
    rank = np.arange(256, dtype=np.int16)
    rank[OPEN] = 0
    rank = rank + 2
    rank[0] = 0
    rank[OPEN] = 1
    for channel in rejecting:
        rank[channel] += 256
    height, width = labels.shape
    blocks = labels.reshape(height // 2, 2, width // 2, 2).transpose(0, 2, 1, 3).reshape(height // 2, width // 2, 4)
    best = rank[blocks].argmax(axis=2)
    return np.take_along_axis(blocks, best[..., None], axis=2)[..., 0].astype(np.int64)
