"""USB cameras and network streams through OpenCV."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2

from inspector_app.cameras.capture import READ_TIMEOUT_S, VideoSource
from inspector_app.cameras.delivery import DeliveringCamera
from inspector_app.cameras.reader import FrameReader
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.frame import Capture
from inspector_app.domain.ports import CameraControls, Clock, TriggerMode

_V4L2_MANUAL_EXPOSURE: Final = 1
_V4L2_EXPOSURE_UNIT_US: Final = 100.0
"""``V4L2_CID_EXPOSURE_ABSOLUTE`` counts in 100 µs (Linux kernel, camera control reference)."""
_TOLERANCE: Final = 0.05


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What is set at a device when it is opened; ``None`` leaves it as it is. Size in px."""

    size_px: tuple[int, int] | None = None
    frame_rate_hz: float | None = None
    exposure_us: float | None = None


class LiveCamera(DeliveringCamera):
    """A source that sends frames whether they are asked for or not.

    Parameters
    ----------
    name, uri : str
        Display name and URI, without password.
    clock : Clock
        UTC.
    connect : callable
        Opens the source; raises `CameraLost`.
    settable : bool
        True for a device that takes frame rate and exposure, False for a stream that is set at its sender.
    settings : DeviceSettings
        Set when the device is opened.
    depth : int
        Frames kept for a busy station, see `FrameReader`.
    """

    def __init__(
        self,
        name: str,
        uri: str,
        clock: Clock,
        connect: Callable[[], VideoSource],
        *,
        settable: bool,
        settings: DeviceSettings,
        depth: int = 4,
    ) -> None:
        super().__init__(name, uri, clock)
        self._clock = clock
        self._connect = connect
        self._settable = settable
        self._settings = settings
        self._depth = depth
        self._mode = TriggerMode.FREE_RUN
        self._reader: FrameReader | None = None

    def open(self) -> None:
        """Connect and start to read; `CameraLost` if it does not answer, `CameraSettingError`."""
        if self._reader is not None:
            return
        source = self._connect()
        try:
            apply_settings(source, self._name, self._settings)
        except CameraSettingError:
            source.release()
            raise
        self._delivery.restart()
        self._reader = FrameReader(source, self._name, self._clock, self._depth, self._mode is TriggerMode.SOFTWARE)
        self._reader.start()

    def configure(self, controls: CameraControls) -> CameraControls:
        """Apply the trigger, and at a device frame rate and exposure, for which it is opened anew."""
        self._refuse(controls)
        settings = self._merged(controls)
        if settings != self._settings:
            self._change(settings)
        if controls.trigger not in {None, self._mode}:
            self._mode = controls.trigger or self._mode
            if self._reader is not None:
                self._reader.change_mode(self._mode is TriggerMode.SOFTWARE)
        return CameraControls(
            exposure_us=settings.exposure_us, frame_rate_hz=settings.frame_rate_hz, trigger=self._mode
        )

    def trigger(self) -> None:
        """Take the next frame that arrives; `CameraSettingError` unless the software trigger is on."""
        reader = self._running()
        if self._mode is not TriggerMode.SOFTWARE:
            raise CameraSettingError(f"{self._name} runs free; set the trigger to software to trigger it.")
        reader.fire()

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next frame in order, ``None`` if none came in time; `CameraLost` after the last one."""
        arrival = self._running().next(timeout_s)
        if arrival is None:
            return None
        return self._delivery.frame(arrival.pixels, skipped=arrival.skipped, arrived_at=arrival.at)

    def close(self) -> None:
        """Stop reading and release; waits at most for the read that is under way."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.stop(READ_TIMEOUT_S + 1.0)

    def _running(self) -> FrameReader:
        if self._reader is None:
            raise CameraLost(f"{self._name} is not open.")
        return self._reader

    def _change(self, settings: DeviceSettings) -> None:
        """Put new settings in force; if the device does not take them, the old ones stay."""
        was_open, before = self._reader is not None, self._settings
        self.close()
        self._settings = settings
        try:
            if was_open:
                self.open()
        except CameraSettingError:
            self._settings = before
            self.open()
            raise

    def _refuse(self, controls: CameraControls) -> None:
        if controls.trigger is TriggerMode.HARDWARE:
            raise CameraSettingError(f"{self._name} has no hardware trigger; allowed are free_run and software.")
        takes = "frame rate, exposure and trigger" if self._settable else "a trigger; the rest is set at its sender"
        device_only = () if self._settable else (controls.exposure_us, controls.frame_rate_hz)
        if any(value is not None for value in (controls.gain_db, controls.pixel_format, *device_only)):
            raise CameraSettingError(f"{self._name} takes {takes}.")
        for value, unit in ((controls.exposure_us, "µs of exposure"), (controls.frame_rate_hz, "pictures per second")):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise CameraSettingError(f"{self._name} cannot take {value:g} {unit}; it must be above 0.")

    def _merged(self, controls: CameraControls) -> DeviceSettings:
        return replace(
            self._settings,
            frame_rate_hz=self._settings.frame_rate_hz if controls.frame_rate_hz is None else controls.frame_rate_hz,
            exposure_us=self._settings.exposure_us if controls.exposure_us is None else controls.exposure_us,
        )


def apply_settings(source: VideoSource, name: str, settings: DeviceSettings) -> None:
    """Set a device and read back what it took; `CameraSettingError` if that is more than 5 % away."""
    wanted: list[tuple[int, float, str]] = []
    if settings.size_px:
        wanted.append((cv2.CAP_PROP_FRAME_WIDTH, settings.size_px[0], "px of width"))
        wanted.append((cv2.CAP_PROP_FRAME_HEIGHT, settings.size_px[1], "px of height"))
    if settings.frame_rate_hz:
        wanted.append((cv2.CAP_PROP_FPS, settings.frame_rate_hz, "pictures per second"))
    if settings.exposure_us:
        source.set(cv2.CAP_PROP_AUTO_EXPOSURE, _V4L2_MANUAL_EXPOSURE)
        steps = settings.exposure_us / _V4L2_EXPOSURE_UNIT_US
        wanted.append((cv2.CAP_PROP_EXPOSURE, steps, "× 100 µs of exposure"))
    for prop, value, unit in wanted:
        source.set(prop, value)
        taken = source.get(prop)
        if abs(taken - value) > _TOLERANCE * value:
            raise CameraSettingError(f"{name} does not take {value:g} {unit}; it offers {taken:g}.")
