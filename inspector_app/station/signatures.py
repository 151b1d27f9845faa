"""The supervisor's signature: a PIN, entered anew for each command that moves right.

The PIN is never kept or logged, only its scrypt hash; every try is recorded before its outcome is told; wrong ones
lock for a growing time, for all programs on the same log.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from inspector_app.automation.signing import locked_until
from inspector_app.domain.errors import ControlRefused, SignatureNeeded
from inspector_app.domain.ports import Clock
from inspector_app.domain.supervisors import KeptPin, PinBook, SignatureTry

SHORTEST_PIN = 6
"""Characters of a PIN, at least."""

_COST, _BLOCK_SIZE, _PARALLELISM = 2**15, 8, 1
_SALT_BYTES = 16

RandomBytes = Callable[[int], bytes]
"""Returns so many random bytes, for example `secrets.token_bytes`."""


class SignatureDesk:
    """Checks and sets PINs. Safe from several threads and programs.

    Parameters
    ----------
    book : PinBook
        Where they are.
    clock : Clock
        UTC now.
    how : callable
        Returns the command with which a person sets a PIN, for whoever has none.
    """

    def __init__(self, book: PinBook, clock: Clock, how: Callable[[str], str]) -> None:
        self._book = book
        self._clock = clock
        self._how = how

    def sign(self, name: str, pin: str | None, purpose: str) -> None:
        """Return if the PIN is this person's.

        Raises
        ------
        SignatureNeeded
            If there is no PIN with the command.
        ControlRefused
            If the person has none, it is wrong, or wrong ones have locked it; one sentence.
        LogUnavailable
            If the try could not be recorded; it then counts for nothing.
        """
        kept = self._book.pin(name)
        if kept is None:
            how = self._how(name)
            raise ControlRefused(f"This needs the signature of {name}, who has no PIN yet: set one with {how}.")
        if pin is None:
            raise SignatureNeeded(f"This needs the signature of {name}: the PIN was not given.")
        tries = self._book.tries(name)
        now = self._clock()
        until = locked_until(wrong_in_a_row(tries))
        if until is not None and now < until:
            wait_s = (until - now).total_seconds()
            raise ControlRefused(f"Too many wrong PINs of {name}; try again in {wait_s:.0f} s.")
        good = hmac.compare_digest(_hash(pin, bytes.fromhex(kept.salt), kept), bytes.fromhex(kept.hash))
        self._book.record_try(SignatureTry(name, good, purpose, now), tries[-1] if tries else None)
        if not good:
            raise ControlRefused(f"That is not the PIN of {name}; the try was recorded.")

    def set_pin(self, name: str, pin: str, set_by: str, random_bytes: RandomBytes) -> None:
        """Record a new PIN; whether ``set_by`` may is the caller's to check.

        Raises
        ------
        ControlRefused
            If it is too short or the same character throughout.
        """
        if len(pin) < SHORTEST_PIN or len(set(pin)) == 1:
            raise ControlRefused(f"A PIN has at least {SHORTEST_PIN} characters, and not all of them the same.")
        salt = random_bytes(_SALT_BYTES)
        now = self._clock()
        unhashed = KeptPin(name, salt.hex(), "", _COST, _BLOCK_SIZE, _PARALLELISM, set_by, now)
        hashed = _hash(pin, salt, unhashed).hex()
        self._book.set_pin(KeptPin(name, salt.hex(), hashed, _COST, _BLOCK_SIZE, _PARALLELISM, set_by, now))


def wrong_in_a_row(tries: tuple[SignatureTry, ...]) -> list[datetime]:
    """Return the times of the newest tries that were wrong, back to the last good one; oldest first."""
    wrong = []
    for each in reversed(tries):
        if each.good:
            break
        wrong.append(each.at)
    return wrong[::-1]


def _hash(pin: str, salt: bytes, kept: KeptPin) -> bytes:
    memory = 256 * kept.cost * kept.block_size
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=kept.cost, r=kept.block_size, p=kept.parallelism, maxmem=memory, dklen=32
    )
