"""Supervisors' PINs as they are kept, and every try to sign with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptPin:
    """What is kept of a PIN: its scrypt hash (RFC 7914), never the PIN.

    Attributes
    ----------
    name : str
        Whose.
    salt, hash : str
        Hexadecimal.
    cost, block_size, parallelism : int
        N, r and p of scrypt.
    set_by : str
        Who set it.
    at : datetime
        UTC.
    """

    name: str
    salt: str
    hash: str
    cost: int
    block_size: int
    parallelism: int
    set_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignatureTry:
    """One PIN that was entered: whose, whether it was right, for what, and when (UTC)."""

    name: str
    good: bool
    purpose: str
    at: datetime


class PinBook(Protocol):
    """Where PINs and tries are recorded; each call is one durable transaction or raises `LogUnavailable`."""

    def pin(self, name: str) -> KeptPin | None:
        """Return a person's newest PIN, ``None`` without one."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return everybody who has a PIN, sorted."""
        ...

    def set_pin(self, pin: KeptPin) -> None:
        """Record a new PIN; earlier ones no longer count."""
        ...

    def tries(self, name: str) -> tuple[SignatureTry, ...]:
        """Return a person's newest tries, oldest first: enough to know whether it is locked."""
        ...

    def record_try(self, entered: SignatureTry, after: SignatureTry | None) -> None:
        """Record a try; `ControlRefused` if the newest one is not ``after``, because somebody else tries meanwhile."""
        ...
