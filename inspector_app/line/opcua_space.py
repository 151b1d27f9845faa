"""The address space of OPC 40100-1 (Machine Vision) that the station serves, and its events."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from asyncua import Node, Server, ua
from asyncua.common.instantiate_util import instantiate

from inspector_app.line.opcua_results import PartResult, ResultFilter, ResultStore
from inspector_app.line.opcua_states import DONE, STARTED, AutomaticMode, State, Transition
from resources.files import resource_bytes

NAMESPACE: Final = "http://opcfoundation.org/UA/MachineVision"
OWN_NAMESPACE: Final = "urn:inspection-station"
ROOT: Final = "InspectionStation"

_NODE_SET: Final = "Opc.Ua.MachineVision.NodeSet2.xml.gz"
_VISION_SYSTEM, _AUTOMATIC_MODE, _RESULT_MANAGEMENT = 1003, 1021, 1007
_JOB_STARTED, _READY, _RESULT_READY, _STATE_CHANGED = 1013, 1023, 1024, 1018
_COUNTED: Final = ("accept", "reject", "hold")

_FIELD_TYPES: Final = {
    "Transition/Id": ua.VariantType.NodeId,
    "FromState/Id": ua.VariantType.NodeId,
    "ToState/Id": ua.VariantType.NodeId,
    "CreationTime": ua.VariantType.DateTime,
    "IsPartial": ua.VariantType.Boolean,
    "IsSimulated": ua.VariantType.Boolean,
    "ResultState": ua.VariantType.Int32,
    "InternalRecipeId": ua.VariantType.ExtensionObject,
    "InternalConfigurationId": ua.VariantType.ExtensionObject,
    "ResultContent": ua.VariantType.Variant,
}
"""Types of event fields that the library does not find in the node set's own types."""

Method = Callable[..., Awaitable[Any]]
OnJob = Callable[[str | None, float], str | None]
"""Starts a job for a part (or any) whose trigger came at ``time.monotonic()``; its id, or ``None`` if it cannot now."""


class VisionSpace:
    """What a client sees below ``Objects/InspectionStation``.

    Only what the station does is there: state machines, jobs where the line triggers them, results and their events,
    and in a namespace of its own the last result, counts and a heartbeat.

    Parameters
    ----------
    server : Server
        asyncua's, initialised.
    mode : AutomaticMode
        The state that it shows.
    on_job : OnJob
        Asked by StartSingleJob.
    """

    def __init__(self, server: Server, mode: AutomaticMode, on_job: OnJob) -> None:
        self._server = server
        self._mode = mode
        self._on_job = on_job
        self._store = ResultStore()
        self._counts = dict.fromkeys(_COUNTED, 0)
        self._beat = 0
        self._nodes: dict[str, Node] = {}
        self._events: dict[int, Any] = {}
        self._index = 0
        self._turn = asyncio.Lock()  # what is told of a start or a result is told in one piece, in their order

    async def build(self) -> None:
        """Load the specification's node set and make the station in it (about a second)."""
        server = self._server
        await server.import_xml(
            xmlstring=gzip.decompress(resource_bytes("opcua", "Opc.Ua.MachineVision.NodeSet2.xml.gz"))
        )
        await server.load_data_type_definitions()
        self._index = await server.get_namespace_index(NAMESPACE)
        own = await server.register_namespace(OWN_NAMESPACE)
        root = await self._instance(server.nodes.objects, _VISION_SYSTEM, ROOT, own)
        machine = await root.get_child(f"{self._index}:VisionStateMachine")
        mode = await self._instance(machine, _AUTOMATIC_MODE, "AutomaticModeStateMachine", self._index)
        results = await self._instance(root, _RESULT_MANAGEMENT, "ResultManagement", self._index)
        self._nodes |= {"root": root, "machine": machine, "mode": mode}
        await self._link(machine, {"Halt": _refused, "Reset": _refused})
        await self._link(
            mode,
            {
                "StartSingleJob": self._start_single_job,
                "StartContinuous": _refused,
                "Stop": _refused,
                "Abort": _refused,
            },
        )
        await self._link(
            results,
            {
                "GetResultById": self._result_by_id,
                "GetResultComponentsById": self._components_by_id,
                "GetResultListFiltered": self._result_list,
            },
        )
        await self._add_own(root, own)
        for kind in (_JOB_STARTED, _READY, _RESULT_READY, _STATE_CHANGED):
            self._events[kind] = await server.get_event_generator(ua.NodeId(kind, self._index))
        await self.show(State.OPERATIONAL)

    async def show(self, system: State) -> None:
        """Show the system's state, and the automatic mode's below it."""
        await self._show_state(self._nodes["machine"], system)
        await self._show_state(self._nodes["mode"], self._mode.state)

    async def beat(self) -> None:
        """Count the heartbeat up."""
        self._beat = (self._beat + 1) & 0xFFFFFFFF
        await self._write("Heartbeat", self._beat, ua.VariantType.UInt32)

    async def publish(self, result: PartResult, job: str | None) -> None:
        """Show a result and tell of it; ``job`` is the one that it ends, if any."""
        async with self._turn:
            self._store.add(result)
            word = result.disposition.value
            self._counts[word] += 1
            await self._write("LastPartId", result.part_id, ua.VariantType.String)
            await self._write("LastDisposition", word, ua.VariantType.String)
            await self._write(f"Count_{word}", self._counts[word], ua.VariantType.UInt32)
            fields = {name: value for name, value in result.components().items() if name != "HasTransferableDataOnFile"}
            await self._tell(_RESULT_READY, f"Part {result.part_id}: {word}", fields)
            if job is not None:
                await self._move(DONE)
                await self._tell(_READY, "Ready", {"JobId": ua.JobIdDataType(Id=job)})

    async def _instance(self, parent: Node, kind: int, name: str, index: int) -> Node:
        """Make an object of a type, with what is mandatory in it."""
        made = await instantiate(
            parent,
            self._server.get_node(ua.NodeId(kind, self._index)),
            bname=ua.QualifiedName(name, index),
            dname=ua.LocalizedText(name),
            idx=index,
            instantiate_optional=False,
        )
        return made[0]

    async def _link(self, owner: Node, methods: Mapping[str, Method]) -> None:
        for name, method in methods.items():
            self._server.link_method(await owner.get_child(f"{self._index}:{name}"), method)

    async def _add_own(self, root: Node, own: int) -> None:
        variables: tuple[tuple[str, Any, Any], ...] = (
            ("Heartbeat", 0, ua.VariantType.UInt32),
            ("LastPartId", "", ua.VariantType.String),
            ("LastDisposition", "", ua.VariantType.String),
            *((f"Count_{word}", 0, ua.VariantType.UInt32) for word in _COUNTED),
        )
        for name, value, kind in variables:
            self._nodes[name] = await root.add_variable(own, name, value, kind)

    async def _write(self, name: str, value: Any, kind: Any) -> None:
        await self._nodes[name].write_value(value, kind)

    async def _show_state(self, machine: Node, state: State) -> None:
        current = await machine.get_child("0:CurrentState")
        await current.write_value(ua.LocalizedText(state.title))
        await (await current.get_child("0:Id")).write_value(ua.NodeId(state.node, self._index), ua.VariantType.NodeId)

    async def _move(self, transition: Transition) -> None:
        """Show where the automatic mode has gone, and tell of it."""
        await self._show_state(self._nodes["mode"], transition.after)
        fields: dict[str, Any] = {
            "Transition": ua.LocalizedText(transition.title),
            "Transition/Id": ua.NodeId(transition.node, self._index),
            "FromState": ua.LocalizedText(transition.before.title),
            "FromState/Id": ua.NodeId(transition.before.node, self._index),
            "ToState": ua.LocalizedText(transition.after.title),
            "ToState/Id": ua.NodeId(transition.after.node, self._index),
        }
        await self._tell(_STATE_CHANGED, transition.title, fields)

    async def _tell(self, kind: int, message: str, fields: Mapping[str, Any]) -> None:
        """Raise an event at the server object, where every client may listen, with the station as its source."""
        generator = self._events[kind]
        event = generator.event
        event.SourceNode, event.SourceName = self._nodes["root"].nodeid, ROOT
        event.Message = ua.LocalizedText(message)
        event.Severity = 100
        for name, value in fields.items():
            setattr(event, name, value)
            event.data_types[name] = _FIELD_TYPES.get(name, event.data_types[name])
        await generator.trigger()

    async def _start_single_job(self, _parent: Any, _meas: Any, part: Any, *_more: Any) -> Any:
        """StartSingleJob: the part is in place; take its picture."""
        came_s = time.monotonic()  # what is being told may take a moment, and the part does not wait for it
        async with self._turn:
            named = _text_of(part)
            job = self._on_job(named or None, came_s)
            if job is None:
                return ua.StatusCode(ua.StatusCodes.BadInvalidState)
            job_id = ua.JobIdDataType(Id=job)
            await self._move(STARTED)
            await self._tell(_JOB_STARTED, f"Job {job} started", {"JobId": job_id})
            return [ua.Variant(job_id), _no_error()]

    async def _result_by_id(self, _parent: Any, result_id: Any, _timeout: Any) -> Any:
        result = self._store.by_id(_text_of(result_id))
        if result is None:
            return ua.StatusCode(ua.StatusCodes.BadNotFound)
        return [_handle(), ua.Variant(result.typed()), _no_error()]

    async def _components_by_id(self, _parent: Any, result_id: Any, _timeout: Any) -> Any:
        result = self._store.by_id(_text_of(result_id))
        if result is None:
            return ua.StatusCode(ua.StatusCodes.BadNotFound)
        parts = result.components()
        nothing = ua.Variant()
        return [
            ua.Variant(parts["HasTransferableDataOnFile"], ua.VariantType.Boolean),
            _handle(),
            ua.Variant(parts["IsPartial"], ua.VariantType.Boolean),
            ua.Variant(parts["IsSimulated"], ua.VariantType.Boolean),
            ua.Variant(parts["ResultState"], ua.VariantType.Int32),
            nothing,
            ua.Variant(parts["PartId"]),
            nothing,
            ua.Variant(parts["InternalRecipeId"]),
            nothing,
            nothing,
            ua.Variant(parts["InternalConfigurationId"]),
            ua.Variant(parts["JobId"]),
            ua.Variant(parts["CreationTime"], ua.VariantType.DateTime),
            nothing,
            ua.Variant(parts["ResultContent"]),
            _no_error(),
        ]

    async def _result_list(self, _parent: Any, *asked: Any) -> Any:
        """GetResultListFiltered, in the order of its arguments."""
        state, meas, part, recipe, own_recipe, setup, own_setup, product, job, most, start, _wait = asked
        wanted = ResultFilter(
            state=int(_plain(state) or 0),
            part_id=_text_of(part),
            job_id=_text_of(job),
            other=any(map(_text_of, (meas, recipe, own_recipe, setup, own_setup, product))),
        )
        first, limit = (max(0, int(_plain(number) or 0)) for number in (start, most))
        found, complete = self._store.matching(wanted, first, limit)
        return [
            ua.Variant(complete, ua.VariantType.Boolean),
            ua.Variant(len(found), ua.VariantType.UInt32),
            _handle(),
            ua.Variant([result.typed() for result in found], ua.VariantType.ExtensionObject, is_array=True),
            _no_error(),
        ]


async def _refused(_parent: Any, *_arguments: Any) -> Any:
    """Answer what only a person at the station may do."""
    return ua.StatusCode(ua.StatusCodes.BadNotSupported)


def _plain(value: Any) -> Any:
    return value.Value if isinstance(value, ua.Variant) else value


def _text_of(value: Any) -> str:
    """Return the ``Id`` of one of the specification's identities, empty for none."""
    return str(getattr(_plain(value), "Id", "") or "").strip()


def _handle() -> Any:
    return ua.Variant(0, ua.VariantType.UInt32)


def _no_error() -> Any:
    return ua.Variant(0, ua.VariantType.Int32)
