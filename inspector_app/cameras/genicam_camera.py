"""A GenICam camera behind a link: what pylon, Aravis and GenTL producers have in common."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.blocks import BlockCounter
from inspector_app.cameras.delivery import DeliveringCamera
from inspector_app.cameras.genicam import GenicamSettings, Region
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.frame import Capture, PictureProblem, Reference
from inspector_app.domain.ports import CameraControls, CameraRanges, Clock, TriggerMode


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """What a link hands over for one block.

    Attributes
    ----------
    block : int or None
        The camera's own number of it, ``None`` if it is not known.
    pixels : ndarray of uint8 or None
        Grey or BGR, not to be written to any more; ``None`` if it cannot be used.
    note : str or None
        What was converted, one clause.
    problem : PictureProblem
        Why there are no pixels.
    sentence : str
        The same for the operator.
    reported : int
        Pictures that the driver says it threw away before this one.
    name, path, reference : str or None, str or None, Reference or None
        Natural name, file and known truth of the part, where pictures are fed to an emulated camera.
    """

    block: int | None
    pixels: NDArray[np.uint8] | None
    note: str | None = None
    problem: PictureProblem = PictureProblem.DAMAGED_TRANSFER
    sentence: str = ""
    reported: int = 0
    name: str | None = None
    path: str | None = None
    reference: Reference | None = None


def unusable_block(
    camera: str, block: int | None, why: str, problem: PictureProblem = PictureProblem.DAMAGED_TRANSFER
) -> Arrived:
    """Return what a link hands over for a block that cannot be used; ``why`` is a clause."""
    return Arrived(block, None, problem=problem, sentence=f"{camera} sent a picture that cannot be used: {why}.")


class GenicamLink(Protocol):
    """One connection to one camera, from `connect` to `disconnect`.

    It raises `CameraError` and, in what `losing` encloses, whatever the software behind it raises.
    """

    @property
    def name(self) -> str:
        """Display name of the camera."""
        ...

    @property
    def settings(self) -> GenicamSettings:
        """Settings of the open camera."""
        ...

    def losing(self, what: str) -> AbstractContextManager[None]:
        """Have `CameraLost` raised for what the software raises; ``what``: for example ``"is gone"``."""
        ...

    def connect(self) -> None:
        """Find the camera and take control of it; `CameraLost`, `CameraError` if its software is missing."""
        ...

    def start(self) -> None:
        """Start acquisition."""
        ...

    def stop(self) -> int:
        """Stop acquisition and return how many pictures had arrived and were not fetched."""
        ...

    def fire(self) -> None:
        """Have the camera take one picture."""
        ...

    def next(self, timeout_s: float, expects: bool) -> Arrived | None:
        """Return the next block, ``None`` if none came in time; ``expects``: False while only triggers bring one.

        `EndOfPictures` from an emulated camera.
        """
        ...

    def disconnect(self) -> None:
        """Let go; never raises."""
        ...


class GenicamCamera(DeliveringCamera):
    """One camera behind a `GenicamLink`.

    Settings are made again at each `open`, so that a camera that was replaced or lost power runs as before.

    Parameters
    ----------
    name, uri : str
        Display name until the camera tells its own, and URI.
    clock : Clock
        UTC.
    controls : CameraControls
        First settings.
    region : Region or None
        Part of the sensor that is read out; ``None`` leaves it as it is.
    link : callable
        Makes a connection.
    """

    def __init__(
        self,
        name: str,
        uri: str,
        clock: Clock,
        controls: CameraControls,
        region: Region | None,
        link: Callable[[], GenicamLink],
    ) -> None:
        super().__init__(name, uri, clock)
        self._controls = replace(controls, trigger=controls.trigger or TriggerMode.FREE_RUN)
        self._region = region
        self._new_link = link
        self._link: GenicamLink | None = None
        self._blocks = BlockCounter()
        self._dropped = 0

    def open(self) -> None:
        """Connect, set and start; `CameraLost`, `CameraSettingError`, `CameraError` without the software for it."""
        if self._link is not None:
            return
        link = self._new_link()
        try:
            with link.losing("cannot be opened"):
                link.connect()
                self._name = link.name
                for step in link.settings.planned(self._controls):
                    step()
                if self._region is not None:
                    link.settings.read_out(self._region)
            with link.losing("does not start"):
                link.start()
        except BaseException:  # a camera that is not let go of cannot be opened again
            link.disconnect()
            raise
        self._blocks, self._dropped = BlockCounter(), 0
        self._delivery.restart()
        self._link = link

    def configure(self, controls: CameraControls) -> CameraControls:
        """Check all, then apply; acquisition pauses for a new pixel format or trigger.

        Before `open` the settings are kept for it and checked there.
        """
        asked = {name: value for name in CameraControls.__slots__ if (value := getattr(controls, name)) is not None}
        link = self._link
        if link is None:
            self._controls = replace(self._controls, **asked)
            return self._controls
        with link.losing("is gone"):
            steps = link.settings.planned(controls)
            if "pixel_format" in asked or asked.get("trigger") not in {None, self._controls.trigger}:
                self._dropped += link.stop()
                try:
                    _take(steps)
                finally:
                    link.start()
                    self._blocks = BlockCounter()
            else:
                _take(steps)
            self._controls = replace(self._controls, **asked)
            return link.settings.in_force(self._mode)

    def ranges(self) -> CameraRanges:
        """Return what the camera can be asked for now; `CameraLost` unless it is open."""
        link = self._running()
        with link.losing("is gone"):
            return link.settings.ranges()

    def trigger(self) -> None:
        """Take one picture; `CameraSettingError` unless the camera is on software trigger."""
        link = self._running()
        if self._mode is not TriggerMode.SOFTWARE:
            raise CameraSettingError(f"{self._name} is not on software trigger.")
        with link.losing("is gone"):
            link.fire()

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next picture, ``None`` if none came in time; `CameraLost` once what had arrived is delivered."""
        link = self._running()
        with link.losing("is gone"):
            arrived = link.next(timeout_s, self._mode is TriggerMode.FREE_RUN)
        if arrived is None:
            return None
        dropped, self._dropped = self._dropped, 0
        gap = 0 if arrived.block is None else self._blocks.skipped(arrived.block, arrived.reported)
        skipped, name, path, reference = dropped + gap, arrived.name, arrived.path, arrived.reference
        if arrived.pixels is None:
            return self._delivery.unusable(
                arrived.problem, arrived.sentence, skipped=skipped, name=name, path=path, reference=reference
            )
        return self._delivery.frame(
            arrived.pixels, skipped=skipped, name=name, path=path, reference=reference, note=arrived.note
        )

    def close(self) -> None:
        """Stop and release; idempotent, also for a camera that is gone."""
        link, self._link = self._link, None
        if link is not None:
            link.disconnect()

    @property
    def _mode(self) -> TriggerMode:
        return self._controls.trigger or TriggerMode.FREE_RUN

    def _running(self) -> GenicamLink:
        if self._link is None:
            raise CameraLost(f"{self._name} is not open.")
        return self._link


def _take(steps: tuple[Callable[[], None], ...]) -> None:
    for step in steps:
        step()
