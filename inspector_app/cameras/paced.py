"""What folder, synthetic and video sources have in common: pictures that wait to be asked for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

from inspector_app.cameras.delivery import DeliveringCamera
from inspector_app.cameras.pacing import Pacer
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.frame import Capture
from inspector_app.domain.ports import CameraControls, Clock, TriggerMode

FASTEST_HZ = 1000.0


class PacedCamera(DeliveringCamera, ABC):
    """A camera whose pictures are made or read when they are due.

    It keeps its place when it is closed: opened again it goes on with the picture after the last delivered one.

    Parameters
    ----------
    name, uri : str
        Display name and URI.
    clock : Clock
        UTC.
    rate_hz : float or None
        Pictures per second in free run, ``None`` as fast as they are asked for.
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(
        self, name: str, uri: str, clock: Clock, rate_hz: float | None, monotonic: Callable[[], float]
    ) -> None:
        super().__init__(name, uri, clock)
        self._opened = False
        self._pacer = Pacer(None if rate_hz is None else checked_rate(name, rate_hz), monotonic)

    def open(self) -> None:
        """Connect; `CameraLost` if the source is not there."""
        if self._opened:
            return
        self._connect()
        self._delivery.restart()
        self._pacer.start()
        self._opened = True

    def configure(self, controls: CameraControls) -> CameraControls:
        """Apply frame rate and trigger; `CameraSettingError` for what such a source does not have."""
        for value, setting in (
            (controls.exposure_us, "exposure"),
            (controls.gain_db, "gain"),
            (controls.pixel_format, "pixel format"),
        ):
            if value is not None:
                raise CameraSettingError(f"{self._name} has no {setting}; it takes a frame rate and a trigger.")
        if controls.trigger is TriggerMode.HARDWARE:
            raise CameraSettingError(f"{self._name} has no hardware trigger; allowed are free_run and software.")
        rate = self._pacer.rate_hz if controls.frame_rate_hz is None else self._checked_rate(controls.frame_rate_hz)
        mode = controls.trigger or self._pacer.mode
        if (mode, rate) != (self._pacer.mode, self._pacer.rate_hz):
            self._pacer.change(mode, rate)
        return CameraControls(frame_rate_hz=rate, trigger=mode)

    def trigger(self) -> None:
        """Make one picture due; `CameraSettingError` unless the software trigger is on."""
        self._require_open()
        if self._pacer.mode is not TriggerMode.SOFTWARE:
            raise CameraSettingError(f"{self._name} runs free; set the trigger to software to trigger it.")
        self._pacer.fire()

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next part in order, ``None`` if none is due in time; `CameraLost`, `EndOfPictures`."""
        self._require_open()
        self._prepare()
        if not self._pacer.wait(timeout_s):
            return None
        capture = self._take()
        self._pacer.taken()
        return capture

    def close(self) -> None:
        """Release; the place is kept."""
        self._opened = False
        self._pacer.stop()
        self._disconnect()

    def _checked_rate(self, rate_hz: float) -> float:
        return checked_rate(self._name, rate_hz)

    def _require_open(self) -> None:
        if not self._opened:
            raise CameraLost(f"{self._name} is not open.")

    @abstractmethod
    def _connect(self) -> None:
        """Reach the source; `CameraLost`."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make sure that there is a next picture; `EndOfPictures`, `CameraLost`."""

    @abstractmethod
    def _take(self) -> Capture:
        """Deliver the next picture and step on; `CameraLost` leaves the place as it was."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Let go of the source; idempotent, never raises."""


def checked_rate(name: str, rate_hz: float) -> float:
    """Return the rate; `CameraSettingError` unless it is above 0 and at most 1000 pictures per second."""
    if not math.isfinite(rate_hz) or not 0.0 < rate_hz <= FASTEST_HZ:
        raise CameraSettingError(
            f"{name} cannot take {rate_hz:g} pictures per second; allowed is more than 0 up to {FASTEST_HZ:g}."
        )
    return rate_hz
