"""A Basler camera's settings: GenICam nodes whose names differ between camera generations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inspector_app.cameras.pylon_runtime import PylonRuntime, reason
from inspector_app.domain.errors import CameraSettingError
from inspector_app.domain.ports import CameraControls, TriggerMode

_EXPOSURE: Final = ("ExposureTime", "ExposureTimeAbs")
_GAIN: Final = ("Gain", "GainAbs")
_RATE: Final = ("AcquisitionFrameRate", "AcquisitionFrameRateAbs")
_NAMES: Final = {"exposure": _EXPOSURE, "gain": _GAIN, "frame rate": _RATE}
_UNITS: Final = {"exposure": "µs", "gain": "dB", "frame rate": "pictures per second"}
"""SFNC 2 name first, then that of older GigE cameras; the emulator has both, and obeys now one, now the other."""

_ARTICLES: Final = {"exposure": "an", "gain": "a", "frame rate": "a"}


@dataclass(frozen=True, slots=True)
class PylonNodes:
    """Settings of one open camera.

    Attributes
    ----------
    runtime : PylonRuntime
        pypylon.
    nodes : object
        The camera's node map.
    camera : str
        Display name, for sentences.
    line : str
        Input that the hardware trigger is wired to, for example ``"Line1"``.
    """

    runtime: PylonRuntime
    nodes: Any
    camera: str
    line: str

    def planned(self, controls: CameraControls) -> tuple[Callable[[], None], ...]:
        """Check all settings, then return the steps that make them; `CameraSettingError` before any is made."""
        steps: list[Callable[[], None]] = []
        for setting, value in (
            ("exposure", controls.exposure_us),
            ("gain", controls.gain_db),
            ("frame rate", controls.frame_rate_hz),
        ):
            if value is not None:
                steps.append(self._number(setting, value))
        if controls.pixel_format is not None:
            symbol = self._pixel_format(controls.pixel_format)
            steps.append(lambda: self._set("PixelFormat", symbol))
        if controls.trigger is not None:
            steps.append(self._trigger(controls.trigger))
        return tuple(steps)

    def in_force(self, trigger: TriggerMode) -> CameraControls:
        """Read back what the camera uses."""
        values = {setting: self._first(names) for setting, names in _NAMES.items()}
        return CameraControls(
            exposure_us=values["exposure"],
            gain_db=values["gain"],
            frame_rate_hz=values["frame rate"],
            pixel_format=self.pixel_format(),
            trigger=trigger,
        )

    def pixel_format(self) -> str:
        """Return the camera's own name of the pixel format in force."""
        return str(self.nodes.GetNode("PixelFormat").Value)

    def put(self, name: str, value: object) -> None:
        """Set a node that the camera must have; `CameraSettingError` if it does not take the value."""
        self._set(name, value)

    def _number(self, setting: str, value: float) -> Callable[[], None]:
        found = self._writable(_NAMES[setting])
        if not found:
            raise CameraSettingError(f"{self.camera} has no {setting} in {_UNITS[setting]} that can be set.")
        low, high = max(node.Min for node in found), min(node.Max for node in found)
        if not low <= value <= high:
            allowed = f"{_ARTICLES[setting]} {setting} of {low:g} … {high:g} {_UNITS[setting]}"
            raise CameraSettingError(f"{self.camera} takes {allowed}, not {value:g}.")
        switches = {"exposure": ("ExposureAuto", "Off"), "gain": ("GainAuto", "Off")}
        name, state = switches.get(setting, ("AcquisitionFrameRateEnable", True))

        def step() -> None:
            if self._writable((name,)):
                self._set(name, state)
            for node in self._writable(_NAMES[setting]):
                node.Value = value

        return step

    def _pixel_format(self, wanted: str) -> str:
        """Return the camera's name of a pixel format: ``RGB8`` is ``RGB8Packed`` on older cameras."""
        offered: Sequence[str] = tuple(self.nodes.GetNode("PixelFormat").Symbolics)
        for name in (wanted, f"{wanted}Packed", wanted.removesuffix("Packed")):
            if name in offered:
                return name
        raise CameraSettingError(f"{self.camera} has no pixel format {wanted!r}; it offers {', '.join(offered)}.")

    def _trigger(self, mode: TriggerMode) -> Callable[[], None]:
        source = {TriggerMode.SOFTWARE: "Software", TriggerMode.HARDWARE: self.line}.get(mode)
        if source is not None:
            offered = tuple(self.nodes.GetNode("TriggerSource").Symbolics)
            if source not in offered:
                raise CameraSettingError(
                    f"{self.camera} has no trigger source {source!r}; it offers {', '.join(offered)}."
                )

        def step() -> None:
            self._set("TriggerSelector", "FrameStart")
            if source is not None:
                self._set("TriggerSource", source)
            self._set("TriggerMode", "Off" if source is None else "On")

        return step

    def _set(self, name: str, value: object) -> None:
        try:
            self.nodes.GetNode(name).Value = value
        except self.runtime.error as error:
            raise CameraSettingError(f"{self.camera} does not take {value!r} for {name}: {reason(error)}.") from error

    def _writable(self, names: Sequence[str]) -> list[Any]:
        found = (self.nodes.GetNode(name) for name in names)
        return [node for node in found if self.runtime.genicam.IsWritable(node)]

    def _first(self, names: Sequence[str]) -> float | None:
        for name in names:
            node = self.nodes.GetNode(name)
            if self.runtime.genicam.IsReadable(node):
                return float(node.Value)
        return None
