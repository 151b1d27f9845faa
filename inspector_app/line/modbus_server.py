"""A Modbus TCP server that a PLC polls for results: see `inspector_app.line.modbus_map` for the map."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from inspector_app.domain.errors import LineError
from inspector_app.domain.ports import LineMessage
from inspector_app.domain.trigger import HearTrigger, PartTrigger
from inspector_app.line.loop_thread import LoopThread
from inspector_app.line.modbus_map import (
    ACKNOWLEDGE,
    COILS,
    INPUTS,
    REGISTERS,
    TRIGGER,
    TRIGGER_REGISTERS,
    RegisterMap,
    part_in_words,
)
from inspector_app.line.spec import line_address

OPTIONS = frozenset({"unit", "ack", "timeout_ms"})
_BEAT_S = 0.5
_START_S = 5.0
_READ_INPUTS, _READ_REGISTERS, _WRITE_COIL, _WRITE_COILS = 2, 4, 5, 15
_WRITE_WORD, _WRITE_WORDS = 6, 16


@dataclass(frozen=True, slots=True)
class ModbusServing:
    """How the map is served.

    Attributes
    ----------
    host : str
        Address to listen on; ``127.0.0.1`` is this computer only, ``0.0.0.0`` every network it is on.
    port, unit : int
        TCP port; unit identifier 0 … 255.
    acknowledged : bool
        True: a message counts as taken only when the PLC has acknowledged it.
    timeout_s : float
        Longest wait for that.
    """

    host: str
    port: int
    unit: int
    acknowledged: bool
    timeout_s: float


def modbus_serving(spec: str) -> ModbusServing:
    """Read ``modbus-server://HOST[:PORT]/[?unit=1][&ack=1][&timeout_ms=500]``; ``ack=0`` waits for nobody.

    Raises
    ------
    SettingsError
        With one sentence.
    """
    address = line_address(spec, 502, OPTIONS)
    return ModbusServing(
        host=address.host,
        port=address.port,
        unit=address.whole("unit", 1, 0, 255) or 0,
        acknowledged=bool(address.whole("ack", 1, 0, 1)),
        timeout_s=(address.whole("timeout_ms", 500, 10, 60_000) or 0) / 1000.0,
    )


class ModbusServerLine:
    """Serves results to a PLC.

    Its thread ``modbus-server`` lives from `open` to `close`.

    Parameters
    ----------
    serving : ModbusServing
        How.
    """

    def __init__(self, serving: ModbusServing) -> None:
        self._serving = serving
        self._map = RegisterMap()
        self._loop = LoopThread("modbus-server", self.name)
        self._taken = asyncio.Event()
        self._hear: HearTrigger | None = None
        self._part = [0] * TRIGGER_REGISTERS

    @property
    def name(self) -> str:
        """Display name."""
        return f"Modbus server {self._serving.host}:{self._serving.port}"

    def open(self) -> None:
        """Listen; `LineError` if the port cannot be had."""
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        self._loop.open(self._serve, _START_S)

    def hear_triggers(self, hear: HearTrigger) -> None:
        """Take triggers from the PLC from now on."""
        self._hear = hear
        self._map.takes_triggers = True

    def tell(self, message: LineMessage) -> None:
        """Put a result in view, and wait until the PLC has acknowledged it where that is asked for.

        Raises
        ------
        LineError
            If it did not in time; the result is then taken out of view, and the PLC may or may not have seen it.
        """
        self._loop.run(self._publish(message), self._serving.timeout_s + _START_S)

    def close(self) -> None:
        """Stop listening; idempotent."""
        self._loop.close()

    async def _serve(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        self._taken = asyncio.Event()  # belongs to this loop: opened again, the server has another one
        server = ModbusTcpServer(self._device(), address=(self._serving.host, self._serving.port))
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            raise OSError(str(error)) from error
        ready()
        while not stop.is_set():
            self._map.beat()
            try:
                await asyncio.wait_for(stop.wait(), _BEAT_S)
            except TimeoutError:
                continue
        await server.shutdown()  # type: ignore[no-untyped-call]

    async def _publish(self, message: LineMessage) -> None:
        self._taken.clear()
        self._map.publish(message)
        if not self._serving.acknowledged:
            return
        try:
            await asyncio.wait_for(self._taken.wait(), self._serving.timeout_s)
        except TimeoutError:
            raise LineError(f"The PLC did not acknowledge part {message.part_id} at {self.name} in time.") from None
        finally:
            # However it ended: opened again, a server that died would show this part's result for the next one.
            self._map.acknowledge()

    def _device(self) -> SimDevice:
        """Return the library's device; every read is answered from the map as it is at that moment."""
        return SimDevice(
            id=self._serving.unit,
            simdata=(
                [SimData(0, values=[False] * COILS, datatype=DataType.BITS)],
                [SimData(0, values=[False] * INPUTS, datatype=DataType.BITS, readonly=True)],
                [SimData(0, values=[0] * TRIGGER_REGISTERS, datatype=DataType.REGISTERS)],
                [SimData(0, values=[0] * REGISTERS, datatype=DataType.REGISTERS, readonly=True)],
            ),
            action=self._on_request,
        )

    async def _on_request(
        self,
        function: int,
        _start: int,
        address: int,
        _count: int,
        block: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Fill in what is read; take an acknowledgement, and leave the coil off.

        ``block`` is the whole block that is asked of; one of bits holds sixteen a register, the lowest bit first.
        """
        if function == _READ_INPUTS:
            block[0] = sum(bit << place for place, bit in enumerate(self._map.inputs()))
        elif function == _READ_REGISTERS:
            block[:] = self._map.registers()
        elif function in {_WRITE_WORD, _WRITE_WORDS} and written:
            self._part[address : address + len(written)] = [int(word) for word in written]
        elif function in {_WRITE_COIL, _WRITE_COILS} and written:
            self._on_coils(address, written)
        return None

    def _on_coils(self, first: int, written: list[int] | list[bool]) -> None:
        """Take an acknowledgement and a trigger, and leave their coils off; a trigger not taken leaves its coil on."""
        for place, on in enumerate(written):
            if on and first + place == ACKNOWLEDGE:
                self._map.acknowledge()
                self._taken.set()
                written[place] = False
            elif on and first + place == TRIGGER and self._hear is not None:
                self._hear(PartTrigger(part_in_words(self._part), time.monotonic()))
                self._map.count_trigger()
                self._part = [0] * TRIGGER_REGISTERS
                written[place] = False
