"""Cameras of any maker through its GenTL producer (a ``.cti`` file), by way of Harvesters."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector_app.cameras.genicam import GenicamSettings, NodeRefused, NodeValue
from inspector_app.cameras.genicam_camera import Arrived, unusable_block
from inspector_app.cameras.gentl_producers import GentlProducers, GentlRuntime, load_harvesters
from inspector_app.cameras.pixel_formats import UnknownFormat, decode
from inspector_app.domain.errors import CameraLost
from inspector_app.domain.frame import PictureProblem

_BUFFERS: Final = 16
_LEAST_WAIT_S: Final = 0.001
"""Harvesters takes a time-out of 0 for one without end."""
_PROBE_AFTER_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class GentlChoice:
    """Which producer, and which of its cameras.

    Attributes
    ----------
    producer : Path
        File of the GenTL producer.
    serial : str
        The camera's serial number; empty: the first one.
    line : str
        Input of the hardware trigger.
    silence_s : float
        In free run, time without any picture after which the camera counts as lost.
    """

    producer: Path
    serial: str = ""
    line: str = "Line1"
    silence_s: float = 3.0


class GentlNodes:
    """The node map of one open camera (`inspector_app.cameras.genicam.GenicamNodes`).

    Parameters
    ----------
    genapi : module
        ``genicam.genapi``.
    node_map : object
        Of the remote device.
    """

    def __init__(self, genapi: Any, node_map: Any) -> None:
        self._genapi = genapi
        self._map = node_map

    def writable(self, name: str) -> bool:
        """Return True if the node can be set now."""
        return bool(self._map.has_node(name) and self._genapi.is_writable(self._map.get_node(name)))

    def readable(self, name: str) -> bool:
        """Return True if the node can be read now."""
        return bool(self._map.has_node(name) and self._genapi.is_readable(self._map.get_node(name)))

    def number(self, name: str) -> float:
        """Return the value of a number's node."""
        return float(self._map.get_node(name).value)

    def text(self, name: str) -> str:
        """Return the value of a node as text."""
        return str(self._map.get_node(name).value)

    def bounds(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value."""
        node = self._map.get_node(name)
        return float(node.min), float(node.max)

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the symbols of an enumeration."""
        return tuple(self._map.get_node(name).symbolics) if self.readable(name) else ()

    def put(self, name: str, value: NodeValue) -> None:
        """Set a node; `NodeRefused`."""
        if not self._map.has_node(name):
            raise NodeRefused("it has no such setting")
        try:
            self._map.get_node(name).value = value
        except self._genapi.GenericException as error:
            raise NodeRefused(_reason(error)) from error


class GentlLink:
    """One connection to one camera (`inspector_app.cameras.genicam_camera.GenicamLink`).

    Pictures that the producer reports as incomplete are thrown away by Harvesters; the gap in the block numbers counts
    them as skipped.

    Parameters
    ----------
    choice : GentlChoice
        Which camera.
    producers : GentlProducers
        Producers in use.
    load : callable
        Returns Harvesters.
    """

    def __init__(
        self,
        choice: GentlChoice,
        producers: GentlProducers,
        load: Callable[[], GentlRuntime] = load_harvesters,
    ) -> None:
        self._choice = choice
        self._producers = producers
        self._load = load
        self.name = f"Camera {choice.serial}".rstrip()
        self._runtime: GentlRuntime | None = None
        self._taken = False
        self._camera: Any = None
        self._heard_at = self._asked_at = 0.0

    @property
    def settings(self) -> GenicamSettings:
        """Settings of the open camera."""
        nodes = GentlNodes(self._modules.genapi, self._camera.remote_device.node_map)
        return GenicamSettings(nodes, self.name, self._choice.line)

    @contextmanager
    def losing(self, what: str) -> Iterator[None]:
        """Have `CameraLost` raised for what Harvesters and the producer raise."""
        try:
            yield
        except self._errors as error:
            raise CameraLost(f"{self.name} {what}: {_reason(error)}.") from error

    def connect(self) -> None:
        """Load the producer and take control of the camera; `CameraLost`, `CameraError`."""
        self._runtime = runtime = self._load()
        harvester = self._producers.take(self._choice.producer, runtime)
        self._taken = True
        found = self._found(harvester.device_info_list)
        self._camera = harvester.create(found)
        self._camera.num_buffers = max(_BUFFERS, self._camera.min_num_buffers)
        self.name = f"{found.vendor} {found.model} ({found.serial_number})"

    def start(self) -> None:
        """Start acquisition."""
        self._camera.start()
        self._heard_at = time.monotonic()

    def stop(self) -> int:
        """Stop acquisition; what had arrived is not known."""
        self._camera.stop()
        return 0

    def fire(self) -> None:
        """Send the software trigger."""
        self._camera.remote_device.node_map.get_node("TriggerSoftware").execute()

    def next(self, timeout_s: float, expects: bool) -> Arrived | None:
        """Return the next block, ``None`` if none came in time; `CameraLost`."""
        try:
            buffer = self._camera.fetch(timeout=max(timeout_s, _LEAST_WAIT_S))
        except self._modules.gentl.TimeoutException:
            self._require(expects)
            return None
        self._heard_at = time.monotonic()
        if buffer is None:
            return None
        try:
            return self._arrived(buffer)
        finally:
            buffer.queue()

    def disconnect(self) -> None:
        """Let go; a camera that is gone may protest, which changes nothing."""
        camera, self._camera = self._camera, None
        steps: list[Callable[[], object]] = [] if camera is None else [camera.stop, camera.destroy]
        if self._taken:
            self._taken = False
            steps.append(lambda: self._producers.give_back(self._choice.producer))
        for step in steps:
            with contextlib.suppress(*self._errors):
                step()

    @property
    def _modules(self) -> GentlRuntime:
        if self._runtime is None:
            raise CameraLost(f"{self.name} is not open.")
        return self._runtime

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        return () if self._runtime is None else self._runtime.errors

    def _require(self, expects: bool) -> None:
        """Ask a silent camera for something that only it can answer; in free run it must send pictures as well."""
        now = time.monotonic()
        if expects and now - self._heard_at > self._choice.silence_s:
            raise CameraLost(f"{self.name} has sent no picture for {now - self._heard_at:.0f} s.")
        if now - max(self._heard_at, self._asked_at) < _PROBE_AFTER_S:
            return
        self._asked_at = now
        node = self._camera.remote_device.node_map.get_node("Width")
        node.get_value(False, True)

    def _found(self, devices: Any) -> Any:
        serials = [device.serial_number for device in devices]
        if devices and not self._choice.serial:
            return devices[0]
        if self._choice.serial in serials:
            return devices[serials.index(self._choice.serial)]
        raise CameraLost(
            f"{self.name} is not connected; {self._choice.producer.name} finds: {', '.join(serials) or 'none'}."
        )

    def _arrived(self, buffer: Any) -> Arrived:
        """Return a block of Harvesters as the station has it; the first part of several."""
        block = int(buffer.module.frame_id)
        parts = buffer.payload.components
        if not parts:
            return unusable_block(self.name, block, "it holds no picture")
        part = parts[0]
        try:
            data = np.asarray(part.data).view(np.uint8).ravel()
            pixels, note = decode(data, int(part.width), int(part.height), str(part.data_format))
        except UnknownFormat as unknown:
            return unusable_block(self.name, block, str(unknown), PictureProblem.UNSUPPORTED_FORMAT)
        return Arrived(block, pixels, note)


def _reason(error: Exception) -> str:
    """Return the first line of what a GenICam library says."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")
