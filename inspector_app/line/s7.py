"""Results written into a data block of a Siemens S7 controller, which takes each of them back.

===========  ===============  =============================================================================
byte         S7 type          meaning
===========  ===============  =============================================================================
0, bit 0     BOOL             result ready: set by the station, reset by the controller when it has taken it
0, bits 1–3  BOOL             pass, fail, hold: exactly one of them while result ready is set
2            UINT             sequence number of the result, wraps at 65535
4            STRING[32]       part number; of a longer one the end, which tells parts apart
===========  ===============  =============================================================================

The block must not be optimised, and the controller must permit PUT/GET. The lanes are set only after the rest, in one
write, so that a controller never sees half a result. It treats everything but a result ready as hold.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from snap7.client import Client
from snap7.error import S7Error

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line.spec import line_address

OPTIONS = frozenset({"rack", "slot", "db", "byte", "ack", "timeout_ms"})
FLAGS, SEQUENCE, PART = 0, 2, 4
PART_LENGTH = 32
LENGTH = PART + 2 + PART_LENGTH
READY: Final = 0b0001
LANES: Final = {Disposition.ACCEPT: 0b0010, Disposition.REJECT: 0b0100, Disposition.HOLD: 0b1000}
_POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class S7Place:
    """Where results go.

    Attributes
    ----------
    host : str
        Name or address of the controller.
    port, rack, slot : int
        TCP port; the controller's place (S7-1200 and 1500: rack 0, slot 1; S7-300: rack 0, slot 2).
    block, byte : int
        Number of the data block, and the byte at which the layout begins.
    acknowledged : bool
        True: a message counts as taken only when the controller has reset *result ready*.
    timeout_s : float
        Longest wait for an answer of the controller, and for that.
    """

    host: str
    port: int
    rack: int
    slot: int
    block: int
    byte: int
    acknowledged: bool
    timeout_s: float


def s7_place(spec: str) -> S7Place:
    """Read ``s7://HOST[:102]/?db=10[&byte=0][&rack=0][&slot=1][&ack=1][&timeout_ms=500]``.

    Raises
    ------
    SettingsError
        With one sentence.
    """
    address = line_address(spec, 102, OPTIONS)
    block = address.whole("db", None, 1, 65_535)
    if block is None:
        raise SettingsError(f"The line output {address.spec!r} names no data block: add ?db=NUMBER.")
    return S7Place(
        host=address.host,
        port=address.port,
        rack=address.whole("rack", 0, 0, 7) or 0,
        slot=address.whole("slot", 1, 0, 31) or 0,
        block=block,
        byte=address.whole("byte", 0, 0, 65_000) or 0,
        acknowledged=bool(address.whole("ack", 1, 0, 1)),
        timeout_s=(address.whole("timeout_ms", 500, 10, 60_000) or 0) / 1000.0,
    )


class S7Line:
    """Writes a result for each message, and waits until the controller has taken it where that is asked for.

    Parameters
    ----------
    place : S7Place
        Where.
    """

    def __init__(self, place: S7Place) -> None:
        self._place = place
        self._client: Client | None = None
        self._sequence = 0

    @property
    def name(self) -> str:
        """Display name."""
        return f"S7 {self._place.host} DB{self._place.block}"

    def open(self) -> None:
        """Connect, see that the block is long enough, and take every flag back; `LineError` if that fails."""
        if self._client is not None:
            return
        logging.getLogger("snap7").setLevel(logging.CRITICAL)
        place, client = self._place, Client()
        try:
            client.connect(place.host, place.rack, place.slot, place.port)
            if client.connection is not None:
                client.connection.timeout = place.timeout_s
            client.db_read(place.block, place.byte, LENGTH)
        except (S7Error, OSError, RuntimeError) as error:
            with suppress(S7Error, OSError, RuntimeError):
                client.disconnect()
            raise LineError(f"{self.name} cannot be reached: {_reason(error)}.") from error
        self._client = client
        try:
            self._write(FLAGS, bytes(1))
        except LineError:
            self._let_go()
            raise

    def tell(self, message: LineMessage) -> None:
        """Put a result into the block, and wait until the controller has reset *result ready* where that is asked for.

        Raises
        ------
        LineError
            If the controller did not answer or did not take it in time; the flags are then taken back as far as it
            answers, and it may or may not have seen them.
        """
        if not self._place.acknowledged:
            self._write(FLAGS, bytes(1))  # those of the result before stand until now
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._write(SEQUENCE, self._sequence.to_bytes(2, "big") + _s7_string(message.part_id))
        self._write(FLAGS, bytes([READY | LANES[message.disposition]]))
        if not self._place.acknowledged:
            return
        until = time.monotonic() + self._place.timeout_s
        while self._read(FLAGS, 1)[0] & READY:
            if time.monotonic() >= until:
                self._write(FLAGS, bytes(1))
                raise LineError(f"The controller did not take part {message.part_id} from {self.name} in time.")
            time.sleep(_POLL_S)
        self._write(FLAGS, bytes(1))

    def close(self) -> None:
        """Take the flags back as far as the controller answers, and disconnect; idempotent."""
        if self._client is None:
            return
        with suppress(LineError):
            self._write(FLAGS, bytes(1))
        self._let_go()

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(S7Error, OSError, RuntimeError):
                client.disconnect()

    def _write(self, at: int, content: bytes) -> None:
        client = self._connected()
        try:
            client.db_write(self._place.block, self._place.byte + at, bytearray(content))
        except (S7Error, OSError, RuntimeError) as error:
            raise LineError(f"{self.name} did not take what was written: {_reason(error)}.") from error

    def _read(self, at: int, length: int) -> bytes:
        client = self._connected()
        try:
            return bytes(client.db_read(self._place.block, self._place.byte + at, length))
        except (S7Error, OSError, RuntimeError) as error:
            raise LineError(f"{self.name} did not answer: {_reason(error)}.") from error

    def _connected(self) -> Client:
        if self._client is None:
            raise LineError(f"{self.name} is not open.")
        return self._client


def _s7_string(text: str) -> bytes:
    """Return a text as STRING[32]: longest and present length, then the characters."""
    content = text.encode("ascii", "replace")[-PART_LENGTH:]
    return bytes([PART_LENGTH, len(content)]) + content.ljust(PART_LENGTH, b"\0")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
