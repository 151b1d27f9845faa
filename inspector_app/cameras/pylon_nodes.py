"""A Basler camera's nodes, as `inspector_app.cameras.genicam` asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspector_app.cameras.genicam import NodeRefused, NodeValue
from inspector_app.cameras.pylon_runtime import PylonRuntime, reason


@dataclass(frozen=True, slots=True)
class PylonNodes:
    """Nodes of one open camera.

    Attributes
    ----------
    runtime : PylonRuntime
        pypylon.
    map : object
        The camera's node map.
    """

    runtime: PylonRuntime
    map: Any

    def writable(self, name: str) -> bool:
        """Return True if the node can be set now."""
        return bool(self.runtime.genicam.IsWritable(self.map.GetNode(name)))

    def readable(self, name: str) -> bool:
        """Return True if the node can be read now."""
        return bool(self.runtime.genicam.IsReadable(self.map.GetNode(name)))

    def number(self, name: str) -> float:
        """Return the value of a number's node."""
        return float(self.map.GetNode(name).Value)

    def text(self, name: str) -> str:
        """Return the value of a node as text."""
        return str(self.map.GetNode(name).Value)

    def bounds(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value."""
        node = self.map.GetNode(name)
        return float(node.Min), float(node.Max)

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the symbols of an enumeration."""
        return tuple(self.map.GetNode(name).Symbolics) if self.readable(name) else ()

    def put(self, name: str, value: NodeValue) -> None:
        """Set a node; `NodeRefused`."""
        try:
            self.map.GetNode(name).Value = value
        except self.runtime.error as error:
            raise NodeRefused(reason(error)) from error
