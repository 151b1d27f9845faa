"""Parts that are made rather than photographed, with known truth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.cameras.paced import PacedCamera
from inspector_app.domain.errors import EndOfPictures
from inspector_app.domain.frame import Capture, Pixels, Reference
from inspector_app.domain.ports import Clock

MakePart = Callable[[int], tuple[Pixels, Reference]]
"""Returns the picture and the truth of the part with an index from 0; the same index gives the same part."""


@dataclass(frozen=True, slots=True)
class PartRequest:
    """Which parts are to be made.

    Attributes
    ----------
    seed : int
        The same seed gives the same parts.
    width_px, height_px : int
        Size of the pictures.
    defect_share : float
        Share of parts with a defect, 0 … 1.
    """

    seed: int
    width_px: int
    height_px: int
    defect_share: float


class SyntheticCamera(PacedCamera):
    """Delivers made parts, named ``S<seed>-<index>`` so that a part can be made again.

    Parameters
    ----------
    request : PartRequest
        What ``make`` was asked for; names the camera and the parts.
    make : MakePart
        Makes one part.
    uri : str
        The URI it was made from.
    clock : Clock
        UTC.
    parts : int or None
        How many there are; ``None`` without end.
    rate_hz : float or None
        Pictures per second, ``None`` as fast as they are asked for.
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(
        self,
        request: PartRequest,
        make: MakePart,
        *,
        uri: str,
        clock: Clock,
        parts: int | None = None,
        rate_hz: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"Synthetic parts (seed {request.seed})", uri, clock, rate_hz, monotonic)
        self._request = request
        self._make = make
        self._parts = parts
        self._index = 0

    def _connect(self) -> None:
        """Nothing to reach."""

    def _prepare(self) -> None:
        if self._parts is not None and self._index >= self._parts:
            raise EndOfPictures(f"{self._name} has no more pictures: all {self._parts} were delivered.")

    def _take(self) -> Capture:
        pixels, reference = self._make(self._index)
        name = f"S{self._request.seed}-{self._index:06d}"
        self._index += 1
        return self._delivery.frame(pixels, name=name, reference=reference)

    def _disconnect(self) -> None:
        """Nothing to let go of."""
