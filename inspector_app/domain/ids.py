"""Identities and sticky draws: pure functions of their arguments."""

from __future__ import annotations

import hashlib
import uuid


def uuid7(unix_ms: int, random_bits: int) -> str:
    """Return a version 7 UUID, which sorts by time (RFC 9562, section 5.7).

    Parameters
    ----------
    unix_ms : int
        Milliseconds since 1970-01-01 UTC, 48 bits.
    random_bits : int
        At least 74 random bits; more are cut off.
    """
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (random_bits >> 62 & (1 << 12) - 1) << 64
    value |= 0b10 << 62
    value |= random_bits & (1 << 62) - 1
    return str(uuid.UUID(int=value))


def sticky_uniform(salt: str, part_id: str) -> float:
    """Return the uniform number in [0, 1) that belongs to a part under a salt.

    ``int(SHA-256(salt + ":" + part_id)[:8], big-endian) / 2**64``, kept below 1 where the division rounds up to
    it. The same part and salt give the same number for ever, on any machine, and shares nest: who is in the 5 % is
    in the 25 %. Code points that no text file can hold (a file name's stray bytes) count as their escapes, which is
    how the log spells them, so that such a part replays too.
    """
    digest = hashlib.sha256(f"{salt}:{part_id}".encode(errors="backslashreplace")).digest()
    return min(int.from_bytes(digest[:8], "big") / 2**64, 1.0 - 2.0**-53)
