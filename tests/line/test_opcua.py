"""The OPC UA server after OPC 40100-1, seen by a client over the network."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip("asyncua", reason="OPC UA needs the extra 'opcua'")
from asyncua import Client, Server, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.domain.trigger import PartTrigger
from inspector_app.line.factory import open_line
from inspector_app.line.opcua_results import KEPT, PartResult, ResultFilter, ResultStore
from inspector_app.line.opcua_server import OpcUaLine, opcua_serving
from inspector_app.line.opcua_space import NAMESPACE, OWN_NAMESPACE, VisionSpace
from inspector_app.line.opcua_states import STARTED, AutomaticMode, State

MOMENT = dt.datetime(2026, 1, 31, 23, 59, 59, tzinfo=dt.UTC)
PATIENCE_S = 60.0
ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def message(number: int, disposition: Disposition = ACCEPT) -> LineMessage:
    return LineMessage(f"id-{number}", f"part-{number}", disposition, MOMENT)


class Seen:
    """A client's connection, the nodes that it uses, and the events that it hears."""

    def __init__(self, port: int) -> None:
        self.client = Client(f"opc.tcp://127.0.0.1:{port}/inspection-station", timeout=PATIENCE_S)
        self.events: list[Any] = []
        self.heard = asyncio.Event()

    def event_notification(self, event: Any) -> None:
        self.events.append(event)
        self.heard.set()

    async def __aenter__(self) -> Seen:
        await self.client.connect()
        await self.client.load_data_type_definitions()
        self.ns = await self.client.get_namespace_index(NAMESPACE)
        own = await self.client.get_namespace_index(OWN_NAMESPACE)
        self.root = await self.client.nodes.objects.get_child(f"{own}:InspectionStation")
        self.own = own
        self.machine = await self.root.get_child(f"{self.ns}:VisionStateMachine")
        self.mode = await self.machine.get_child(f"{self.ns}:AutomaticModeStateMachine")
        self.results = await self.root.get_child(f"{self.ns}:ResultManagement")
        subscription = await self.client.create_subscription(10, self)
        kinds = [ua.NodeId(number, self.ns) for number in (1013, 1018, 1023, 1024)]
        await subscription.subscribe_events(self.client.nodes.server, evtypes=kinds)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()

    async def state(self, machine: Any) -> tuple[str, int]:
        current = await machine.get_child("0:CurrentState")
        node = await (await current.get_child("0:Id")).read_value()
        return (await current.read_value()).Text, node.Identifier

    async def value(self, name: str) -> Any:
        return await (await self.root.get_child(f"{self.own}:{name}")).read_value()

    async def until(self, kind: int, count: int = 1) -> list[Any]:
        """Wait for so many events of a kind."""

        async def look() -> list[Any]:
            while True:
                found = [each for each in self.events if each.EventType.Identifier == kind]
                if len(found) >= count:
                    return found
                self.heard.clear()
                await self.heard.wait()

        return await asyncio.wait_for(look(), PATIENCE_S)

    async def start_job(self, part: str) -> Any:
        none = ua.Variant([], ua.VariantType.Variant, is_array=True)
        return await self.mode.call_method(
            f"{self.ns}:StartSingleJob",
            ua.MeasIdDataType(),
            ua.PartIdDataType(Id=part),
            ua.RecipeIdExternalDataType(),
            ua.ProductIdDataType(),
            none,
        )

    async def listed(self, part: str = "", product: str = "", most: int = 0, start: int = 0) -> tuple[bool, list[str]]:
        number = ua.Variant
        complete, count, _handle, found, _error = await self.results.call_method(
            f"{self.ns}:GetResultListFiltered",
            number(0, ua.VariantType.Int32),
            ua.MeasIdDataType(),
            ua.PartIdDataType(Id=part),
            ua.RecipeIdExternalDataType(),
            ua.RecipeIdInternalDataType(),
            ua.ConfigurationIdDataType(),
            ua.ConfigurationIdDataType(),
            ua.ProductIdDataType(Id=product),
            ua.JobIdDataType(),
            number(most, ua.VariantType.UInt32),
            number(start, ua.VariantType.UInt32),
            number(0, ua.VariantType.Int32),
        )
        assert count == len(found or [])
        return complete, [each.ResultId.Id for each in found or []]


def seen(port: int, look: Callable[[Seen], Any]) -> Any:
    """Run a look at the server as a client."""

    async def whole() -> Any:
        async with Seen(port) as client:
            return await look(client)

    return asyncio.run(whole())


@pytest.fixture(scope="module")
def served(free_port: Callable[[], int]) -> Any:
    """A server whose parts come by themselves; making its address space takes seconds, so it is made once."""
    port = free_port()
    line = OpcUaLine(opcua_serving(f"opcua://127.0.0.1:{port}"))
    line.open()
    yield line, port
    line.close()


def test_a_result_is_shown_announced_and_can_be_asked_for(served: Any) -> None:
    line, port = served

    async def look(client: Seen) -> None:
        assert await client.state(client.machine) == ("Operational", 5031)
        assert await client.state(client.mode) == ("ContinuousExecution", 5059)
        for number, disposition in enumerate((ACCEPT, REJECT, HOLD), 1):
            await asyncio.to_thread(line.tell, message(number, disposition))
        events = await client.until(1024, 3)
        assert [(each.PartId.Id, each.ResultContent[0].Value, each.IsSimulated) for each in events] == [
            ("part-1", "accept", False), ("part-2", "reject", False), ("part-3", "hold", False)
        ]  # fmt: skip
        assert events[0].CreationTime == MOMENT
        assert events[0].SourceName == "InspectionStation"
        assert [await client.value(f"Count_{word}") for word in ("accept", "reject", "hold")] == [1, 1, 1]
        assert (await client.value("LastPartId"), await client.value("LastDisposition")) == ("part-3", "hold")
        number = ua.Variant(0, ua.VariantType.Int32)
        _handle, result, error = await client.results.call_method(
            f"{client.ns}:GetResultById", ua.ResultIdDataType(Id="id-2"), number
        )
        assert (result.PartId.Id, result.ResultContent[0].Value, error) == ("part-2", "reject", 0)
        parts = await client.results.call_method(
            f"{client.ns}:GetResultComponentsById", ua.ResultIdDataType(Id="id-3"), number
        )
        assert parts[6].Id == "part-3"
        with pytest.raises(ua.UaError, match="BadNotFound"):
            await client.results.call_method(f"{client.ns}:GetResultById", ua.ResultIdDataType(Id="no"), number)
        assert await client.listed() == (True, ["id-3", "id-2", "id-1"])
        assert await client.listed(part="part-2") == (True, ["id-2"])
        assert await client.listed(product="glass") == (True, [])
        assert await client.listed(most=1) == (False, ["id-3"])
        assert await client.listed(most=2, start=1) == (True, ["id-2", "id-1"])

    seen(port, look)


def test_nobody_writes_and_what_only_people_may_do_is_refused(served: Any) -> None:
    _line, port = served

    async def look(client: Seen) -> None:
        with pytest.raises(ua.UaError, match=r"BadUserAccessDenied|BadNotWritable"):
            await (await client.root.get_child(f"{client.own}:LastPartId")).write_value("x")
        for machine, name in ((client.machine, "Halt"), (client.machine, "Reset"), (client.mode, "Stop")):
            with pytest.raises(ua.UaError, match="BadNotSupported"):
                await machine.call_method(f"{client.ns}:{name}", ua.Variant(0, ua.VariantType.Int32), "why")
        with pytest.raises(ua.UaError, match="BadInvalidState"):
            await client.start_job("part-1")
        before = await client.value("Heartbeat")
        while await client.value("Heartbeat") <= before:
            await asyncio.sleep(0.1)

    seen(port, look)


@pytest.mark.slow
def test_a_started_job_is_a_trigger_and_ends_with_its_parts_result(free_port: Callable[[], int]) -> None:
    port = free_port()
    line = open_line(f"opcua://127.0.0.1:{port}")
    heard: list[PartTrigger] = []
    line.hear_triggers(heard.append)
    line.open()

    async def look(client: Seen) -> None:
        assert await client.state(client.mode) == ("Ready", 5057)
        job, error = await client.start_job("part-7")
        assert (job.Id, error, [each.part_id for each in heard]) == ("job-1", 0, ["part-7"])
        assert await client.state(client.mode) == ("SingleExecution", 5058)
        with pytest.raises(ua.UaError, match="BadInvalidState"):
            await client.start_job("part-8")
        await asyncio.to_thread(line.tell, message(6))
        assert await client.state(client.mode) == ("SingleExecution", 5058)
        await asyncio.to_thread(line.tell, message(7, REJECT))
        assert (await client.until(1023))[0].JobId.Id == "job-1"
        assert [each.JobId.Id for each in await client.until(1024, 2)] == ["part-6", "job-1"]
        assert [each.Message.Text for each in await client.until(1018, 2)] == [
            "ReadyToSingleExecution", "SingleExecutionToReadyAuto"
        ]  # fmt: skip
        assert await client.state(client.mode) == ("Ready", 5057)
        await client.start_job("")
        assert heard[-1].part_id is None
        await asyncio.to_thread(line.tell, message(9, HOLD))
        assert await client.state(client.mode) == ("Ready", 5057)
        await client.start_job("")
        for number in (9, 3):  # an inspector's verdicts, on the part before and on one that an earlier run held
            await asyncio.to_thread(line.tell, replace(message(number), was_held=True))
            assert await client.state(client.mode) == ("SingleExecution", 5058)
        await asyncio.to_thread(line.tell, message(10, REJECT))
        told = [each.JobId.Id for each in (await client.until(1024, 6))[-4:]]
        assert told == ["job-2", "part-9", "part-3", "job-3"]

    try:
        seen(port, look)
    finally:
        line.close()
    with pytest.raises(LineError, match="is not open"):
        line.tell(message(1))


@pytest.mark.slow
def test_with_a_certificate_only_encrypted_connections_are_taken(tmp_path: Any, free_port: Callable[[], int]) -> None:
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    async def made(name: str, uri: str, usage: Any) -> tuple[Any, Any]:
        key, certificate = tmp_path / f"{name}.pem", tmp_path / f"{name}.der"
        await setup_self_signed_certificate(key, certificate, uri, "localhost", [usage], {"commonName": name})
        return key, certificate

    key, certificate = asyncio.run(made("server", OWN_NAMESPACE, ExtendedKeyUsageOID.SERVER_AUTH))
    own_key, own = asyncio.run(made("client", "urn:client", ExtendedKeyUsageOID.CLIENT_AUTH))
    port = free_port()
    line = OpcUaLine(opcua_serving(f"opcua://127.0.0.1:{port}/?certificate={certificate}&key={key}"))
    line.open()

    async def look(encrypted: bool) -> str:
        client = Client(f"opc.tcp://127.0.0.1:{port}/inspection-station", timeout=PATIENCE_S)
        client.application_uri = "urn:client"
        if encrypted:
            await client.set_security(
                SecurityPolicyBasic256Sha256, str(own), str(own_key), server_certificate=str(certificate)
            )
        async with client:
            index = await client.get_namespace_index(OWN_NAMESPACE)
            return (await (await client.nodes.objects.get_child(f"{index}:InspectionStation")).read_browse_name()).Name

    try:
        assert asyncio.run(look(True)) == "InspectionStation"
        with pytest.raises((ua.UaError, ConnectionError)):
            asyncio.run(look(False))
    finally:
        line.close()


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_sentence(served: Any) -> None:
    _line, port = served
    other = OpcUaLine(opcua_serving(f"opcua://127.0.0.1:{port}"))
    with pytest.raises(LineError, match="cannot listen"):
        other.open()
    assert [each.name for each in threading.enumerate()].count("opcua-server") == 1


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("opcua://127.0.0.1/somewhere", "has a path"),
        ("opcua://0.0.0.0:4840", "unencrypted on a network"),
        ("opcua://127.0.0.1/?certificate=/none", "together"),
        ("opcua://127.0.0.1/?certificate=/none&key=/none", "is no file"),
        ("opcua://127.0.0.1/?speed=1", "speed"),
    ],
)
def test_a_wrong_address_is_one_sentence(spec: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        opcua_serving(spec)


def test_a_network_may_be_spoken_to_in_the_clear_where_that_is_said() -> None:
    assert opcua_serving("opcua://0.0.0.0/?insecure=1").port == 4840


def test_the_automatic_mode_starts_one_job_at_a_time() -> None:
    mode = AutomaticMode()
    assert (mode.state, mode.start("p")) == (State.CONTINUOUS_EXECUTION, None)
    mode.triggered = True
    assert (mode.state, mode.finish("p")) == (State.READY, None)
    assert mode.start("p") == "job-1"
    assert (mode.state, mode.start("q"), mode.finish("q")) == (State.SINGLE_EXECUTION, None, None)
    assert (mode.finish("p"), mode.state, mode.start(None)) == ("job-1", State.READY, "job-2")
    assert mode.finish("anything") == "job-2"
    mode.start("p")
    mode.abandon()
    assert (mode.state, mode.finish("p")) == (State.READY, None)


def test_only_the_newest_results_are_kept_and_the_newest_of_one_part_counts() -> None:
    store = ResultStore()
    for number in range(KEPT + 5):
        store.add(PartResult(f"id-{number}", "part", "job", ACCEPT, MOMENT))
    store.add(PartResult("id-9", "part", "job", REJECT, MOMENT))
    assert store.by_id("id-0") is None
    newest = store.by_id("id-9")
    assert newest is not None
    assert newest.disposition is REJECT
    assert len(store.matching(ResultFilter(), 0, 0)[0]) == KEPT
    assert store.matching(ResultFilter(state=4), 0, 0) == ((), True)


def test_a_result_is_told_after_the_start_of_its_job_however_quick_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part's trigger goes out first; what is told of the start must still come before what is told of the end."""
    told: list[str] = []
    result = PartResult("i-1", "P-1", "job-1", ACCEPT, MOMENT)
    mode, ends = AutomaticMode(triggered=True), []

    def start(part: str | None, _at_s: float) -> str | None:
        ends.append(asyncio.get_running_loop().create_task(space.publish(result, "job-1")))
        return mode.start(part)

    async def slowly(_space: VisionSpace, *what: Any) -> None:
        said = getattr(what[0], "title", "") or str(what[1])
        for _ in range(20 if said == STARTED.title else 1):
            await asyncio.sleep(0)
        told.append(said)

    async def both() -> None:
        await space._start_single_job(None, None, None)
        await asyncio.gather(*ends)

    for name in ("_move", "_tell"):
        monkeypatch.setattr(VisionSpace, name, slowly)
    monkeypatch.setattr(VisionSpace, "_write", lambda *_given: asyncio.sleep(0))
    space = VisionSpace(cast("Server", None), mode, start)
    monkeypatch.setattr(PartResult, "components", lambda _result: {"ResultId": "i-1"})
    monkeypatch.setattr(ua, "JobIdDataType", SimpleNamespace, raising=False)
    asyncio.run(both())
    assert told == [
        "ReadyToSingleExecution", "Job job-1 started", "Part P-1: accept", "SingleExecutionToReadyAuto", "Ready"
    ]  # fmt: skip


def test_a_trigger_has_come_when_it_was_sent_and_not_when_another_result_is_told() -> None:
    """Its part moves on meanwhile: a picture that is late for it must be seen to be late."""
    came: list[float] = []

    def start(_part: str | None, at_s: float) -> None:
        came.append(at_s)

    async def while_something_is_told() -> float:
        space = VisionSpace(cast("Server", None), AutomaticMode(triggered=True), start)
        async with space._turn:
            waiting = asyncio.get_running_loop().create_task(space._start_single_job(None, None, None))
            await asyncio.sleep(0.01)
            told_at_s = time.monotonic()
        await waiting
        return told_at_s

    assert asyncio.run(while_something_is_told()) > came[0]
