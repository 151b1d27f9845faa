"""Outputs of a remote I/O module over Modbus TCP: one coil a lane, energised only for a part that was decided.

The wiring is fail-safe when the lane for rejects is the one that a part takes with every coil off: a station that is
gone, a cut cable and a message that was not taken then all end in the reject lane. Set the module's own watchdog, so
that it lets go of a coil when the station falls silent in the middle of a pulse.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from pymodbus import ModbusException
from pymodbus.client import ModbusTcpClient

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line.spec import line_address

OPTIONS = frozenset({"unit", "accept", "reject", "hold", "ack", "pulse_ms", "timeout_ms"})
_POLL_S = 0.001


@dataclass(frozen=True, slots=True)
class RemoteIoWiring:
    """Where everything is connected.

    Attributes
    ----------
    host : str
        Name or address of the module.
    port, unit : int
        TCP port; unit identifier 0 … 255.
    coils : tuple of (Disposition, int)
        Coil of each disposition that has one, counted from 0. Accept always has one.
    ack : int or None
        Discrete input that the line switches on when it has taken the decision, and off when the coil is off again;
        ``None``: the module's own answer is the acknowledgement, and the coil stays on for the length of a pulse.
    pulse_s, timeout_s : float
        Length of the pulse without ``ack``; longest wait for the module or the acknowledgement.
    """

    host: str
    port: int
    unit: int
    coils: tuple[tuple[Disposition, int], ...]
    ack: int | None
    pulse_s: float
    timeout_s: float


def remote_io_wiring(spec: str) -> RemoteIoWiring:
    """Read ``modbus://HOST[:PORT]/?accept=0[&reject=1][&hold=2][&ack=0][&unit=1][&pulse_ms=20][&timeout_ms=200]``.

    Raises
    ------
    SettingsError
        With one sentence.
    """
    address = line_address(spec, 502, OPTIONS)
    coils = []
    for disposition in Disposition:
        default = 0 if disposition is Disposition.ACCEPT else None
        coil = address.whole(disposition.value, default, 0, 65535)
        if coil is not None:
            coils.append((disposition, coil))
    if len({coil for _, coil in coils}) < len(coils):
        raise SettingsError(f"The line output {address.spec!r} gives two dispositions the same coil.")
    return RemoteIoWiring(
        host=address.host,
        port=address.port,
        unit=address.whole("unit", 1, 0, 255) or 0,
        coils=tuple(coils),
        ack=address.whole("ack", None, 0, 65535),
        pulse_s=(address.whole("pulse_ms", 20, 1, 10_000) or 0) / 1000.0,
        timeout_s=(address.whole("timeout_ms", 200, 10, 10_000) or 0) / 1000.0,
    )


class RemoteIoLine:
    """Switches a coil for each message and waits until module and line have taken it.

    `tell` blocks for the pulse, or until the line has acknowledged; nothing is sent twice.

    Parameters
    ----------
    wiring : RemoteIoWiring
        Where everything is connected.
    """

    def __init__(self, wiring: RemoteIoWiring) -> None:
        self._wiring = wiring
        self._coils = dict(wiring.coils)
        self._client: ModbusTcpClient | None = None

    @property
    def name(self) -> str:
        """Display name."""
        return f"Modbus {self._wiring.host}:{self._wiring.port}"

    def open(self) -> None:
        """Connect, switch every coil off, and see them off; `LineError` if that fails."""
        if self._client is not None:
            return
        # The library writes its packets to the log of every failure; the failure itself is our fault's sentence.
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        wiring = self._wiring
        client = ModbusTcpClient(wiring.host, port=wiring.port, timeout=wiring.timeout_s, retries=0)
        self._client = client
        try:
            if not client.connect():  # type: ignore[no-untyped-call]
                raise LineError(f"{self.name} does not answer.")
            for coil in self._coils.values():
                self._switch(coil, on=False)
        except LineError:
            self._let_go()
            raise

    def tell(self, message: LineMessage) -> None:
        """Switch the coil of the message's disposition, have it acknowledged, and switch it off again.

        A disposition without a coil is told by leaving all coils off, which is read back.

        Raises
        ------
        LineError
            If module or line did not take it; whether the part was switched is then uncertain.
        """
        coil = self._coils.get(message.disposition)
        if coil is None:
            for each in self._coils.values():
                self._see(each, on=False)
            return
        try:
            self._switch(coil, on=True)
            if self._wiring.ack is None:
                time.sleep(self._wiring.pulse_s)
            else:
                self._await_ack(message, on=True)
        finally:
            self._switch(coil, on=False)
        if self._wiring.ack is not None:
            self._await_ack(message, on=False)

    def close(self) -> None:
        """Switch every coil off as far as the module answers, and disconnect; idempotent."""
        if self._client is None:
            return
        with suppress(LineError):
            for coil in self._coils.values():
                self._switch(coil, on=False)
        self._let_go()

    def _let_go(self) -> None:
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]
            self._client = None

    def _switch(self, coil: int, *, on: bool) -> None:
        """Write a coil and read it back."""
        client, state = self._connected(), "on" if on else "off"
        try:
            answer = client.write_coil(coil, on, device_id=self._wiring.unit)
        except ModbusException as error:
            raise LineError(f"{self.name} did not answer when coil {coil} was to be switched {state}.") from error
        if answer.isError():
            raise LineError(f"{self.name} refused to switch coil {coil} {state} ({answer}).")
        self._see(coil, on=on)

    def _see(self, coil: int, *, on: bool) -> None:
        client = self._connected()
        try:
            answer = client.read_coils(coil, count=1, device_id=self._wiring.unit)
        except ModbusException as error:
            raise LineError(f"{self.name} did not answer when coil {coil} was read back.") from error
        if answer.isError() or bool(answer.bits[0]) is not on:
            raise LineError(f"Coil {coil} of {self.name} is not {'on' if on else 'off'} as it should be.")

    def _await_ack(self, message: LineMessage, *, on: bool) -> None:
        """Read the acknowledgement until it has the wanted state; Modbus has no way to be told."""
        client, until = self._connected(), time.monotonic() + self._wiring.timeout_s
        while True:
            try:
                answer = client.read_discrete_inputs(self._wiring.ack or 0, count=1, device_id=self._wiring.unit)
            except ModbusException as error:
                raise LineError(f"{self.name} did not answer when the acknowledgement was read.") from error
            if not answer.isError() and bool(answer.bits[0]) is on:
                return
            if time.monotonic() >= until:
                lacking = "acknowledge" if on else "take its acknowledgement back for"
                raise LineError(f"The line behind {self.name} did not {lacking} part {message.part_id} in time.")
            time.sleep(_POLL_S)

    def _connected(self) -> ModbusTcpClient:
        if self._client is None:
            raise LineError(f"{self.name} is not open.")
        return self._client
