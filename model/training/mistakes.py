"""Places worth a second look: what the network took for a reason to reject where none is known.

They cost nothing to find: each crop that the network sees while it learns tells where it was most wrong. In pictures
of which nobody said where the mark is, the same places are the best guess so far.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.network import OUTPUT_STRIDE_PX

REMEMBERED = 400
HINTS_PER_PICTURE = 3
WORTH_IT = 0.2
"""A lower probability is no mistake to speak of."""
SAME_PLACE_PX = 40


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a crop was cut.

    Attributes
    ----------
    picture : int
        Number in the store.
    back : (2, 3) float64
        From px of the crop to px of the picture.
    nowhere : bool
        The picture is a reject and nobody said where.
    """

    picture: int
    back: NDArray[np.float64]
    nowhere: bool

    def place(self, x: float, y: float) -> tuple[int, int]:
        """Return a crop's px (x, y) as px of the picture."""
        column, row = self.back @ np.array([x, y, 1.0])
        return round(float(column)), round(float(row))


@dataclass(frozen=True, slots=True)
class Place:
    """A place (x, y) in a picture, and the probability of a reject that the network saw there."""

    picture: int
    x: int
    y: int
    chance: float


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """Mistakes, oldest first, and for each picture without a known place the best guesses."""

    mistakes: tuple[Place, ...] = ()
    hints: Mapping[int, tuple[Place, ...]] = field(default_factory=dict)


class Memory:
    """Gathers places while the network learns."""

    def __init__(self) -> None:
        self._mistakes: deque[Place] = deque(maxlen=REMEMBERED)
        self._hints: dict[int, tuple[Place, ...]] = {}

    def note(self, origins: Sequence[Origin | None], chances: NDArray[np.float32]) -> None:
        """Take what the network saw in a batch.

        Parameters
        ----------
        origins : sequence of Origin or None
            None: a crop that comes from no picture.
        chances : (N, h, w) float32
            Probability of a reject; 0 where a mark is known or nothing is.
        """
        for origin, chance in zip(origins, chances, strict=True):
            if origin is None:
                continue
            row, column = divmod(int(chance.argmax()), chance.shape[1])
            best = float(chance[row, column])
            x, y = origin.place((column + 0.5) * OUTPUT_STRIDE_PX, (row + 0.5) * OUTPUT_STRIDE_PX)
            place = Place(origin.picture, x, y, best)
            if origin.nowhere:
                self._hints[origin.picture] = _with_hint(self._hints.get(origin.picture, ()), place)
            elif best >= WORTH_IT:
                self._mistakes.append(place)

    def second_looks(self) -> SecondLooks:
        """Return what is known now."""
        return SecondLooks(tuple(self._mistakes), dict(self._hints))


def _with_hint(known: tuple[Place, ...], new: Place) -> tuple[Place, ...]:
    """Return the best guesses with one more; a place seen again counts as it is seen now."""
    apart = [hint for hint in known if max(abs(hint.x - new.x), abs(hint.y - new.y)) > SAME_PLACE_PX]
    return tuple(sorted([*apart, new], key=lambda hint: -hint.chance)[:HINTS_PER_PICTURE])
