"""What Aravis knows of cameras: which answer, and the nodes of an open one."""

from __future__ import annotations

from ctypes import byref, c_double, c_int64
from dataclasses import dataclass
from typing import Any

from inspector_app.cameras.aravis_library import Aravis, AravisFault
from inspector_app.cameras.genicam import NodeRefused, NodeValue

_READ_ONLY, _WRITE_ONLY, _READ_WRITE = 0, 1, 2
"""``ArvGcAccessMode``."""


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A camera on the network or a USB port, as Aravis sees it."""

    device_id: str
    vendor: str
    model: str
    serial: str
    address: str


def listed_devices(aravis: Aravis) -> tuple[ListedDevice, ...]:
    """Look for cameras on all networks and USB ports (about 1 s)."""
    aravis.call("arv_update_device_list")
    fields = ("id", "vendor", "model", "serial_nbr", "address")
    return tuple(
        ListedDevice(
            *((aravis.call(f"arv_get_device_{field}", place) or b"").decode(errors="replace") for field in fields)
        )
        for place in range(aravis.call("arv_get_n_devices"))
    )


class AravisNodes:
    """The node map of one open camera (`inspector_app.cameras.genicam.GenicamNodes`).

    Parameters
    ----------
    aravis : Aravis
        The library.
    device : int
        Aravis' device; lives as long as its camera.
    """

    def __init__(self, aravis: Aravis, device: int) -> None:
        self._aravis = aravis
        self._device = device

    def writable(self, name: str) -> bool:
        """Return True if the node can be set now."""
        return self._access(name) in {_WRITE_ONLY, _READ_WRITE}

    def readable(self, name: str) -> bool:
        """Return True if the node can be read now."""
        return self._access(name) in {_READ_ONLY, _READ_WRITE}

    def number(self, name: str) -> float:
        """Return the value of a number's node."""
        kind = "float" if self._is(name, "float") else "integer"
        return float(self._ask(f"arv_device_get_{kind}_feature_value", name))

    def text(self, name: str) -> str:
        """Return the value of a node as text."""
        return str((self._ask("arv_device_get_string_feature_value", name) or b"").decode(errors="replace"))

    def bounds(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value."""
        if self._is(name, "float"):
            low, high = c_double(), c_double()
            self._ask("arv_device_get_float_feature_bounds", name, byref(low), byref(high))
            return low.value, high.value
        least, most = c_int64(), c_int64()
        self._ask("arv_device_get_integer_feature_bounds", name, byref(least), byref(most))
        return float(least.value), float(most.value)

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the symbols of an enumeration."""
        return self._aravis.texts(self._device, name.encode()) if self._is(name, "enumeration") else ()

    def put(self, name: str, value: NodeValue) -> None:
        """Set a node; `NodeRefused`."""
        if self._node(name) is None:
            raise NodeRefused("it has no such setting")
        try:
            self._put(name, value)
        except AravisFault as fault:
            raise NodeRefused(str(fault)) from fault

    def _put(self, name: str, value: NodeValue) -> None:
        if isinstance(value, str):
            self._ask("arv_device_set_string_feature_value", name, value.encode())
        elif self._is(name, "boolean"):
            self._ask("arv_device_set_boolean_feature_value", name, int(value))
        elif self._is(name, "float"):
            self._ask("arv_device_set_float_feature_value", name, float(value))
        else:
            self._ask("arv_device_set_integer_feature_value", name, round(value))

    def _ask(self, function: str, name: str, *arguments: object) -> Any:
        return self._aravis.call(function, self._device, name.encode(), *arguments)

    def _node(self, name: str) -> int | None:
        node: int | None = self._aravis.call("arv_device_get_feature", self._device, name.encode())
        return node

    def _is(self, name: str, kind: str) -> bool:
        node = self._node(name)
        return node is not None and self._aravis.is_a(node, f"arv_gc_{kind}")

    def _access(self, name: str) -> int | None:
        node = self._node(name)
        return None if node is None else int(self._aravis.call("arv_gc_feature_node_get_actual_access_mode", node))
