"""The register map that any PLC can poll over Modbus TCP; all addresses count from 0.

=====================  =====  ==================================================================================
discrete input (read)  0      ready: the station is connected to this map
discrete input         1      result ready: a result is there and has not been acknowledged
discrete input         2–4    pass, fail, hold: exactly one of them while result ready is on
discrete input         5      trigger ready: the station takes triggers
coil (write)           0      acknowledge: the PLC writes 1 when it has taken the result; the station resets it
coil                   1      trigger: the PLC writes 1 when a part is in place; the station resets it once taken
holding register       0–15   part number of the part that is triggered, ASCII, two characters a register; zeros: none
input register (read)  0      heartbeat, counts up twice a second and wraps at 65535
input register         1      result: 0 none, 1 accept, 2 reject, 3 hold
input register         2      sequence number of the result, wraps at 65535
input register         3–8    parts accepted (3, 4), rejected (5, 6) and held (7, 8), high word first
input register         9      triggers taken, wraps at 65535
input register         10–25  part number, two ASCII characters a register, padded with zeros
=====================  =====  ==================================================================================

A PLC treats everything but a result that it sees ready, with the sequence number it expects, as hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from inspector_app.domain.decision import Disposition
from inspector_app.domain.ports import LineMessage

READY, RESULT_READY, PASS, FAIL, HOLD, TRIGGER_READY = range(6)
ACKNOWLEDGE, TRIGGER = 0, 1
HEARTBEAT, RESULT, SEQUENCE, COUNTS, TRIGGERS, PART = 0, 1, 2, 3, 9, 10
INPUTS, COILS, REGISTERS, TRIGGER_REGISTERS = 6, 2, 26, 16
PART_BYTES = 2 * (REGISTERS - PART)

_LANES = {Disposition.ACCEPT: PASS, Disposition.REJECT: FAIL, Disposition.HOLD: HOLD}
_CODES = {Disposition.ACCEPT: 1, Disposition.REJECT: 2, Disposition.HOLD: 3}
_COUNTED = (Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD)


@dataclass(slots=True)
class RegisterMap:
    """What the map holds; one thread writes and reads it.

    Attributes
    ----------
    heartbeat, sequence : int
        0 … 65535.
    message : LineMessage or None
        The result in view.
    waiting : bool
        True until the PLC has acknowledged it.
    told : Counter
        Messages by disposition.
    takes_triggers : bool
        True while the station takes triggers.
    triggers : int
        Triggers taken, 0 … 65535.
    """

    heartbeat: int = 0
    sequence: int = 0
    message: LineMessage | None = None
    waiting: bool = False
    told: Counter[Disposition] = field(default_factory=Counter)
    takes_triggers: bool = False
    triggers: int = 0

    def beat(self) -> None:
        """Count the heartbeat up."""
        self.heartbeat = (self.heartbeat + 1) & 0xFFFF

    def publish(self, message: LineMessage) -> None:
        """Put a result in view."""
        self.message, self.waiting = message, True
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.told[message.disposition] += 1

    def acknowledge(self) -> None:
        """Take the result out of view."""
        self.waiting = False

    def count_trigger(self) -> None:
        """Count a trigger that was taken."""
        self.triggers = (self.triggers + 1) & 0xFFFF

    def inputs(self) -> list[bool]:
        """Return the discrete inputs."""
        bits = [False] * INPUTS
        bits[READY], bits[TRIGGER_READY] = True, self.takes_triggers
        if self.waiting and self.message is not None:
            bits[RESULT_READY] = bits[_LANES[self.message.disposition]] = True
        return bits

    def registers(self) -> list[int]:
        """Return the input registers."""
        words = [0] * REGISTERS
        words[HEARTBEAT], words[SEQUENCE], words[TRIGGERS] = self.heartbeat, self.sequence, self.triggers
        if self.message is not None:
            words[RESULT] = _CODES[self.message.disposition]
            words[PART:] = _part_words(self.message.part_id)
        for place, disposition in enumerate(_COUNTED):
            count = self.told[disposition] & 0xFFFFFFFF
            words[COUNTS + 2 * place], words[COUNTS + 2 * place + 1] = count >> 16, count & 0xFFFF
        return words


def _part_words(part_id: str) -> list[int]:
    """Return a part number as registers; of a longer one the end, which tells parts apart."""
    text = part_id.encode("ascii", "replace")[-PART_BYTES:].ljust(PART_BYTES, b"\0")
    return [text[at] << 8 | text[at + 1] for at in range(0, PART_BYTES, 2)]


def part_in_words(words: list[int]) -> str | None:
    """Return the part number that a PLC wrote, ``None`` for zeros; what is no ASCII becomes ``?``."""
    data = b"".join(word.to_bytes(2, "big") for word in words)
    return data.split(b"\0")[0].decode("ascii", "replace").replace("\ufffd", "?").strip() or None
