"""Settings of a GenICam camera, whatever software reaches it: nodes whose names differ between camera generations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from inspector_app.domain.errors import CameraSettingError
from inspector_app.domain.ports import CameraControls, CameraRanges, TriggerMode

NodeValue = bool | int | float | str

_NAMES: Final = {
    "exposure": ("ExposureTime", "ExposureTimeAbs"),
    "gain": ("Gain", "GainAbs"),
    "frame rate": ("AcquisitionFrameRate", "AcquisitionFrameRateAbs"),
}
"""SFNC 2 name first, then that of older GigE cameras; Basler's emulator has both, and obeys now one, now the other."""

_UNITS: Final = {"exposure": "µs", "gain": "dB", "frame rate": "pictures per second"}
_ARTICLES: Final = {"exposure": "an", "gain": "a", "frame rate": "a"}
_SWITCHES: Final[dict[str, tuple[str, NodeValue]]] = {
    "exposure": ("ExposureAuto", "Off"),
    "gain": ("GainAuto", "Off"),
    "frame rate": ("AcquisitionFrameRateEnable", True),
}


class NodeRefused(Exception):
    """A node does not take a value; the text is a clause that says why."""


class GenicamNodes(Protocol):
    """The node map of one open camera. A node that is not there is neither readable nor writable."""

    def writable(self, name: str) -> bool:
        """Return True if the node can be set now."""
        ...

    def readable(self, name: str) -> bool:
        """Return True if the node can be read now."""
        ...

    def number(self, name: str) -> float:
        """Return the value of a number's node."""
        ...

    def text(self, name: str) -> str:
        """Return the value of a node as text; of an enumeration its symbol."""
        ...

    def bounds(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value that a number's node takes now."""
        ...

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the symbols that an enumeration offers; empty if there is no such node."""
        ...

    def put(self, name: str, value: NodeValue) -> None:
        """Set a node; `NodeRefused`."""
        ...


@dataclass(frozen=True, slots=True)
class Region:
    """Part of the sensor that is read out, in px from its top left."""

    width: int
    height: int
    left: int = 0
    top: int = 0


@dataclass(frozen=True, slots=True)
class GenicamSettings:
    """Settings of one open camera.

    Attributes
    ----------
    nodes : GenicamNodes
        The camera's node map.
    camera : str
        Display name, for sentences.
    line : str
        Input that the hardware trigger is wired to, for example ``"Line1"``.
    """

    nodes: GenicamNodes
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
            steps.append(lambda: self.put("PixelFormat", symbol))
        if controls.trigger is not None:
            steps.extend(self._trigger(controls.trigger))
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
        return self.nodes.text("PixelFormat")

    def ranges(self) -> CameraRanges:
        """Return what the camera can be asked for now."""
        spans: dict[str, tuple[float, float] | None] = {}
        for setting in _NAMES:
            bounds = [self.nodes.bounds(name) for name in self._writable(setting)]
            spans[setting] = (max(b[0] for b in bounds), min(b[1] for b in bounds)) if bounds else None
        triggers = self.nodes.choices("TriggerSource")
        offered = ((TriggerMode.SOFTWARE, "Software"), (TriggerMode.HARDWARE, self.line))
        return CameraRanges(
            exposure_us=spans["exposure"],
            gain_db=spans["gain"],
            frame_rate_hz=spans["frame rate"],
            pixel_formats=self.nodes.choices("PixelFormat"),
            triggers=(TriggerMode.FREE_RUN, *(mode for mode, source in offered if source in triggers)),
        )

    def _writable(self, setting: str) -> list[str]:
        return [name for name in _NAMES[setting] if self.nodes.writable(name)]

    def put(self, name: str, value: NodeValue) -> None:
        """Set a node that the camera must have; `CameraSettingError` if it does not take the value."""
        try:
            self.nodes.put(name, value)
        except NodeRefused as refused:
            raise CameraSettingError(f"{self.camera} does not take {value!r} for {name}: {refused}.") from refused

    def read_out(self, region: Region) -> None:
        """Set the part of the sensor that is read out; `CameraSettingError` names what the sensor allows.

        The offsets go to 0 first: a camera refuses a size that would reach over the sensor's edge.
        """
        for name in ("OffsetX", "OffsetY"):
            if self.nodes.writable(name):
                self.put(name, 0)
        for name, value in (("Width", region.width), ("Height", region.height)):
            self._within(name, value)
        for name, value in (("OffsetX", region.left), ("OffsetY", region.top)):
            if value or self.nodes.writable(name):
                self._within(name, value)

    def _within(self, name: str, value: int) -> None:
        if not self.nodes.writable(name):
            raise CameraSettingError(f"{self.camera} has no {name} that can be set.")
        low, high = self.nodes.bounds(name)
        if not low <= value <= high:
            raise CameraSettingError(f"{self.camera} takes {name} of {low:g} … {high:g} px, not {value}.")
        self.put(name, value)

    def _number(self, setting: str, value: float) -> Callable[[], None]:
        found = self._writable(setting)
        if not found:
            raise CameraSettingError(f"{self.camera} has no {setting} in {_UNITS[setting]} that can be set.")
        bounds = [self.nodes.bounds(name) for name in found]
        low, high = max(bound[0] for bound in bounds), min(bound[1] for bound in bounds)
        if not (math.isfinite(value) and low <= value <= high) or (setting == "frame rate" and value <= 0.0):
            allowed = f"{_ARTICLES[setting]} {setting} of {low:g} … {high:g} {_UNITS[setting]}"
            raise CameraSettingError(f"{self.camera} takes {allowed}, not {value:g}.")
        switch, state = _SWITCHES[setting]

        def step() -> None:
            if self.nodes.writable(switch):
                self.put(switch, state)
            for name in found:
                self.put(name, value)

        return step

    def _pixel_format(self, wanted: str) -> str:
        """Return the camera's name of a pixel format: ``RGB8`` is ``RGB8Packed`` on older cameras."""
        offered = self.nodes.choices("PixelFormat")
        for name in (wanted, f"{wanted}Packed", wanted.removesuffix("Packed")):
            if name in offered:
                return name
        raise CameraSettingError(f"{self.camera} has no pixel format {wanted!r}; it offers {', '.join(offered)}.")

    def _trigger(self, mode: TriggerMode) -> tuple[Callable[[], None], ...]:
        source = {TriggerMode.SOFTWARE: "Software", TriggerMode.HARDWARE: self.line}.get(mode)
        offered = self.nodes.choices("TriggerSource")
        if source is None and not offered:
            return ()
        if source is not None and source not in offered:
            what = f"it offers {', '.join(offered)}" if offered else "it cannot be triggered"
            raise CameraSettingError(f"{self.camera} has no trigger source {source!r}; {what}.")
        wanted: list[tuple[str, NodeValue]] = [("TriggerSelector", "FrameStart")]
        if source is not None:
            wanted.append(("TriggerSource", source))
        wanted.append(("TriggerMode", "Off" if source is None else "On"))
        return tuple(_putting(self, name, value) for name, value in wanted)

    def _first(self, names: Sequence[str]) -> float | None:
        return next((self.nodes.number(name) for name in names if self.nodes.readable(name)), None)


def _putting(settings: GenicamSettings, name: str, value: NodeValue) -> Callable[[], None]:
    return lambda: settings.put(name, value)
