"""A model that is loaded: as many copies as may work at once, warm for the sizes of picture that come."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import ModelIdentity, Prediction
from model.on_device import SHAPES_KEPT

MakeClassifier = Callable[[], Classifier]


class HeldModel:
    """A model in memory. Safe from several threads; at most ``copies`` of them compute at once.

    Retired, it is freed when the last request that uses it has ended: a switch of models cuts nobody off.

    Parameters
    ----------
    make : MakeClassifier
        Makes one copy.
    copies : int
        At least 1.
    """

    def __init__(self, make: MakeClassifier, copies: int) -> None:
        self._copies: queue.LifoQueue[Classifier] = queue.LifoQueue()
        self._all: list[Classifier] = []
        try:
            for _ in range(copies):
                self._all.append(make())
        except BaseException:
            self._free()
            raise
        for each in self._all:
            self._copies.put(each)
        self._state = threading.Lock()
        self._users = 0
        self._retired = False
        self._warming = threading.Lock()
        self._sizes: tuple[tuple[int, int], ...] = ()

    @property
    def model(self) -> ModelIdentity:
        """Which model this is."""
        return self._all[0].model

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(height, width) that all copies are ready for."""
        return self._sizes

    def predict(self, pixels: Pixels) -> Prediction:
        """Judge one picture; whatever the model raises is passed on."""
        self._get_ready((pixels.shape[0], pixels.shape[1]))
        copy = self._copies.get()
        try:
            return copy.predict(pixels)
        finally:
            self._copies.put(copy)

    def warm_up(self, height: int, width: int) -> None:
        """Compile all copies for a size of picture."""
        self._get_ready((height, width))

    def use(self) -> bool:
        """Keep it loaded until `release`; False if it is retired already."""
        with self._state:
            if self._retired:
                return False
            self._users += 1
            return True

    def release(self) -> None:
        """End a `use`."""
        with self._state:
            self._users -= 1
            free = self._retired and not self._users
        if free:
            self._free()

    def retire(self) -> None:
        """Let nobody new use it, and free it once nobody does; idempotent."""
        with self._state:
            free = not self._retired and not self._users
            self._retired = True
        if free:
            self._free()

    def _get_ready(self, size: tuple[int, int]) -> None:
        """Warm all copies for a new size, so that only its first picture waits for the compiler.

        Beyond the sizes that a copy keeps compiled, each copy compiles what it is given.
        """
        if size in self._sizes or len(self._sizes) >= SHAPES_KEPT:
            return
        with self._warming:
            if size in self._sizes or len(self._sizes) >= SHAPES_KEPT:
                return
            taken = [self._copies.get() for _ in self._all]
            try:
                for copy in taken:
                    copy.warm_up(*size)
                self._sizes = (*self._sizes, size)
            finally:
                for copy in taken:
                    self._copies.put(copy)

    def _free(self) -> None:
        for each in self._all:
            each.close()
