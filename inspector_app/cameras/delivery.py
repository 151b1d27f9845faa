"""What every camera does alike: it has a name, and stamps what it delivers with time, source, sequence, counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Frame, PictureProblem, Reference, UnusableFrame, frozen_pixels
from inspector_app.domain.ports import CameraCounts, Clock


class Delivery:
    """Makes captures and counts them.

    Parameters
    ----------
    uri : str
        URI of the camera.
    clock : Clock
        UTC.
    """

    def __init__(self, uri: str, clock: Clock) -> None:
        self.uri = uri
        self._clock = clock
        self._sequence = 0
        self._counts = CameraCounts()

    @property
    def counts(self) -> CameraCounts:
        """Pictures since the camera object was made."""
        return self._counts

    def restart(self) -> None:
        """Begin a new sequence, as the camera was opened."""
        self._sequence = 0

    def frame(
        self,
        pixels: NDArray[np.uint8],
        *,
        skipped: int = 0,
        name: str | None = None,
        path: str | None = None,
        reference: Reference | None = None,
        note: str | None = None,
        arrived_at: datetime | None = None,
    ) -> Frame:
        """Return the next usable picture; its pixels are frozen.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (H, W) or (H, W, 3)
            Grey or BGR; not to be written to any more.
        skipped : int
            Pictures lost immediately before this one.
        arrived_at : datetime or None
            UTC, if it came earlier than now.
        """
        sequence = self._count(skipped, usable=True)
        at = arrived_at or self._clock()
        return Frame(frozen_pixels(pixels), at, self.uri, sequence, skipped, name, path, reference, note)

    def unusable(
        self,
        problem: PictureProblem,
        sentence: str,
        *,
        skipped: int = 0,
        name: str | None = None,
        path: str | None = None,
        reference: Reference | None = None,
    ) -> UnusableFrame:
        """Return the next part without a usable picture."""
        sequence = self._count(skipped, usable=False)
        return UnusableFrame(problem, sentence, self._clock(), self.uri, sequence, skipped, name, path, reference)

    def _count(self, skipped: int, *, usable: bool) -> int:
        counts = self._counts
        self._counts = replace(
            counts,
            delivered=counts.delivered + usable,
            unusable=counts.unusable + (not usable),
            skipped=counts.skipped + skipped,
        )
        self._sequence += skipped + 1
        return self._sequence


class DeliveringCamera:
    """A camera as far as it is told by its deliveries; base of all cameras.

    Parameters
    ----------
    name, uri : str
        Display name and URI, without password.
    clock : Clock
        UTC.
    """

    def __init__(self, name: str, uri: str, clock: Clock) -> None:
        self._name = name
        self._delivery = Delivery(uri, clock)

    @property
    def name(self) -> str:
        """Display name; a camera that tells its model has it once it was opened."""
        return self._name

    @property
    def uri(self) -> str:
        """The URI it was made from, without password."""
        return self._delivery.uri

    @property
    def counts(self) -> CameraCounts:
        """Pictures so far; kept across reconnects."""
        return self._delivery.counts
