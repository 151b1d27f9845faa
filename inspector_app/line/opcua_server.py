"""An OPC UA server after OPC 40100-1 (Machine Vision): state, jobs and results for MES, SCADA and line controllers.

What is told here is shown and announced, never acknowledged: OPC UA has no way to know that somebody has looked. So it
stands beside an output that switches the part, and is none itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asyncua import Server, ua

from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.domain.trigger import HearTrigger, PartTrigger
from inspector_app.line.loop_thread import LoopThread
from inspector_app.line.opcua_results import PartResult
from inspector_app.line.opcua_space import OWN_NAMESPACE, VisionSpace
from inspector_app.line.opcua_states import AutomaticMode, State
from inspector_app.line.spec import line_address

OPTIONS = frozenset({"certificate", "key", "insecure"})
_BEAT_S = 0.5
_START_S = 300.0
_TELL_S = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class OpcUaServing:
    """How it is served.

    Attributes
    ----------
    host, port : str, int
        Where to listen.
    certificate, key : Path or None
        Of the server, PEM or DER; with them only signed and encrypted connections are taken.
    """

    host: str
    port: int
    certificate: Path | None
    key: Path | None


def opcua_serving(spec: str) -> OpcUaServing:
    """Read ``opcua://HOST[:PORT]/[?certificate=FILE&key=FILE]`` or ``…?insecure=1``.

    Raises
    ------
    SettingsError
        With one sentence; also where a network could listen in without ``insecure=1`` being said.
    """
    address = line_address(spec, 4840, OPTIONS)
    named = [address.options.get(option) for option in ("certificate", "key")]
    if (named[0] is None) is not (named[1] is None):
        raise SettingsError(f"The line output {address.spec!r} needs certificate and key together.")
    files = [None if name is None else Path(name).expanduser() for name in named]
    for file in files:
        if file is not None and not file.is_file():
            raise SettingsError(f"The line output {address.spec!r} names {file}, which is no file.")
    open_to_all = bool(address.whole("insecure", 0, 0, 1))
    if files[0] is None and address.host not in _LOOPBACK and not open_to_all:
        raise SettingsError(
            f"The line output {address.spec!r} would speak unencrypted on a network; give certificate and key, or say "
            "insecure=1."
        )
    return OpcUaServing(address.host, address.port, files[0], files[1])


class OpcUaLine:
    """Shows and announces results; takes StartSingleJob as a trigger where the line triggers parts.

    Its thread ``opcua-server`` lives from `open` to `close`.

    Parameters
    ----------
    serving : OpcUaServing
        How.
    """

    def __init__(self, serving: OpcUaServing) -> None:
        self._serving = serving
        self._mode = AutomaticMode()
        self._space: VisionSpace | None = None
        self._hear: HearTrigger | None = None
        self._loop = LoopThread("opcua-server", self.name)

    @property
    def name(self) -> str:
        """Display name."""
        return f"OPC UA server {self._serving.host}:{self._serving.port}"

    def open(self) -> None:
        """Listen; `LineError` if the port cannot be had or the certificate not be used. A job from before is over."""
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        if not self._loop.is_open:
            self._mode.abandon()
        self._loop.open(self._serve, _START_S)

    def hear_triggers(self, hear: HearTrigger) -> None:
        """Take StartSingleJob as a trigger from now on."""
        self._hear = hear
        self._mode.triggered = True

    def tell(self, message: LineMessage) -> None:
        """Show a result and raise its event; `LineError` if the server is not open."""
        self._loop.run(self._publish(message), _TELL_S)

    def close(self) -> None:
        """Stop listening; idempotent."""
        self._loop.close()
        self._space = None

    async def _serve(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://{self._serving.host}:{self._serving.port}/inspection-station")
        server.set_server_name("Inspection station")
        await server.set_application_uri(OWN_NAMESPACE)
        await self._secure(server)
        space = VisionSpace(server, self._mode, self._start_job)
        await space.build()
        async with server:
            self._space = space
            ready()
            while not stop.is_set():
                await space.beat()
                try:
                    await asyncio.wait_for(stop.wait(), _BEAT_S)
                except TimeoutError:
                    continue
            await space.show(State.PREOPERATIONAL)

    async def _secure(self, server: Server) -> None:
        certificate, key = self._serving.certificate, self._serving.key
        if certificate is None or key is None:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
            return
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        await server.load_certificate(str(certificate))
        await server.load_private_key(str(key))

    async def _publish(self, message: LineMessage) -> None:
        if self._space is None:
            raise LineError(f"{self.name} is not open.")
        # What becomes of a held part ends no job: its own ended with the hold, or with the run in which it was held.
        job = None if message.was_held else self._mode.finish(message.part_id)
        result = PartResult(
            message.inspection_id, message.part_id, job or message.part_id, message.disposition, message.at
        )
        await self._space.publish(result, job)

    def _start_job(self, part: str | None, came_s: float) -> str | None:
        """Start a job and pass its trigger on; on the loop's thread."""
        hear = self._hear
        job = None if hear is None else self._mode.start(part)
        if job is not None and hear is not None:
            hear(PartTrigger(part, came_s))
        return job
